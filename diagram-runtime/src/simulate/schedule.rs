//! Schedules: the training points that take part in each update.

use super::Shuffle;

/// A schedule: N training points are visited in batches of B points, in each of E epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    train: usize,
    batch: usize,
    epochs: usize,
    shuffle: Shuffle,
}

/// The reason why sizes do not make a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A size is 0.
    #[error("the number of {what} must not be 0")]
    Zero {
        /// The name of the size.
        what: &'static str,
    },
    /// B does not divide N.
    #[error("batches of {batch} points do not divide {train} training points")]
    Indivisible {
        /// The number N of training points.
        train: usize,
        /// The number B of points in a batch.
        batch: usize,
    },
    /// The number of updates exceeds the range of `usize`.
    #[error("{epochs} epochs of {batches} batches are too many")]
    TooLong {
        /// The number E of epochs.
        epochs: usize,
        /// The number N/B of batches in an epoch.
        batches: usize,
    },
}

impl Schedule {
    /// The schedule of SGD for `epochs` epochs on `train` points in batches of `batch` points.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::Zero`] if a size is 0; [`ScheduleError::Indivisible`] if the batches do not divide the training points;
    /// [`ScheduleError::TooLong`] if the number of updates exceeds the range of `usize`.
    pub fn new(
        train: usize,
        batch: usize,
        epochs: usize,
        shuffle: Shuffle,
    ) -> Result<Self, ScheduleError> {
        for (size, what) in [
            (train, "training points"),
            (batch, "points in a batch"),
            (epochs, "epochs"),
        ] {
            if size == 0 {
                return Err(ScheduleError::Zero { what });
            }
        }
        if !train.is_multiple_of(batch) {
            return Err(ScheduleError::Indivisible { train, batch });
        }
        let batches = train / batch;
        if epochs.checked_mul(batches).is_none() {
            return Err(ScheduleError::TooLong { epochs, batches });
        }
        Ok(Schedule {
            train,
            batch,
            epochs,
            shuffle,
        })
    }

    /// The schedule of gradient descent: `steps` updates, each with all `train` points.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::Zero`] if a size is 0.
    pub fn gradient_descent(train: usize, steps: usize) -> Result<Self, ScheduleError> {
        Schedule::new(train, train, steps, Shuffle::Never)
    }

    /// Returns the number N of training points.
    pub fn train(&self) -> usize {
        self.train
    }

    /// Returns the number B of points in a batch.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Returns the number E of epochs.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Returns whether the training points are shuffled before each epoch.
    pub fn shuffle(&self) -> Shuffle {
        self.shuffle
    }

    /// Returns the number N/B of updates in an epoch.
    pub fn batches(&self) -> usize {
        self.train / self.batch
    }

    /// Returns the number T of updates.
    pub fn steps(&self) -> usize {
        self.epochs * self.batches()
    }
}
