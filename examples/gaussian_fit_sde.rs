//! Section 5.3: SGD against the stochastic differential equation and gradient flow, on the Gaussian fit.
//!
//! ```text
//! cargo run --release --example gaussian_fit_sde
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::gaussian_fit_sde::GaussianFitSde;

fn main() -> ExitCode {
    command::one(&GaussianFitSde)
}
