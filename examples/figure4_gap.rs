//! Figure 4, right: the generalization gap of a convolutional network on CIFAR-10, predicted and measured.
//!
//! ```text
//! cargo run --release --example figure4_gap -- --data DIR
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure4_gap::Figure4Gap;

fn main() -> ExitCode {
    command::one(&Figure4Gap)
}
