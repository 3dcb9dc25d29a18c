//! The weights at which trials end, and their means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::estimate::Moments;
use super::outcome::{Measures, TrialBlock};
use crate::checkpoint::{self, CheckpointError, Format};
use crate::networks::Network;

/// The final weights that a simulation keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptWeights {
    /// The index of the learning rate in [`Simulation::etas`](super::Simulation::etas).
    pub rate: usize,
    /// Whether the weights of each trial are kept, 8 P bytes for each, and not only their mean.
    pub each: bool,
}

/// The weights θ at which trials end at one learning rate. They are displacements of θ from the start that no probe has to be chosen for.
#[derive(Clone, Debug, PartialEq)]
pub struct FinalWeights {
    /// The learning rate η.
    pub eta: f64,
    /// The number of trials that the mean is over: those that finished and did not diverge.
    pub trials: usize,
    /// The number of trials that finished with a weight or a measured number that is NaN or infinite.
    pub diverged: usize,
    /// The mean of θ over the trials, P numbers. They are NaN if there are no trials.
    ///
    /// It is the same bits on any number of threads. If trials diverged, the mean over the others does not estimate the expectation.
    pub mean: Vec<f64>,
    /// The standard errors of the mean, P numbers. They are NaN if there are fewer than two trials.
    pub standard_error: Vec<f64>,
    /// The weights of each of these trials in ascending order, if they were asked for.
    pub each: Vec<TrialWeights>,
}

/// The weights at which a trial ends.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialWeights {
    /// The number of the trial.
    pub trial: usize,
    /// θ: P finite numbers.
    pub theta: Vec<f64>,
}

impl FinalWeights {
    /// Writes the mean weights of a network as the start of other runs: [`checkpoint::load`] and the `--theta` of programs read the file. Safetensors have η
    /// and the number of trials as their metadata. A file of the same name is replaced.
    ///
    /// # Errors
    /// As [`checkpoint::save`]; [`CheckpointError::NotFinite`] if there are no trials.
    pub fn save_mean(
        &self,
        path: impl AsRef<Path>,
        network: &Network,
        format: Format,
    ) -> Result<(), CheckpointError> {
        let about = BTreeMap::from([
            ("eta".into(), self.eta.to_string()),
            ("mean_over_trials".into(), self.trials.to_string()),
        ]);
        checkpoint::save(path, network, &self.mean, format, &about)
    }

    /// Writes the weights of each trial that was kept to a file of its own in a folder that is there, such as `trial_7.safetensors`, and returns the paths. Files
    /// of the same names are replaced.
    ///
    /// # Errors
    /// As [`checkpoint::save`]. Files that were written before an error stay.
    pub fn save_each(
        &self,
        folder: impl AsRef<Path>,
        network: &Network,
        format: Format,
    ) -> Result<Vec<PathBuf>, CheckpointError> {
        self.each
            .iter()
            .map(|TrialWeights { trial, theta }| {
                let path = folder
                    .as_ref()
                    .join(format!("trial_{trial}.{}", format.ending()));
                let about = BTreeMap::from([
                    ("eta".into(), self.eta.to_string()),
                    ("trial".into(), trial.to_string()),
                ]);
                checkpoint::save(&path, network, theta, format, &about)?;
                Ok(path)
            })
            .collect()
    }
}

/// The weights of some trials at a kept learning rate, from which those of all trials are merged.
pub(super) struct Gathered {
    trials: usize,
    diverged: usize,
    /// The moments of each weight.
    moments: Vec<Moments>,
    each: Vec<TrialWeights>,
}

impl Gathered {
    /// The weights of no trials.
    pub(super) fn nothing(dimension: usize) -> Self {
        Gathered {
            trials: 0,
            diverged: 0,
            moments: vec![Moments::of(std::iter::empty()); dimension],
            each: vec![],
        }
    }

    /// The weights of a block of trials at a kept learning rate, P numbers for each trial.
    pub(super) fn of(
        kept: KeptWeights,
        block: &TrialBlock,
        weights: &[f64],
        dimension: usize,
        measured: &Measures,
    ) -> Self {
        let outcomes = &block.outcomes[kept.rate];
        let trials = block.trials().zip(weights.chunks_exact(dimension));
        let ended: Vec<(usize, &[f64])> = trials
            .zip(outcomes)
            .filter(|((_, theta), outcome)| {
                measured.is_finite(outcome) && theta.iter().all(|weight| weight.is_finite())
            })
            .map(|(trial, _)| trial)
            .collect();
        let each = |&(trial, theta): &(usize, &[f64])| TrialWeights {
            trial,
            theta: theta.to_vec(),
        };
        Gathered {
            trials: ended.len(),
            diverged: outcomes.len() - ended.len(),
            moments: (0..dimension)
                .map(|at| Moments::of(ended.iter().map(|(_, theta)| theta[at])))
                .collect(),
            each: if kept.each {
                ended.iter().map(each).collect()
            } else {
                vec![]
            },
        }
    }

    /// Returns the weights of both, of which `later` has the later trials.
    pub(super) fn merge(mut self, later: Self) -> Self {
        for (moments, later) in self.moments.iter_mut().zip(later.moments) {
            *moments = moments.merge(later);
        }
        self.trials += later.trials;
        self.diverged += later.diverged;
        self.each.extend(later.each);
        self
    }

    pub(super) fn finish(self, eta: f64) -> FinalWeights {
        let estimates = self.moments.iter().map(Moments::estimate);
        let (mean, standard_error) = estimates
            .map(|estimate| (estimate.mean, estimate.standard_error))
            .unzip();
        FinalWeights {
            eta,
            trials: self.trials,
            diverged: self.diverged,
            mean,
            standard_error,
            each: self.each,
        }
    }
}
