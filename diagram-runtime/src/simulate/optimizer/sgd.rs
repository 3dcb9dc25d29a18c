//! Stochastic gradient descent.

use super::Descent;
use crate::landscape::Landscape;
use crate::network::sink::Descend;
use crate::scalar::{Element, Lanes};
use crate::simulate::engine::Block;
use crate::weights::Own;

pub(super) struct Sgd;

impl<L: Landscape, T: Element, V: Lanes<Element = T>> Descent<L, T, V> for Sgd {
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
    let step = T::constant(-eta / schedule.batch() as f64);
    let mut theta = trials.start();
    // Batches of one point step from one set of weights to another as the gradient is computed; larger ones first sum their gradients, and so
    // do all if steps are multiplied by a matrix.
    let single = schedule.batch() == 1 && simulation.landscape.learning_rate().is_none();
    let zeros = |length| vec![V::constant(0.0); length];
    let mut next = zeros(if single { theta.len() } else { 0 });
    let mut total = zeros(if single { 0 } else { theta.len() });
    let mut x = zeros(simulation.population.width());
    let once = V::constant(1.0);
    let mut orders = trials.orders();
    for _ in 0..schedule.epochs() {
        for order in &mut orders {
            order.begin_epoch(schedule);
        }
        for batch in 0..schedule.batches() {
            if trials.cancelled() {
                return None;
            }
            for member in 0..schedule.batch() {
                let position = batch * schedule.batch() + member;
                trials.gather_points(|lane| orders[lane].point(position), &mut x);
                if single {
                    let mut descend = Descend {
                        from: &theta,
                        to: &mut next,
                        step: step.clone(),
                    };
                    trials.landscape().gradient(Own(&theta), &x, &mut descend);
                    std::mem::swap(&mut theta, &mut next);
                } else {
                    trials.add_gradients(&theta, &x, &once, &mut total);
                }
            }
            if !single {
                trials.step(&step, &mut total, &mut theta);
            }
        }
    }
    Some(theta)
}
