//! Which training points take part in which update.

use super::Shuffle;

/// N training points in batches of B, epoch by epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    train: usize,
    batch: usize,
    epochs: usize,
    shuffle: Shuffle,
}

/// Sizes that make no schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A size is zero.
    #[error("the number of {what} must not be 0")]
    Zero {
        /// Of what.
        what: &'static str,
    },
    /// B does not divide N.
    #[error("batches of {batch} points do not divide {train} training points")]
    Indivisible {
        /// N.
        train: usize,
        /// B.
        batch: usize,
    },
    /// More updates than can be counted.
    #[error("{epochs} epochs of {batches} batches are too many")]
    TooLong {
        /// E.
        epochs: usize,
        /// N/B.
        batches: usize,
    },
}

impl Schedule {
    /// SGD on `train` points in batches of `batch`, `epochs` times.
    ///
    /// # Errors
    ///
    /// [`ScheduleError`], if a size is zero or the batches do not divide the training points.
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

    /// Gradient descent: `steps` updates with all `train` points.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::Zero`].
    pub fn gradient_descent(train: usize, steps: usize) -> Result<Self, ScheduleError> {
        Schedule::new(train, train, steps, Shuffle::Never)
    }

    /// N, the number of training points.
    pub fn train(&self) -> usize {
        self.train
    }

    /// B, the number of points in a batch.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// E, the number of epochs.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Whether batches are drawn anew.
    pub fn shuffle(&self) -> Shuffle {
        self.shuffle
    }

    /// N/B, the number of updates in an epoch.
    pub fn batches(&self) -> usize {
        self.train / self.batch
    }

    /// T, the number of updates.
    pub fn steps(&self) -> usize {
        self.epochs * self.batches()
    }
}
