//! The execution of blocks of trials.
//!
//! During training, each lane is a trial with its own weights and its own datapoint. When test losses are measured, each lane is a test point, and
//! the weights of one trial after the other are broadcast to all lanes.

use super::draw::{Draw, Order};
use super::evaluate;
use super::outcome::TrialBlock;
use super::slabs;
use super::{Control, Outcome, Points, Simulation, Simulator, TestPoints, TestSet};
use crate::device::DeviceError;
use crate::draws::Stream;
use crate::scalar::Element;
use crate::slab::Slab;

/// The reason why a block of trials has no outcomes.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The simulation was cancelled.
    Cancelled,
    /// The device failed.
    Device(DeviceError),
}

impl From<DeviceError> for Stopped {
    fn from(error: DeviceError) -> Self {
        Stopped::Device(error)
    }
}

/// The number of points whose losses or gradients are computed in one call: large enough that the overhead of a call is small, and small enough that
/// a cancelled simulation ends soon.
pub(super) const POINTS: usize = 64;

/// A block of trials that were run.
#[derive(Debug)]
pub struct RanBlock {
    /// The outcomes.
    pub trials: TrialBlock,
    /// The final weights at the kept learning rates, P numbers for each trial.
    pub weights: Vec<Vec<f64>>,
}

/// All trials of a simulation, with the data that they share.
pub(super) struct Trials<'a, T> {
    simulation: &'a Simulation<'a, T>,
    control: Control<'a>,
    descent: Box<dyn Descent<T> + 'a>,
    /// The population, laid out in lanes, if the test loss is measured at all of it.
    everywhere: Option<Slab<T>>,
    /// The indices of the learning rates whose final weights are kept.
    kept: &'a [usize],
}

impl<'a, T: Element> Trials<'a, T> {
    pub(super) fn new(
        simulation: &'a Simulation<'a, T>,
        control: Control<'a>,
        descent: Box<dyn Descent<T> + 'a>,
        kept: &'a [usize],
    ) -> Self {
        let everywhere = (simulation.test_points == TestPoints::All)
            .then(|| simulation.landscape.pack(simulation.population));
        Trials {
            simulation,
            control,
            descent,
            everywhere,
            kept,
        }
    }

    /// Returns the number of blocks.
    pub(super) fn blocks(&self) -> usize {
        let lanes = self.simulation.landscape.lanes();
        self.simulation.trials.div_ceil(lanes)
    }

    /// Runs the block with the given number, which is below [`Trials::blocks`].
    pub(super) fn run(&self, block: usize) -> Result<RanBlock, Stopped> {
        let simulation = self.simulation;
        let lanes = simulation.landscape.lanes();
        let first = block * lanes;
        let count = lanes.min(simulation.trials - first);
        let draws = (0..lanes).map(|lane| Draw::new(simulation, first + lane.min(count - 1)));
        let block = Block {
            trials: self,
            draws: draws.collect(),
            count,
        };
        block.run(first, &*self.descent)
    }
}

/// An optimizer that is prepared for running blocks of trials.
pub(super) trait Descent<T>: Send + Sync {
    /// Returns the final weights of a block's trials at the learning rate with the given index in [`Simulation::etas`].
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped>;
}

/// A block of as many trials as there are lanes. If fewer trials are left, the last one is repeated in the other lanes.
pub(super) struct Block<'a, T> {
    trials: &'a Trials<'a, T>,
    draws: Vec<Draw>,
    count: usize,
}

