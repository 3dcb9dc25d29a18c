//! Figure 5 of the paper, left: the displacement of the weights on the linear screw, predicted and measured.
//!
//! ```text
//! cargo run --release --example figure5_screw
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure5_screw::Figure5Screw;

fn main() -> ExitCode {
    command::one(&Figure5Screw)
}
