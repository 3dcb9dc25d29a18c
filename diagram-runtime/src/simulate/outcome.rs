//! What trials measured.

use diagram_calculus::measure::Measure;

use super::estimate::{Estimate, Moments};
use super::{Simulation, TestPoints, TrialBlock};

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
    measured: Measured,
}

impl Simulated {
    pub(super) fn new<T>(simulation: &Simulation<'_, T>, finished: &[TrialBlock]) -> Self {
        let measured = Measured::new(simulation);
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
        }
    }
}

impl RateResult {
    /// The average of a measure over the trials that did not diverge, for the displacement its component along the probe; `None` if the
    /// simulation did not measure it.
    ///
    /// Where trials [diverged](Self::diverged), the mean over the others is not the expectation.
    pub fn estimate(&self, measure: Measure) -> Option<Estimate> {
        let converged = self.measured.converged(&self.outcomes);
        self.measured
            .measures()
            .any(|measured| measured == measure)
            .then(|| Moments::of(converged.map(|outcome| outcome.value(measure))).estimate())
    }

    /// How many trials measured something that is NaN or infinite.
    pub fn diverged(&self) -> usize {
        self.outcomes.len() - self.measured.converged(&self.outcomes).count()
    }
}

/// What a simulation measures.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measured(Vec<Measure>);

impl Measured {
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
        Measured(measures.into_iter().filter_map(measured).collect())
    }

    pub(super) fn measures(&self) -> impl Iterator<Item = Measure> {
        self.0.iter().copied()
    }

    /// The outcomes of trials that did not diverge: all that was measured is finite.
    pub(super) fn converged<'a>(
        &'a self,
        outcomes: &'a [Outcome],
    ) -> impl Iterator<Item = &'a Outcome> + Clone {
        outcomes.iter().filter(|outcome| {
            self.measures()
                .all(|measure| outcome.value(measure).is_finite())
        })
    }
}
