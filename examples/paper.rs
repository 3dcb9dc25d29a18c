//! Every experiment of the paper, one after the other, and one web page about them.
//!
//! ```text
//! cargo run --release --example paper -- --scale quick
//! ```
//!
//! The page is `experiments/report.html`; each experiment writes to a folder of its own beside it, as its own command does, and what either has
//! finished the other does not run again. `--help` lists the options.

use std::process::ExitCode;

fn main() -> ExitCode {
    diagram_experiments::command::all()
}
