//! What a simulation refuses.

use super::{Optimizer, Schedule, Simulation, TestPoints};
use crate::device::DeviceError;
use crate::lanes::{InstructionSet, InstructionSetError};
use crate::samples::Samples;
use crate::scalar::Element;

/// A simulation that cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// Not P numbers.
    #[error("{what} has {found} numbers, but the landscape has {expected} weights")]
    Length {
        /// Initial weights or probe.
        what: &'static str,
        /// How many numbers there are.
        found: usize,
        /// P.
        expected: usize,
    },
    /// NaN or infinite.
    #[error("{what}[{index}] is not a finite number")]
    NotFinite {
        /// Initial weights or probe.
        what: &'static str,
        /// Where.
        index: usize,
    },
    /// Nothing to draw from.
    #[error("the population is empty")]
    EmptyPopulation,
    /// Data for another landscape.
    #[error("datapoints have {found} numbers, but the landscape wants {expected}")]
    Width {
        /// Numbers in a datapoint.
        found: usize,
        /// Numbers that the landscape reads.
        expected: usize,
    },
    /// A datapoint with a number that is NaN or infinite.
    #[error("number {column} of datapoint {row} is not finite")]
    Datapoint {
        /// Which datapoint.
        row: usize,
        /// Which of its numbers.
        column: usize,
    },
    /// No learning rates.
    #[error("no learning rate is given")]
    NoLearningRate,
    /// Zero, negative, NaN or infinite.
    #[error("the learning rate {eta} is not positive and finite")]
    LearningRate {
        /// η.
        eta: f64,
    },
    /// [`Optimizer::Gdc`] on less than the whole training set.
    #[error("gdc descends on all {train} training points at once, not on batches of {batch}")]
    NotFullBatch {
        /// B.
        batch: usize,
        /// N.
        train: usize,
    },
    /// [`Optimizer::Gdc`] on a training set without halves.
    #[error("gdc compares two halves of the training set, but {train} points have none")]
    NoHalves {
        /// N.
        train: usize,
    },
    /// [`Optimizer::Sde`] without sub-steps.
    #[error("the number of sub-steps of an sde must not be 0")]
    NoSubsteps,
    /// The [noiseless path](super::noiseless_path) left the finite numbers.
    #[error("gradient descent diverges: after step {step} weights are not finite")]
    Diverged {
        /// Which step, the first of which is 1.
        step: usize,
    },
    /// No trials.
    #[error("at least one trial is needed")]
    NoTrials,
    /// A subset of one point, or of more than there are.
    #[error(
        "{requested} test points: a subset needs from 2 to all {population} points of the population"
    )]
    TestPoints {
        /// Size of the subset.
        requested: usize,
        /// n.
        population: usize,
    },
    /// An instruction set that cannot be run.
    #[error(transparent)]
    InstructionSet(#[from] InstructionSetError),
    /// The device failed while it ran.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

pub(super) fn check<T: Element>(simulation: &Simulation<'_, T>) -> Result<(), SimulationError> {
    InstructionSet::detect()?;
    let (dimension, width) = simulation.landscape.sizes();
    check_vector("theta0", simulation.theta0, dimension)?;
    if let Some(probe) = simulation.probe {
        check_vector("probe", probe, dimension)?;
    }
    check_population(simulation.population, width)?;
    check_test_points(simulation)?;
    check_optimizer(simulation.optimizer, simulation.schedule)?;
    if simulation.etas.is_empty() {
        return Err(SimulationError::NoLearningRate);
    }
    simulation.etas.iter().try_for_each(|&eta| check_eta(eta))?;
    if simulation.trials == 0 {
        return Err(SimulationError::NoTrials);
    }
    Ok(())
}

pub(super) fn check_eta(eta: f64) -> Result<(), SimulationError> {
    if eta.is_finite() && eta > 0.0 {
        Ok(())
    } else {
        Err(SimulationError::LearningRate { eta })
    }
}

fn check_optimizer(optimizer: Optimizer, schedule: Schedule) -> Result<(), SimulationError> {
    let (train, batch) = (schedule.train(), schedule.batch());
    match optimizer {
        Optimizer::Gdc if batch != train => Err(SimulationError::NotFullBatch { batch, train }),
        Optimizer::Gdc if !train.is_multiple_of(2) => Err(SimulationError::NoHalves { train }),
        Optimizer::Sde { substeps: 0 } => Err(SimulationError::NoSubsteps),
        Optimizer::Sgd | Optimizer::Gdc | Optimizer::Sde { .. } | Optimizer::Ode => Ok(()),
    }
}

pub(super) fn check_vector<T: Element>(
    what: &'static str,
    vector: &[T],
    expected: usize,
) -> Result<(), SimulationError> {
    if vector.len() != expected {
        return Err(SimulationError::Length {
            what,
            found: vector.len(),
            expected,
        });
    }
    match vector.iter().position(|number| !number.is_finite()) {
        Some(index) => Err(SimulationError::NotFinite { what, index }),
        None => Ok(()),
    }
}

pub(super) fn check_population<T: Element>(
    population: &Samples<T>,
    expected: usize,
) -> Result<(), SimulationError> {
    if population.is_empty() {
        return Err(SimulationError::EmptyPopulation);
    }
    if population.width() != expected {
        return Err(SimulationError::Width {
            found: population.width(),
            expected,
        });
    }
    for row in 0..population.len() {
        // All of a row first, which is fast; where, only if it must be said.
        let numbers = population.row(row);
        let finite = numbers
            .iter()
            .fold(true, |finite, number| finite & number.is_finite());
        if let (false, Some(column)) = (finite, numbers.iter().position(|x| !x.is_finite())) {
            return Err(SimulationError::Datapoint { row, column });
        }
    }
    Ok(())
}

fn check_test_points<T: Element>(simulation: &Simulation<'_, T>) -> Result<(), SimulationError> {
    let population = simulation.population;
    match simulation.test_points {
        TestPoints::Subset(requested) if !(2..=population.len()).contains(&requested) => {
            Err(SimulationError::TestPoints {
                requested,
                population: population.len(),
            })
        }
        _ => Ok(()),
    }
}
