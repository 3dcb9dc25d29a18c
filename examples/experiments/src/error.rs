//! The errors of experiments.

use std::io;
use std::path::PathBuf;

use diagrams::calculus::coefficient::CoefficientError;
use diagrams::calculus::diagram::NotationError;
use diagrams::calculus::picture::{ConcreteError, SceneError, SearchTooLong};
use diagrams::calculus::resummed::{CourseError, NoContinuum};
use diagrams::runtime::criteria::CriteriaError;
use diagrams::runtime::derivatives::PointError;
use diagrams::runtime::device::DeviceError;
use diagrams::runtime::landscapes::UnknownLandscape;
use diagrams::runtime::lanes::InstructionSetError;
use diagrams::runtime::resummed::{NotFinite, ResummedValueError};
use diagrams::runtime::series::SeriesError;
use diagrams::runtime::simulate::{ScheduleError, SimulationError, UnknownOptimizer};
use diagrams::runtime::values::ValueError;

use crate::chain::ChainError;
use crate::plot::PlotError;
use crate::population::PopulationError;

/// The reasons why an experiment ends without a report.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// The experiment needs data that are not in the library.
    #[error("{experiment} needs --data DIR, {needed}")]
    NoData {
        /// The name of the experiment.
        experiment: &'static str,
        /// What the folder must contain.
        needed: &'static str,
    },
    /// A folder with data is given to an experiment that does not read any.
    #[error("{experiment} has all its data inside and cannot use --data {}", data.display())]
    NeedsNoData {
        /// The name of the experiment.
        experiment: &'static str,
        /// The folder.
        data: PathBuf,
    },
    /// The user pressed Ctrl-C.
    #[error(
        "interrupted after {finished} of {cells} cells of {experiment}; the same command goes on with the rest"
    )]
    Interrupted {
        /// The name of the experiment.
        experiment: &'static str,
        /// The number of cells that are finished and kept.
        finished: usize,
        /// The number of cells of the sweep.
        cells: usize,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The path of the file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Another run has locked the file of finished cells.
    #[error("{}: another run is writing to this folder", path.display())]
    InUse {
        /// The file of finished cells.
        path: PathBuf,
    },
    /// Another run has made the file that says whose a folder is, on a file system without locks.
    #[error("{}: the folder is that of {by}", path.display())]
    Claimed {
        /// The file.
        path: PathBuf,
        /// The run, and what to do if it is none any more.
        by: String,
    },
    /// A line of the file of finished cells is not as it was written.
    #[error(
        "{}: line {line} is damaged: its checksum is not that of its contents; remove the line, and its cell is run again", path.display()
    )]
    Damaged {
        /// The path of the file.
        path: PathBuf,
        /// The number of the line, counted from 1.
        line: usize,
    },
    /// A path that results are stored with is no text.
    #[error("{}: the path is not UTF-8, and results are stored with their paths as text; name it by another path", path.display())]
    NotUtf8 {
        /// The path.
        path: PathBuf,
    },
    /// The instruction set that was chosen is not there.
    #[error("DIAGRAMS_ISA: {0}")]
    InstructionSet(#[from] InstructionSetError),
    /// A line of the file of finished cells cannot be parsed.
    #[error(
        "{}: line {line} is no finished cell: {source}; mend it or remove the file", path.display()
    )]
    Line {
        /// The path of the file.
        path: PathBuf,
        /// The number of the line, counted from 1.
        line: usize,
        /// The reason.
        source: serde_json::Error,
    },
    /// The experiment cannot read the outcome of a finished cell, as happens if its format is changed and its version is not raised.
    #[error("a finished cell of {experiment} cannot be read: {source}; --fresh runs it again")]
    Outcome {
        /// The name of the experiment.
        experiment: &'static str,
        /// The reason.
        source: serde_json::Error,
    },
    /// The outcome of a cell cannot be written as JSON and read again, as happens with NaN.
    #[error("what a cell of {experiment} gave cannot be written and read again: {source}")]
    NotKept {
        /// The name of the experiment.
        experiment: &'static str,
        /// The reason.
        source: serde_json::Error,
    },
    /// A cell or the results cannot be written as JSON.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A table cannot be written as CSV.
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A plot cannot be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// The template of a progress bar is wrong.
    #[error("progress: {0}")]
    Progress(#[from] indicatif::style::TemplateError),
    /// The threads cannot be started.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The experiment was cancelled while it ran a cell.
    #[error("cancelled")]
    Cancelled,
    /// The handler of Ctrl-C cannot be installed.
    #[error("Ctrl-C cannot be handled: {0}")]
    Signal(io::Error),
    /// The datapoints or the initial weights cannot be made.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// The landscape does not fit its weights or its data.
    #[error(transparent)]
    Local(#[from] PointError),
    /// The device cannot be used, or does not do what the experiment needs.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The values of diagrams cannot be computed.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A power series cannot be formed.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// A coefficient is not defined at the sizes of the schedule.
    #[error(transparent)]
    Coefficient(#[from] CoefficientError),
    /// The sizes do not make a schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The training runs cannot be simulated.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// There is no optimizer of this name.
    #[error(transparent)]
    Optimizer(#[from] UnknownOptimizer),
    /// There is no built-in landscape of this name.
    #[error(transparent)]
    Landscape(#[from] UnknownLandscape),
    /// A criterion cannot be computed.
    #[error(transparent)]
    Criteria(#[from] CriteriaError),
    /// The values of re-summed diagrams cannot be computed.
    #[error(transparent)]
    Resummed(#[from] ResummedValueError),
    /// A re-summed prediction is not finite.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// The updates of a schedule cannot be counted.
    #[error(transparent)]
    Course(#[from] CourseError),
    /// A schedule has no limit of continuous time.
    #[error(transparent)]
    Continuum(#[from] NoContinuum),
    /// A Markov chain has no exact expectations.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A diagram in compact notation cannot be parsed.
    #[error(transparent)]
    Notation(#[from] NotationError),
    /// The cells of a spacetime cannot be listed.
    #[error(transparent)]
    Concrete(#[from] ConcreteError),
    /// The search for an embedding takes too long.
    #[error(transparent)]
    Search(#[from] SearchTooLong),
    /// A spacetime with embeddings cannot be drawn.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// Any other error, in words.
    #[error("{0}")]
    Other(String),
}
