//! The gradient of a batch as a rule wants it: that of the mean loss, at the end of an ascent, or times an inverse with the Hessian.

use std::ops::Range;

use super::numbers::Numbers;
use crate::scalar::Element;
use crate::simulate::draw::Order;
use crate::simulate::engine::{Block, POINTS, Stopped};
use crate::simulate::slabs;
use crate::slab::Slab;

/// The number of terms of the series of the Hessian-based update.
const TERMS: usize = 64;

/// Computes gradients, and has the memory for it.
pub(super) struct Gradients<'a, T> {
    trials: &'a Block<'a, T>,
    /// The mean gradient. It has to be 0 before another one is computed.
    pub(super) total: Slab<T>,
    /// 1/B for each point of a chunk.
    parts: Slab<T>,
    ascent: Option<Ascent<T>>,
    series: Option<Series<T>>,
}

/// An ascent before the gradient.
struct Ascent<T> {
    /// The points of a micro-batch.
    group: usize,
    /// ρ̂ η
    by: T,
    /// The reciprocal of their number for each point of a chunk.
    parts: Slab<T>,
    gradient: Slab<T>,
    theta: Slab<T>,
}

/// The series of (1 + η σ λ h)⁻¹ g.
struct Series<T> {
    /// -η λ / B
    by: f64,
    /// A factor for each point of a chunk and each lane, which is 0 in lanes that are done.
    factors: Slab<T>,
    term: Slab<T>,
    next: Slab<T>,
}

impl<'a, T: Element> Gradients<'a, T> {
    pub(super) fn new(numbers: &Numbers<T>, trials: &'a Block<'a, T>, eta: f64) -> Self {
        let simulation = trials.simulation();
        let (batch, dimension) = (simulation.schedule.batch(), simulation.theta0.len());
        let parts = |points: usize| trials.constant(points.min(POINTS), 1.0 / points as f64);
        let ascent = numbers.ascent.map(|ascent| {
            let group = ascent.group.unwrap_or(batch);
            Ascent {
                group,
                by: T::constant(ascent.radius * eta),
                parts: parts(group),
                gradient: trials.zeros(dimension),
                theta: trials.zeros(dimension),
            }
        });
        let series = numbers.hessian.map(|lambda| Series {
            by: -eta * lambda / batch as f64,
            factors: trials.zeros(batch.min(POINTS)),
            term: trials.zeros(dimension),
            next: trials.zeros(dimension),
        });
        Gradients {
            trials,
            total: trials.zeros(dimension),
            parts: parts(batch),
            ascent,
            series,
        }
    }

    /// Computes the gradient of the batch at a range of positions, whose update has this multiplier of the learning rate.
    pub(super) fn compute(
        &mut self,
        theta: &[T],
        orders: &[Order<'_>],
        positions: Range<usize>,
        multiplier: f64,
    ) -> Result<(), Stopped> {
        let (trials, total) = (self.trials, &mut self.total);
        if let Some(ascent) = &mut self.ascent {
            for first in positions.step_by(ascent.group) {
                let group = first..first + ascent.group;
                ascent.climb(trials, theta, orders, group.clone())?;
                trials.add_weighted_gradients(&ascent.theta, orders, group, &self.parts, total)?;
            }
            return Ok(());
        }
        trials.add_weighted_gradients(theta, orders, positions.clone(), &self.parts, total)?;
        if let Some(series) = &mut self.series {
            series.sum(trials, theta, orders, positions, multiplier, total)?;
        }
        Ok(())
    }
}

impl<T: Element> Ascent<T> {
    /// Moves from `theta` along the mean gradient of the points of a micro-batch.
    fn climb(
        &mut self,
        trials: &Block<'_, T>,
        theta: &[T],
        orders: &[Order<'_>],
        group: Range<usize>,
    ) -> Result<(), Stopped> {
        trials.add_weighted_gradients(theta, orders, group, &self.parts, &mut self.gradient)?;
        slabs::moved(theta, &self.by, &mut self.gradient, &mut self.theta);
        Ok(())
    }
}

impl<T: Element> Series<T> {
    /// Adds all terms but the first one to the first one.
    fn sum(
        &mut self,
        trials: &Block<'_, T>,
        theta: &[T],
        orders: &[Order<'_>],
        positions: Range<usize>,
        multiplier: f64,
        total: &mut [T],
    ) -> Result<(), Stopped> {
        let tolerance: f64 = if size_of::<T>() == size_of::<f32>() {
            1e-8
        } else {
            1e-14
        };
        let (by, done) = (T::constant(self.by * multiplier), T::constant(0.0));
        self.term.clone_from_slice(total);
        let first = slabs::squared_norms(&self.term);
        let lanes = first.len();
        for factor in self.factors.iter_mut() {
            *factor = by.clone();
        }
        let mut going_on = vec![true; lanes];
        for term in 0..TERMS - 1 {
            let norms = if term == 0 {
                first.clone()
            } else {
                slabs::squared_norms(&self.term)
            };
            // A lane that is done adds zeros, so that a trial is the same beside any other ones. One that has diverged is done, too.
            for lane in 0..lanes {
                let small = tolerance.powi(2) * first[lane];
                if going_on[lane] && !(norms[lane] > small && norms[lane].is_finite()) {
                    going_on[lane] = false;
                    for factors in self.factors.chunks_exact_mut(lanes) {
                        factors[lane] = done.clone();
                    }
                }
            }
            if !going_on.contains(&true) {
                break;
            }
            self.next.fill(T::constant(0.0));
            trials.add_weighted_products(
                [theta, &self.term],
                orders,
                positions.clone(),
                &self.factors,
                &mut self.next,
            )?;
            std::mem::swap(&mut self.term, &mut self.next);
            add(&self.term, total);
        }
        Ok(())
    }
}

/// `total += term`
fn add<T: Element>(term: &[T], total: &mut [T]) {
    slabs::average(
        term,
        slabs::Average {
            of: total,
            keep: T::constant(1.0),
            add: T::constant(1.0),
        },
    );
}
