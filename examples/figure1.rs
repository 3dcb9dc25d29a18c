//! Figure 1: two spacetimes with legal and illegal embeddings, drawn, and what the calculus says of them.
//!
//! ```text
//! cargo run --release --example figure1
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::figure1::Figure1;

fn main() -> ExitCode {
    command::one(&Figure1)
}
