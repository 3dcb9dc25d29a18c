//! What the calculus knows of a declaration, without any landscape: its diagrams, what they mean, and their exact coefficients.
//!
//! ```text
//! cargo run --release --example inspect -- --order 2 --measure test-loss --spacetime "sgd(train: N, batch: 1, epochs: 1)" --at N=10
//! ```
//!
//! `--help` lists the options; `examples/experiments/src/programs/inspect/program.rs` says what they do.

#[path = "experiments/src/programs/inspect/program.rs"]
mod inspect;

use std::process::ExitCode;

fn main() -> ExitCode {
    inspect::main(std::env::args_os().collect())
}
