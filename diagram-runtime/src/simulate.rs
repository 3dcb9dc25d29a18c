//! Stochastic gradient descent itself, very many small runs at once, to compare predictions with, and [other optimizers](Optimizer) beside it.
//!
//! A trial draws a training set from the population, each point independently and with replacement, and descends on it by a [`Schedule`].
//! Trials run side by side in vector lanes and on all threads of the current rayon pool. Each has its own counter-based random stream, so
//! results depend on the seed alone: the same bits on any number of threads, whatever the number of trials. All learning rates of a trial
//! see the same training set and the same shuffles, so that differences between them have little noise.
//!
//! ```
//! use diagram_calculus::measure::Measure;
//! use diagram_runtime::landscapes::GaussianFit;
//! use diagram_runtime::samples::Samples;
//! use diagram_runtime::simulate::{Optimizer, Schedule, Shuffle, Simulation, TestPoints};
//!
//! let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
//! let simulation = Simulation {
//!     landscape: &GaussianFit,
//!     theta0: &[0.0],
//!     population: &population,
//!     optimizer: Optimizer::Sgd,
//!     schedule: Schedule::new(10, 1, 1, Shuffle::Never)?,
//!     etas: vec![0.05, 0.1],
//!     trials: 1000,
//!     seed: 1,
//!     probe: None,
//!     test_points: TestPoints::All,
//!     train_loss: true,
//! };
//! let simulated = simulation.run()?;
//! let gap = simulated.rates[1].estimate(Measure::GeneralizationGap).expect("both losses were measured");
//! assert!(gap.mean > 3.0 * gap.standard_error);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod draw;
mod engine;
mod error;
mod estimate;
mod evaluate;
mod fold;
mod noiseless;
mod optimizer;
mod outcome;
mod schedule;
mod slabs;
mod summary;

use std::sync::atomic::{AtomicBool, Ordering};

pub use diagram_calculus::spacetime::Shuffle;

pub use diagram_kernels::simulator::{Points, PreconditionedDescent, Simulator, TestSet};
pub use error::SimulationError;
pub use estimate::Estimate;
pub use fold::TrialBlock;
pub use noiseless::noiseless_path;
pub use optimizer::{Optimizer, UnknownOptimizer};
pub use outcome::{Outcome, RateResult, Simulated};
pub use schedule::{Schedule, ScheduleError};
pub use summary::{RateSummary, Summary};

use crate::samples::Samples;
use crate::scalar::Element;
use outcome::Measured;

/// What to simulate. Lengths are numbers of weights P, of datapoints in the population n, and of numbers in a datapoint.
pub struct Simulation<'a, T> {
    /// The loss. A `&L` of any [`Landscape`](crate::landscape::Landscape) becomes this by itself; a [`PreconditionedDescent`] steps by a learning rate that is a matrix.
    pub landscape: &'a dyn Simulator<T>,
    /// Initial weights, P numbers.
    pub theta0: &'a [T],
    /// The distribution of datapoints: uniform on these.
    pub population: &'a Samples<T>,
    /// How weights descend.
    pub optimizer: Optimizer,
    /// Which training points take part in which update.
    pub schedule: Schedule,
    /// Learning rates η: a step of SGD is `θ -= η/B · Σ gradients of the batch`, on a [`PreconditionedDescent`] times its matrix.
    pub etas: Vec<f64>,
    /// Number of independent trials for each learning rate.
    pub trials: usize,
    /// What all random draws follow from.
    pub seed: u64,
    /// P numbers; the displacement is measured along them: `probe · (θ_T - θ_0)`.
    pub probe: Option<&'a [T]>,
    /// Where the test loss is measured.
    pub test_points: TestPoints,
    /// Whether to measure the train loss, and with the test loss the generalization gap.
    pub train_loss: bool,
}

/// Where the test loss, the mean loss over the population, is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestPoints {
    /// Not at all.
    None,
    /// At every point of the population: exact.
    All,
    /// At so many (at least two) distinct points of the population, drawn by each trial for itself. Test loss and its square are then estimated
    /// without bias; the noise is part of the standard errors.
    Subset(usize),
}

/// What a running simulation tells and hears.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// Called with the number of finished trials, from any thread; numbers may come out of order.
    pub progress: &'a (dyn Fn(usize) + Sync),
    /// Once true, no new trials are begun and those under way are dropped.
    pub cancel: &'a AtomicBool,
}

impl<T: Element> Simulation<'_, T> {
    /// Runs all trials and keeps what each measured: 32 bytes for each trial and learning rate.
    ///
    /// # Errors
    ///
    /// [`SimulationError`], before anything is run. Trials that diverge are no error: see [`RateResult::diverged`].
    pub fn run(&self) -> Result<Simulated, SimulationError> {
        self.run_with(Control::unattended())
    }

    /// Runs all trials, or those that finish before it is cancelled.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn run_with(&self, control: Control<'_>) -> Result<Simulated, SimulationError> {
        let blocks = self.fold(
            control,
            |block| vec![block],
            |mut left, right| {
                left.extend(right);
                left
            },
        )?;
        Ok(Simulated::new(self, &blocks.unwrap_or_default()))
    }

    /// Runs all trials and keeps averages: the same that [`Simulation::run`] gives but for rounding, in memory that does not depend on the number
    /// of trials.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn summarize(&self) -> Result<Summary, SimulationError> {
        self.summarize_with(Control::unattended())
    }

    /// Runs all trials, or those that finish before it is cancelled, and keeps averages.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn summarize_with(&self, control: Control<'_>) -> Result<Summary, SimulationError> {
        let measured = Measured::new(self);
        let summary = self.fold(
            control,
            |block| Summary::of(self, &measured, &block),
            Summary::merge,
        )?;
        Ok(summary.unwrap_or_else(|| Summary::empty(self, &measured)))
    }

    /// Runs all trials, or those that finish before it is cancelled, and folds them: `of` makes a value of each block of trials, `merge` one value
    /// of those of some trials and of later ones. `None` if no trial finishes.
    ///
    /// On each thread there is at most one value for each doubling of the number of trials. They are merged along a tree that does not depend on
    /// the number of threads.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn fold<A: Send>(
        &self,
        control: Control<'_>,
        of: impl Fn(TrialBlock) -> A + Sync,
        merge: impl Fn(A, A) -> A + Sync,
    ) -> Result<Option<A>, SimulationError> {
        error::check(self)?;
        let trials = match engine::Trials::new(self, control) {
            Ok(trials) => trials,
            Err(engine::Stopped::Cancelled) => return Ok(None),
            Err(engine::Stopped::Device(error)) => return Err(error.into()),
        };
        Ok(fold::fold(&trials, control, &of, &merge)?)
    }
}

impl Control<'_> {
    /// Progress is not reported, and the simulation is never cancelled.
    fn unattended() -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Control {
            progress: &|_| {},
            cancel: &NEVER,
        }
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
