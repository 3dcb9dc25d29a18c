//! Measures how many small training runs this machine completes in a second.
//!
//! ```text
//! cargo run --release --example throughput
//! ```
//!
//! `--help` lists the options. `examples/experiments/src/programs/throughput/program.rs` says what the program does.

#[path = "experiments/src/programs/throughput/program.rs"]
mod throughput;

use std::process::ExitCode;

fn main() -> ExitCode {
    throughput::main(std::env::args_os().collect())
}
