//! Figure 4 of the paper, right: the generalization gap of a convolutional network on CIFAR-10, predicted and measured.
//!
//! ```text
//! cargo run --release --example figure4_gap -- --data DIR
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure4_gap::Figure4Gap;

fn main() -> ExitCode {
    command::one(&Figure4Gap)
}
