//! The cells of schedules with numbers as sizes.

use super::MAX_SIDE;
use crate::spacetime::{Batch, EpochSchedule, Grid, GridError, Parameter, Shuffle, Spacetime};

/// Why the cells of a spacetime cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConcreteError {
    /// A size is an open symbol.
    #[error("{symbol} is open; only a schedule whose sizes are numbers has cells to draw")]
    Open {
        /// The symbol.
        symbol: String,
    },
    /// A size is 0.
    #[error("the schedule has no {0}")]
    Zero(&'static str),
    /// The batch size does not divide the number of training points.
    #[error("batches of {batch} do not divide {train} training points evenly")]
    Uneven {
        /// The number of training points, N.
        train: u64,
        /// The batch size, B.
        batch: u64,
    },
    /// There are too many rows or columns.
    #[error("{rows} rows and {columns} columns are too many to draw: at most {MAX_SIDE} of each")]
    TooLarge {
        /// The number of rows, N.
        rows: u64,
        /// The number of columns, T.
        columns: u64,
    },
    /// The cells do not form a grid.
    #[error(transparent)]
    Grid(#[from] GridError),
}

/// The cells of a spacetime whose sizes are all numbers (section 1.3 of Tenka, *A Space-Time Approach to Analyzing SGD*). If the schedule shuffles, they
/// are one sample, which the seed determines.
///
/// # Errors
/// [`ConcreteError`] if a size is open or zero, if the batch size does not divide the number of training points, or if there are too many cells.
///
/// ```
/// use diagram_calculus::picture::concrete;
/// use diagram_calculus::spacetime::{Parameter, Spacetime};
///
/// let grid = concrete(&Spacetime::gd(Parameter::Literal(2), Parameter::Literal(3)), 0)?;
/// assert_eq!((grid.rows(), grid.updates(), grid.batch()), (2, 3, 2));
/// # Ok::<(), diagram_calculus::picture::ConcreteError>(())
/// ```
pub fn concrete(spacetime: &Spacetime, seed: u64) -> Result<Grid, ConcreteError> {
    match spacetime {
        Spacetime::Grid(grid) => {
            check_size(grid.rows() as u64, grid.updates() as u64)?;
            Ok(grid.clone())
        }
        Spacetime::Schedule(schedule) => cells(schedule, seed),
    }
}

fn cells(schedule: &EpochSchedule, seed: u64) -> Result<Grid, ConcreteError> {
    let train = number(&schedule.train, "training points")?;
    let batch = match &schedule.batch {
        Batch::Of(batch) => number(batch, "points in a batch")?,
        Batch::Full => train,
    };
    let epochs = number(&schedule.epochs, "epochs")?;
    if !train.is_multiple_of(batch) {
        return Err(ConcreteError::Uneven { train, batch });
    }
    check_size(train, (train / batch).saturating_mul(epochs))?;
    let mut points: Vec<usize> = (0..train as usize).collect();
    let mut random = SplitMix(seed);
    let mut columns = vec![];
    for _ in 0..epochs {
        if schedule.shuffle == Shuffle::EachEpoch {
            random.shuffle(&mut points);
        }
        columns.extend(points.chunks(batch as usize).map(<[usize]>::to_vec));
    }
    Ok(Grid::from_columns(points.len(), &columns)?)
}

fn number(parameter: &Parameter, what: &'static str) -> Result<u64, ConcreteError> {
    match parameter {
        Parameter::Literal(0) => Err(ConcreteError::Zero(what)),
        Parameter::Literal(number) => Ok(*number),
        Parameter::Symbol(symbol) => Err(ConcreteError::Open {
            symbol: symbol.clone(),
        }),
    }
}

fn check_size(rows: u64, columns: u64) -> Result<(), ConcreteError> {
    if rows.max(columns) > MAX_SIDE as u64 {
        return Err(ConcreteError::TooLarge { rows, columns });
    }
    Ok(())
}

/// The random number generator splitmix64 (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, 2014), which gives the same numbers on
/// every machine.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The shuffle of Fisher and Yates. The remainder has a bias below 64/2^64, which is negligible for a picture.
    fn shuffle(&mut self, items: &mut [usize]) {
        for last in (1..items.len()).rev() {
            let other = self.next() % (last as u64 + 1);
            items.swap(last, other as usize);
        }
    }
}
