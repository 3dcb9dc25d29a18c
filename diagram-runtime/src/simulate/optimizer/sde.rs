//! The stochastic differential equation, by the simplified weak Euler method.
//!
//! `Σ z_x (g_x - G) = Σ (z_x - z̄) g_x` with the mean z̄ of the signs, so that drift and noise of a sub-step together are one weighted sum of
//! gradients.

use super::Descent;
use crate::landscape::Landscape;
use crate::rows::gather;
use crate::scalar::{Element, Lanes};
use crate::simulate::engine::Block;

pub(super) struct Sde {
    pub(super) substeps: usize,
}

impl<L: Landscape, T: Element, V: Lanes<Element = T>> Descent<L, T, V> for Sde {
    fn descend(&self, trials: &Block<'_, L, T, V>, rate: usize) -> Option<Vec<V>> {
        V::run_lanes(
            #[inline(always)]
            || run(trials, trials.simulation().etas[rate], self.substeps),
        )
    }
}

#[inline(always)]
fn run<L: Landscape, T: Element, V: Lanes<Element = T>>(
    trials: &Block<'_, L, T, V>,
    eta: f64,
    substeps: usize,
) -> Option<Vec<V>> {
    let simulation = trials.simulation();
    let (schedule, population) = (simulation.schedule, simulation.population);
    let points = population.len();
    let length = 1.0 / substeps as f64;
    let drift = -eta * length / points as f64;
    let noise = eta * (length / (points as f64 * schedule.batch() as f64)).sqrt();
    let scale = T::constant(noise);
    let once = T::constant(1.0);
    let mut theta = trials.start();
    let zeros = |length| vec![V::constant(0.0); length];
    let mut total = zeros(theta.len());
    let mut x = zeros(population.width());
    let mut streams = trials.signs();
    // One trial's signs after the other's; and side by side.
    let mut rows = vec![T::constant(0.0); V::WIDTH * points];
    let mut signs = zeros(points);
    let mut means = vec![0.0; V::WIDTH];
    for _ in 0..schedule.steps() {
        for _ in 0..substeps {
            if trials.cancelled() {
                return None;
            }
            let drawn = streams.iter_mut().zip(rows.chunks_exact_mut(points));
            for ((stream, row), mean) in drawn.zip(&mut means) {
                *mean = stream.draw(row);
            }
            let row_of_each: Vec<&[T]> = rows.chunks_exact(points).collect();
            gather(&row_of_each, &mut signs);
            let shift = V::from_fn(|lane| T::constant(drift - noise * means[lane]));
            for (point, sign) in signs.iter().enumerate() {
                for (lanes, number) in x.iter_mut().zip(population.row(point)) {
                    *lanes = V::splat(number.clone());
                }
                let mut weight = shift.clone();
                weight.add_scaled(sign, &scale);
                trials.add_gradients(&theta, &x, &weight, &mut total);
            }
            trials.step(&once, &mut total, &mut theta);
        }
    }
    Some(theta)
}
