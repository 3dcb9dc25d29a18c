//! Gradient descent with a term that imitates the noise of SGD.
//!
//! With signs σ = ±1 for the two halves of the training set, `g_A - g_B = (2/N) Σ σ_j g_j`, and likewise for the Hessians. A step is therefore
//! `-(η/N) M (Σ g_i + η (N-1)/(2N) Σ σ_i ∇g_i M Σ σ_j g_j)`.

use crate::scalar::Element;
use crate::simulate::engine::{Block, Descent, POINTS, Stopped};
use crate::slab::Slab;

pub(super) struct Gdc;

impl<T: Element> Descent<T> for Gdc {
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped> {
        let simulation = trials.simulation();
        let (schedule, eta) = (simulation.schedule, simulation.etas[rate]);
        let train = schedule.train();
        let step = T::constant(-eta / train as f64);
        let strength = eta * (train as f64 - 1.0) / (2.0 * train as f64);
        let halves = [0..train / 2, train / 2..train];
        // The factors of the Hessian-vector products at the points of each half.
        let strengths = [strength, -strength].map(|s| trials.constant(POINTS, s));
        let dimension = simulation.theta0.len();
        let mut theta = trials.start();
        let mut sums = [trials.zeros(dimension), trials.zeros(dimension)];
        let mut difference = trials.zeros(dimension);
        let mut direction = trials.zeros(dimension);
        let mut orders = trials.orders();
        for _ in 0..schedule.epochs() {
            trials.check_cancelled()?;
            for order in &mut orders {
                order.begin_epoch(schedule);
            }
            for (half, sum) in halves.iter().zip(&mut sums) {
                trials.add_gradients(&theta, &orders, half.clone(), sum)?;
            }
            let [first, second] = &mut sums;
            let both = first.iter_mut().zip(second.iter());
            for (difference, (first, second)) in difference.iter_mut().zip(both) {
                *difference = first.clone() - second.clone();
                *first += second.clone();
            }
            second.fill(T::constant(0.0));
            direction.fill(T::constant(0.0));
            trials.step(&T::constant(1.0), &mut difference, &mut direction);
            for (half, strength) in halves.iter().zip(&strengths) {
                trials.add_weighted_products(
                    [&theta, &direction],
                    &orders,
                    half.clone(),
                    strength,
                    first,
                )?;
            }
            trials.step(&step, first, &mut theta);
        }
        Ok(theta)
    }
}
