//! Multi-epoch SGD against one-epoch SGD at equal ηT: the predicted difference of test losses, and the measured one.
//!
//! ```text
//! cargo run --release --example multi_epoch
//! ```
//!
//! Interrupt it as you like: the same command goes on with the cells that are missing. `--help` lists the options.

use std::process::ExitCode;

use diagram_experiments::command;
use diagram_experiments::multi_epoch::MultiEpoch;

fn main() -> ExitCode {
    command::one(&MultiEpoch)
}
