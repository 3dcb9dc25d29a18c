//! Measures other frameworks of Rust. See the library's documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use diagram_peers::{FrameworkError, Spread, measure, measure_part};

/// Frameworks ask for a new array at each operation; the system's allocator returns large ones to the system each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Time candle and burn on the work of this project's benches
#[derive(Parser)]
struct Arguments {
    /// The folder for a file of measurements for each framework
    #[arg(long)]
    out: PathBuf,
    /// Only one way to spread work; the program starts itself with this
    #[arg(long, hide = true, requires = "threads")]
    spread: Option<Part>,
    /// Threads of that way
    #[arg(long, hide = true, requires = "spread")]
    threads: Option<usize>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    Cores,
    Framework,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), FrameworkError> {
    if let (Some(part), Some(threads)) = (arguments.spread, arguments.threads) {
        let spread = match part {
            Part::Cores => Spread::Cores,
            Part::Framework => Spread::Framework,
        };
        return measure_part(&arguments.out, spread, threads);
    }
    for file in measure(&arguments.out)? {
        println!("{}", file.display());
    }
    Ok(())
}
