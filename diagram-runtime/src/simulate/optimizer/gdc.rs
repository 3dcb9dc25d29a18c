//! Gradient descent with the term that imitates the noise of SGD.
//!
//! With signs σ = ±1 for the two halves of the training set, `g_A - g_B = (2/N) Σ σ_j g_j`, and likewise for the Hessians. A step is therefore
//! `-(η/N) M (Σ g_i + η (N-1)/(2N) Σ σ_i ∇g_i M Σ σ_j g_j)`.

use super::Descent;
use crate::landscape::Landscape;
use crate::scalar::{Element, Lanes};
use crate::simulate::engine::Block;

pub(super) struct Gdc;

impl<L: Landscape, T: Element, V: Lanes<Element = T>> Descent<L, T, V> for Gdc {
    fn descend(&self, trials: &Block<'_, L, T, V>, rate: usize) -> Option<Vec<V>> {
        V::run_lanes(
            #[inline(always)]
            || run(trials, trials.simulation().etas[rate]),
        )
    }
}

#[inline(always)]
fn run<L: Landscape, T: Element, V: Lanes<Element = T>>(
    trials: &Block<'_, L, T, V>,
    eta: f64,
) -> Option<Vec<V>> {
    let simulation = trials.simulation();
    let schedule = simulation.schedule;
    let train = schedule.train();
    let step = T::constant(-eta / train as f64);
    let strength = eta * (train as f64 - 1.0) / (2.0 * train as f64);
    // Of each half.
    let strengths = [strength, -strength].map(V::constant);
    let once = V::constant(1.0);
    let mut theta = trials.start();
    let zeros = |length| vec![V::constant(0.0); length];
    let mut sums = [zeros(theta.len()), zeros(theta.len())];
    let mut difference = zeros(theta.len());
    let mut direction = zeros(theta.len());
    let mut x = zeros(simulation.population.width());
    let mut orders = trials.orders();
    for _ in 0..schedule.epochs() {
        if trials.cancelled() {
            return None;
        }
        for order in &mut orders {
            order.begin_epoch(schedule);
        }
        for position in 0..train {
            trials.gather_points(|lane| orders[lane].point(position), &mut x);
            trials.add_gradients(&theta, &x, &once, &mut sums[half(position, train)]);
        }
        let [first, second] = &mut sums;
        for i in 0..theta.len() {
            difference[i] = first[i].clone() - second[i].clone();
            first[i] += second[i].clone();
            second[i] = V::constant(0.0);
            direction[i] = V::constant(0.0);
        }
        trials.step(&T::constant(1.0), &mut difference, &mut direction);
        for position in 0..train {
            trials.gather_points(|lane| orders[lane].point(position), &mut x);
            let strength = &strengths[half(position, train)];
            trials.add_hessian_products(&theta, &direction, &x, strength, &mut sums[0]);
        }
        trials.step(&step, &mut sums[0], &mut theta);
    }
    Some(theta)
}

/// Which half of the training set is visited at a position.
fn half(position: usize, train: usize) -> usize {
    usize::from(position >= train / 2)
}
