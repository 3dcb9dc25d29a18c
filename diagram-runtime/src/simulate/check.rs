//! Checks of simulations before they run.

use diagram_calculus::optimizer::UpdateRule;

use super::{ControlVariates, Optimizer, Schedule, Simulation, SimulationError, TestPoints};
use crate::lanes::InstructionSet;
use crate::samples::Samples;
use crate::scalar::Element;

/// Checks everything that can be wrong with a simulation before it runs.
pub(super) fn check<T: Element>(simulation: &Simulation<'_, T>) -> Result<(), SimulationError> {
    InstructionSet::detect()?;
    let (dimension, width) = simulation.landscape.sizes();
    if dimension == 0 {
        return Err(SimulationError::NoWeights);
    }
    check_vector("theta0", simulation.theta0, dimension)?;
    if let Some(probe) = simulation.probe {
        check_vector("probe", probe, dimension)?;
    }
    check_population(simulation.population, width)?;
    check_test_points(simulation)?;
    check_optimizer(&simulation.optimizer, simulation.schedule)?;
    if let Optimizer::Rule(rule) = &simulation.optimizer {
        check_rule(rule, simulation)?;
    }
    if simulation.etas.is_empty() {
        return Err(SimulationError::NoLearningRate);
    }
    simulation.etas.iter().try_for_each(|&eta| check_eta(eta))?;
    if simulation.trials == 0 {
        return Err(SimulationError::NoTrials);
    }
    Ok(())
}

/// Checks that control variates are those of the simulation.
pub(super) fn check_controls<T: Element>(
    simulation: &Simulation<'_, T>,
    controls: Option<&ControlVariates>,
) -> Result<(), SimulationError> {
    match controls {
        Some(_) if !simulation.optimizer.is_sgd() => Err(SimulationError::NoControls {
            steps: simulation.optimizer.to_string(),
        }),
        Some(_) if simulation.schedule.has_replacement() => Err(SimulationError::NoControls {
            steps: "sgd on points drawn with replacement".into(),
        }),
        Some(controls) if !controls.are_of(simulation.population.len(), simulation.schedule) => {
            Err(SimulationError::ForeignControls)
        }
        _ => Ok(()),
    }
}

/// Checks that there are learning rates with the given indices.
pub(super) fn check_kept<T>(
    simulation: &Simulation<'_, T>,
    kept: &[usize],
) -> Result<(), SimulationError> {
    let rates = simulation.etas.len();
    match kept.iter().find(|&&rate| rate >= rates) {
        Some(&rate) => Err(SimulationError::KeptRate { rate, rates }),
        None => Ok(()),
    }
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
fn check_optimizer(optimizer: &Optimizer, schedule: Schedule) -> Result<(), SimulationError> {
    let (train, batch) = (schedule.train(), schedule.batch());
    match optimizer {
        Optimizer::Gdc if schedule.has_replacement() => Err(SimulationError::DrawnPoints),
        Optimizer::Gdc if batch != train => Err(SimulationError::NotFullBatch { batch, train }),
        Optimizer::Gdc if !train.is_multiple_of(2) => Err(SimulationError::NoHalves { train }),
        Optimizer::Sde { substeps: 0 } => Err(SimulationError::NoSubsteps),
        Optimizer::Sgd
        | Optimizer::Gdc
        | Optimizer::Sde { .. }
        | Optimizer::Ode
        | Optimizer::Rule(_) => Ok(()),
    }
}

/// Checks that a rule fits the schedule and the landscape.
fn check_rule<T: Element>(
    rule: &UpdateRule,
    simulation: &Simulation<'_, T>,
) -> Result<(), SimulationError> {
    let schedule = simulation.schedule;
    rule.check(schedule.steps(), schedule.batch())?;
    let expected = simulation.theta0.len();
    let mask = rule
        .weight_decay
        .as_ref()
        .and_then(|decay| decay.mask.as_ref());
    if let Some(found) = mask.map(Vec::len)
        && found != expected
    {
        return Err(SimulationError::DecayMask { found, expected });
    }
    let what = match (&rule.ascent, &rule.hessian) {
        (Some(_), _) => "an ascent before each step",
        (None, Some(_)) => "the Hessian-based update",
        (None, None) => return Ok(()),
    };
    match simulation.landscape.learning_rate() {
        Some(_) => Err(SimulationError::RuleOnMatrix { what }),
        None => Ok(()),
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
