//! Simulations of stochastic gradient descent with which predictions are compared: many small training runs, by SGD or by [another
//! optimizer](Optimizer).
//!
//! A training run is called a trial. It draws a training set from the population, each point independently and with replacement, and trains on it by
//! a [`Schedule`]. Trials run in SIMD lanes and on all threads of the current rayon pool. Each trial has a counter-based random stream of its own, so
//! that its result depends only on the seed and its number: it is the same bits on any number of threads and among any number of trials. A trial uses
//! the same training set and the same shuffles for all learning rates, so that the differences between learning rates have little noise.
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

mod check;
mod control_variates;
pub mod draw;
mod engine;
mod error;
mod estimate;
mod evaluate;
mod floating_point;
mod fold;
mod noiseless;
mod optimizer;
mod outcome;
mod placed;
mod preconditioned_gradient;
mod runner;
mod schedule;
mod slabs;
mod summary;
mod weights;

use std::sync::atomic::{AtomicBool, Ordering};

pub use diagram_calculus::optimizer::{Program, ProgramError, RuleError, UpdateRule};
pub use diagram_calculus::spacetime::Shuffle;

pub use control_variates::{ControlVariates, MOST_POINTS, MOST_TRAINED};
pub use diagram_kernels::simulator::{Points, PreconditionedDescent, Simulator, TestSet};
#[doc(hidden)]
pub use engine::RanBlock;
pub use error::SimulationError;
pub use estimate::Estimate;
pub use floating_point::FloatingPoint;
#[doc(hidden)]
pub use fold::RunBlock;
pub use noiseless::noiseless_path;
pub use optimizer::{Optimizer, UnknownOptimizer};
#[doc(hidden)]
pub use optimizer::{ProgramWeights, RunOnWeights, flow_ends};
pub use outcome::{Outcome, RateResult, Simulated, TrialBlock};
pub use placed::PlacedSimulation;
pub use runner::TrialRunner;
pub use schedule::{Schedule, ScheduleError};
pub use summary::{RateSummary, Summary};
pub use weights::{FinalWeights, KeptWeights, TrialWeights};

use crate::samples::Samples;

/// The definition of a simulation. P is the number of weights, and n the number of datapoints in the population.
pub struct Simulation<'a, T> {
    /// The landscape. A `&L` of any [`Landscape`](crate::landscape::Landscape) coerces to this type. A [`PreconditionedDescent`] multiplies steps by
    /// the matrix of a learning rate.
    pub landscape: &'a dyn Simulator<T>,
    /// The initial weights: P numbers.
    pub theta0: &'a [T],
    /// The datapoints on which the distribution is uniform.
    pub population: &'a Samples<T>,
    /// The optimizer.
    pub optimizer: Optimizer,
    /// The training points that take part in each update.
    pub schedule: Schedule,
    /// The learning rates η, positive numbers. A step of SGD is `θ -= η/B · Σ gradients of the batch`; with a [`PreconditionedDescent`] the sum is
    /// multiplied by its matrix.
    pub etas: Vec<f64>,
    /// The number of independent trials for each learning rate.
    pub trials: usize,
    /// The seed of all random draws.
    pub seed: u64,
    /// The direction along which the displacement is measured, P numbers: `probe · (θ_T - θ_0)`; `None` if it is not measured.
    pub probe: Option<&'a [T]>,
    /// The points at which the test loss is measured.
    pub test_points: TestPoints,
    /// Whether to measure the train loss, and together with the test loss the generalization gap.
    pub train_loss: bool,
}

/// The points at which the test loss, the mean loss over the population, is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestPoints {
    /// The test loss is not measured.
    None,
    /// The test loss is measured at every point of the population, and is exact.
    All,
    /// The test loss is estimated from the given number of distinct points, at least two, which each trial draws from the population for itself. The
    /// estimates of the test loss and of its square are unbiased; their noise is part of the standard errors.
    Subset(usize),
}

