//! Figure 5, left: the linear screw, predicted and measured.
//!
//! ```text
//! cargo run --release --example figure5_screw
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure5_screw::Figure5Screw;

fn main() -> ExitCode {
    command::one(&Figure5Screw)
}
