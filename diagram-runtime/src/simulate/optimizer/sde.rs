//! The stochastic differential equation, by the simplified weak Euler method.
//!
//! With the mean z̄ of the signs, `Σ z_x (g_x - G) = Σ (z_x - z̄) g_x`. Drift and noise of a sub-step together are therefore one weighted sum of
//! gradients.

use crate::scalar::Element;
use crate::simulate::Points;
use crate::simulate::engine::{Block, Descent, Stopped, chunks};
use crate::simulate::slabs;
use crate::slab::Slab;

pub(super) struct Sde {
    pub(super) substeps: usize,
}

impl<T: Element> Descent<T> for Sde {
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped> {
        let simulation = trials.simulation();
        let (schedule, population) = (simulation.schedule, simulation.population);
        let eta = simulation.etas[rate];
        let points = population.len();
        let length = 1.0 / self.substeps as f64;
        let drift = -eta * length / points as f64;
        let noise = eta * (length / (points as f64 * schedule.batch() as f64)).sqrt();
        let scale = T::constant(noise);
        let once = T::constant(1.0);
        let everywhere: Vec<usize> = (0..points).collect();
        let mut theta = trials.start();
        let mut total = trials.zeros(simulation.theta0.len());
        let mut streams = trials.signs();
        let lanes = streams.len();
        // The signs are drawn trial by trial into rows, and then written to the lanes of a slab.
        let mut rows = vec![T::constant(0.0); lanes * points];
        let mut signs = trials.zeros(points);
        let mut weights = trials.zeros(points);
        let mut shift = trials.zeros(1);
        for _ in 0..schedule.steps() * self.substeps {
            trials.check_cancelled()?;
            let drawn = streams.iter_mut().zip(rows.chunks_exact_mut(points));
            for ((stream, row), shift) in drawn.zip(shift.iter_mut()) {
                let mean = stream.signs(row);
                *shift = T::constant(drift - noise * mean);
            }
            let row_of_each: Vec<&[T]> = rows.chunks_exact(points).collect();
            slabs::gather(&row_of_each, &mut signs);
            slabs::shift_and_scale(&shift, &scale, &signs, &mut weights);
            for points in chunks(0..points) {
                trials.check_cancelled()?;
                trials.landscape().add_gradients(
                    &theta,
                    population,
                    Points::AllLanes(&everywhere[points.clone()]),
                    &weights[points.start * lanes..points.end * lanes],
                    &mut total,
                )?;
            }
            trials.step(&once, &mut total, &mut theta);
        }
        Ok(theta)
    }
}
