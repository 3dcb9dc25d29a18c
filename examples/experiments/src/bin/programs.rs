//! The programs that are no experiment in one binary, whose first argument is a program's name: what tests run. Each is an example, too, and an example
//! compiles no program but its own.

#[path = "../programs/exact_series.rs"]
mod exact_series;
#[path = "../programs/inspect/program.rs"]
mod inspect;
#[path = "../programs/learning_curve/program.rs"]
mod learning_curve;
#[path = "../programs/throughput/program.rs"]
mod throughput;
#[path = "../programs/values/program.rs"]
mod values;

use std::ffi::OsString;
use std::process::ExitCode;

/// A program: it is given a command line, whose first word is the program's name.
type Main = fn(Vec<OsString>) -> ExitCode;

/// Every program by its name.
const ALL: [(&str, Main); 5] = [
    ("exact_series", exact_series::main),
    ("inspect", inspect::main),
    ("learning_curve", learning_curve::main),
    ("throughput", throughput::main),
    ("values", values::main),
];

/// Runs the program that the first of the arguments names, with the others. Exit status: the program's, or 2 if there is no such program.
fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let name = arguments.first().and_then(|name| name.to_str());
    if let Some((_, main)) = ALL.iter().find(|(known, _)| Some(*known) == name) {
        return main(arguments);
    }
    let names = ALL.map(|(name, _)| name).join(", ");
    eprintln!("error: the first argument must be the name of a program: {names}");
    ExitCode::from(2)
}
