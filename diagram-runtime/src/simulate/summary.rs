//! Averages over trials whose outcomes are not kept.

use diagram_calculus::measure::Measure;

use super::control_variates::{ControlVariates, Explained};
use super::draw::training_set;
use super::estimate::{Estimate, Moments};
use super::outcome::{Measures, Outcome};
use super::{Simulation, TrialBlock};
use crate::scalar::Element;
use crate::warning::Warning;

/// The averages of a simulation, in memory that does not depend on the number of trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The number of trials that were asked for.
    pub requested: usize,
    /// The number of trials that finished: all trials unless the simulation was cancelled.
    pub finished: usize,
    /// The averages at each learning rate, in the order of [`Simulation::etas`].
    pub rates: Vec<RateSummary>,
    /// What to know when the averages are compared with predictions.
    pub warnings: Vec<Warning>,
}

/// The averages at one learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateSummary {
    /// The learning rate η.
    pub eta: f64,
    diverged: usize,
    moments: Vec<(Measure, Moments)>,
    /// The moments of what control variates leave, if there are any.
    controlled: Vec<(Measure, Moments)>,
}

impl Summary {
    pub(super) fn of<T: Element>(
        simulation: &Simulation<'_, T>,
        measured: &Measures,
        block: &TrialBlock,
        controls: Option<&ControlVariates>,
    ) -> Self {
        let rates = simulation.etas.iter().zip(&block.outcomes);
        let explained: Option<Vec<Explained>> = controls.map(|controls| {
            let trials = block.trials();
            trials
                .map(|trial| controls.explained(&training_set(simulation, trial)))
                .collect()
        });
        Summary {
            requested: simulation.trials,
            finished: block.trials().len(),
            rates: rates
                .map(|(&eta, outcomes)| {
                    RateSummary::of(eta, outcomes, measured, explained.as_deref())
                })
                .collect(),
            warnings: Warning::about(simulation.landscape.is_piecewise()),
        }
    }

    /// The summary of no trials.
    pub(super) fn empty<T: Element>(
        simulation: &Simulation<'_, T>,
        measured: &Measures,
        controls: Option<&ControlVariates>,
    ) -> Self {
        let block = TrialBlock {
            first: 0,
            outcomes: vec![vec![]; simulation.etas.len()],
        };
        Summary::of(simulation, measured, &block, controls)
    }

    /// Returns the summary of the trials of both, which must be summaries of the same simulation.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.finished += other.finished;
        for (rate, other) in self.rates.iter_mut().zip(other.rates) {
            rate.diverged += other.diverged;
            let plain = rate.moments.iter_mut().zip(other.moments);
            let controlled = rate.controlled.iter_mut().zip(other.controlled);
            for ((_, moments), (_, other)) in plain.chain(controlled) {
                *moments = moments.merge(other);
            }
        }
        self
    }
}

impl RateSummary {
    fn of(
        eta: f64,
        outcomes: &[Outcome],
        measured: &Measures,
        explained: Option<&[Explained]>,
    ) -> Self {
        let converged = measured.converged(outcomes);
        let controlled = explained.into_iter().flat_map(|explained| {
            let pairs = outcomes.iter().zip(explained);
            let pairs = pairs.filter(|(outcome, _)| measured.is_finite(outcome));
            measured.measures().map(move |measure| {
                let left = pairs.clone().map(move |(outcome, explained)| {
                    outcome.value(measure) - explained.at(measure, eta)
                });
                (measure, Moments::of(left))
            })
        });
        RateSummary {
            eta,
            diverged: outcomes.len() - converged.clone().count(),
            controlled: controlled.collect(),
            moments: measured
                .measures()
                .map(|measure| {
                    let values = converged.clone().map(|outcome| outcome.value(measure));
                    (measure, Moments::of(values))
                })
                .collect(),
        }
    }

    /// Returns the average of a measure over the trials that did not diverge, or `None` if the simulation did not measure it. For the displacement it
    /// is that of the component along the probe.
    ///
    /// If there are [control variates](ControlVariates) and they make the standard error smaller, it is the average of what they leave, which has the same expectation.
    ///
    /// If trials [diverged](Self::diverged), the mean over the others does not estimate the expectation.
    pub fn estimate(&self, measure: Measure) -> Option<Estimate> {
        let plain = self.uncontrolled(measure)?;
        let controlled = self.controlled.iter().find(|(kept, _)| *kept == measure);
        let controlled = controlled.map(|(_, moments)| moments.estimate());
        Some(match controlled {
            Some(controlled) if controlled.standard_error < plain.standard_error => controlled,
            _ => plain,
        })
    }

    /// Returns [`RateSummary::estimate`] as it is without control variates.
    pub fn uncontrolled(&self, measure: Measure) -> Option<Estimate> {
        self.moments(measure).map(Moments::estimate)
    }

    /// Returns the least and the greatest value of a measure among the trials that did not diverge, or `None` if there are no such trials or the
    /// simulation did not measure it.
    pub fn range(&self, measure: Measure) -> Option<(f64, f64)> {
        self.moments(measure)?.range()
    }

    /// Returns the number of trials with a measured number that is NaN or infinite.
    pub fn diverged(&self) -> usize {
        self.diverged
    }

    fn moments(&self, measure: Measure) -> Option<&Moments> {
        let (_, moments) = self.moments.iter().find(|(kept, _)| *kept == measure)?;
        Some(moments)
    }
}
