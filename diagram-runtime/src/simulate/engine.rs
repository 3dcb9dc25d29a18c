//! Trials in lanes.
//!
//! While weights move, a lane is a trial, with its own weights and its own datapoint. When test losses are measured, a lane is a test point and the
//! weights of one trial after another are broadcast: they fit the innermost cache, and multiply straight from memory.

use super::draw::{Draw, Order, Signs};
use super::evaluate::{self, Packed};
use super::fold::{Blocks, TrialBlock};
use super::gradients::{add_gradients, add_hessian_products};
use super::optimizer::{Descent, prepare};
use super::{Control, Outcome, Simulation, TestPoints};
use crate::landscape::Landscape;
use crate::lanes::{Isa, IsaOp};
use crate::rows::{gather, scatter};
use crate::scalar::{Element, Lanes};
use crate::weights::Own;

/// All trials of a simulation.
pub(super) struct Engine<'a, L, T> {
    pub(super) landscape: &'a L,
    pub(super) simulation: &'a Simulation<'a, T>,
    pub(super) control: Control<'a>,
}

impl<'a, L: Landscape, T: Element> IsaOp for Engine<'a, L, T> {
    type Output = Box<dyn Blocks + 'a>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        Box::new(Prepared::<L, T, T::Wide<I>>::new(self))
    }
}

/// All trials, with what they share.
struct Prepared<'a, L, T: Element, V> {
    engine: Engine<'a, L, T>,
    descent: Box<dyn Descent<L, T, V>>,
    /// The population, if that is where the test loss is measured.
    everywhere: Option<Packed<V>>,
}

impl<'a, L: Landscape, T: Element, V: Lanes<Element = T>> Prepared<'a, L, T, V> {
    fn new(engine: Engine<'a, L, T>) -> Self {
        let population = engine.simulation.population;
        let everywhere = (engine.simulation.test_points == TestPoints::All)
            .then(|| Packed::<V>::new(population));
        Prepared {
            descent: prepare(engine.simulation, engine.control),
            engine,
            everywhere,
        }
    }
}

impl<L: Landscape, T: Element, V: Lanes<Element = T>> Blocks for Prepared<'_, L, T, V> {
    fn count(&self) -> usize {
        self.engine.simulation.trials.div_ceil(V::WIDTH)
    }

    fn run(&self, block: usize) -> Option<TrialBlock> {
        let simulation = self.engine.simulation;
        let first = block * V::WIDTH;
        let count = V::WIDTH.min(simulation.trials - first);
        let draws = (0..V::WIDTH).map(|lane| Draw::new(simulation, first + lane.min(count - 1)));
        let block = Block {
            engine: &self.engine,
            everywhere: self.everywhere.as_ref(),
            draws: draws.collect(),
            count,
        };
        Some(TrialBlock {
            first,
            outcomes: block.run(&*self.descent)?,
        })
    }
}

/// As many trials as there are lanes. If fewer are left, the last is repeated in the other lanes.
pub(super) struct Block<'a, L, T: Element, V> {
    engine: &'a Engine<'a, L, T>,
    everywhere: Option<&'a Packed<V>>,
    draws: Vec<Draw>,
    count: usize,
}

