//! The errors of simulations, and the checks that give them.

use super::{Optimizer, Schedule, Simulation, TestPoints};
use crate::device::DeviceError;
use crate::lanes::{InstructionSet, InstructionSetError};
use crate::samples::Samples;
use crate::scalar::Element;

/// The reason why a simulation cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// A vector does not have P numbers.
    #[error("{what} has {found} numbers, but the landscape has {expected} weights")]
    Length {
        /// The vector: the initial weights or the probe.
        what: &'static str,
        /// The length of the vector.
        found: usize,
        /// The number P of weights.
        expected: usize,
    },
    /// A number of a vector is NaN or infinite.
    #[error("{what}[{index}] is not a finite number")]
    NotFinite {
        /// The vector: the initial weights or the probe.
        what: &'static str,
        /// The index of the number in the vector.
        index: usize,
    },
    /// The population is empty.
    #[error("the population is empty")]
    EmptyPopulation,
    /// The datapoints do not have as many numbers as the landscape reads.
    #[error("datapoints have {found} numbers, but the landscape wants {expected}")]
    Width {
        /// The number of numbers in a datapoint.
        found: usize,
        /// The number of numbers that the landscape reads.
        expected: usize,
    },
    /// A number of a datapoint is NaN or infinite.
    #[error("number {column} of datapoint {row} is not finite")]
    Datapoint {
        /// The index of the datapoint.
        row: usize,
        /// The index of the number in the datapoint.
        column: usize,
    },
    /// There are no learning rates.
    #[error("no learning rate is given")]
    NoLearningRate,
    /// A learning rate is zero, negative, NaN or infinite.
    #[error("the learning rate {eta} is not positive and finite")]
    LearningRate {
        /// The learning rate η.
        eta: f64,
    },
    /// [`Optimizer::Gdc`] was asked for with batches that are smaller than the training set.
    #[error("gdc descends on all {train} training points at once, not on batches of {batch}")]
    NotFullBatch {
        /// The number B of points in a batch.
        batch: usize,
        /// The number N of training points.
        train: usize,
    },
    /// [`Optimizer::Gdc`] was asked for with an odd number of training points.
    #[error("gdc compares two halves of the training set, but {train} points have none")]
    NoHalves {
        /// The number N of training points.
        train: usize,
    },
    /// [`Optimizer::Sde`] was asked for without sub-steps.
    #[error("the number of sub-steps of an sde must not be 0")]
    NoSubsteps,
    /// A weight on the [noiseless path](super::noiseless_path) is infinite or NaN.
    #[error("gradient descent diverges: after step {step} weights are not finite")]
    Diverged {
        /// The number of the step after which this is found; the first step is 1.
        step: usize,
    },
    /// The number of trials is 0.
    #[error("at least one trial is needed")]
    NoTrials,
    /// A subset has fewer than two test points, or more than there are points in the population.
    #[error(
        "{requested} test points: a subset needs from 2 to all {population} points of the population"
    )]
    TestPoints {
        /// The number of points in the subset.
        requested: usize,
        /// The number n of points in the population.
        population: usize,
    },
    /// No kernel can be run, because its instruction set cannot be used.
    #[error(transparent)]
    InstructionSet(#[from] InstructionSetError),
    /// The device failed while the simulation ran.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// Checks everything that can be wrong with a simulation before it runs.
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

/// Checks that a learning rate is positive and finite.
pub(super) fn check_eta(eta: f64) -> Result<(), SimulationError> {
    if eta.is_finite() && eta > 0.0 {
        Ok(())
    } else {
        Err(SimulationError::LearningRate { eta })
    }
}

/// Checks that the schedule fits the optimizer.
fn check_optimizer(optimizer: Optimizer, schedule: Schedule) -> Result<(), SimulationError> {
    let (train, batch) = (schedule.train(), schedule.batch());
    match optimizer {
        Optimizer::Gdc if batch != train => Err(SimulationError::NotFullBatch { batch, train }),
        Optimizer::Gdc if !train.is_multiple_of(2) => Err(SimulationError::NoHalves { train }),
        Optimizer::Sde { substeps: 0 } => Err(SimulationError::NoSubsteps),
        Optimizer::Sgd | Optimizer::Gdc | Optimizer::Sde { .. } | Optimizer::Ode => Ok(()),
    }
}

/// Checks the length of a vector, and that its numbers are finite.
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

/// Checks that the population is not empty and has finite datapoints of the expected width.
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
        // The whole row is tested first, which is fast. The index is searched only if a number is not finite.
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

/// Checks the number of test points.
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
