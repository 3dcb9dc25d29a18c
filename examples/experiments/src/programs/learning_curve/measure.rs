//! The measurement by many small training runs.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use diagram_cuda::{Number, OnDevice};
use diagram_experiments::band::Mean;
use diagram_experiments::progress;
use diagrams::calculus::measure::Measure;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{
    Control, ControlVariates, FinalWeights, Optimizer, RateSummary, Simulation, TestPoints,
};

use super::optimizer::OtherOptimizer;
use super::setup::Setup;

/// The results of the training runs.
pub(crate) struct Measured {
    /// The mean of the measure at each learning rate.
    pub(crate) rates: Vec<Mean>,
    /// What the standard error is without control variates, divided by what it is with them, at each learning rate; empty if there are none.
    pub(crate) gains: Vec<f64>,
    /// The number of trials that finished: all, unless the program was interrupted.
    pub(crate) finished: usize,
    /// The wall time in seconds.
    pub(crate) seconds: f64,
    /// The final weights that are asked for.
    pub(crate) weights: Vec<FinalWeights>,
}

/// What training runs begin with and are measured by.
pub(crate) struct Conditions<'a, T> {
    pub(crate) theta0: &'a [T],
    pub(crate) population: &'a Samples<T>,
    /// The direction along which the displacement is measured.
    pub(crate) probe: Option<&'a [T]>,
    pub(crate) controls: Option<&'a ControlVariates>,
}

/// The control variates of the training runs, in double precision.
pub(crate) fn control_variates<T: Number>(
    setup: &Setup,
    probe: Option<&[T]>,
) -> Result<ControlVariates, String> {
    let local = setup.landscape.local(&setup.theta0, &setup.population);
    let local = local.map_err(|e| e.to_string())?.on(setup.place.device());
    let local = local.map_err(|e| e.to_string())?;
    let probe: Option<Vec<f64>> = probe.map(|probe| probe.iter().map(T::to_f64).collect());
    ControlVariates::new(&local, setup.schedule, probe.as_deref()).map_err(|e| e.to_string())
}

impl Measured {
    /// Runs the trials until all have finished or `cancel` is set. All learning rates use the same training sets.
    pub(crate) fn new<T: Number>(
        setup: &Setup,
        conditions: &Conditions<'_, T>,
        cancel: &AtomicBool,
    ) -> Result<Self, String> {
        let Conditions {
            theta0,
            population,
            probe,
            controls,
        } = *conditions;
        let start = Instant::now();
        let (test_points, train_loss) = match setup.measure {
            Measure::TestLoss | Measure::SecondMoment => (TestPoints::All, false),
            Measure::TrainLoss => (TestPoints::None, true),
            Measure::GeneralizationGap => (TestPoints::All, true),
            Measure::Displacement => (TestPoints::None, false),
        };
        let simulation = Simulation {
            landscape: setup.landscape.simulator(),
            theta0,
            population,
            optimizer: setup
                .other
                .as_ref()
                .map_or(Optimizer::Sgd, OtherOptimizer::optimizer),
            schedule: setup.schedule,
            etas: setup.eta_ts.iter().map(|&x| setup.eta(x)).collect(),
            trials: setup.trials,
            seed: setup.seed,
            probe,
            test_points,
            train_loss,
        };
        let rates = simulation.etas.len();
        let simulation = simulation
            .on(setup.place.device())
            .map_err(|e| e.to_string())?;
        let bar = progress::trials(setup.trials).map_err(|e| e.to_string())?;
        let progress = |finished| bar.set_position(bar.position().max(finished as u64));
        let control = Control {
            progress: &progress,
            cancel,
        };
        let kept = setup.weight_files.kept(rates);
        let run = match controls {
            None => simulation.summarize_with_weights(control, &kept),
            Some(controls) => simulation.summarize_controlled(control, &kept, controls),
        };
        let (summary, weights) = run.map_err(|e| e.to_string())?;
        bar.finish_and_clear();
        let gain = |rate: &RateSummary| {
            let plain = rate.uncontrolled(setup.measure)?;
            Some(plain.standard_error / rate.estimate(setup.measure)?.standard_error)
        };
        let gains = controls.map(|_| summary.rates.iter().filter_map(gain).collect());
        let rates = summary.rates.iter();
        let rates = rates.map(|rate| Mean::of_rate(rate, setup.measure));
        Ok(Measured {
            rates: rates.collect::<Result<_, _>>().map_err(|e| e.to_string())?,
            gains: gains.unwrap_or_default(),
            finished: summary.finished,
            seconds: start.elapsed().as_secs_f64(),
            weights,
        })
    }

    /// The number of updates per second, over all trials and learning rates.
    pub(crate) fn steps_per_second(&self, setup: &Setup) -> f64 {
        let updates = self.finished * self.rates.len() * setup.schedule.steps();
        updates as f64 / self.seconds.max(f64::MIN_POSITIVE)
    }
}
