//! Makes a file of measurements of the JAX programs' outputs. See the library's documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use diagram_peers::Saved;

/// Read saved standard outputs of the JAX programs, and keep the fastest way to do each work
#[derive(Parser)]
struct Arguments {
    /// The outputs of the programs for training runs, derivatives and matrix products
    #[arg(required = true)]
    outputs: Vec<PathBuf>,
    /// The version of JAX that they ran with
    #[arg(long)]
    version: String,
    /// How they were run; once for each command
    #[arg(long = "command")]
    commands: Vec<String>,
    /// When they were run, as YYYY-MM-DD [default: today]
    #[arg(long)]
    date: Option<String>,
    /// The file of measurements
    #[arg(long, default_value = "benches/measured/jax.json")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let saved = Saved {
        outputs: arguments.outputs,
        version: arguments.version,
        commands: arguments.commands,
        date: arguments.date,
        out: arguments.out,
    };
    match diagram_peers::jax(&saved) {
        Ok(()) => {
            println!("{}", saved.out.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
