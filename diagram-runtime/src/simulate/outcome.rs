//! What trials measured, and averages over them.

use diagram_calculus::measure::Measure;

use super::{Simulation, TestPoints};
use crate::scalar::Element;

/// What one trial measured at one learning rate. NaN where a number was not asked for, NaN or infinite where the trial diverged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Mean loss of the final weights over the population.
    pub test_loss: f64,
    /// Its square (for a subset of test points, an unbiased estimate of it).
    pub test_loss_squared: f64,
    /// Mean loss of the final weights over the training set.
    pub train_loss: f64,
    /// Displacement of the weights along the probe.
    pub displacement: f64,
}

impl Outcome {
    pub(super) const NOTHING: Outcome = Outcome {
        test_loss: f64::NAN,
        test_loss_squared: f64::NAN,
        train_loss: f64::NAN,
        displacement: f64::NAN,
    };

    /// The number that belongs to a measure; for the displacement, its component along the probe.
    pub fn value(&self, measure: Measure) -> f64 {
        match measure {
            Measure::TestLoss => self.test_loss,
            Measure::TrainLoss => self.train_loss,
            Measure::GeneralizationGap => self.test_loss - self.train_loss,
            Measure::Displacement => self.displacement,
            Measure::SecondMoment => self.test_loss_squared,
        }
    }
}

/// An average over trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean; NaN if there are no trials.
    pub mean: f64,
    /// Standard error of the mean; NaN if there are fewer than two trials.
    pub standard_error: f64,
    /// Number of trials averaged over: those that did not diverge.
    pub trials: usize,
}

impl Estimate {
    fn over(values: impl Iterator<Item = f64> + Clone) -> Self {
        let trials = values.clone().count();
        let mean = values.clone().sum::<f64>() / trials as f64;
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        let standard_error = if trials < 2 {
            f64::NAN
        } else {
            (squares / (trials - 1) as f64 / trials as f64).sqrt()
        };
        Estimate {
            mean,
            standard_error,
            trials,
        }
    }
}

/// What a simulation measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// How many trials were asked for.
    pub requested: usize,
    /// The numbers of the trials that finished, ascending: all, unless the simulation was cancelled.
    pub trials: Vec<usize>,
    /// For each learning rate, in the given order.
    pub rates: Vec<RateResult>,
}

/// What was measured at one learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateResult {
    /// η.
    pub eta: f64,
    /// One for each finished trial, in the order of [`Simulated::trials`].
    pub outcomes: Vec<Outcome>,
    measures: Vec<Measure>,
}

impl Simulated {
    pub(super) fn new<T: Element>(
        simulation: &Simulation<'_, T>,
        finished: &[(usize, Vec<Outcome>)],
    ) -> Self {
        let measures = measures(simulation);
        let rate = |(at, &eta): (usize, &f64)| RateResult {
            eta,
            outcomes: finished.iter().map(|(_, outcomes)| outcomes[at]).collect(),
            measures: measures.clone(),
        };
        Simulated {
            requested: simulation.trials,
            rates: simulation.etas.iter().enumerate().map(rate).collect(),
            trials: finished.iter().map(|(trial, _)| *trial).collect(),
        }
    }
}

fn measures<T>(simulation: &Simulation<'_, T>) -> Vec<Measure> {
    let test = simulation.test_points != TestPoints::None;
    [
        (Measure::TestLoss, test),
        (Measure::TrainLoss, simulation.train_loss),
        (Measure::GeneralizationGap, test && simulation.train_loss),
        (Measure::Displacement, simulation.probe.is_some()),
        (Measure::SecondMoment, test),
    ]
    .into_iter()
    .filter_map(|(measure, measured)| measured.then_some(measure))
    .collect()
}

impl RateResult {
    /// The average of a measure over the trials that did not diverge, for the displacement its component along the probe; `None` if the
    /// simulation did not measure it.
    ///
    /// Where trials [diverged](Self::diverged), the mean over the others is not the expectation.
    pub fn estimate(&self, measure: Measure) -> Option<Estimate> {
        let converged = self
            .outcomes
            .iter()
            .filter(|outcome| self.is_finite(outcome));
        self.measures
            .contains(&measure)
            .then(|| Estimate::over(converged.map(|outcome| outcome.value(measure))))
    }

    /// How many trials measured something that is NaN or infinite.
    pub fn diverged(&self) -> usize {
        self.outcomes
            .iter()
            .filter(|outcome| !self.is_finite(outcome))
            .count()
    }

    fn is_finite(&self, outcome: &Outcome) -> bool {
        self.measures
            .iter()
            .all(|&measure| outcome.value(measure).is_finite())
    }
}
