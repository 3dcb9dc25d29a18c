//! The study that the command line asks for, which is checked before any work is done.

use std::ops::RangeInclusive;

use diagram_experiments::chosen::Chosen;
use diagram_experiments::curve::ROUNDINGS;
use diagram_experiments::device::Place;
use diagram_experiments::population::{initial_weights, population};
use diagrams::calculus::coefficient::Parameters;
use diagrams::calculus::measure::Measure;
use diagrams::runtime::data::Standardization;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{Schedule, Shuffle};
use diagrams::runtime::values::Options;

use super::arguments::{Arguments, PrecisionName};
use super::expansion::{Expanded, terms_at};
use super::optimizer::OtherOptimizer;
use super::weights::WeightFiles;

/// The range of `--eta-max` in units of ηT, within which numbers and plots make sense.
const ETA_TS: RangeInclusive<f64> = 1e-9..=1e6;

/// A study whose options are valid and whose data are read.
pub(crate) struct Setup {
    pub(crate) landscape: Chosen,
    pub(crate) place: Place,
    pub(crate) measure: Measure,
    pub(crate) schedule: Schedule,
    pub(crate) parameters: Parameters,
    /// The optimizer, if it is not SGD in epochs.
    pub(crate) other: Option<OtherOptimizer>,
    /// The total step R, which is T for SGD. Learning rates are in units of ηR.
    pub(crate) total_step: f64,
    pub(crate) terms: Expanded,
    pub(crate) order: usize,
    /// The learning rates in units of ηT, ascending.
    pub(crate) eta_ts: Vec<f64>,
    pub(crate) trials: usize,
    pub(crate) seed: u64,
    pub(crate) values: Options,
    /// The difference between prediction and measurement that rounding may cause, relative to the larger of the mean and 1.
    pub(crate) rounding: f64,
    pub(crate) population: Samples<f64>,
    /// The moments that the features of the data were standardized by, if they were.
    pub(crate) standardization: Option<Standardization>,
    pub(crate) theta0: Vec<f64>,
    pub(crate) weight_files: WeightFiles,
}

impl Setup {
    /// Checks the command line and reads the data.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, String> {
        check_sizes(arguments)?;
        let shuffle = Shuffle::from(arguments.shuffle);
        let measure = Measure::from(arguments.measure);
        let Arguments {
            train,
            batch,
            epochs,
            ..
        } = *arguments;
        let schedule = Schedule::new(train, batch, epochs, shuffle).map_err(|e| e.to_string())?;
        let parameters = Parameters::new(train as u64, batch as u64, epochs as u64)
            .map_err(|e| e.to_string())?;
        let eta_max = arguments.eta_max;
        if !ETA_TS.contains(&eta_max) {
            return Err(format!(
                "--eta-max {eta_max}: must be from {:e} to {:e}",
                ETA_TS.start(),
                ETA_TS.end()
            ));
        }
        let count = arguments.points;
        let eta_ts: Vec<f64> = (1..=count)
            .map(|at| eta_max * at as f64 / count as f64)
            .collect();
        let other = OtherOptimizer::new(arguments)?;
        let (terms, total_step) = match &other {
            None => {
                let terms = terms_at(measure, shuffle, arguments.order, &parameters)?;
                (terms, schedule.steps() as f64)
            }
            Some(other) => (other.terms(measure, arguments.order)?, other.total_step()),
        };
        let schedule = if arguments.replacement {
            Schedule::with_replacement(train, batch, schedule.steps()).map_err(|e| e.to_string())?
        } else {
            schedule
        };
        if !(total_step.is_finite() && total_step > 0.0) {
            return Err(format!("--optimizer: the total step is {total_step}"));
        }
        let values = match arguments.budget {
            None => Options::population(),
            Some(budget) if budget > 0.0 && budget.is_finite() => {
                Options::population().with_budget(budget, arguments.seed)
            }
            Some(budget) => return Err(format!("--budget {budget} must be positive and finite")),
        };
        let landscape = arguments.landscape.chosen()?;
        let population = population(
            &landscape,
            &arguments.data,
            arguments.population,
            arguments.seed,
        )
        .map_err(|e| e.to_string())?;
        Ok(Setup {
            measure,
            schedule,
            parameters,
            other,
            total_step,
            terms,
            order: arguments.order,
            eta_ts,
            trials: arguments.trials,
            seed: arguments.seed,
            values,
            rounding: ROUNDINGS
                * match arguments.precision {
                    PrecisionName::Single => f64::from(f32::EPSILON),
                    PrecisionName::Double => f64::EPSILON,
                },
            theta0: initial_weights(&landscape, &arguments.weights, arguments.seed)
                .map_err(|e| e.to_string())?,
            weight_files: WeightFiles::new(arguments, &landscape)?,
            landscape,
            place: arguments.device.open().map_err(|e| e.to_string())?,
            population: population.samples,
            standardization: population.standardization,
        })
    }

    /// The learning rate η for a given ηT, or ηR.
    pub(crate) fn eta(&self, eta_t: f64) -> f64 {
        eta_t / self.total_step
    }
}

fn check_sizes(arguments: &Arguments) -> Result<(), String> {
    let sizes = [
        ("--population", arguments.population, 1, 10_000_000),
        ("--train", arguments.train, 1, 10_000_000),
        ("--batch", arguments.batch, 1, 10_000_000),
        ("--epochs", arguments.epochs, 1, 10_000_000),
        ("--points", arguments.points, 1, 10_000),
        ("--trials", arguments.trials, 2, 100_000_000),
        (
            "--threads",
            arguments.threads,
            0,
            diagram_experiments::options::MOST_THREADS,
        ),
    ];
    for (name, size, least, most) in sizes {
        if !(least..=most).contains(&size) {
            return Err(format!("{name} {size}: must be from {least} to {most}"));
        }
    }
    Ok(())
}
