//! Prints the diagrams of a declaration, their meanings and their exact coefficients. No landscape is needed.
//!
//! ```text
//! cargo run --release --example inspect -- --order 2 --measure test-loss --spacetime "sgd(train: N, batch: 1, epochs: 1)" --at N=10
//! ```
//!
//! `--help` lists the options. `examples/experiments/src/programs/inspect/program.rs` says what the program does.

#[path = "experiments/src/programs/inspect/program.rs"]
mod inspect;

use std::process::ExitCode;

fn main() -> ExitCode {
    inspect::main(std::env::args_os().collect())
}
