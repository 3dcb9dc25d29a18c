//! Checks series files: every measure of every case, computed by diagrams in exact rationals, against the series in the file.
//!
//! ```text
//! cargo run --release --example exact_series -- tests/data/series.json
//! ```
//!
//! `--help` lists the options; `examples/experiments/src/programs/exact_series.rs` says what they do.

#[path = "experiments/src/programs/exact_series.rs"]
mod exact_series;

use std::process::ExitCode;

fn main() -> ExitCode {
    exact_series::main(std::env::args_os().collect())
}
