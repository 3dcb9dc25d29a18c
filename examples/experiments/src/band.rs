//! Measured means with bands that hold together.
//!
//! A band is simultaneous: with probability at least 95% it holds the true means of *all* k measurements. Each of them gets an interval of
//! level 1 - 0.05/k (Bonferroni; it holds whatever the dependence between measurements, which may share training sets), from Student's t
//! distribution.

use diagrams::calculus::measure::Measure;
use diagrams::runtime::simulate::{Estimate, RateSummary, Simulated};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::error::ExperimentError;
use crate::experiment::not_finite_as_null;

/// Probability that a band holds all true means.
pub const CONFIDENCE: f64 = 0.95;

/// A mean over trials.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// Of the trials that did not diverge; NaN if there are none.
    #[serde(with = "not_finite_as_null")]
    pub mean: f64,
    /// Standard error of the mean; NaN if there are fewer than two trials.
    #[serde(with = "not_finite_as_null")]
    pub standard_error: f64,
    /// Trials that did not diverge.
    pub trials: usize,
    /// Trials that ended with a number that is NaN or infinite.
    pub diverged: usize,
}

impl Mean {
    /// The average of a measure at one learning rate.
    ///
    /// # Errors
    /// [`ExperimentError::Other`] if the measure was not asked for.
    pub fn of_rate(rate: &RateSummary, measure: Measure) -> Result<Self, ExperimentError> {
        let estimate = rate
            .estimate(measure)
            .ok_or_else(|| ExperimentError::Other(format!("the {measure} was not measured")))?;
        Ok(Mean::new(estimate, rate.diverged()))
    }

    /// The mean over trials, at each learning rate, of the difference in test loss between two runs on the same training sets.
    pub fn differences(one: &Simulated, other: &Simulated) -> Vec<Mean> {
        let rates = one.rates.iter().zip(&other.rates);
        rates
            .map(|(one, other)| {
                let pairs = one.outcomes.iter().zip(&other.outcomes);
                Mean::of(pairs.map(|(one, other)| one.test_loss - other.test_loss))
            })
            .collect()
    }

    /// From an average of the simulator's, and the number of trials that it leaves out.
    pub fn new(estimate: Estimate, diverged: usize) -> Self {
        Mean {
            mean: estimate.mean,
            standard_error: estimate.standard_error,
            trials: estimate.trials,
            diverged,
        }
    }

    /// Of numbers of which those that are NaN or infinite count as diverged.
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

    /// How many standard errors wide half an interval is that holds together with others, `together` in all; NaN where trials diverged, as
    /// their mean is no expectation then, or where there are fewer than two.
    pub fn quantile(&self, together: usize) -> f64 {
        match self.diverged {
            0 => quantile(self.trials, together),
            _ => f64::NAN,
        }
    }
}

/// Of Student's t distribution, two-sided, for one of `together` intervals that hold together; NaN for fewer than two trials.
pub fn quantile(trials: usize, together: usize) -> f64 {
    let freedom = trials.saturating_sub(1) as f64;
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| {
        student.inverse_cdf(1.0 - (1.0 - CONFIDENCE) / (2.0 * together as f64))
    })
}
