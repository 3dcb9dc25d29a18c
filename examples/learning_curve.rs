//! A learning curve of a convolutional network, predicted by diagrams and measured by training.
//!
//! ```text
//! cargo run --release --example learning_curve
//! ```
//!
//! `--help` lists the options; `examples/experiments/src/programs/learning_curve/program.rs` says what they do.

#[path = "experiments/src/programs/learning_curve/program.rs"]
mod learning_curve;

use std::process::ExitCode;

fn main() -> ExitCode {
    learning_curve::main(std::env::args_os().collect())
}
