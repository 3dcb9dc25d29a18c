//! The trials that the command line asks for, which are checked before any work is done.

use std::sync::atomic::AtomicBool;

use diagram_cuda::{Number, OnDevice};
use diagram_experiments::chosen::Chosen;
use diagram_experiments::device::Place;
use diagram_experiments::population::{initial_weights, population};
use diagrams::runtime::data::Standardization;
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::scalar::Scalar;
use diagrams::runtime::simulate::{
    Control, Optimizer, PlacedSimulation, Schedule, Simulation, TestPoints,
};

use super::arguments::Arguments;
use super::peak;

/// The range of `--seconds`.
const SECONDS: std::ops::RangeInclusive<f64> = 0.01..=86_400.0;

/// A floating point type in which trials run on any device, and whose peak rates can be measured.
pub(crate) trait Real: peak::Real + Number {}

impl<T: peak::Real + Number> Real for T {}

/// Trials whose options are valid and whose data are read.
pub(crate) struct Setup<T> {
    pub(crate) landscape: Chosen,
    pub(crate) place: Place,
    pub(crate) schedule: Schedule,
    pub(crate) etas: Vec<f64>,
    pub(crate) test_points: TestPoints,
    pub(crate) seed: u64,
    pub(crate) population: Samples<T>,
    /// The moments that the features of the data were standardized by, if they were.
    pub(crate) standardization: Option<Standardization>,
    pub(crate) theta0: Vec<T>,
    /// A random unit vector along which the displacement is measured, if there are no test points.
    probe: Option<Vec<T>>,
}

impl<T: Real> Setup<T> {
    /// Checks the command line and reads the data.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, String> {
        check_sizes(arguments)?;
        let landscape = arguments.landscape.chosen()?;
        let schedule = match arguments.steps {
            Some(steps) => Schedule::gradient_descent(arguments.train, steps),
            None => Schedule::new(
                arguments.train,
                arguments.batch,
                arguments.epochs,
                arguments.shuffle.into(),
            ),
        }
        .map_err(|e| e.to_string())?;
        let theta0 = initial_weights(&landscape, &arguments.weights, arguments.seed)
            .map_err(|e| e.to_string())?;
        let population = population(
            &landscape,
            &arguments.data,
            arguments.population,
            arguments.seed,
        )
        .map_err(|e| e.to_string())?;
        let test_points = arguments.test_points.0;
        let setup = Setup {
            schedule,
            etas: arguments.eta.clone(),
            test_points,
            seed: arguments.seed,
            population: population.samples.map(|x| <T as Scalar>::constant(*x)),
            standardization: population.standardization,
            theta0: rounded(theta0),
            probe: (test_points == TestPoints::None)
                .then(|| rounded(direction(landscape.dimension(), arguments.seed))),
            landscape,
            place: arguments.device.open().map_err(|e| e.to_string())?,
        };
        // A simulation that is cancelled before it begins is only checked.
        let control = Control {
            progress: &|_| {},
            cancel: &AtomicBool::new(true),
        };
        let checked = setup.simulation(0)?.summarize_with(control);
        checked.map_err(|e| e.to_string())?;
        Ok(setup)
    }

    /// A simulation of more trials than can finish. Each number stands for other trials.
    pub(crate) fn simulation(&self, number: u64) -> Result<PlacedSimulation<'_, T>, String> {
        let simulation = Simulation {
            landscape: self.landscape.simulator(),
            theta0: &self.theta0,
            population: &self.population,
            optimizer: Optimizer::Sgd,
            schedule: self.schedule,
            etas: self.etas.clone(),
            trials: usize::MAX,
            seed: self.seed.wrapping_add(number),
            probe: self.probe.as_deref(),
            test_points: self.test_points,
            train_loss: false,
        };
        simulation
            .on(self.place.device())
            .map_err(|e| e.to_string())
    }

    /// The number of updates of a trial, over all learning rates.
    pub(crate) fn trial_steps(&self) -> usize {
        self.etas.len() * self.schedule.steps()
    }

    /// The number of datapoints at which the test loss of a trial is measured.
    pub(crate) fn test_points(&self) -> usize {
        match self.test_points {
            TestPoints::None => 0,
            TestPoints::Subset(count) => count,
            TestPoints::All => self.population.len(),
        }
    }

    /// The floating point operations of a trial, over all learning rates; `None` for a landscape that does not report them.
    pub(crate) fn trial_flops(&self) -> Option<f64> {
        let gradients = (self.schedule.epochs() * self.schedule.visits()) as f64;
        let losses = self.test_points() as f64;
        let [loss, gradient] = self.landscape.flops()?;
        let each = gradients * gradient + losses * loss;
        Some(each * self.etas.len() as f64)
    }
}

fn rounded<T: Real>(numbers: Vec<f64>) -> Vec<T> {
    let round = <T as Scalar>::constant;
    numbers.into_iter().map(round).collect()
}

/// A random unit vector with `dimension` components.
fn direction(dimension: usize, seed: u64) -> Vec<f64> {
    let normals = initialization(dimension, seed.wrapping_add(1));
    let norm = normals.iter().map(|x| x * x).sum::<f64>().sqrt();
    normals.into_iter().map(|x| x / norm).collect()
}

fn check_sizes(arguments: &Arguments) -> Result<(), String> {
    let sizes = [
        ("--population", arguments.population, 1, 10_000_000),
        ("--train", arguments.train, 1, 10_000_000),
        ("--batch", arguments.batch, 1, 10_000_000),
        ("--epochs", arguments.epochs, 1, 10_000_000),
        ("--steps", arguments.steps.unwrap_or(1), 1, 10_000_000),
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
    if !SECONDS.contains(&arguments.seconds) {
        return Err(format!(
            "--seconds {}: must be from {} to {}",
            arguments.seconds,
            SECONDS.start(),
            SECONDS.end()
        ));
    }
    Ok(())
}
