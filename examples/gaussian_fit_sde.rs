//! Section 5.3 of the paper: SGD compared with a stochastic differential equation and with gradient flow, on the Gaussian fit.
//!
//! ```text
//! cargo run --release --example gaussian_fit_sde
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::gaussian_fit_sde::GaussianFitSde;

fn main() -> ExitCode {
    command::one(&GaussianFitSde)
}
