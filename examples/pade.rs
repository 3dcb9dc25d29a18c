//! Compares Padé approximants of the learning curves of Figure 3 with the series that they are made of and with the training runs, as a Markdown document.
//!
//! ```text
//! cargo run --release --example pade
//! ```
//!
//! Cells of Figure 3 that are finished in its folder are not run again. `--document FILE` writes the document to a file; `--help` lists the options.

use std::process::ExitCode;

fn main() -> ExitCode {
    diagram_experiments::command::pade()
}
