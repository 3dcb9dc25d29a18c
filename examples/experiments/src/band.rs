//! Measured means with simultaneous confidence bands.
//!
//! A simultaneous band of k intervals contains the true means of *all* k measurements with probability at least 95%. Each interval has the level
//! 1 - 0.05/k (Bonferroni) and comes from Student's t distribution. Bonferroni's inequality holds for any dependence between the measurements, which
//! may share training sets.

use diagrams::calculus::measure::Measure;
use diagrams::runtime::series::Prediction;
use diagrams::runtime::simulate::{Estimate, RateSummary, Simulated};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::error::ExperimentError;
use crate::experiment::not_finite_as_null;

/// The probability with which a band contains all true means.
pub const CONFIDENCE: f64 = 0.95;

/// A mean over trials, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The mean over the trials that did not diverge; NaN if there are none.
    #[serde(with = "not_finite_as_null")]
    pub mean: f64,
    /// The standard error of the mean; NaN if fewer than two trials did not diverge.
    #[serde(with = "not_finite_as_null")]
    pub standard_error: f64,
    /// The number of trials that did not diverge.
    pub trials: usize,
    /// The number of trials that ended with a number that is NaN or infinite.
    pub diverged: usize,
}

impl Mean {
    /// The mean of a measure at one learning rate, from a simulation that was summarized.
    ///
    /// # Errors
    /// [`ExperimentError::Other`] if the simulation did not measure it.
    pub fn of_rate(rate: &RateSummary, measure: Measure) -> Result<Self, ExperimentError> {
        let estimate = rate
            .estimate(measure)
            .ok_or_else(|| ExperimentError::Other(format!("the {measure} was not measured")))?;
        Ok(Mean::new(estimate, rate.diverged()))
    }

    /// For each learning rate, the mean over trials of the test loss of `one` minus that of `other`. Trials with the same index must have the same
    /// training set.
    pub fn differences(one: &Simulated, other: &Simulated) -> Vec<Mean> {
        let rates = one.rates.iter().zip(&other.rates);
        rates
            .map(|(one, other)| {
                let pairs = one.outcomes.iter().zip(&other.outcomes);
                Mean::of(pairs.map(|(one, other)| one.test_loss - other.test_loss))
            })
            .collect()
    }

    /// A mean from an estimate of the simulator, and the number of trials that diverged.
    pub fn new(estimate: Estimate, diverged: usize) -> Self {
        Mean {
            mean: estimate.mean,
            standard_error: estimate.standard_error,
            trials: estimate.trials,
            diverged,
        }
    }

    /// The mean of the finite numbers. Those that are NaN or infinite count as diverged.
    pub fn of(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let finite = numbers.clone().filter(|number| number.is_finite());
        let trials = finite.clone().count();
        let mean = finite.clone().sum::<f64>() / trials as f64;
        let squares: f64 = finite.map(|number| (number - mean).powi(2)).sum();
        Mean {
            mean,
            standard_error: (squares / (trials as f64 - 1.0) / trials as f64).sqrt(),
            trials,
            diverged: numbers.count() - trials,
        }
    }

    /// Half the width of the interval around this mean in a simultaneous band of `together` intervals. It is NaN if trials diverged, because the mean of the others does not estimate an
    /// expectation, or if there are fewer than two trials.
    pub fn half_band(&self, together: usize) -> f64 {
        match self.diverged {
            0 => quantile(self.trials, together) * self.standard_error,
            _ => f64::NAN,
        }
    }

    /// Half the width of the interval around the difference between this mean and a prediction, which may have an error of its own, as [`Mean::half_band`]. The degrees of freedom of both errors
    /// together are those of Welch and Satterthwaite.
    pub fn half_band_beside(&self, prediction: &Prediction, together: usize) -> f64 {
        let Some(freedom) = prediction.degrees_of_freedom else {
            return self.half_band(together);
        };
        let own = (self.standard_error, self.trials.saturating_sub(1));
        let errors = [own, (prediction.standard_error, freedom)];
        let variance: f64 = errors.iter().map(|(error, _)| error.powi(2)).sum();
        if self.diverged > 0 {
            f64::NAN
        } else if variance == 0.0 {
            0.0
        } else {
            let each = errors.map(|(error, freedom)| error.powi(4) / freedom as f64);
            quantile_of(variance.powi(2) / each.iter().sum::<f64>(), together) * variance.sqrt()
        }
    }
}

/// The two-sided quantile of Student's t distribution for one interval in a simultaneous band of `together` intervals; NaN if there are fewer than
/// two trials.
pub fn quantile(trials: usize, together: usize) -> f64 {
    quantile_of(trials.saturating_sub(1) as f64, together)
}

/// The same quantile for so many degrees of freedom; NaN if they are not positive.
fn quantile_of(freedom: f64, together: usize) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| {
        student.inverse_cdf(1.0 - (1.0 - CONFIDENCE) / (2.0 * together as f64))
    })
}
