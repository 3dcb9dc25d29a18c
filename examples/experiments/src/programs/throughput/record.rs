//! The results of the program.

use diagrams::calculus::measure::Measure;
use diagrams::runtime::data::Standardization;
use diagrams::runtime::lanes::InstructionSet;
use diagrams::runtime::simulate::RateSummary;
use diagrams::runtime::warning::Warning;
use rayon::ThreadPool;
use serde::Serialize;

use super::measure::Steady;
use super::peak::Peak;
use super::scaling::Scaling;
use super::setup::{Real, Setup};
use super::spread::Spread;

/// The results, which are printed as a JSON object or as a table.
#[derive(Serialize)]
pub(crate) struct Record {
    pub(crate) landscape: String,
    /// The means and standard deviations that the features were standardized by, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) standardization: Option<Standardization>,
    /// What to know when the averages are compared with predictions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<Warning>,
    /// The number of weights P.
    pub(crate) weights: usize,
    pub(crate) population: usize,
    pub(crate) train: usize,
    pub(crate) batch: usize,
    pub(crate) epochs: usize,
    pub(crate) shuffle: &'static str,
    /// The number T of updates of a trial at one learning rate.
    pub(crate) steps: usize,
    pub(crate) test_points: usize,
    pub(crate) precision: &'static str,
    pub(crate) instruction_set: String,
    /// What the trials were run on.
    pub(crate) device: String,
    pub(crate) threads: usize,
    pub(crate) seed: u64,
    /// The number of trials that finished in the window.
    pub(crate) trials: usize,
    /// The length of the window in seconds.
    pub(crate) seconds: f64,
    /// `seconds / trials`, where a trial is run at all learning rates.
    pub(crate) trial_seconds: f64,
    pub(crate) trial_steps_per_second: f64,
    /// The median and range of the same rate over the slices of the window.
    pub(crate) trial_steps_per_second_in_slices: Spread,
    pub(crate) slices: usize,
    /// The floating point operations of a trial at all learning rates; `null` for a landscape that does not report them.
    pub(crate) trial_flops: Option<f64>,
    pub(crate) gflops: Option<f64>,
    /// The GFLOP/s of a product of large matrices.
    pub(crate) matrix_product_gflops: f64,
    /// The GFLOP/s of multiply-adds in registers.
    pub(crate) registers_gflops: f64,
    /// The measured GFLOP/s as a share of the larger of the two above, which are those of the processor; `null` on another device.
    pub(crate) share_of_peak: Option<f64>,
    /// The share of the time that threads waited for a core. If it is more than a few percent, other programs disturbed the measurement.
    pub(crate) waited: Option<f64>,
    /// The number of runs, counted for each trial and learning rate, that ended with a number that is not finite, including those of the warm-up.
    pub(crate) diverged: usize,
    pub(crate) rates: Vec<Rate>,
    /// The rates on several numbers of threads; `null` without `--scaling`.
    pub(crate) scaling: Option<Scaling>,
}

/// The averages over all trials at a learning rate, including those of the warm-up.
#[derive(Serialize)]
pub(crate) struct Rate {
    pub(crate) eta: f64,
    pub(crate) diverged: usize,
    /// The test loss; `null` without test points.
    pub(crate) test_loss: Option<Average>,
    /// The displacement along a random unit vector; `null` with test points.
    pub(crate) displacement: Option<Average>,
}

/// An average over the trials that did not diverge, with its standard error and the range of the numbers.
#[derive(Serialize)]
pub(crate) struct Average {
    pub(crate) trials: usize,
    pub(crate) mean: f64,
    pub(crate) standard_error: f64,
    pub(crate) least: Option<f64>,
    pub(crate) greatest: Option<f64>,
}

impl Record {
    pub(crate) fn new<T: Real>(
        setup: &Setup<T>,
        pool: &ThreadPool,
        peak: Peak,
        steady: &Steady,
        scaling: Option<Scaling>,
    ) -> Self {
        let schedule = setup.schedule;
        let trials_per_second = steady.trials as f64 / steady.seconds;
        let trial_steps = setup.trial_steps() as f64;
        let gflops = setup
            .trial_flops()
            .map(|flops| flops * trials_per_second / 1e9);
        let rates: Vec<Rate> = steady.summary.rates.iter().map(Rate::new).collect();
        Record {
            landscape: setup.landscape.to_string(),
            standardization: setup.standardization.clone(),
            warnings: steady.summary.warnings.clone(),
            weights: setup.theta0.len(),
            population: setup.population.len(),
            train: schedule.train(),
            batch: schedule.batch(),
            epochs: schedule.epochs(),
            shuffle: super::arguments::shuffle_name(schedule.shuffle()),
            steps: schedule.steps(),
            test_points: setup.test_points(),
            precision: T::NAME,
            instruction_set: InstructionSet::label(),
            device: setup.place.name().into(),
            threads: pool.current_num_threads(),
            seed: setup.seed,
            trials: steady.trials,
            seconds: steady.seconds,
            trial_seconds: trials_per_second.recip(),
            trial_steps_per_second: trials_per_second * trial_steps,
            trial_steps_per_second_in_slices: Spread::of(
                steady
                    .slices
                    .iter()
                    .map(|rate| rate * trial_steps)
                    .collect(),
            ),
            slices: steady.slices.len(),
            trial_flops: setup.trial_flops(),
            gflops,
            matrix_product_gflops: peak.product,
            registers_gflops: peak.registers,
            share_of_peak: gflops
                .filter(|_| setup.place.is_cpu())
                .map(|gflops| gflops / peak.product.max(peak.registers)),
            waited: steady.waited,
            diverged: rates.iter().map(|rate| rate.diverged).sum(),
            rates,
            scaling,
        }
    }
}

impl Rate {
    fn new(summary: &RateSummary) -> Self {
        let average = |measure| {
            let estimate = summary.estimate(measure)?;
            let range = summary.range(measure);
            Some(Average {
                trials: estimate.trials,
                mean: estimate.mean,
                standard_error: estimate.standard_error,
                least: range.map(|(least, _)| least),
                greatest: range.map(|(_, greatest)| greatest),
            })
        };
        Rate {
            eta: summary.eta,
            diverged: summary.diverged(),
            test_loss: average(Measure::TestLoss),
            displacement: average(Measure::Displacement),
        }
    }
}
