//! Figure 4 of the paper, left: the test losses of GDC (gradient descent with a correction), of gradient descent and of SGD.
//!
//! ```text
//! cargo run --release --example figure4_gdc
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure4_gdc::Figure4Gdc;

fn main() -> ExitCode {
    command::one(&Figure4Gdc)
}
