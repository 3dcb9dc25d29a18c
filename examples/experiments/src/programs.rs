//! The programs that are no experiment: each is an example of a few lines, and all of them are the one binary `programs`, whose first argument is a
//! program's name. The binary is what tests run, so that what they test is compiled once.

pub mod exact_series;
pub mod inspect;
pub mod learning_curve;
pub mod throughput;
pub mod values;

use std::ffi::OsString;
use std::process::ExitCode;

/// A program: it is given a command line, whose first word is the program's name.
pub type Main = fn(Vec<OsString>) -> ExitCode;

/// Every program by its name.
pub const ALL: [(&str, Main); 5] = [
    ("exact_series", exact_series::main),
    ("inspect", inspect::main),
    ("learning_curve", learning_curve::main),
    ("throughput", throughput::main),
    ("values", values::main),
];

/// Runs the program that the first of the arguments names, with the others. Exit status: the program's, or 2 if there is no such program.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let name = arguments.first().and_then(|name| name.to_str());
    if let Some((_, main)) = ALL.iter().find(|(known, _)| Some(*known) == name) {
        return main(arguments);
    }
    let names = ALL.map(|(name, _)| name).join(", ");
    eprintln!("error: the first argument must be the name of a program: {names}");
    ExitCode::from(2)
}
