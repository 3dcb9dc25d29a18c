//! Trials in lanes.
//!
//! While weights move, a lane is a trial, with its own weights and its own datapoint. When test losses are measured, a lane is a test point and the
//! weights of one trial after another are broadcast: they fit the innermost cache, and multiply straight from memory.

use super::draw::{Draw, Order};
use super::evaluate::{self, Packed};
use super::fold::{Blocks, TrialBlock};
use super::{Control, Outcome, Simulation, TestPoints};
use crate::landscape::Landscape;
use crate::lanes::{Isa, IsaOp};
use crate::network::sink::{Accumulate, Descend};
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
    /// The population, if that is where the test loss is measured.
    everywhere: Option<Packed<V>>,
}

impl<'a, L: Landscape, T: Element, V: Lanes<Element = T>> Prepared<'a, L, T, V> {
    fn new(engine: Engine<'a, L, T>) -> Self {
        let population = engine.simulation.population;
        let everywhere = (engine.simulation.test_points == TestPoints::All)
            .then(|| Packed::<V>::new(population));
        Prepared { engine, everywhere }
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
            outcomes: block.run()?,
        })
    }
}

/// As many trials as there are lanes. If fewer are left, the last is repeated in the other lanes.
struct Block<'a, L, T: Element, V> {
    engine: &'a Engine<'a, L, T>,
    everywhere: Option<&'a Packed<V>>,
    draws: Vec<Draw>,
    count: usize,
}

impl<L: Landscape, T: Element, V: Lanes<Element = T>> Block<'_, L, T, V> {
    /// At each learning rate the outcomes of all trials; `None` if cancelled.
    fn run(&self) -> Option<Vec<Vec<Outcome>>> {
        let at_eta = |&eta: &f64| {
            V::run_lanes(
                #[inline(always)]
                || {
                    let theta = self.descend(eta)?;
                    self.measure(&theta)
                },
            )
        };
        self.engine.simulation.etas.iter().map(at_eta).collect()
    }

    /// The final weights of all trials.
    #[inline(always)]
    fn descend(&self, eta: f64) -> Option<Vec<V>> {
        let Engine {
            landscape,
            simulation,
            control,
        } = self.engine;
        let schedule = simulation.schedule;
        let step = T::constant(-eta / schedule.batch() as f64);
        let mut theta: Vec<V> = simulation
            .theta0
            .iter()
            .map(|weight| V::splat(weight.clone()))
            .collect();
        let zeros = |length| vec![V::constant(0.0); length];
        // Batches of one point step from one set of weights to another as the gradient is computed; larger ones first sum their gradients, and so
        // do all if steps are multiplied by a matrix.
        let rate = simulation.landscape.learning_rate();
        let single = schedule.batch() == 1 && rate.is_none();
        let mut next = zeros(if single { theta.len() } else { 0 });
        let mut total = zeros(if single { 0 } else { theta.len() });
        let mut x = zeros(simulation.population.width());
        let mut orders: Vec<Order<'_>> = self.draws.iter().map(Draw::order).collect();
        for _ in 0..schedule.epochs() {
            for order in &mut orders {
                order.begin_epoch(schedule);
            }
            for batch in 0..schedule.batches() {
                if control.cancelled() {
                    return None;
                }
                for member in 0..schedule.batch() {
                    let position = batch * schedule.batch() + member;
                    self.gather_points(|lane| orders[lane].point(position), &mut x);
                    if single {
                        let mut descend = Descend {
                            from: &theta,
                            to: &mut next,
                            step: step.clone(),
                        };
                        landscape.gradient(Own(&theta), &x, &mut descend);
                        std::mem::swap(&mut theta, &mut next);
                    } else {
                        landscape.gradient(Own(&theta), &x, &mut Accumulate(&mut total));
                    }
                }
                if let Some(rate) = rate {
                    rate.descend(&step, &total, &mut theta);
                    total.fill(V::constant(0.0));
                } else {
                    for (weight, total) in theta.iter_mut().zip(&mut total) {
                        weight.add_scaled(total, &step);
                        *total = V::constant(0.0);
                    }
                }
            }
        }
        Some(theta)
    }

    #[inline(always)]
    fn gather_points(&self, point: impl Fn(usize) -> usize, x: &mut [V]) {
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
