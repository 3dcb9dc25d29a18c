//! Figure 4, left: GDC, gradient descent with a correction, against GD and SGD.
//!
//! ```text
//! cargo run --release --example figure4_gdc
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure4_gdc::Figure4Gdc;

fn main() -> ExitCode {
    command::one(&Figure4Gdc)
}
