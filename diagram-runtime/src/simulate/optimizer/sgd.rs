//! Stochastic gradient descent.

use crate::scalar::Element;
use crate::simulate::Points;
use crate::simulate::engine::{Block, Descent, Stopped, chunks, rows};
use crate::slab::Slab;

pub(super) struct Sgd;

impl<T: Element> Descent<T> for Sgd {
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped> {
        let simulation = trials.simulation();
        let schedule = simulation.schedule;
        let step = T::constant(-simulation.etas[rate] / schedule.batch() as f64);
        let mut theta = trials.start();
        // With batches of one point, the gradient of a step is added to the weights as it is computed. With larger batches, or if steps are
        // multiplied by a matrix, the gradients of a batch are summed first.
        let single = schedule.batch() == 1 && trials.landscape().learning_rate().is_none();
        let mut total = trials.zeros(if single { 0 } else { simulation.theta0.len() });
        let mut orders = trials.orders();
        for _ in 0..schedule.epochs() {
            for order in &mut orders {
                order.begin_epoch(schedule);
            }
            if single {
                for positions in chunks(0..schedule.visits()) {
                    trials.check_cancelled()?;
                    let rows = rows(&orders, positions);
                    let points = Points::EachLane(&rows);
                    let population = simulation.population;
                    trials
                        .landscape()
                        .descend(&mut theta, population, points, &step)?;
                }
                continue;
            }
            for batch in 0..schedule.batches() {
                let first = batch * schedule.batch();
                let positions = first..first + schedule.batch();
                trials.add_gradients(&theta, &orders, positions, &mut total)?;
                trials.step(&step, &mut total, &mut theta);
            }
        }
        Ok(theta)
    }
}
