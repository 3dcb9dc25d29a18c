//! Theorem 2 of the paper: re-summed predictions for up to a million updates near a minimum, beside the exact loss and training runs.
//!
//! ```text
//! cargo run --release --example figure_resummation
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure_resummation::FigureResummation;

fn main() -> ExitCode {
    command::one(&FigureResummation)
}
