//! Counts how often the intervals that are printed contain what they are said to contain, and prints a page in Markdown.
//!
//! ```text
//! cargo run --release --example coverage > docs/coverage.md
//! ```
//!
//! `--help` lists the options. `examples/experiments/src/programs/coverage/program.rs` says what the program does.

#[path = "experiments/src/programs/coverage/program.rs"]
mod coverage;

use std::process::ExitCode;

fn main() -> ExitCode {
    coverage::main(std::env::args_os().collect())
}