impl<T: Element> Block<'_, T> {
    /// Returns the outcomes of all trials at each learning rate, and their final weights at those whose weights are kept. `first` is the number of the first
    /// trial.
    fn run(&self, first: usize, descent: &dyn Descent<T>) -> Result<RanBlock, Stopped> {
        let kept = self.trials.kept;
        let mut weights = vec![vec![]; kept.len()];
        let outcomes = (0..self.simulation().etas.len()).map(|rate| {
            let theta = descent.descend(self, rate)?;
            for (weights, _) in weights
                .iter_mut()
                .zip(kept)
                .filter(|(_, kept)| **kept == rate)
            {
                *weights = self.in_turn(&theta).iter().map(Element::to_f64).collect();
            }
            self.measure(&theta)
        });
        let outcomes = outcomes.collect::<Result<_, Stopped>>()?;
        Ok(RanBlock {
            trials: TrialBlock { first, outcomes },
            weights,
        })
    }

    /// The weights of one trial after the other, P numbers each.
    fn in_turn(&self, theta: &[T]) -> Vec<T> {
        let dimension = self.simulation().theta0.len();
        let mut weights = vec![T::constant(0.0); self.count * dimension];
        slabs::scatter(theta, &mut weights);
        weights
    }

    /// Returns the simulation.
    pub(super) fn simulation(&self) -> &Simulation<'_, T> {
        self.trials.simulation
    }

    /// Returns the landscape of the simulation.
    pub(super) fn landscape(&self) -> &dyn Simulator<T> {
        self.simulation().landscape
    }

    /// Returns an error if the simulation is cancelled.
    pub(super) fn check_cancelled(&self) -> Result<(), Stopped> {
        if self.trials.control.cancelled() {
            Err(Stopped::Cancelled)
        } else {
            Ok(())
        }
    }

    /// A slab of zeros, with `length` numbers for each lane.
    pub(super) fn zeros(&self, length: usize) -> Slab<T> {
        Slab::zeros(length * self.draws.len())
    }

    /// A slab of equal numbers, with `length` numbers for each lane.
    pub(super) fn constant(&self, length: usize, value: f64) -> Slab<T> {
        let mut slab = self.zeros(length);
        slab.fill(T::constant(value));
        slab
    }

    /// The initial weights in each lane.
    pub(super) fn start(&self) -> Slab<T> {
        let theta0 = self.simulation().theta0;
        let mut theta = self.zeros(theta0.len());
        // Adapters of iterators are left as calls where the parts of a crate are not optimized together.
        let lanes = self.draws.len();
        for (position, weight) in theta0.iter().enumerate() {
            for lane in &mut theta[position * lanes..(position + 1) * lanes] {
                *lane = weight.clone();
            }
        }
        theta
    }

    /// Returns each trial's order of its training points.
    pub(super) fn orders(&self) -> Vec<Order<'_>> {
        self.draws.iter().map(Draw::order).collect()
    }

    /// Returns each trial's stream of signs of the points of the population.
    pub(super) fn signs(&self) -> Vec<Stream> {
        self.draws.iter().map(Draw::signs).collect()
    }

    /// `total += Σ ∇l_x(theta)` over the points at a range of positions in the trials' orders, lane by lane.
    pub(super) fn add_gradients(
        &self,
        theta: &[T],
        orders: &[Order<'_>],
        positions: std::ops::Range<usize>,
        total: &mut [T],
    ) -> Result<(), Stopped> {
        let once = self.constant(positions.len().min(POINTS), 1.0);
        self.add_weighted_gradients(theta, orders, positions, &once, total)
    }

    /// As [`Block::add_gradients`], with factors of the gradients in each chunk of positions: lanes innermost, for at least as many positions as the largest chunk has.
    pub(super) fn add_weighted_gradients(
        &self,
        theta: &[T],
        orders: &[Order<'_>],
        positions: std::ops::Range<usize>,
        factors: &[T],
        total: &mut [T],
    ) -> Result<(), Stopped> {
        for positions in chunks(positions) {
            self.check_cancelled()?;
            let rows = rows(orders, positions);
            self.landscape().add_gradients(
                theta,
                self.simulation().population,
                Points::EachLane(&rows),
                &factors[..rows.len()],
                total,
            )?;
        }
        Ok(())
    }

    /// As [`Block::add_weighted_gradients`], at points in the order of [`rows`].
    pub(super) fn add_gradients_at(
        &self,
        theta: &[T],
        rows: &[usize],
        factors: &[T],
        total: &mut [T],
    ) -> Result<(), Stopped> {
        for rows in rows.chunks(POINTS * self.draws.len()) {
            self.check_cancelled()?;
            self.landscape().add_gradients(
                theta,
                self.simulation().population,
                Points::EachLane(rows),
                &factors[..rows.len()],
                total,
            )?;
        }
        Ok(())
    }

    /// `total += Σ ∇∇l_x(theta) · direction` over the points at a range of positions in the trials' orders, with factors as in [`Block::add_weighted_gradients`].
    pub(super) fn add_weighted_products(
        &self,
        [theta, direction]: [&[T]; 2],
        orders: &[Order<'_>],
        positions: std::ops::Range<usize>,
        factors: &[T],
        total: &mut [T],
    ) -> Result<(), Stopped> {
        for positions in chunks(positions) {
            self.check_cancelled()?;
            let rows = rows(orders, positions);
            self.landscape().add_hessian_products(
                theta,
                direction,
                self.simulation().population,
                Points::EachLane(&rows),
                &factors[..rows.len()],
                total,
            )?;
        }
        Ok(())
    }

    /// `theta += step · M · total` with the matrix M of the learning rate; `total` is then set to 0.
    pub(super) fn step(&self, step: &T, total: &mut [T], theta: &mut [T]) {
        slabs::step(self.landscape().learning_rate(), step, total, theta);
    }

    /// Measures the losses and the displacement at the final weights of each trial.
    fn measure(&self, theta: &[T]) -> Result<Vec<Outcome>, Stopped> {
        let simulation = self.simulation();
        let mut outcomes = vec![Outcome::NOTHING; self.count];
        if let Some(probe) = simulation.probe {
            let displacements = slabs::displacements(theta, simulation.theta0, probe);
            for (outcome, displacement) in outcomes.iter_mut().zip(displacements) {
                outcome.displacement = displacement;
            }
        }
        match simulation.test_points {
            TestPoints::None => {}
            TestPoints::Subset(points)
                if evaluate::lane_for_each_trial(points, self.draws.len()) =>
            {
                let losses = self.losses(theta, |draw| &draw.test)?;
                for (losses, outcome) in losses.iter().zip(&mut outcomes) {
                    evaluate::test_loss(losses, simulation.population.len(), outcome);
                }
            }
            TestPoints::All | TestPoints::Subset(_) => {
                self.measure_in_turn(theta, &mut outcomes)?;
            }
        }
        if self.trials.everywhere.is_none() && simulation.train_loss {
            let losses = self.losses(theta, |draw| &draw.train)?;
            for (losses, outcome) in losses.iter().zip(&mut outcomes) {
                outcome.train_loss = mean(losses.iter().copied());
            }
        }
        Ok(outcomes)
    }

    /// Measures the losses of one trial after the other, with a test point in each lane.
    fn measure_in_turn(&self, theta: &[T], outcomes: &mut [Outcome]) -> Result<(), Stopped> {
        let simulation = self.simulation();
        let population = simulation.population;
        let dimension = simulation.theta0.len();
        let weights = self.in_turn(theta);
        let trials = weights.chunks_exact(dimension).zip(&self.draws);
        let mut losses = vec![];
        for ((weights, draw), outcome) in trials.zip(outcomes) {
            self.check_cancelled()?;
            let (points, count) = match &self.trials.everywhere {
                Some(packed) => (TestSet::Packed(packed), population.len()),
                None => (TestSet::Rows(population, &draw.test), draw.test.len()),
            };
            losses.resize(count, T::constant(0.0));
            self.landscape().test_losses(weights, points, &mut losses)?;
            let losses: Vec<f64> = losses.iter().map(Element::to_f64).collect();
            evaluate::test_loss(&losses, population.len(), outcome);
            if self.trials.everywhere.is_some() && simulation.train_loss {
                // The training points are points of the population.
                outcome.train_loss = mean(draw.train.iter().map(|&point| losses[point]));
            }
        }
        Ok(())
    }

    /// Returns the losses of each trial at points of its own, with a trial in each lane. All trials must have the same number of points.
    fn losses(&self, theta: &[T], points: fn(&Draw) -> &[usize]) -> Result<Vec<Vec<f64>>, Stopped> {
        let lanes = self.draws.len();
        let count = points(&self.draws[0]).len();
        let mut losses = vec![Vec::with_capacity(count); self.count];
        let mut numbers = vec![T::constant(0.0); count.min(POINTS) * lanes];
        for positions in chunks(0..count) {
            self.check_cancelled()?;
            let numbers = &mut numbers[..positions.len() * lanes];
            let rows: Vec<usize> = positions
                .flat_map(|at| self.draws.iter().map(move |draw| points(draw)[at]))
                .collect();
            self.landscape().losses(
                theta,
                self.simulation().population,
                Points::EachLane(&rows),
                numbers,
            )?;
            for of_point in numbers.chunks_exact(lanes) {
                for (losses, loss) in losses.iter_mut().zip(of_point) {
                    losses.push(loss.to_f64());
                }
            }
        }
        Ok(losses)
    }
}

/// Cuts a range into pieces of [`POINTS`] positions.
pub(super) fn chunks(
    range: std::ops::Range<usize>,
) -> impl Iterator<Item = std::ops::Range<usize>> {
    let end = range.end;
    range
        .step_by(POINTS)
        .map(move |start| start..end.min(start + POINTS))
}

/// Returns the points at the given positions of each trial's order, in the order that [`Points::EachLane`] prescribes.
pub(super) fn rows(orders: &[Order<'_>], positions: std::ops::Range<usize>) -> Vec<usize> {
    positions
        .flat_map(|position| orders.iter().map(move |order| order.point(position)))
        .collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
