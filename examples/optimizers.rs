//! Beyond the paper: learning curves of ten optimizers, predicted from one evaluation of a network, and measured.
//!
//! ```text
//! cargo run --release --example optimizers
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::optimizers::Optimizers;

fn main() -> ExitCode {
    command::one(&Optimizers)
}
