//! Figure 5 of the paper, right: overfitting of mean estimation over a range of Hessians, with the criteria TIC and STIC.
//!
//! ```text
//! cargo run --release --example figure5_curvature
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure5_curvature::Figure5Curvature;

fn main() -> ExitCode {
    command::one(&Figure5Curvature)
}
