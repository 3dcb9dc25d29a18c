//! Computes the power series of the cases in a file by diagrams, in exact rationals, and compares them with the series in the file.
//!
//! ```text
//! cargo run --release --example exact_series -- tests/data/series.json
//! ```
//!
//! `--help` lists the options. `examples/experiments/src/programs/exact_series/program.rs` says what the program does.

#[path = "experiments/src/programs/exact_series/program.rs"]
mod exact_series;

use std::process::ExitCode;

fn main() -> ExitCode {
    exact_series::main(std::env::args_os().collect())
}
