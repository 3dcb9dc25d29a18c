//! Figure 5, right: mean estimation over a range of Hessians, with TIC and STIC.
//!
//! ```text
//! cargo run --release --example figure5_curvature
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure5_curvature::Figure5Curvature;

fn main() -> ExitCode {
    command::one(&Figure5Curvature)
}
