//! What the calculus knows of a declaration, without any landscape: its diagrams, what they mean, and their exact coefficients.
//!
//! ```text
//! cargo run --release --example inspect -- --order 2 --measure test-loss --spacetime "sgd(train: N, batch: 1, epochs: 1)" --at N=10
//! ```
//!
//! `--help` lists the options; `examples/experiments/src/programs/inspect.rs` says what they do.

use std::process::ExitCode;

use diagram_experiments::programs::inspect;

fn main() -> ExitCode {
    inspect::main(std::env::args_os().collect())
}
