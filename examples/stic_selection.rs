//! Section 5.5 of the paper and its appendix: an l2 coefficient is chosen by STIC, by TIC and by the train loss.
//!
//! ```text
//! cargo run --release --example stic_selection
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::stic_selection::SticSelection;

fn main() -> ExitCode {
    command::one(&SticSelection)
}