/// The means to observe and to cancel a simulation while it runs.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// A function that is called with the number of finished trials, on any thread. Calls may come in any order.
    pub progress: &'a (dyn Fn(usize) + Sync),
    /// Whether the simulation is cancelled. Once it is true, no new trials are begun, and those that are running are dropped.
    pub cancel: &'a AtomicBool,
}

impl<'a, T: FloatingPoint> Simulation<'a, T> {
    /// A simulation of SGD with 1,000 trials and the seed 0, in which the test loss is measured at every point of the population, and nothing else. What is to be otherwise is written before it:
    ///
    /// ```
    /// # use diagram_runtime::landscapes::GaussianFit;
    /// # use diagram_runtime::samples::Samples;
    /// # use diagram_runtime::simulate::{Schedule, Shuffle, Simulation};
    /// # let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
    /// let schedule = Schedule::new(10, 1, 1, Shuffle::Never)?;
    /// let simulation = Simulation {
    ///     trials: 5_000,
    ///     seed: 1,
    ///     ..Simulation::new(&GaussianFit, &[0.0], &population, schedule, &[0.05, 0.1])
    /// };
    /// assert_eq!(simulation.summarize()?.finished, 5_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        landscape: &'a dyn Simulator<T>,
        theta0: &'a [T],
        population: &'a Samples<T>,
        schedule: Schedule,
        etas: &[f64],
    ) -> Self {
        Simulation {
            landscape,
            theta0,
            population,
            optimizer: Optimizer::Sgd,
            schedule,
            etas: etas.to_vec(),
            trials: 1_000,
            seed: 0,
            probe: None,
            test_points: TestPoints::All,
            train_loss: false,
        }
    }

    /// Runs all trials and keeps the outcome of each: 32 bytes for each trial and learning rate.
    ///
    /// # Errors
    ///
    /// [`SimulationError::Device`] if the device fails while trials run; any other case of [`SimulationError`] but [`SimulationError::Diverged`]
    /// before a trial is run. Trials that diverge are no error: see [`RateResult::diverged`].
    pub fn run(&self) -> Result<Simulated, SimulationError> {
        self.run_with(Control::unattended())
    }

    /// Runs all trials, or those that finish before the simulation is cancelled.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn run_with(&self, control: Control<'_>) -> Result<Simulated, SimulationError> {
        Ok(T::run_trials(&*T::processor(), self, control, &[])?.0)
    }

    /// Runs trials as [`Simulation::run_with`] does, and keeps the weights at which they end at some learning rates: their mean, or those of each trial, too. The
    /// weights are in the order of `kept`.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`], and [`SimulationError::KeptRate`].
    pub fn run_with_weights(
        &self,
        control: Control<'_>,
        kept: &[KeptWeights],
    ) -> Result<(Simulated, Vec<FinalWeights>), SimulationError> {
        T::run_trials(&*T::processor(), self, control, kept)
    }

    /// Runs all trials and keeps averages: those that [`Simulation::run`] gives, up to rounding, in memory that does not depend on the number of
    /// trials.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn summarize(&self) -> Result<Summary, SimulationError> {
        self.summarize_with(Control::unattended())
    }

    /// Runs all trials, or those that finish before the simulation is cancelled, and keeps averages.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn summarize_with(&self, control: Control<'_>) -> Result<Summary, SimulationError> {
        Ok(T::summarize(&*T::processor(), self, control, &[], None)?.0)
    }

    /// Runs trials as [`Simulation::summarize_with`] does, and keeps the weights at which they end at some learning rates. With means alone, memory does not
    /// depend on the number of trials.
    ///
    /// ```
    /// # use diagram_runtime::networks::{Dense, Loss, Network, Shape};
    /// # use diagram_runtime::network::NetworkLandscape;
    /// # use diagram_runtime::samples::Samples;
    /// # use diagram_runtime::simulate::{Control, KeptWeights, Optimizer, Schedule, Shuffle, Simulation, TestPoints};
    /// use diagram_runtime::checkpoint::{self, Format};
    ///
    /// # let network = Network::input(Shape::Vector(1)).then(Dense::new(1)).loss(Loss::MeanSquared)?;
    /// # let landscape = NetworkLandscape::new(&network);
    /// # let population = Samples::new(2, vec![0.0, 1.0, 1.0, 2.5, 2.0, 5.5])?;
    /// # let simulation = Simulation {
    /// #     landscape: landscape.simulator(),
    /// #     theta0: &[0.0, 0.0],
    /// #     population: &population,
    /// #     optimizer: Optimizer::Sgd,
    /// #     schedule: Schedule::new(10, 1, 1, Shuffle::Never)?,
    /// #     etas: vec![0.01, 0.02],
    /// #     trials: 100,
    /// #     seed: 1,
    /// #     probe: None,
    /// #     test_points: TestPoints::All,
    /// #     train_loss: false,
    /// # };
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("mean.npy");
    /// // Of two learning rates, the weights at the second one.
    /// let kept = KeptWeights { rate: 1, each: false };
    /// let (summary, weights) = simulation.summarize_with_weights(Control::unattended(), &[kept])?;
    /// weights[0].save_mean(&file, &network, Format::Npy)?;
    /// assert_eq!(checkpoint::load(&file, &network)?.theta, weights[0].mean);
    /// # assert_eq!(summary.finished, 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Simulation::run_with_weights`].
    pub fn summarize_with_weights(
        &self,
        control: Control<'_>,
        kept: &[KeptWeights],
    ) -> Result<(Summary, Vec<FinalWeights>), SimulationError> {
        T::summarize(&*T::processor(), self, control, kept, None)
    }

    /// Runs trials as [`Simulation::summarize_with_weights`] does. What the control variates explain of each outcome is subtracted where that makes the standard error smaller.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run_with_weights`], [`SimulationError::NoControls`] and [`SimulationError::ForeignControls`].
    pub fn summarize_controlled(
        &self,
        control: Control<'_>,
        kept: &[KeptWeights],
        controls: &ControlVariates,
    ) -> Result<(Summary, Vec<FinalWeights>), SimulationError> {
        T::summarize(&*T::processor(), self, control, kept, Some(controls))
    }

    /// Runs all trials as [`Simulation::run`] does, by an optimizer that is a [`Program`] in place of the simulation's, which must be SGD.
    ///
    /// The program is run on the weights of a block of trials. A batch is that of the [`Schedule`], by its number in the whole run; its points are drawn once, however often the program asks for
    /// gradients on it. A matrix multiplies each mean gradient before the program has it. The program that is simulated is the one whose kernel predictions are made with:
    /// [`Training::from_program`](diagram_calculus::optimizer::Training::from_program).
    ///
    /// ```
    /// use diagram_calculus::measure::{Measure, diagrams_for};
    /// use diagram_calculus::optimizer::{Linear, Program, Sampling, Slot, Training};
    /// # use diagram_runtime::derivatives::PointDerivatives;
    /// # use diagram_runtime::interpret::Interpreted;
    /// # use diagram_runtime::landscapes::GaussianFit;
    /// # use diagram_runtime::optimized;
    /// # use diagram_runtime::samples::Samples;
    /// # use diagram_runtime::simulate::{Schedule, Shuffle, Simulation};
    /// # use diagram_runtime::values::{Options, evaluate};
    ///
    /// /// Every gradient is taken at the weights of one update before.
    /// struct Delayed;
    ///
    /// impl Program for Delayed {
    ///     fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
    ///         let (mut before, mut theta) = (start.clone(), start.clone());
    ///         for batch in 0..batches {
    ///             let u = step(&before, Slot::Batch(batch));
    ///             before = theta.clone();
    ///             theta.add(&u);
    ///         }
    ///         theta
    ///     }
    /// }
    ///
    /// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
    /// let simulation = Simulation::new(&GaussianFit, &[0.5], &population, Schedule::new(8, 1, 1, Shuffle::Never)?, &[0.02]);
    /// let measured = simulation.run_program(&Delayed)?.rates[0].estimate(Measure::TestLoss).expect("measured");
    ///
    /// let training = Training::from_program(Sampling::epochs(8, 1, 1, false)?, &Delayed)?;
    /// let diagrams = diagrams_for(Measure::TestLoss, 3);
    /// let classes: Vec<_> = diagrams.iter().map(|diagram| diagram.value_class()).collect();
    /// let local = PointDerivatives::new(&GaussianFit, &[0.5], &population)?;
    /// let values = evaluate(&Interpreted::new(&classes), &local, &Options::population())?;
    /// let predicted = optimized::series(&values, Measure::TestLoss, &diagrams, &training)?.at(0.02).value;
    /// assert!((measured.mean - predicted).abs() < 4.0 * measured.standard_error);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`]; [`SimulationError::Program`] if the program does not fit the schedule, and [`SimulationError::ProgramAndOptimizer`].
    ///
    /// # Panics
    ///
    /// If the program asks for a batch or a point that does not exist, and did not when it was checked: it must do the same each time.
    pub fn run_program(
        &self,
        program: &(impl Program + Sync),
    ) -> Result<Simulated, SimulationError> {
        self.run_program_with(program, Control::unattended())
    }

    /// Runs trials by a program as [`Simulation::run_program`] does, or those that finish before the simulation is cancelled.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run_program`].
    pub fn run_program_with(
        &self,
        program: &(impl Program + Sync),
        control: Control<'_>,
    ) -> Result<Simulated, SimulationError> {
        optimizer::check_program(self, program)?;
        Ok(T::run_trials(&*T::processor_by(program), self, control, &[])?.0)
    }

    /// Runs trials by a program as [`Simulation::run_program`] does, and keeps averages as [`Simulation::summarize`] does.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run_program`].
    pub fn summarize_program(
        &self,
        program: &(impl Program + Sync),
    ) -> Result<Summary, SimulationError> {
        Ok(self
            .summarize_program_with(program, Control::unattended(), &[])?
            .0)
    }

    /// Runs trials by a program as [`Simulation::run_program_with`] does. It keeps averages, and the weights at which trials end at some learning rates, as
    /// [`Simulation::summarize_with_weights`] does.
    ///
    /// # Errors
    ///
    /// As [`Simulation::run_program`], and [`SimulationError::KeptRate`].
    pub fn summarize_program_with(
        &self,
        program: &(impl Program + Sync),
        control: Control<'_>,
        kept: &[KeptWeights],
    ) -> Result<(Summary, Vec<FinalWeights>), SimulationError> {
        optimizer::check_program(self, program)?;
        T::summarize(&*T::processor_by(program), self, control, kept, None)
    }

    /// Runs all trials, or those that finish before the simulation is cancelled, and folds their outcomes. `of` makes a value from a block of trials;
    /// `merge` makes one value from the values of some trials and of later ones. The result is `None` if no trial finishes.
    ///
    /// Values are merged along a tree that depends only on the number of trials, not on the number of threads. The number of values that are held at
    /// the same time grows with the number of threads and with the logarithm of the number of trials.
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
        fold_by(&*T::processor(), self, control, of, merge)
    }
}

/// [`Simulation::fold`], by a runner.
fn fold_by<T: FloatingPoint, A: Send>(
    runner: &dyn TrialRunner<T>,
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
    of: impl Fn(TrialBlock) -> A + Sync,
    merge: impl Fn(A, A) -> A + Sync,
) -> Result<Option<A>, SimulationError> {
    let mut folded = Ok(None);
    T::with_blocks(runner, simulation, control, &[], &mut |blocks, run| {
        folded = fold::fold(blocks, run, control, &|block| of(block.trials), &merge);
    })?;
    Ok(folded?)
}

impl Control<'_> {
    /// The control of a simulation whose progress is not observed and which is never cancelled.
    pub fn unattended() -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Control {
            progress: &|_| {},
            cancel: &NEVER,
        }
    }

    /// Whether the simulation is cancelled.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
