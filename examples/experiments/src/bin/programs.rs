//! All programs in one binary: `programs NAME ARGUMENTS`.

use std::process::ExitCode;

fn main() -> ExitCode {
    diagram_experiments::programs::main(std::env::args_os().skip(1).collect())
}
