//! A learning curve of a convolutional network, predicted by diagrams and measured by training.
//!
//! ```text
//! cargo run --release --example learning_curve
//! ```
//!
//! `--help` lists the options; `examples/experiments/src/programs/learning_curve.rs` says what they do.

use std::process::ExitCode;

use diagram_experiments::programs::learning_curve;

fn main() -> ExitCode {
    learning_curve::main(std::env::args_os().collect())
}
