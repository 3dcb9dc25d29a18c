//! Optimizers that are programs, run on the weights of a block of trials.

use diagram_calculus::optimizer::{Linear, Program, Slot};
use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use crate::simulate::draw::Order;
use crate::simulate::engine::{Block, Descent, POINTS, Stopped, rows};
use crate::simulate::{FloatingPoint, Schedule, Shuffle, Simulation, SimulationError, slabs};
use crate::slab::Slab;

/// Checks that a program can be run in place of a simulation's optimizer.
pub(in crate::simulate) fn check_program<T>(
    simulation: &Simulation<'_, T>,
    program: &impl Program,
) -> Result<(), SimulationError> {
    let optimizer = &simulation.optimizer;
    if !optimizer.is_sgd() {
        return Err(SimulationError::ProgramAndOptimizer {
            optimizer: optimizer.to_string(),
        });
    }
    Ok(program.check(simulation.schedule.steps())?)
}

/// What a program computes with: the weights of a block of trials, or steps.
///
/// A step stays a gradient until it is added to weights. So its product with -η is part of a fused multiplication and addition, as it is in update rules, and not rounded by itself.
#[derive(Clone, Debug)]
pub struct ProgramWeights<T: FloatingPoint> {
    numbers: Slab<T>,
    /// -η
    by: f64,
    /// Whether the numbers stand for their products with -η.
    is_step: bool,
}

impl<T: FloatingPoint> ProgramWeights<T> {
    /// The factor by which the numbers are to be multiplied.
    fn unit(&self) -> f64 {
        if self.is_step { self.by } else { 1.0 }
    }

    /// Makes the numbers stand for themselves.
    fn make_weights(&mut self) {
        if self.is_step {
            slabs::scale(&T::constant(self.by), &mut self.numbers);
            self.is_step = false;
        }
    }

    pub(in crate::simulate) fn add_scaled_by(&mut self, factor: &BigRational, other: &Self) {
        let mut factor = number(factor);
        if self.is_step != other.is_step {
            self.make_weights();
            factor *= other.unit();
        }
        slabs::add_scaled(&T::constant(factor), &other.numbers, &mut self.numbers);
    }

    pub(in crate::simulate) fn scale_by(&mut self, factor: &BigRational) {
        slabs::scale(&T::constant(number(factor)), &mut self.numbers);
    }
}

/// What is not one loop is compiled in the crate of the program, the loops in this one.
impl<T: FloatingPoint> Linear for ProgramWeights<T> {
    fn add_scaled(&mut self, factor: &BigRational, other: &Self) {
        T::add_scaled_weights(self, factor, other);
    }

    fn scale(&mut self, factor: &BigRational) {
        T::scale_weights(self, factor);
    }

    fn zero(&self) -> Self {
        ProgramWeights {
            numbers: Slab::zeros(self.numbers.len()),
            by: self.by,
            is_step: true,
        }
    }
}

/// The nearest floating point number.
fn number(exact: &BigRational) -> f64 {
    if exact.is_one() {
        1.0
    } else {
        exact.to_f64().unwrap_or(f64::NAN)
    }
}

/// A program on the weights of a block of trials, as an object.
pub trait RunOnWeights<T: FloatingPoint>: Sync {
    /// As [`Program::run`].
    fn run_on_weights(
        &self,
        start: &ProgramWeights<T>,
        batches: usize,
        step: &mut dyn FnMut(&ProgramWeights<T>, Slot) -> ProgramWeights<T>,
    ) -> ProgramWeights<T>;
}

impl<T: FloatingPoint, P: Program + Sync> RunOnWeights<T> for P {
    fn run_on_weights(
        &self,
        start: &ProgramWeights<T>,
        batches: usize,
        step: &mut dyn FnMut(&ProgramWeights<T>, Slot) -> ProgramWeights<T>,
    ) -> ProgramWeights<T> {
        self.run(start, batches, step)
    }
}

pub(in crate::simulate) struct ByProgram<'a, T>(pub(in crate::simulate) &'a dyn RunOnWeights<T>);

