//! Averages without the outcomes that they are averages of.

use diagram_calculus::measure::Measure;

use super::estimate::{Estimate, Moments};
use super::outcome::{Measured, Outcome};
use super::{Simulation, TrialBlock};

/// What a simulation measured, in memory that does not depend on the number of trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// How many trials were asked for.
    pub requested: usize,
    /// How many trials finished: all, unless the simulation was cancelled.
    pub finished: usize,
    /// For each learning rate, in the given order.
    pub rates: Vec<RateSummary>,
}

/// What was measured at one learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateSummary {
    /// η.
    pub eta: f64,
    diverged: usize,
    moments: Vec<(Measure, Moments)>,
}

impl Summary {
    pub(super) fn of<T>(
        simulation: &Simulation<'_, T>,
        measured: &Measured,
        block: &TrialBlock,
    ) -> Self {
        let rates = simulation.etas.iter().zip(&block.outcomes);
        Summary {
            requested: simulation.trials,
            finished: block.trials().len(),
            rates: rates
                .map(|(&eta, outcomes)| RateSummary::of(eta, outcomes, measured))
                .collect(),
        }
    }

    /// Of no trials.
    pub(super) fn empty<T>(simulation: &Simulation<'_, T>, measured: &Measured) -> Self {
        let block = TrialBlock {
            first: 0,
            outcomes: vec![vec![]; simulation.etas.len()],
        };
        Summary::of(simulation, measured, &block)
    }

    /// Of all trials of both, which are summaries of the same simulation.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.finished += other.finished;
        for (rate, other) in self.rates.iter_mut().zip(other.rates) {
            rate.diverged += other.diverged;
            for ((_, moments), (_, other)) in rate.moments.iter_mut().zip(other.moments) {
                *moments = moments.merge(other);
            }
        }
        self
    }
}

impl RateSummary {
    fn of(eta: f64, outcomes: &[Outcome], measured: &Measured) -> Self {
        let converged = measured.converged(outcomes);
        RateSummary {
            eta,
            diverged: outcomes.len() - converged.clone().count(),
            moments: measured
                .measures()
                .map(|measure| {
                    let values = converged.clone().map(|outcome| outcome.value(measure));
                    (measure, Moments::of(values))
                })
                .collect(),
        }
    }

    /// The average of a measure over the trials that did not diverge, for the displacement its component along the probe; `None` if the
    /// simulation did not measure it.
    ///
    /// Where trials [diverged](Self::diverged), the mean over the others is not the expectation.
    pub fn estimate(&self, measure: Measure) -> Option<Estimate> {
        self.moments(measure).map(Moments::estimate)
    }

    /// The least and the greatest value of a measure among the trials that did not diverge; `None` if there are no such trials, or the simulation
    /// did not measure it.
    pub fn range(&self, measure: Measure) -> Option<(f64, f64)> {
        self.moments(measure)?.range()
    }

    /// How many trials measured something that is NaN or infinite.
    pub fn diverged(&self) -> usize {
        self.diverged
    }

    fn moments(&self, measure: Measure) -> Option<&Moments> {
        let (_, moments) = self.moments.iter().find(|(kept, _)| *kept == measure)?;
        Some(moments)
    }
}
