//! How many small training runs this machine completes in a second.
//!
//! ```text
//! cargo run --release --example throughput
//! ```
//!
//! `--help` lists the options; `examples/experiments/src/programs/throughput.rs` says what they do.

use std::process::ExitCode;

use diagram_experiments::programs::throughput;

fn main() -> ExitCode {
    throughput::main(std::env::args_os().collect())
}
