//! Figure 1 of the paper: draws legal and illegal embeddings into two spacetimes, and checks that the calculus tells them apart.
//!
//! ```text
//! cargo run --release --example figure1
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure1::Figure1;

fn main() -> ExitCode {
    command::one(&Figure1)
}
