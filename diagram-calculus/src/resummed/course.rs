//! Courses, which are spacetimes with numbers as sizes.

use crate::coefficient::{CoefficientError, Parameters};
use crate::spacetime::{Batch, Grid, Parameter, Shuffle, Spacetime};

/// A course of training: a spacetime all of whose sizes are known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Course {
    pub(super) visits: Visits,
}

/// The structure of a course, by which sums over its updates are computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Visits {
    /// A schedule that shuffles, or has one epoch or full batches, so that the updates of an epoch are equivalent.
    Alike { train: u64, batch: u64, epochs: u64 },
    /// The same batches in each of several epochs.
    Repeated { train: u64, batch: u64, epochs: u64 },
    /// A set of explicit cells.
    Grid(Grid),
}

/// Why sizes do not give a course.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CourseError {
    /// The sizes do not make a schedule.
    #[error(transparent)]
    Sizes(#[from] CoefficientError),
    /// The number of updates does not fit a `u64`.
    #[error("{epochs} epochs of {batches} updates are too many")]
    TooLong {
        /// The number of epochs, E.
        epochs: u64,
        /// The number of batches in an epoch, N/B.
        batches: u64,
    },
}

impl Course {
    /// The course of a spacetime with these sizes. A size that the spacetime gives as a number is not read from the parameters.
    ///
    /// # Errors
    /// [`CourseError`] if the sizes do not make a schedule, or if the number of updates does not fit a `u64`.
    pub fn new(spacetime: &Spacetime, parameters: &Parameters) -> Result<Course, CourseError> {
        let visits = match spacetime {
            Spacetime::Grid(grid) => Visits::Grid(grid.clone()),
            Spacetime::Schedule(schedule) => {
                let size = |parameter: &Parameter, open: u64| match parameter {
                    Parameter::Literal(number) => *number,
                    Parameter::Symbol(_) => open,
                };
                let train = size(&schedule.train, parameters.train);
                let batch = match &schedule.batch {
                    Batch::Of(batch) => size(batch, parameters.batch),
                    Batch::Full => train,
                };
                let epochs = size(&schedule.epochs, parameters.epochs);
                Parameters::new(train, batch, epochs)?;
                let batches = train / batch;
                if epochs.checked_mul(batches).is_none() {
                    return Err(CourseError::TooLong { epochs, batches });
                }
                // Shuffling makes no difference to epochs of one update, or if there is only one epoch.
                if schedule.shuffle == Shuffle::EachEpoch || epochs == 1 || batch == train {
                    Visits::Alike {
                        train,
                        batch,
                        epochs,
                    }
                } else {
                    Visits::Repeated {
                        train,
                        batch,
                        epochs,
                    }
                }
            }
        };
        Ok(Course { visits })
    }

    /// N, the number of training points.
    pub fn train(&self) -> u64 {
        match &self.visits {
            Visits::Alike { train, .. } | Visits::Repeated { train, .. } => *train,
            Visits::Grid(grid) => grid.rows() as u64,
        }
    }

    /// B, the number of points in an update.
    pub fn batch(&self) -> u64 {
        match &self.visits {
            Visits::Alike { batch, .. } | Visits::Repeated { batch, .. } => *batch,
            Visits::Grid(grid) => grid.batch() as u64,
        }
    }

    /// T, the number of updates.
    pub fn updates(&self) -> u64 {
        match &self.visits {
            Visits::Alike {
                train,
                batch,
                epochs,
            }
            | Visits::Repeated {
                train,
                batch,
                epochs,
            } => epochs * (train / batch),
            Visits::Grid(grid) => grid.updates() as u64,
        }
    }
}
