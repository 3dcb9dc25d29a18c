//! What a simulation refuses.

use super::{Simulation, TestPoints};
use crate::scalar::Element;

/// A simulation that cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
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
}

pub(super) fn check<T: Element>(simulation: &Simulation<'_, T>) -> Result<(), SimulationError> {
    let (dimension, width) = simulation.landscape.sizes();
    check_vector("theta0", simulation.theta0, dimension)?;
    if let Some(probe) = simulation.probe {
        check_vector("probe", probe, dimension)?;
    }
    check_population(simulation, width)?;
    if simulation.etas.is_empty() {
        return Err(SimulationError::NoLearningRate);
    }
    if let Some(&eta) = simulation
        .etas
        .iter()
        .find(|eta| !(eta.is_finite() && **eta > 0.0))
    {
        return Err(SimulationError::LearningRate { eta });
    }
    if simulation.trials == 0 {
        return Err(SimulationError::NoTrials);
    }
    Ok(())
}

fn check_vector<T: Element>(
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

fn check_population<T: Element>(
    simulation: &Simulation<'_, T>,
    expected: usize,
) -> Result<(), SimulationError> {
    let population = simulation.population;
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