impl<T: FloatingPoint> Descent<T> for ByProgram<'_, T> {
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped> {
        let simulation = trials.simulation();
        let by = -simulation.etas[rate];
        let start = ProgramWeights {
            numbers: trials.start(),
            by,
            is_step: false,
        };
        let mut run = Run::new(trials, by);
        let steps = simulation.schedule.steps();
        let mut end = self
            .0
            .run_on_weights(&start, steps, &mut |point, slot| run.step(point, slot));
        run.stopped?;
        end.make_weights();
        Ok(end.numbers)
    }
}

/// A run of a program on a block of trials.
struct Run<'a, T> {
    trials: &'a Block<'a, T>,
    by: f64,
    batches: Batches<'a>,
    /// The reciprocal of the number of points of a batch for each point of a chunk, and that of the training set.
    parts: [Slab<T>; 2],
    /// Why there are no more gradients. A program cannot be told.
    stopped: Result<(), Stopped>,
}

impl<'a, T: FloatingPoint> Run<'a, T> {
    fn new(trials: &'a Block<'a, T>, by: f64) -> Self {
        let schedule = trials.simulation().schedule;
        let parts = |points: usize| trials.constant(points.min(POINTS), 1.0 / points as f64);
        Run {
            trials,
            by,
            batches: Batches {
                schedule,
                orders: trials.orders(),
                epochs: vec![],
                all: vec![],
            },
            parts: [parts(schedule.batch()), parts(schedule.train())],
            stopped: Ok(()),
        }
    }

    /// The step at a point; 0 once the run has stopped.
    fn step(&mut self, point: &ProgramWeights<T>, slot: Slot) -> ProgramWeights<T> {
        let dimension = self.trials.simulation().theta0.len();
        let mut gradient = self.trials.zeros(dimension);
        if self.stopped.is_ok() {
            self.stopped = self.add_mean_gradient(point, slot, &mut gradient);
        }
        if self.trials.landscape().learning_rate().is_some() {
            let mut raised = self.trials.zeros(dimension);
            self.trials
                .step(&T::constant(1.0), &mut gradient, &mut raised);
            gradient = raised;
        }
        ProgramWeights {
            numbers: gradient,
            by: self.by,
            is_step: true,
        }
    }

    fn add_mean_gradient(
        &mut self,
        point: &ProgramWeights<T>,
        slot: Slot,
        total: &mut [T],
    ) -> Result<(), Stopped> {
        assert!(
            !point.is_step,
            "a program asks for a gradient at a point without the initial weights, which it did not when it was checked"
        );
        let (rows, parts) = match slot {
            Slot::Batch(batch) => (self.batches.of(batch), &self.parts[0]),
            Slot::All => (self.batches.all(), &self.parts[1]),
        };
        self.trials
            .add_gradients_at(&point.numbers, rows, parts, total)
    }
}

/// The points of batches, each drawn once.
struct Batches<'a> {
    schedule: Schedule,
    orders: Vec<Order<'a>>,
    /// The points of the epochs that are begun, in the order of [`rows`]. Where epochs are the same there is one.
    epochs: Vec<Vec<usize>>,
    /// All training points; empty before they are asked for.
    all: Vec<usize>,
}

impl Batches<'_> {
    /// The points of the batch with a number.
    fn of(&mut self, batch: usize) -> &[usize] {
        let schedule = self.schedule;
        let steps = schedule.steps();
        assert!(
            batch < steps,
            "a program asks for batch {batch} of {steps}, which it did not when it was checked"
        );
        let epoch = match schedule.shuffle() {
            Shuffle::Never => 0,
            Shuffle::EachEpoch => batch / schedule.batches(),
        };
        while self.epochs.len() <= epoch {
            for order in &mut self.orders {
                order.begin_epoch(schedule);
            }
            self.epochs.push(rows(&self.orders, 0..schedule.visits()));
        }
        let points = schedule.batch() * self.orders.len();
        let first = batch % schedule.batches() * points;
        &self.epochs[epoch][first..first + points]
    }

    /// All training points.
    fn all(&mut self) -> &[usize] {
        if self.all.is_empty() {
            let lanes = self.orders.iter();
            let points = (0..self.schedule.train())
                .flat_map(|at| lanes.clone().map(move |order| order.training_point(at)));
            self.all = points.collect();
        }
        &self.all
    }
}
