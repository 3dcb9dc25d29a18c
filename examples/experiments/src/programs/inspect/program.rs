//! Prints the diagrams of a declaration, their meanings and their exact coefficients. No landscape is needed.
//!
//! ```text
//! cargo run --example inspect -- --order 2 --measure test-loss --spacetime "sgd(train: N, batch: 1, epochs: 1)" --at N=10
//! cargo run --example inspect -- --file declaration.txt --out pictures
//! cargo run --example inspect -- --spacetime "sgd(train: 4, batch: 1, epochs: 2)" --grid --diagram "(01-12)(0-12)"
//! ```
//!
//! The declaration is in the language of `diagrams!`. It comes from a file or from standard input, or is made of the options. `--format` chooses the
//! format of what is printed. `--out` also writes pictures (SVG, `TikZ`, DOT), a web page, a table of coefficients and a LaTeX document to a new
//! folder. pdfLaTeX compiles the document only if the names of sizes and predictors have Latin letters alone.
//!
//! The exit status is 0, or 2 after an error, with all mistakes on standard error and nothing on standard output.

mod arguments;
mod declaration;
mod error;
mod files;
mod format;
mod formula;
mod grid;
mod optimized;
mod report;
mod sizes;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use diagram_experiments::terminal::{complain, print};

use arguments::{Arguments, Format};
use error::InspectError;
use sizes::Sizes;

/// Runs the program with a command line, whose first word is the name of the program.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    match run(&Arguments::parse_from(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), InspectError> {
    if let Some(folder) = &arguments.out {
        files::check(folder)?;
    }
    let source = declaration::read(arguments)?;
    let sizes = Sizes::read(&arguments.at, &source.declaration)?;
    let grids = grid::draw(arguments, &source.declaration, &sizes)?;
    let report = report::report(&source, &sizes, grids)?;
    if report.predictors.is_empty() && report.grids.is_empty() {
        let place = source.place;
        return Err(InspectError::NothingDeclared { place });
    }
    let text = match arguments.format {
        Format::Text => format::text(&report),
        Format::Latex => format::latex(&report),
        Format::Json => format::json(&report)?,
        Format::Csv => format::csv(&report)?,
    };
    if let Some(folder) = &arguments.out {
        let count = files::write(&report, folder)?;
        complain(&format!("{count} files in {}", folder.display()));
    }
    print(&text).map_err(InspectError::Print)
}
