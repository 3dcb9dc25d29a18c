//! Prints the values of diagrams on images, as a table or as JSON.
//!
//! ```text
//! cargo run --release --example values -- --landscape fashion-lenet --images 64 --order 3
//! ```
//!
//! `--help` lists the options. `examples/experiments/src/programs/values/program.rs` says what the program does.

#[path = "experiments/src/programs/values/program.rs"]
mod values;

use std::process::ExitCode;

fn main() -> ExitCode {
    values::main(std::env::args_os().collect())
}
