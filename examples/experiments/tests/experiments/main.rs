//! Tests of the experiments' harness, and of the programs as a user runs them.

use std::process::Command;

mod accuracy;
mod bad_input;
mod chain;
mod devices;
mod documents;
mod exact_series;
mod final_weights;
mod harness;
mod inspect;
mod optimizer_option;
mod own_data;
mod pages;
mod plots;
#[cfg(unix)]
mod signals;

/// A command that runs a program of `src/programs`.
fn program(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_programs"));
    command.arg(name);
    command
}
