//! Which training points are in which batch.

use crate::coefficient::Parameters;

/// How the batches of a training run are chosen from its training set. Updates are counted from 0.
///
/// Batches may have different sizes. An update takes the mean gradient of its batch, whatever its size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sampling {
    /// The batches are given, as rows of the training set.
    Given {
        /// N, the number of training points.
        train: usize,
        /// The training points of each update, each at most once in a batch.
        batches: Vec<Vec<usize>>,
    },
    /// Every epoch visits each training point once.
    Epochs {
        /// The sizes of the batches of an epoch, whose sum is N.
        batches: Vec<usize>,
        /// E, the number of epochs.
        epochs: usize,
        /// Whether the training points are shuffled before each epoch. Otherwise each epoch has the same batches in the same order.
        shuffled: bool,
    },
    /// Every slot of every batch draws one of the N training points, independently of all others, also of those in the same batch.
    WithReplacement {
        /// N, the number of training points.
        train: usize,
        /// The size of each batch.
        batches: Vec<usize>,
    },
    /// Every slot of every batch is a new datapoint, so that there is no training set: online learning.
    Fresh {
        /// The size of each batch.
        batches: Vec<usize>,
    },
}

/// A way to choose batches whose sizes are given later: N, B and, in the place of E, the number of epochs or of updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchChoice {
    /// Epochs of N/B batches.
    Epochs {
        /// Whether the training points are shuffled before each epoch.
        shuffled: bool,
    },
    /// Updates with all N training points.
    Full,
    /// Updates with B training points that are drawn with replacement.
    WithReplacement,
    /// Updates with B new datapoints.
    Fresh,
}

impl BatchChoice {
    /// The batches of a run with these sizes, where `epochs` is the number of updates except for [`BatchChoice::Epochs`].
    ///
    /// # Errors
    /// [`SamplingError`] if a size is 0, or if there are more than [`MOST_UPDATES`] updates.
    pub fn sampling(self, sizes: &Parameters) -> Result<Sampling, SamplingError> {
        let per_epoch = match self {
            BatchChoice::Epochs { .. } => sizes.train.div_ceil(sizes.batch.max(1)),
            _ => 1,
        };
        let updates = sizes.epochs.saturating_mul(per_epoch);
        if updates > MOST_UPDATES {
            return Err(SamplingError::TooLong { updates });
        }
        let (train, batch, steps) = (
            sizes.train as usize,
            sizes.batch as usize,
            sizes.epochs as usize,
        );
        let sampling = match self {
            BatchChoice::Epochs { shuffled } => {
                return Sampling::epochs(train, batch, steps, shuffled);
            }
            BatchChoice::Full => Sampling::Epochs {
                batches: vec![train],
                epochs: steps,
                shuffled: false,
            },
            BatchChoice::WithReplacement => Sampling::WithReplacement {
                train,
                batches: vec![batch; steps],
            },
            BatchChoice::Fresh => Sampling::Fresh {
                batches: vec![batch; steps],
            },
        };
        sampling.check()?;
        Ok(sampling)
    }
}

/// The largest number of updates of a run whose sizes are given later. What a sweep holds grows with them.
pub const MOST_UPDATES: u64 = 10_000_000;

/// Why batches do not make a training run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamplingError {
    /// There are no training points, or no updates.
    #[error("there are no {0}")]
    Empty(&'static str),
    /// There are more updates than a sweep can hold.
    #[error("{updates} updates are too many; there may be up to {MOST_UPDATES}")]
    TooLong {
        /// T.
        updates: u64,
    },
    /// A batch has no points.
    #[error("the batch of update {update} has no points")]
    EmptyBatch {
        /// The first such update.
        update: usize,
    },
    /// A batch names a training point that does not exist.
    #[error(
        "the batch of update {update} has the training point {row}, but there are {train}, counted from 0"
    )]
    NoSuchPoint {
        /// The update.
        update: usize,
        /// The training point that is named.
        row: usize,
        /// N.
        train: usize,
    },
    /// A given batch has a training point twice.
    #[error("the batch of update {update} has the training point {row} twice")]
    Repeated {
        /// The update.
        update: usize,
        /// The training point.
        row: usize,
    },
}

impl Sampling {
    /// Epochs of batches of one size on N training points. If B does not divide N, the last batch of an epoch has what is left.
    ///
    /// # Errors
    /// [`SamplingError`] if a size is 0.
    pub fn epochs(
        train: usize,
        batch: usize,
        epochs: usize,
        shuffled: bool,
    ) -> Result<Self, SamplingError> {
        if batch == 0 {
            return Err(SamplingError::EmptyBatch { update: 0 });
        }
        let mut batches = vec![batch; train / batch];
        if !train.is_multiple_of(batch) {
            batches.push(train % batch);
        }
        let sampling = Sampling::Epochs {
            batches,
            epochs,
            shuffled,
        };
        sampling.check()?;
        Ok(sampling)
    }

    /// Checks that there are updates and points, and that given batches have points of the training set, each once.
    ///
    /// # Errors
    /// [`SamplingError`].
    pub fn check(&self) -> Result<(), SamplingError> {
        if self.train() == Some(0) {
            return Err(SamplingError::Empty("training points"));
        }
        if self.updates() == 0 {
            return Err(SamplingError::Empty("updates"));
        }
        if let Some(update) = (0..self.updates()).find(|&t| self.batch(t) == 0) {
            return Err(SamplingError::EmptyBatch { update });
        }
        let Sampling::Given { train, batches } = self else {
            return Ok(());
        };
        for (update, rows) in batches.iter().enumerate() {
            let mut seen = vec![];
            for &row in rows {
                if row >= *train {
                    return Err(SamplingError::NoSuchPoint {
                        update,
                        row,
                        train: *train,
                    });
                }
                if seen.contains(&row) {
                    return Err(SamplingError::Repeated { update, row });
                }
                seen.push(row);
            }
        }
        Ok(())
    }

    /// N, the number of training points; `None` if every point is a new one.
    pub fn train(&self) -> Option<usize> {
        match self {
            Sampling::Given { train, .. } | Sampling::WithReplacement { train, .. } => Some(*train),
            Sampling::Epochs { batches, .. } => Some(batches.iter().sum()),
            Sampling::Fresh { .. } => None,
        }
    }

    /// T, the number of updates.
    pub fn updates(&self) -> usize {
        match self {
            Sampling::Given { batches, .. } => batches.len(),
            Sampling::Epochs {
                batches, epochs, ..
            } => batches.len() * epochs,
            Sampling::WithReplacement { batches, .. } | Sampling::Fresh { batches } => {
                batches.len()
            }
        }
    }

    /// The number of points in the batch of an update, which must be below T.
    pub fn batch(&self, update: usize) -> usize {
        match self {
            Sampling::Given { batches, .. } => batches[update].len(),
            Sampling::Epochs { batches, .. } => batches[update % batches.len()],
            Sampling::WithReplacement { batches, .. } | Sampling::Fresh { batches } => {
                batches[update]
            }
        }
    }

    /// The points of the batch of an update where they are the same in every run; `None` if they are drawn.
    pub(super) fn rows(&self, update: usize) -> Option<Vec<usize>> {
        match self {
            Sampling::Given { batches, .. } => Some(batches[update].clone()),
            Sampling::Epochs {
                batches,
                shuffled: false,
                ..
            } => {
                let at = update % batches.len();
                let first: usize = batches[..at].iter().sum();
                Some((first..first + batches[at]).collect())
            }
            _ => None,
        }
    }
}
