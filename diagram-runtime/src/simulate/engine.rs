//! Trials in lanes.
//!
//! While weights move, a lane is a trial, with its own weights and its own datapoint. When test losses are measured, a lane is a test point and the
//! weights of one trial after another are broadcast: they fit the innermost cache, and multiply straight from memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::draw::{Draw, Order};
use super::evaluate::{self, Packed};
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

impl<L: Landscape, T: Element> IsaOp for Engine<'_, L, T> {
    type Output = Vec<(usize, Vec<Outcome>)>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        self.run_in_lanes::<T::Wide<I>>()
    }
}

impl<L: Landscape, T: Element> Engine<'_, L, T> {
    fn run_in_lanes<V: Lanes<Element = T>>(&self) -> Vec<(usize, Vec<Outcome>)> {
        let Simulation {
            population,
            trials,
            test_points,
            ..
        } = *self.simulation;
        let everywhere = (test_points == TestPoints::All).then(|| {
            V::run_lanes(
                #[inline(always)]
                || Packed::<V>::new(population, 0..population.len()),
            )
        });
        let finished = AtomicUsize::new(0);
        let blocks: Vec<Vec<(usize, Vec<Outcome>)>> = (0..trials.div_ceil(V::WIDTH))
            .into_par_iter()
            .filter_map(|block| {
                let first = block * V::WIDTH;
                let count = V::WIDTH.min(trials - first);
                let draws = (0..V::WIDTH)
                    .map(|lane| Draw::new(self.simulation, first + lane.min(count - 1)));
                let block = Block {
                    engine: self,
                    everywhere: everywhere.as_ref(),
                    draws: draws.collect(),
                    count,
                };
                let outcomes = block.run()?;
                (self.control.progress)(finished.fetch_add(count, Ordering::Relaxed) + count);
                Some((first..).zip(outcomes).collect())
            })
            .collect();
        blocks.into_iter().flatten().collect()
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
    /// For each trial its outcomes at all learning rates; `None` if cancelled.
    fn run(&self) -> Option<Vec<Vec<Outcome>>> {
        let etas = &self.engine.simulation.etas;
        let mut outcomes = vec![Vec::with_capacity(etas.len()); self.count];
        for &eta in etas {
            let at_eta = V::run_lanes(
                #[inline(always)]
                || {
                    let theta = self.descend(eta)?;
                    self.measure(&theta)
                },
            )?;
            for (outcomes, outcome) in outcomes.iter_mut().zip(at_eta) {
                outcomes.push(outcome);
            }
        }
        Some(outcomes)
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
        // Batches of one point step from one set of weights to another as the gradient is computed; larger ones first sum their gradients.
        let single = schedule.batch() == 1;
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
                    self.gather_points(
                        |lane| orders[lane].point(batch * schedule.batch() + member),
                        &mut x,
                    );
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
                for (weight, total) in theta.iter_mut().zip(&mut total) {
                    weight.add_scaled(total, &step);
                    *total = V::constant(0.0);
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
        let Engine {
            landscape,
            simulation,
            control,
        } = self.engine;
        let mut outcomes = vec![Outcome::NOTHING; self.count];
        if let Some(probe) = simulation.probe {
            for (lane, outcome) in outcomes.iter_mut().enumerate() {
                let components = probe.iter().zip(theta).zip(simulation.theta0);
                outcome.displacement = components
                    .map(|((u, to), from)| u.to_f64() * (to.lane(lane).to_f64() - from.to_f64()))
                    .sum();
            }
        }
        if simulation.test_points != TestPoints::None {
            let mut weights = vec![T::constant(0.0); outcomes.len() * theta.len()];
            scatter(theta, &mut weights);
            let mut losses = vec![];
            for ((weights, draw), outcome) in weights
                .chunks_exact(theta.len())
                .zip(&self.draws)
                .zip(&mut outcomes)
            {
                if control.cancelled() {
                    return None;
                }
                match self.everywhere {
                    Some(points) => points.losses(*landscape, weights, &mut losses),
                    None => Packed::<V>::new(simulation.population, draw.test.iter().copied())
                        .losses(*landscape, weights, &mut losses),
                }
                evaluate::test_loss(&losses, simulation.population.len(), outcome);
                if self.everywhere.is_some() && simulation.train_loss {
                    // The training points are points of the population.
                    outcome.train_loss = mean(draw.train.iter().map(|&point| losses[point]));
                }
            }
        }
        if self.everywhere.is_none() && simulation.train_loss {
            self.measure_train_losses(theta, &mut outcomes)?;
        }
        Some(outcomes)
    }

    #[inline(always)]
    fn measure_train_losses(&self, theta: &[V], outcomes: &mut [Outcome]) -> Option<()> {
        let Engine {
            landscape,
            simulation,
            control,
        } = self.engine;
        let mut x = vec![V::constant(0.0); simulation.population.width()];
        let points = simulation.schedule.train();
        for outcome in &mut *outcomes {
            outcome.train_loss = 0.0;
        }
        for at in 0..points {
            if control.cancelled() {
                return None;
            }
            self.gather_points(|lane| self.draws[lane].train[at], &mut x);
            let loss = landscape.forward::<V, _>(Own(theta), &x);
            for (lane, outcome) in outcomes.iter_mut().enumerate() {
                outcome.train_loss += loss.lane(lane).to_f64() / points as f64;
            }
        }
        Some(())
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
