//! All programs that are no experiments in one binary, which the tests run. Its first argument is the name of a program. Each program is also an
//! example of its own.

#[path = "../programs/coverage/program.rs"]
mod coverage;
#[path = "../programs/exact_series/program.rs"]
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

/// The main function of a program. Its argument is the command line, whose first word is the name of the program.
type Main = fn(Vec<OsString>) -> ExitCode;

/// The programs with their names.
const ALL: [(&str, Main); 6] = [
    ("coverage", coverage::main),
    ("exact_series", exact_series::main),
    ("inspect", inspect::main),
    ("learning_curve", learning_curve::main),
    ("throughput", throughput::main),
    ("values", values::main),
];

/// Runs the program that the first argument names with the other arguments. The exit status is that of the program, or 2 if there is no such program.
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
