//! Predicts the learning curve of a convolutional network by diagrams, and measures it by training.
//!
//! ```text
//! cargo run --release --example learning_curve
//! ```
//!
//! `--help` lists the options. `examples/experiments/src/programs/learning_curve/program.rs` says what the program does.

#[path = "experiments/src/programs/learning_curve/program.rs"]
mod learning_curve;

use std::process::ExitCode;

fn main() -> ExitCode {
    learning_curve::main(std::env::args_os().collect())
}
