//! SGD on a built-in landscape, measured and predicted at many learning rates.

use diagrams::calculus::measure::Measure;
use diagrams::runtime::landscapes::{Named, Precision};

use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{
    Control, Optimizer, Schedule, Simulated, Simulation, SimulationError, TestPoints,
};

use crate::band::Mean;
use crate::error::ExperimentError;
use crate::population::population;
use crate::progress::Progress;
use crate::{Settings, population::initial_weights};

/// A landscape with its datapoints and initial weights, in single or double precision: predictions and measurements start from the same numbers.
pub struct Start<T> {
    /// The landscape.
    pub landscape: Named,
    /// Initial weights.
    pub theta0: Vec<T>,
    /// The datapoints that training sets are drawn from.
    pub population: Samples<T>,
}

impl<T: Precision> Start<T> {
    /// So many datapoints from the settings' data or from the library, and the initial weights of this number.
    ///
    /// # Errors
    /// [`ExperimentError::Population`].
    pub fn new(
        landscape: Named,
        settings: &Settings,
        datapoints: usize,
        initialization: u64,
    ) -> Result<Self, ExperimentError> {
        let (data, seed) = (settings.data.as_deref(), settings.seed);
        let population = population(landscape, data, datapoints, seed)?;
        // Initializations of different seeds are different ones.
        let weights = seed.wrapping_mul(1_000_003).wrapping_add(initialization);
        let theta0 = initial_weights(landscape, None, weights)?;
        Ok(Start {
            landscape,
            theta0: theta0.iter().map(|&weight| T::constant(weight)).collect(),
            population: population.map(|&number| T::constant(number)),
        })
    }
}

/// Training runs to be made, with the test loss measured on all of the population.
#[derive(Clone, Copy)]
pub struct Trials<'a, T> {
    /// Where they start.
    pub start: &'a Start<T>,
    /// Which training points take part in which update.
    pub schedule: Schedule,
    /// What moves the weights.
    pub optimizer: Optimizer,
    /// Learning rates in units of ηT.
    pub eta_ts: &'a [f64],
    /// How many.
    pub count: usize,
    /// What training sets and shuffles follow from.
    pub seed: u64,
    /// Whether the train loss is measured.
    pub train_loss: bool,
}

impl<T: Precision> Trials<'_, T> {
    /// η.
    pub fn eta(&self, eta_t: f64) -> f64 {
        eta_t / self.schedule.steps() as f64
    }

    /// Averages of a measure, at each learning rate.
    ///
    /// # Errors
    /// [`ExperimentError::Simulation`]; a measure that is not asked for is [`ExperimentError::Other`].
    pub fn means(
        &self,
        measure: Measure,
        progress: &Progress,
    ) -> Result<Vec<Mean>, ExperimentError> {
        let summary = progress.counting("trials", self.count, |control| {
            self.simulate(|simulation| simulation.summarize_with(control))
        })?;
        let mean = |rate| Mean::of_rate(rate, measure);
        summary.rates.iter().map(mean).collect()
    }

    /// What each trial gave, to be compared with other trials of the same training sets.
    ///
    /// # Errors
    /// [`SimulationError`].
    pub fn each(&self, control: Control<'_>) -> Result<Simulated, SimulationError> {
        self.simulate(|simulation| simulation.run_with(control))
    }

    fn simulate<R>(&self, run: impl FnOnce(&Simulation<'_, T>) -> R) -> R {
        run(&Simulation {
            landscape: &self.start.landscape,
            theta0: &self.start.theta0,
            population: &self.start.population,
            schedule: self.schedule,
            optimizer: self.optimizer,
            etas: self.eta_ts.iter().map(|&eta_t| self.eta(eta_t)).collect(),
            trials: self.count,
            seed: self.seed,
            probe: None,
            test_points: TestPoints::All,
            train_loss: self.train_loss,
        })
    }
}
