//! Writes `BENCHMARKS.md`. See the library's documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use diagram_peers::{Reported, report};

/// Write the page of all measurements
#[derive(Parser)]
struct Arguments {
    /// The folder with the files of measurements
    #[arg(long, default_value = "benches/measured")]
    measured: PathBuf,
    /// The page
    #[arg(long, default_value = "BENCHMARKS.md")]
    out: PathBuf,
    /// Only check that the page is what it should be
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let page = arguments.out.display();
    match report(&arguments.measured, &arguments.out, arguments.check) {
        Ok(Reported::Written) => println!("{page} is written"),
        Ok(Reported::Same) => println!("{page} is up to date"),
        Ok(Reported::Different) => {
            eprintln!("error: {page} is not what the measurements say: run without --check");
            return ExitCode::FAILURE;
        }
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
