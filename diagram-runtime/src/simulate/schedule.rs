//! Schedules: the training points that take part in each update.

use super::Shuffle;

/// A schedule: N training points are visited in batches of B points, in each of E epochs; or each batch draws its points from all N, with replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    train: usize,
    batch: usize,
    /// The number of updates in an epoch.
    batches: usize,
    epochs: usize,
    visits: Visits,
}

/// How batches come by their points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visits {
    /// Each epoch visits every training point once.
    InTurn(Shuffle),
    /// Each slot of a batch draws a training point.
    Drawn,
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
    /// The number of points in all updates together exceeds the range of `usize`.
    #[error("{steps} updates with {batch} points each are too many")]
    TooManyPoints {
        /// The number T of updates.
        steps: usize,
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
        check_sizes([
            (train, "training points"),
            (batch, "points in a batch"),
            (epochs, "epochs"),
        ])?;
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
            batches,
            epochs,
            visits: Visits::InTurn(shuffle),
        })
    }

    /// The schedule of `steps` updates with batches of `batch` points, each of which is one of the `train` training points, drawn uniformly and
    /// independently of all others, those of the same batch included. B need not divide N, and may exceed it.
    ///
    /// It counts as one epoch of T batches.
    ///
    /// ```
    /// use diagram_runtime::simulate::Schedule;
    ///
    /// let schedule = Schedule::with_replacement(5, 2, 100)?;
    /// assert_eq!((schedule.steps(), schedule.epochs()), (100, 1));
    /// assert!(schedule.has_replacement());
    /// # Ok::<(), diagram_runtime::simulate::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ScheduleError::Zero`] if a size is 0; [`ScheduleError::TooManyPoints`] if the number T B of draws exceeds the range of `usize`.
    pub fn with_replacement(
        train: usize,
        batch: usize,
        steps: usize,
    ) -> Result<Self, ScheduleError> {
        check_sizes([
            (train, "training points"),
            (batch, "points in a batch"),
            (steps, "updates"),
        ])?;
        if steps.checked_mul(batch).is_none() {
            return Err(ScheduleError::TooManyPoints { steps, batch });
        }
        Ok(Schedule {
            train,
            batch,
            batches: steps,
            epochs: 1,
            visits: Visits::Drawn,
        })
    }

    /// The schedule of `steps` updates with batches of `batch` points, each of which is a fresh draw from the population (online learning): one epoch on N = T B training points,
    /// since each of these is drawn from the population independently. Its train loss is therefore the mean over all points that were seen.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::Zero`] if a size is 0; [`ScheduleError::TooManyPoints`] if the number T B of training points exceeds the range of `usize`.
    pub fn fresh(batch: usize, steps: usize) -> Result<Self, ScheduleError> {
        check_sizes([(batch, "points in a batch"), (steps, "updates")])?;
        let train = steps
            .checked_mul(batch)
            .ok_or(ScheduleError::TooManyPoints { steps, batch })?;
        Schedule::new(train, batch, 1, Shuffle::Never)
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

    /// Returns the number E of epochs; 1 if points are drawn with replacement.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Returns whether the training points are shuffled before each epoch. Points that are drawn with replacement are not.
    pub fn shuffle(&self) -> Shuffle {
        match self.visits {
            Visits::InTurn(shuffle) => shuffle,
            Visits::Drawn => Shuffle::Never,
        }
    }

    /// Returns whether each point of a batch is drawn from all training points: the schedule is that of [`Schedule::with_replacement`].
    pub fn has_replacement(&self) -> bool {
        self.visits == Visits::Drawn
    }

    /// Returns the number of updates in an epoch: N/B, or T if points are drawn with replacement.
    pub fn batches(&self) -> usize {
        self.batches
    }

    /// Returns the number of points that an epoch visits, a point that is visited twice counted twice: N, or T B if points are drawn with replacement.
    pub fn visits(&self) -> usize {
        self.batches * self.batch
    }

    /// Returns the number T of updates.
    pub fn steps(&self) -> usize {
        self.epochs * self.batches
    }
}

fn check_sizes<const SIZES: usize>(
    sizes: [(usize, &'static str); SIZES],
) -> Result<(), ScheduleError> {
    match sizes.into_iter().find(|&(size, _)| size == 0) {
        Some((_, what)) => Err(ScheduleError::Zero { what }),
        None => Ok(()),
    }
}
