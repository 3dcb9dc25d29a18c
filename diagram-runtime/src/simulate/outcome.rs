//! The outcomes of trials.

use std::ops::Range;

use diagram_calculus::measure::Measure;

use super::estimate::{Estimate, Moments};
use super::{Simulation, TestPoints};
use crate::scalar::Element;
use crate::warning::Warning;

/// The outcome of one trial at one learning rate. A number is NaN if it was not asked for, and NaN or infinite if the trial diverged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The mean loss over the population at the final weights.
    pub test_loss: f64,
    /// The square of the test loss; for a subset of test points, an unbiased estimate of it.
    pub test_loss_squared: f64,
    /// The mean loss over the training set at the final weights.
    pub train_loss: f64,
    /// The displacement of the weights along the probe: `probe · (θ_T - θ_0)`.
    pub displacement: f64,
}

/// Consecutive trials that were run together, one in each SIMD lane.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialBlock {
    /// The number of the first trial.
    pub first: usize,
    /// The outcomes of the trials, indexed `[learning rate][trial]`, in the order of [`Simulation::etas`].
    pub outcomes: Vec<Vec<Outcome>>,
}

impl TrialBlock {
    /// Returns the numbers of the trials.
    pub fn trials(&self) -> Range<usize> {
        self.first..self.first + self.outcomes.first().map_or(0, Vec::len)
    }
}

impl Outcome {
    /// Nothing was measured.
    #[doc(hidden)]
    pub const NOTHING: Outcome = Outcome {
        test_loss: f64::NAN,
        test_loss_squared: f64::NAN,
        train_loss: f64::NAN,
        displacement: f64::NAN,
    };

    /// Returns the number for a measure. For the displacement it is the component along the probe.
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

/// The outcomes of a simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// The number of trials that were asked for.
    pub requested: usize,
    /// The numbers of the trials that finished, in ascending order. They are all trials unless the simulation was cancelled.
    pub trials: Vec<usize>,
    /// The outcomes at each learning rate, in the order of [`Simulation::etas`].
    pub rates: Vec<RateResult>,
    /// What to know when the outcomes are compared with predictions.
    pub warnings: Vec<Warning>,
}

/// The outcomes at one learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateResult {
    /// The learning rate η.
    pub eta: f64,
    /// The outcomes of the finished trials, in the order of [`Simulated::trials`].
    pub outcomes: Vec<Outcome>,
    measured: Measures,
}

impl Simulated {
    pub(super) fn new<T: Element>(simulation: &Simulation<'_, T>, finished: &[TrialBlock]) -> Self {
        let measured = Measures::new(simulation);
        let outcomes = |at: usize| finished.iter().flat_map(move |block| &block.outcomes[at]);
        let rate = |(at, &eta): (usize, &f64)| RateResult {
            eta,
            outcomes: outcomes(at).copied().collect(),
            measured: measured.clone(),
        };
        Simulated {
            requested: simulation.trials,
            rates: simulation.etas.iter().enumerate().map(rate).collect(),
            trials: finished.iter().flat_map(TrialBlock::trials).collect(),
            warnings: Warning::about(simulation.landscape.is_piecewise()),
        }
    }
}

impl RateResult {
    /// Returns the average of a measure over the trials that did not diverge, or `None` if the simulation did not measure it. For the displacement it
    /// is that of the component along the probe.
    ///
    /// If trials [diverged](Self::diverged), the mean over the others does not estimate the expectation.
    pub fn estimate(&self, measure: Measure) -> Option<Estimate> {
        let converged = self.measured.converged(&self.outcomes);
        self.measured
            .measures()
            .any(|measured| measured == measure)
            .then(|| Moments::of(converged.map(|outcome| outcome.value(measure))).estimate())
    }

    /// Returns the number of trials with a measured number that is NaN or infinite.
    pub fn diverged(&self) -> usize {
        self.outcomes.len() - self.measured.converged(&self.outcomes).count()
    }
}

/// The measures of a simulation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measures(Vec<Measure>);

impl Measures {
    pub(super) fn new<T>(simulation: &Simulation<'_, T>) -> Self {
        let test = simulation.test_points != TestPoints::None;
        let measures = [
            (Measure::TestLoss, test),
            (Measure::TrainLoss, simulation.train_loss),
            (Measure::GeneralizationGap, test && simulation.train_loss),
            (Measure::Displacement, simulation.probe.is_some()),
            (Measure::SecondMoment, test),
        ];
        let measured = |(measure, measured): (_, bool)| measured.then_some(measure);
        Measures(measures.into_iter().filter_map(measured).collect())
    }

    pub(super) fn measures(&self) -> impl Iterator<Item = Measure> {
        self.0.iter().copied()
    }

    /// Returns the outcomes of the trials that did not diverge: those whose measured numbers are all finite.
    pub(super) fn converged<'a>(
        &'a self,
        outcomes: &'a [Outcome],
    ) -> impl Iterator<Item = &'a Outcome> + Clone {
        outcomes.iter().filter(|outcome| self.is_finite(outcome))
    }

    /// Returns whether all measured numbers of a trial are finite.
    pub(super) fn is_finite(&self, outcome: &Outcome) -> bool {
        self.measures()
            .all(|measure| outcome.value(measure).is_finite())
    }
}
