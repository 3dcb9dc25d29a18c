//! Averages over trials, and the moments from which they follow.

/// A mean over trials with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean of the trials that did not diverge; NaN if there are none.
    pub mean: f64,
    /// The standard error of the mean; NaN if there are fewer than two such trials.
    pub standard_error: f64,
    /// The number of trials that did not diverge.
    pub trials: usize,
}

/// The count, mean, sum of squared deviations from the mean, least and greatest of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    count: usize,
    mean: f64,
    squares: f64,
    least: f64,
    greatest: f64,
}

impl Moments {
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count();
        let mean = values.clone().sum::<f64>() / count as f64;
        Moments {
            count,
            mean,
            squares: values.clone().map(|value| (value - mean).powi(2)).sum(),
            least: values.clone().fold(f64::INFINITY, f64::min),
            greatest: values.fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Returns the moments of both sets of numbers together, by the update formula of Chan, Golub and `LeVeque` (1979).
    pub(super) fn merge(self, other: Self) -> Self {
        if self.count == 0 {
            return other;
        }
        if other.count == 0 {
            return self;
        }
        let count = self.count + other.count;
        let share = other.count as f64 / count as f64;
        let apart = other.mean - self.mean;
        Moments {
            count,
            mean: self.mean + apart * share,
            squares: self.squares + other.squares + apart.powi(2) * share * self.count as f64,
            least: self.least.min(other.least),
            greatest: self.greatest.max(other.greatest),
        }
    }

    /// Returns the mean with its standard error.
    pub(super) fn estimate(&self) -> Estimate {
        let standard_error = if self.count < 2 {
            f64::NAN
        } else {
            (self.squares / (self.count - 1) as f64 / self.count as f64).sqrt()
        };
        Estimate {
            mean: self.mean,
            standard_error,
            trials: self.count,
        }
    }

    /// Returns the least and the greatest number, or `None` if there are no numbers.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        (self.count > 0).then_some((self.least, self.greatest))
    }
}
