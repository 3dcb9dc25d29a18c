//! The weights at which trials end, and their means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    mean: Vec<f64>,
    /// The sums of squared deviations from the mean.
    squares: Vec<f64>,
    each: Vec<TrialWeights>,
}

impl Gathered {
    /// The weights of no trials.
    pub(super) fn nothing(dimension: usize) -> Self {
        Gathered {
            trials: 0,
            diverged: 0,
            mean: vec![0.0; dimension],
            squares: vec![0.0; dimension],
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
        let mut gathered = Gathered::nothing(dimension);
        let outcomes = &block.outcomes[kept.rate];
        let trials = block.trials().zip(weights.chunks_exact(dimension));
        for ((trial, theta), outcome) in trials.zip(outcomes) {
            if !measured.is_finite(outcome) || !theta.iter().all(|weight| weight.is_finite()) {
                gathered.diverged += 1;
                continue;
            }
            // The recursion of Welford (1962).
            gathered.trials += 1;
            let share = 1.0 / gathered.trials as f64;
            let moments = gathered.mean.iter_mut().zip(&mut gathered.squares);
            for ((mean, squares), weight) in moments.zip(theta) {
                let before = weight - *mean;
                *mean += before * share;
                *squares += before * (weight - *mean);
            }
            if kept.each {
                gathered.each.push(TrialWeights {
                    trial,
                    theta: theta.to_vec(),
                });
            }
        }
        gathered
    }

    /// Returns the weights of both, of which `later` has the later trials, by the update formula of Chan, Golub and `LeVeque` (1979).
    pub(super) fn merge(mut self, later: Self) -> Self {
        let trials = self.trials + later.trials;
        if later.trials > 0 {
            let share = later.trials as f64 / trials as f64;
            let weight = share * self.trials as f64;
            let moments = self.mean.iter_mut().zip(&mut self.squares);
            for ((mean, squares), (other, others)) in
                moments.zip(later.mean.iter().zip(&later.squares))
            {
                let apart = other - *mean;
                *mean += apart * share;
                *squares += others + apart * apart * weight;
            }
        }
        self.trials = trials;
        self.diverged += later.diverged;
        self.each.extend(later.each);
        self
    }

    pub(super) fn finish(self, eta: f64) -> FinalWeights {
        let count = self.trials as f64;
        let mean = self.mean.into_iter().map(|mean| match self.trials {
            0 => f64::NAN,
            _ => mean,
        });
        let standard_error = self.squares.into_iter().map(|squares| match self.trials {
            0 | 1 => f64::NAN,
            _ => (squares / (count - 1.0) / count).sqrt(),
        });
        FinalWeights {
            eta,
            trials: self.trials,
            diverged: self.diverged,
            mean: mean.collect(),
            standard_error: standard_error.collect(),
            each: self.each,
        }
    }
}
