//! Training runs on a built-in landscape at many learning rates.

use diagram_cuda::{Number, OnDevice};
use diagrams::calculus::measure::Measure;
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{
    Control, ControlVariates, Optimizer, PlacedSimulation, Schedule, Simulated, Simulation,
    SimulationError, TestPoints,
};

use crate::band::Mean;
use crate::chosen::{Chosen, WeightOptions};
use crate::device::Place;
use crate::error::ExperimentError;
use crate::own_data::DataOptions;
use crate::population::population;
use crate::progress::Progress;
use crate::{Settings, population::initial_weights};

/// A landscape with its datapoints and initial weights, rounded to single or double precision. Predictions and training runs use the same numbers.
pub struct Start<T> {
    /// The landscape.
    pub landscape: Named,
    /// The initial weights, P numbers.
    pub theta0: Vec<T>,
    /// The datapoints that training sets are drawn from.
    pub population: Samples<T>,
    /// What predictions and training runs are computed on.
    pub place: Place,
}

impl<T: Number> Start<T> {
    /// The start with the given number of datapoints, from the folder of the settings or from the library, and with the initial weights of this
    /// number.
    ///
    /// # Errors
    /// [`ExperimentError::Population`] if the datapoints cannot be made.
    pub fn new(
        landscape: Named,
        settings: &Settings,
        datapoints: usize,
        initialization: u64,
    ) -> Result<Self, ExperimentError> {
        let seed = settings.seed;
        let data = DataOptions::folder(settings.data.as_deref());
        let chosen = Chosen::from(landscape);
        let population = population(&chosen, &data, datapoints, seed)?.samples;
        // The same number stands for different initial weights if the seeds differ.
        let weights = seed.wrapping_mul(1_000_003).wrapping_add(initialization);
        let theta0 = initial_weights(&chosen, &WeightOptions::default(), weights)?;
        Ok(Start {
            landscape,
            theta0: theta0.iter().map(|&weight| T::constant(weight)).collect(),
            population: population.map(|&number| T::constant(number)),
            place: settings.place.clone(),
        })
    }

    /// The derivatives at the initial weights on all datapoints.
    ///
    /// # Errors
    /// [`ExperimentError`] if they cannot be computed on the device.
    pub fn local(&self) -> Result<Box<dyn Derivatives<T> + '_>, ExperimentError> {
        let local = self.landscape.local(&self.theta0, &self.population)?;
        Ok(local.on(self.place.device())?)
    }

    /// The control variates of training runs with this schedule.
    fn controls(&self, schedule: Schedule) -> Result<ControlVariates, ExperimentError> {
        let theta0: Vec<f64> = self.theta0.iter().map(T::to_f64).collect();
        let population = self.population.map(T::to_f64);
        let local = self.landscape.local(&theta0, &population)?;
        let local = local.on(self.place.device())?;
        Ok(ControlVariates::new(&local, schedule, None).map_err(SimulationError::from)?)
    }
}

/// Training runs whose test loss is measured on the whole population.
#[derive(Clone)]
pub struct Trials<'a, T> {
    /// The landscape, the datapoints and the initial weights.
    pub start: &'a Start<T>,
    /// The schedule of the updates.
    pub schedule: Schedule,
    /// The optimizer.
    pub optimizer: Optimizer,
    /// The learning rates in units of ηT.
    pub eta_ts: &'a [f64],
    /// The number of trials.
    pub count: usize,
    /// The seed of training sets and shuffles.
    pub seed: u64,
    /// Whether the train loss is measured.
    pub train_loss: bool,
}

impl<T: Number> Trials<'_, T> {
    /// The learning rate η for a given ηT.
    pub fn eta(&self, eta_t: f64) -> f64 {
        eta_t / self.schedule.steps() as f64
    }

    /// Runs the trials and returns the mean of a measure at each learning rate; of SGD, with [control variates](ControlVariates).
    ///
    /// # Errors
    /// [`ExperimentError::Simulation`] if the trials cannot be run, [`ExperimentError::Other`] if they do not measure this, other cases if the control variates cannot be computed.
    pub fn means(
        &self,
        measure: Measure,
        progress: &Progress,
    ) -> Result<Vec<Mean>, ExperimentError> {
        let explained = self.optimizer.is_sgd() && !self.schedule.has_replacement();
        let controls = explained
            .then(|| progress.spinning("control variates", || self.start.controls(self.schedule)));
        let controls = controls.transpose()?;
        self.means_with(controls.as_ref(), measure, progress)
    }

    /// Runs the trials and returns the mean of a measure at each learning rate, without control variates, which only SGD has: for comparisons of optimizers.
    ///
    /// # Errors
    /// As [`Trials::means`].
    pub fn plain_means(
        &self,
        measure: Measure,
        progress: &Progress,
    ) -> Result<Vec<Mean>, ExperimentError> {
        self.means_with(None, measure, progress)
    }

    fn means_with(
        &self,
        controls: Option<&ControlVariates>,
        measure: Measure,
        progress: &Progress,
    ) -> Result<Vec<Mean>, ExperimentError> {
        let summary = progress.counting("trials", self.count, |control| {
            let placed = self.placed()?;
            match controls {
                None => placed.summarize_with(control),
                Some(controls) => Ok(placed.summarize_controlled(control, &[], controls)?.0),
            }
        })?;
        let mean = |rate| Mean::of_rate(rate, measure);
        summary.rates.iter().map(mean).collect()
    }

    /// Runs the trials and returns the result of each, for comparisons with other trials on the same training sets.
    ///
    /// # Errors
    /// [`SimulationError`] if the trials cannot be run.
    pub fn each(&self, control: Control<'_>) -> Result<Simulated, SimulationError> {
        self.placed()?.run_with(control)
    }

    fn placed(&self) -> Result<PlacedSimulation<'_, T>, SimulationError> {
        let simulation = Simulation {
            landscape: &self.start.landscape,
            theta0: &self.start.theta0,
            population: &self.start.population,
            schedule: self.schedule,
            optimizer: self.optimizer.clone(),
            etas: self.eta_ts.iter().map(|&eta_t| self.eta(eta_t)).collect(),
            trials: self.count,
            seed: self.seed,
            probe: None,
            test_points: TestPoints::All,
            train_loss: self.train_loss,
        };
        Ok(simulation.on(self.start.place.device())?)
    }
}
