//! The trait of experiments, and the settings that they are run with.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::device::Place;
use crate::error::ExperimentError;
use crate::progress::Progress;
use crate::report::Report;

/// A test of a claim of the paper.
///
/// An experiment is a sweep over cells, which are run one after the other, each on all threads. The outcome of a cell must depend on the cell and the
/// [`Settings`] alone. It is stored on disk, and the cell is not run again.
pub trait Experiment: Sync {
    /// The name of the example, of its output folder and of its files.
    const NAME: &'static str;
    /// The headline on the web page.
    const TITLE: &'static str;
    /// The claim of the paper, in words.
    const CLAIM: &'static str;
    /// The version, which must be raised whenever the outcomes of cells or their meaning change. Cells that were finished by another version are run
    /// again.
    const VERSION: u32;
    /// A description of the folder that `--data` must name; `None` if all data are in the library.
    const DATA: Option<&'static str> = None;

    /// A point of the sweep. Its JSON must differ from that of every other cell with the same settings.
    type Cell: Serialize;
    /// The result of a cell. It must be the same after it is written as JSON and read again, so that its numbers must be finite
    /// (see [`not_finite_as_null`] for those that may not be).
    type Outcome: Serialize + DeserializeOwned;

    /// All cells, in the order in which they are run.
    fn cells(&self, settings: &Settings) -> Vec<Self::Cell>;

    /// Runs one cell. The outcome is not kept if [`Progress::cancelled`] is true afterwards.
    ///
    /// # Errors
    /// Any [`ExperimentError`]. It ends the experiment; cells that were finished before are kept.
    fn run(
        &self,
        cell: &Self::Cell,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Self::Outcome, ExperimentError>;

    /// Makes the report from the outcomes of all cells, which are in the order of [`cells`](Experiment::cells).
    ///
    /// # Errors
    /// [`ExperimentError`] if a plot, a table or a prediction cannot be made.
    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Self::Cell, Self::Outcome>],
    ) -> Result<Report, ExperimentError>;
}

/// A finished cell of type `C` with its outcome of type `O`.
#[derive(Clone, Debug)]
pub struct Finished<C, O> {
    /// The cell.
    pub cell: C,
    /// The outcome.
    pub outcome: O,
    /// The wall time of the run, in seconds.
    pub seconds: f64,
}

/// The settings that the outcomes of cells depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How much is run.
    pub scale: Scale,
    /// The seed of all random draws.
    pub seed: u64,
    /// The folder with data that are not in the library, if one was given.
    pub data: Option<PathBuf>,
    /// What cells are computed on. Outcomes on different devices differ by rounding.
    #[serde(default, skip_serializing_if = "Place::is_cpu")]
    pub place: Place,
}

impl Settings {
    /// The folder with the data that the experiment needs.
    ///
    /// # Errors
    /// [`ExperimentError::NoData`] if no folder was given. The error says what the folder must contain.
    pub fn data_of<E: Experiment>(&self) -> Result<&Path, ExperimentError> {
        self.data.as_deref().ok_or(ExperimentError::NoData {
            experiment: E::NAME,
            needed: E::DATA.unwrap_or("data"),
        })
    }
}

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Few training runs, so that an experiment was measured to take up to a minute and a half on two cores.
    Quick,
    /// More training runs and so narrower bands, in several minutes.
    Full,
}

impl Scale {
    /// The first value at quick scale, the second at full.
    pub fn choose<T>(self, quick: T, full: T) -> T {
        match self {
            Scale::Quick => quick,
            Scale::Full => full,
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.choose("quick", "full"))
    }
}

/// The attribute `#[serde(with = "not_finite_as_null")]` writes a number that is NaN or infinite as `null`, which is read as NaN.
pub mod not_finite_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a number, or `null` if it is not finite.
    ///
    /// # Errors
    /// The errors of the serializer.
    pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        let finite = number.is_finite().then_some(*number);
        finite.serialize(serializer)
    }

    /// Reads a number, or `null` as NaN.
    ///
    /// # Errors
    /// The errors of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let finite = Option::<f64>::deserialize(deserializer)?;
        Ok(finite.unwrap_or(f64::NAN))
    }
}
