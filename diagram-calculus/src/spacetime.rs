//! Spacetimes, which say which training point takes part in which update.

mod grid;

pub use grid::{Grid, GridError};

use crate::coefficient::{Coefficient, Symbols};

/// A size of a schedule: a number, or a symbol for a number that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// A known number.
    Literal(u64),
    /// The name of an open size.
    Symbol(String),
}

/// The number of training points in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Batch {
    /// The given number of points.
    Of(Parameter),
    /// All training points, as in gradient descent.
    Full,
}

/// Whether the training points are distributed over new batches in every epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shuffle {
    /// The same batches in the same order every epoch.
    Never,
    /// A fresh uniform shuffle before every epoch.
    EachEpoch,
}

/// A schedule of SGD that visits all training points in every epoch, in batches of equal size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EpochSchedule {
    /// N, the number of training points.
    pub train: Parameter,
    /// B, the number of points in a batch, which divides N.
    pub batch: Batch,
    /// E, the number of epochs; there are T = E N / B updates.
    pub epochs: Parameter,
    /// Whether the training points are shuffled before each epoch.
    pub shuffle: Shuffle,
}

/// A set of cells (point, update) (Tenka, *A Space-Time Approach to Analyzing SGD*, section 1.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spacetime {
    /// A schedule with sizes that are numbers or symbols.
    Schedule(EpochSchedule),
    /// A set of explicit cells.
    Grid(Grid),
}

impl Spacetime {
    /// SGD on `train` points in batches of `batch`, for `epochs` epochs.
    pub fn sgd(train: Parameter, batch: Parameter, epochs: Parameter, shuffle: Shuffle) -> Self {
        Spacetime::Schedule(EpochSchedule {
            train,
            batch: Batch::Of(batch),
            epochs,
            shuffle,
        })
    }

    /// Full-batch gradient descent on `train` points for `steps` updates.
    pub fn gd(train: Parameter, steps: Parameter) -> Self {
        Spacetime::Schedule(EpochSchedule {
            train,
            batch: Batch::Full,
            epochs: steps,
            shuffle: Shuffle::Never,
        })
    }

    /// N, the number of training points.
    pub fn train(&self) -> Coefficient {
        match self {
            Spacetime::Schedule(schedule) => schedule.train(),
            Spacetime::Grid(grid) => Coefficient::from_integer(grid.rows()),
        }
    }

    /// B, the number of points in an update.
    pub fn batch(&self) -> Coefficient {
        match self {
            Spacetime::Schedule(schedule) => schedule.batch(),
            Spacetime::Grid(grid) => Coefficient::from_integer(grid.batch()),
        }
    }

    /// The names of N, B and E; the default name of a size that is a number.
    pub fn symbols(&self) -> Symbols {
        let defaults = Symbols::default();
        let [train, batch, epochs] = self.open_by_size();
        let name = |open: Option<&str>, default| open.map_or(default, String::from);
        Symbols {
            train: name(train, defaults.train),
            batch: name(batch, defaults.batch),
            epochs: name(epochs, defaults.epochs),
        }
    }

    /// The names of the open sizes, in the order N, B, E.
    pub fn parameters(&self) -> Vec<&str> {
        self.open_by_size().into_iter().flatten().collect()
    }

    /// The names of N, B and E; `None` for a size that is not open.
    pub(crate) fn open_by_size(&self) -> [Option<&str>; 3] {
        let Spacetime::Schedule(schedule) = self else {
            return [None; 3];
        };
        let batch = match &schedule.batch {
            Batch::Of(batch) => Some(batch),
            Batch::Full => None,
        };
        [Some(&schedule.train), batch, Some(&schedule.epochs)].map(|parameter| match parameter? {
            Parameter::Symbol(name) => Some(&name[..]),
            Parameter::Literal(_) => None,
        })
    }
}

impl EpochSchedule {
    /// N, the number of training points.
    pub(crate) fn train(&self) -> Coefficient {
        size(&self.train, [1, 0, 0])
    }

    /// B, the number of points in a batch.
    pub(crate) fn batch(&self) -> Coefficient {
        match &self.batch {
            Batch::Of(batch) => size(batch, [0, 1, 0]),
            Batch::Full => self.train(),
        }
    }

    /// E, the number of epochs.
    pub(crate) fn epochs(&self) -> Coefficient {
        size(&self.epochs, [0, 0, 1])
    }

    /// N/B, the number of batches in an epoch.
    pub(crate) fn batches(&self) -> Coefficient {
        match &self.batch {
            Batch::Of(_) => self.train().mul(&self.batch().recip().expect("a monomial")),
            Batch::Full => Coefficient::one(),
        }
    }
}

/// A size as a coefficient: a number, or the variable with these exponents.
fn size(parameter: &Parameter, symbol: [i32; 3]) -> Coefficient {
    match parameter {
        Parameter::Literal(number) => Coefficient::from_integer(*number),
        Parameter::Symbol(_) => Coefficient::power(symbol),
    }
}
