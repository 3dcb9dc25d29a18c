//! Appendix: choosing an l2 coefficient by STIC, by TIC and by the train loss.
//!
//! ```text
//! cargo run --release --example stic_selection
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::stic_selection::SticSelection;

fn main() -> ExitCode {
    command::one(&SticSelection)
}
