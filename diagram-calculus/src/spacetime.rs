//! Spacetimes: which training point takes part in which update.

mod grid;

pub use grid::{Grid, GridError};

use crate::coefficient::{Coefficient, Symbols};

/// A size of a schedule: a number, or a symbol that stays open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Known.
    Literal(u64),
    /// Open, by its name.
    Symbol(String),
}

/// Batch size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Batch {
    /// So many points.
    Of(Parameter),
    /// All training points: gradient descent.
    Full,
}

/// Whether batches are drawn anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shuffle {
    /// The same batches in the same order every epoch.
    Never,
    /// A fresh uniform shuffle before every epoch.
    EachEpoch,
}

/// SGD over all training points, epoch by epoch, in batches of one size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EpochSchedule {
    /// N, the number of training points.
    pub train: Parameter,
    /// B, the number of points in a batch; divides N.
    pub batch: Batch,
    /// E, the number of epochs; T = E N / B updates.
    pub epochs: Parameter,
    /// Whether each epoch shuffles.
    pub shuffle: Shuffle,
}

/// A set of cells (point, update) (Tenka, *A Space-Time Approach to Analyzing SGD*, section 1.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spacetime {
    /// A schedule, its sizes literal or symbolic.
    Schedule(EpochSchedule),
    /// Explicit cells.
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

    /// N.
    pub fn train(&self) -> Coefficient {
        match self {
            Spacetime::Schedule(schedule) => schedule.train(),
            Spacetime::Grid(grid) => Coefficient::from_integer(grid.rows()),
        }
    }

    /// B.
    pub fn batch(&self) -> Coefficient {
        match self {
            Spacetime::Schedule(schedule) => schedule.batch(),
            Spacetime::Grid(grid) => Coefficient::from_integer(grid.batch()),
        }
    }

    /// What N, B and E are called; the defaults where they are numbers.
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

    /// The open symbols, in the order train, batch, epochs.
    pub fn parameters(&self) -> Vec<&str> {
        self.open_by_size().into_iter().flatten().collect()
    }

    /// The symbols of train, batch and epochs, where these are open.
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
    pub(crate) fn train(&self) -> Coefficient {
        size(&self.train, [1, 0, 0])
    }

    pub(crate) fn batch(&self) -> Coefficient {
        match &self.batch {
            Batch::Of(batch) => size(batch, [0, 1, 0]),
            Batch::Full => self.train(),
        }
    }

    pub(crate) fn epochs(&self) -> Coefficient {
        size(&self.epochs, [0, 0, 1])
    }

    /// N/B.
    pub(crate) fn batches(&self) -> Coefficient {
        match &self.batch {
            Batch::Of(_) => self.train().mul(&self.batch().recip().expect("a monomial")),
            Batch::Full => Coefficient::one(),
        }
    }
}

fn size(parameter: &Parameter, symbol: [i32; 3]) -> Coefficient {
    match parameter {
        Parameter::Literal(number) => Coefficient::from_integer(*number),
        Parameter::Symbol(_) => Coefficient::power(symbol),
    }
}
