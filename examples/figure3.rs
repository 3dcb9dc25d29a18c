//! Figure 3: predictions of order 1, 2, 3 against experiment, for a convolutional network on Fashion-MNIST.
//!
//! ```text
//! cargo run --release --example figure3
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure3::Figure3;

fn main() -> ExitCode {
    command::one(&Figure3)
}
