//! What an experiment consists of.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::ExperimentError;
use crate::progress::Progress;
use crate::report::Report;

/// A claim of the paper, and how it is put to the test.
///
/// A sweep is made of cells, which are run one after the other, each on all threads. What a cell gives depends on the cell and the
/// [`Settings`] alone: it is kept on disk, and not run again.
pub trait Experiment: Sync {
    /// Name of the example, of its output folder and of its files.
    const NAME: &'static str;
    /// A headline.
    const TITLE: &'static str;
    /// What the paper says, in words.
    const CLAIM: &'static str;
    /// To be raised whenever a cell gives, or its outcome means, something else than before: cells of other versions are run again.
    const VERSION: u32;
    /// What `--data` must name, if the experiment needs data that are not in the library.
    const DATA: Option<&'static str> = None;

    /// A point of the sweep: everything that tells it from other cells with the same settings.
    type Cell: Serialize;
    /// What running a cell gives. It must survive being written as JSON and read again, so numbers must be finite
    /// (see [`not_finite_as_null`] for those that need not be).
    type Outcome: Serialize + DeserializeOwned;

    /// The sweep.
    fn cells(&self, settings: &Settings) -> Vec<Self::Cell>;

    /// Runs one cell. What is returned after [`Progress::cancelled`] is dropped.
    ///
    /// # Errors
    /// [`ExperimentError`]: the experiment ends; cells finished before are kept.
    fn run(
        &self,
        cell: &Self::Cell,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Self::Outcome, ExperimentError>;

    /// What follows from all cells, in the order of [`cells`](Experiment::cells).
    ///
    /// # Errors
    /// [`ExperimentError`].
    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Self::Cell, Self::Outcome>],
    ) -> Result<Report, ExperimentError>;
}

/// A cell that has been run.
#[derive(Clone, Debug)]
pub struct Finished<C, O> {
    /// Which.
    pub cell: C,
    /// What it gave.
    pub outcome: O,
    /// Wall time of the run.
    pub seconds: f64,
}

/// What cells depend on besides themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How much is run.
    pub scale: Scale,
    /// What all random draws follow from.
    pub seed: u64,
    /// Folder with data that are not in the library.
    pub data: Option<PathBuf>,
}

impl Settings {
    /// The folder with data, of an experiment that needs them.
    ///
    /// # Errors
    /// [`ExperimentError::NoData`], which says what is needed.
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
    /// At most three minutes on two cores.
    Quick,
    /// At most nine minutes on two cores: more runs, narrower bands.
    Full,
}

impl Scale {
    /// One of two values.
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

/// For `#[serde(with = "not_finite_as_null")]`: a number that is NaN or infinite is written as `null`, and read as NaN.
pub mod not_finite_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a number.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        let finite = number.is_finite().then_some(*number);
        finite.serialize(serializer)
    }

    /// Reads a number.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let finite = Option::<f64>::deserialize(deserializer)?;
        Ok(finite.unwrap_or(f64::NAN))
    }
}
