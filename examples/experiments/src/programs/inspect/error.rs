//! The errors of the program.

use std::io;
use std::path::PathBuf;

use diagrams::calculus::coefficient::CoefficientError;
use diagrams::calculus::diagram::NotationError;
use diagrams::calculus::measure::MeasureError;
use diagrams::calculus::optimizer::TrainingError;
use diagrams::calculus::picture::{ConcreteError, SceneError, SearchTooLong};
use diagrams::language::{Mistakes, SizesError};

/// The reasons why the program prints no report. The messages name the option, the file or the declared item.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InspectError {
    #[error("{place}: {source}")]
    Read { place: String, source: io::Error },
    #[error("{place}: a declaration is at most {most} bytes long")]
    TooLong { place: String, most: u64 },
    #[error("{place}: brackets and `!` are nested more than {most} deep")]
    TooDeep { place: String, most: usize },
    #[error("{place}:\n{mistakes}")]
    Declaration { place: String, mistakes: Mistakes },
    #[error("{place}: no predictor is declared, so there is nothing to print")]
    NothingDeclared { place: String },
    #[error("--at {text}: {reason}")]
    At { text: String, reason: &'static str },
    #[error("--at: {name} is given twice")]
    AtTwice { name: String },
    #[error("--at: there is no open size {name}; {}", listed(.open))]
    UnknownSize { name: String, open: Vec<String> },
    #[error("--at: {0}")]
    Sizes(SizesError),
    #[error(
        "--spacetime is one spacetime and --where one condition; declarations with more in them come from a file (--file)"
    )]
    MoreThanOptions,
    #[error("--at: {diagram} of {predictor}: {source}")]
    NoValue {
        predictor: String,
        diagram: String,
        source: CoefficientError,
    },
    #[error("{spacetime} draws its batches, so that there is no one grid of cells to draw")]
    DrawnBatches { spacetime: String },
    #[error("--at: {0}")]
    Training(TrainingError),
    #[error("{predictor}: {source}")]
    Measure {
        predictor: String,
        source: MeasureError,
    },
    #[error("--grid: the size {name} of {spacetime} is open; give it a value, as in --at {name}=8")]
    OpenSize { spacetime: String, name: String },
    #[error("--grid: {spacetime}: {source}")]
    Concrete {
        spacetime: String,
        source: ConcreteError,
    },
    #[error("--diagram {text}: {source}")]
    Notation { text: String, source: NotationError },
    #[error(
        "--diagram {name}: no such diagram is declared{}; compact notation is such as (01-12)(0-1-2)",
        known(.declared)
    )]
    UnknownDiagram { name: String, declared: Vec<String> },
    #[error(
        "--grid: no diagram is declared; name those to draw, as in --diagram \"(01-12)(0-1-2)\""
    )]
    NothingToDraw,
    #[error("--grid: {diagram} in {spacetime}: {source}")]
    Search {
        diagram: String,
        spacetime: String,
        source: SearchTooLong,
    },
    #[error("--grid: {diagram} in {spacetime}: {source}")]
    Scene {
        diagram: String,
        spacetime: String,
        source: SceneError,
    },
    #[error("--out {}: {reason}", .folder.display())]
    Out { folder: PathBuf, reason: String },
    #[error("the table: {0}")]
    Csv(#[from] csv::Error),
    #[error("the report: {0}")]
    Json(#[from] serde_json::Error),
    #[error("standard output: {0}")]
    Print(io::Error),
}

/// The open sizes in words.
fn listed(open: &[String]) -> String {
    match open {
        [] => "all sizes are numbers".into(),
        open => format!("open are {}", open.join(", ")),
    }
}

/// The declared diagrams in words, if there are any.
fn known(declared: &[String]) -> String {
    match declared {
        [] => String::new(),
        names => format!(" (declared are {})", names.join(", ")),
    }
}
