//! Section 5.1 of the paper: the difference of the test losses of four epochs of SGD and of one at equal ηT, predicted and measured.
//!
//! ```text
//! cargo run --release --example multi_epoch
//! ```
//!
//! After an interruption the same command goes on: it runs the cells of the sweep that are not on disk yet. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::multi_epoch::MultiEpoch;

fn main() -> ExitCode {
    command::one(&MultiEpoch)
}
