//! Why an experiment does not end.

use std::io;
use std::path::PathBuf;

use diagrams::calculus::coefficient::CoefficientError;
use diagrams::calculus::diagram::NotationError;
use diagrams::calculus::picture::{ConcreteError, SceneError, SearchTooLong};
use diagrams::calculus::resummed::{CourseError, NoContinuum};
use diagrams::runtime::criteria::CriteriaError;
use diagrams::runtime::derivatives::PointError;
use diagrams::runtime::landscapes::UnknownLandscape;
use diagrams::runtime::resummed::{NotFinite, ResummedValueError};
use diagrams::runtime::series::SeriesError;
use diagrams::runtime::simulate::{ScheduleError, SimulationError, UnknownOptimizer};
use diagrams::runtime::values::ValueError;

use crate::plot::PlotError;
use crate::population::PopulationError;

/// Why an experiment does not end.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// Data are needed that are not in the library.
    #[error("{experiment} needs --data DIR, {needed}")]
    NoData {
        /// Name of the experiment.
        experiment: &'static str,
        /// What the folder must hold.
        needed: &'static str,
    },
    /// Data are given that are not needed.
    #[error("{experiment} has all its data inside and cannot use --data {}", data.display())]
    NeedsNoData {
        /// Name of the experiment.
        experiment: &'static str,
        /// As given.
        data: PathBuf,
    },
    /// Ctrl-C.
    #[error(
        "interrupted after {finished} of {cells} cells of {experiment}; the same command goes on with the rest"
    )]
    Interrupted {
        /// Name of the experiment.
        experiment: &'static str,
        /// Cells that are kept.
        finished: usize,
        /// Cells of the sweep.
        cells: usize,
    },
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// Somebody else is at it.
    #[error("{}: another run is writing to this folder", path.display())]
    InUse {
        /// The file of finished cells.
        path: PathBuf,
    },
    /// A line of the file of finished cells.
    #[error(
        "{}: line {line} is no finished cell: {source}; mend it or remove the file", path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A finished cell that the experiment cannot read: its format changed, its version did not.
    #[error("a finished cell of {experiment} cannot be read: {source}; --fresh runs it again")]
    Outcome {
        /// Name of the experiment.
        experiment: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// An outcome that JSON has no words for, such as NaN.
    #[error("what a cell of {experiment} gave cannot be written and read again: {source}")]
    NotKept {
        /// Name of the experiment.
        experiment: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Something that cannot be written as JSON.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Something that cannot be written as CSV.
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A plot.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// The progress bar's layout.
    #[error("progress: {0}")]
    Progress(#[from] indicatif::style::TemplateError),
    /// Threads cannot be started.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Ctrl-C cannot be handled.
    #[error("Ctrl-C cannot be handled: {0}")]
    Signal(#[from] ctrlc::Error),
    /// Datapoints or initial weights.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// A landscape does not fit its data.
    #[error(transparent)]
    Local(#[from] PointError),
    /// Values.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A series.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// Sizes of a spacetime.
    #[error(transparent)]
    Coefficient(#[from] CoefficientError),
    /// A schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A simulation.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// An optimizer's name.
    #[error(transparent)]
    Optimizer(#[from] UnknownOptimizer),
    /// A landscape's name.
    #[error(transparent)]
    Landscape(#[from] UnknownLandscape),
    /// A criterion.
    #[error(transparent)]
    Criteria(#[from] CriteriaError),
    /// Values of re-summed diagrams.
    #[error(transparent)]
    Resummed(#[from] ResummedValueError),
    /// A re-summed prediction.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// A course of updates.
    #[error(transparent)]
    Course(#[from] CourseError),
    /// A course without a limit of many small steps.
    #[error(transparent)]
    Continuum(#[from] NoContinuum),
    /// A diagram in compact notation.
    #[error(transparent)]
    Notation(#[from] NotationError),
    /// A spacetime without cells.
    #[error(transparent)]
    Concrete(#[from] ConcreteError),
    /// An embedding that was not found.
    #[error(transparent)]
    Search(#[from] SearchTooLong),
    /// A picture.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// Something that is peculiar to an experiment.
    #[error("{0}")]
    Other(String),
}
