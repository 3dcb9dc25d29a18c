//! Figure 3 of the paper: the test loss of a convolutional network on Fashion-MNIST, predicted to orders 1, 2 and 3 and measured.
//!
//! ```text
//! cargo run --release --example figure3
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure3::Figure3;

fn main() -> ExitCode {
    command::one(&Figure3)
}