impl<L: Landscape, T: Element, V: Lanes<Element = T>> Block<'_, L, T, V> {
    /// At each learning rate the outcomes of all trials; `None` if cancelled.
    fn run(&self, descent: &dyn Descent<L, T, V>) -> Option<Vec<Vec<Outcome>>> {
        let at_rate = |rate| {
            let theta = descent.descend(self, rate)?;
            V::run_lanes(
                #[inline(always)]
                || self.measure(&theta),
            )
        };
        (0..self.simulation().etas.len()).map(at_rate).collect()
    }

    pub(super) fn landscape(&self) -> &L {
        self.engine.landscape
    }

    pub(super) fn simulation(&self) -> &Simulation<'_, T> {
        self.engine.simulation
    }

    pub(super) fn cancelled(&self) -> bool {
        self.engine.control.cancelled()
    }

    /// The initial weights.
    #[inline(always)]
    pub(super) fn start(&self) -> Vec<V> {
        let theta0 = self.simulation().theta0.iter();
        theta0.map(|weight| V::splat(weight.clone())).collect()
    }

    /// Each trial's order of its training points.
    pub(super) fn orders(&self) -> Vec<Order<'_>> {
        self.draws.iter().map(Draw::order).collect()
    }

    /// Each trial's signs of the points of the population.
    pub(super) fn signs(&self) -> Vec<Signs> {
        self.draws.iter().map(Draw::signs).collect()
    }

    /// `total += weight · ∇l_x(theta)`.
    pub(super) fn add_gradients(&self, theta: &[V], x: &[V], weight: &V, total: &mut [V]) {
        add_gradients(self.landscape(), theta, x, weight, total);
    }

    /// `total += weight · ∇∇l_x(theta) · direction`.
    pub(super) fn add_hessian_products(
        &self,
        theta: &[V],
        direction: &[V],
        x: &[V],
        weight: &V,
        total: &mut [V],
    ) {
        add_hessian_products(self.landscape(), theta, direction, x, weight, total);
    }

    /// `theta += step · M · total`; then the total is zero.
    #[inline(always)]
    pub(super) fn step(&self, step: &T, total: &mut [V], theta: &mut [V]) {
        if let Some(rate) = self.simulation().landscape.learning_rate() {
            rate.descend(step, total, theta);
            total.fill(V::constant(0.0));
        } else {
            for (weight, total) in theta.iter_mut().zip(total) {
                weight.add_scaled(total, step);
                *total = V::constant(0.0);
            }
        }
    }

    /// A point of the population in each lane.
    #[inline(always)]
    pub(super) fn gather_points(&self, point: impl Fn(usize) -> usize, x: &mut [V]) {
        let population = self.engine.simulation.population;
        let rows: Vec<&[T]> = (0..V::WIDTH)
            .map(|lane| population.row(point(lane)))
            .collect();
        gather(&rows, x);
    }

    /// What the trials' final weights are worth.
    #[inline(always)]
    fn measure(&self, theta: &[V]) -> Option<Vec<Outcome>> {
        let simulation = self.engine.simulation;
        let mut outcomes = vec![Outcome::NOTHING; self.count];
        if let Some(probe) = simulation.probe {
            evaluate::displacements(theta, simulation.theta0, probe, &mut outcomes);
        }
        match simulation.test_points {
            TestPoints::None => {}
            TestPoints::Subset(points) if evaluate::lane_for_each_trial(points, V::WIDTH) => {
                let losses = self.losses(theta, |draw| &draw.test)?;
                for (losses, outcome) in losses.iter().zip(&mut outcomes) {
                    evaluate::test_loss(losses, simulation.population.len(), outcome);
                }
            }
            TestPoints::All | TestPoints::Subset(_) => {
                self.measure_in_turn(theta, &mut outcomes)?;
            }
        }
        if self.everywhere.is_none() && simulation.train_loss {
            let losses = self.losses(theta, |draw| &draw.train)?;
            for (losses, outcome) in losses.iter().zip(&mut outcomes) {
                outcome.train_loss = mean(losses.iter().copied());
            }
        }
        Some(outcomes)
    }

    /// One trial after the other, a lane for each test point.
    #[inline(always)]
    fn measure_in_turn(&self, theta: &[V], outcomes: &mut [Outcome]) -> Option<()> {
        let Engine {
            landscape,
            simulation,
            control,
        } = self.engine;
        let population = simulation.population;
        let mut weights = vec![T::constant(0.0); outcomes.len() * theta.len()];
        scatter(theta, &mut weights);
        let mut losses = vec![];
        let mut x = vec![V::constant(0.0); population.width()];
        let trials = weights.chunks_exact(theta.len()).zip(&self.draws);
        for ((weights, draw), outcome) in trials.zip(outcomes) {
            if control.cancelled() {
                return None;
            }
            losses.clear();
            if let Some(points) = self.everywhere {
                points.losses(*landscape, weights, &mut losses);
            } else {
                for block in draw.test.chunks(V::WIDTH) {
                    evaluate::gather_block(population, block, &mut x);
                    evaluate::block_losses(*landscape, weights, &x, block.len(), &mut losses);
                }
            }
            evaluate::test_loss(&losses, population.len(), outcome);
            if self.everywhere.is_some() && simulation.train_loss {
                // The training points are points of the population.
                outcome.train_loss = mean(draw.train.iter().map(|&point| losses[point]));
            }
        }
        Some(())
    }

    /// Each trial's losses at as many points of its own, a lane for each trial. A function of its own, so that the landscape is compiled into it once.
    #[inline(never)]
    fn losses(&self, theta: &[V], points: fn(&Draw) -> &[usize]) -> Option<Vec<Vec<f64>>> {
        V::run_lanes(
            #[inline(always)]
            || {
                let Engine {
                    landscape,
                    simulation,
                    control,
                } = self.engine;
                let count = points(&self.draws[0]).len();
                let mut losses = vec![Vec::with_capacity(count); self.count];
                let mut x = vec![V::constant(0.0); simulation.population.width()];
                for at in 0..count {
                    if control.cancelled() {
                        return None;
                    }
                    self.gather_points(|lane| points(&self.draws[lane])[at], &mut x);
                    let loss = landscape.forward::<V, _>(Own(theta), &x);
                    for (lane, losses) in losses.iter_mut().enumerate() {
                        losses.push(loss.lane(lane).to_f64());
                    }
                }
                Some(losses)
            },
        )
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
