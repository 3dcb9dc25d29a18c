//! Runs every experiment of the paper, one after the other, and writes a web page about them.
//!
//! ```text
//! cargo run --release --example paper -- --scale quick
//! ```
//!
//! The page is `experiments/report.html`. Each experiment writes to a folder of its own beside it, the same folder as its own example writes to, and
//! cells that are finished there are not run again. `--help` lists the options.

use std::process::ExitCode;

fn main() -> ExitCode {
    diagram_experiments::command::all()
}
