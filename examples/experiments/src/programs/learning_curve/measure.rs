//! The measurement by many small training runs.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use diagram_cuda::{Number, OnDevice};
use diagram_experiments::band::Mean;
use diagram_experiments::progress;
use diagrams::calculus::measure::Measure;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{Control, FinalWeights, Optimizer, Simulation, TestPoints};

use super::setup::Setup;

/// The results of the training runs.
pub(crate) struct Measured {
    /// The mean of the measure at each learning rate.
    pub(crate) rates: Vec<Mean>,
    /// The number of trials that finished: all, unless the program was interrupted.
    pub(crate) finished: usize,
    /// The wall time in seconds.
    pub(crate) seconds: f64,
    /// The final weights that are asked for.
    pub(crate) weights: Vec<FinalWeights>,
}

impl Measured {
    /// Runs the trials until all have finished or `cancel` is set. All learning rates use the same training sets. The displacement is measured along
    /// `probe`.
    pub(crate) fn new<T: Number>(
        setup: &Setup,
        theta0: &[T],
        population: &Samples<T>,
        probe: Option<&[T]>,
        cancel: &AtomicBool,
    ) -> Result<Self, String> {
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
            optimizer: Optimizer::Sgd,
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
        let (summary, weights) = simulation
            .summarize_with_weights(
                Control {
                    progress: &|finished| bar.set_position(bar.position().max(finished as u64)),
                    cancel,
                },
                &setup.weight_files.kept(rates),
            )
            .map_err(|e| e.to_string())?;
        bar.finish_and_clear();
        let rates = summary.rates.iter();
        let rates = rates.map(|rate| Mean::of_rate(rate, setup.measure));
        Ok(Measured {
            rates: rates.collect::<Result<_, _>>().map_err(|e| e.to_string())?,
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
