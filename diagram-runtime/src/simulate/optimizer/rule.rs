//! Updates by a rule: learning rates that change, momentum, averages of iterates, SAM, the Hessian-based update and weight decay.

mod gradient;
mod numbers;

use diagram_calculus::optimizer::UpdateRule;

use crate::scalar::Element;
use crate::simulate::engine::{Block, Descent, POINTS, Stopped, rows};
use crate::simulate::{Points, Simulation, slabs};
use crate::slab::Slab;
use gradient::Gradients;
use numbers::{Momentum, Numbers};

/// The number of equal steps from which on they are taken while gradients are computed. To begin and to end that costs what it saves in about three steps.
const FUSED_STEPS: usize = 4;

pub(super) struct Rule<T> {
    numbers: Numbers<T>,
}

impl<T: Element> Rule<T> {
    pub(super) fn new(rule: &UpdateRule, simulation: &Simulation<'_, T>) -> Self {
        let steps = simulation.schedule.steps();
        Rule {
            numbers: Numbers::new(rule, steps, simulation.theta0.len()),
        }
    }

    /// Whether a step is the gradient of one point, which is then added to the weights as it is computed.
    fn is_fused(&self, trials: &Block<'_, T>) -> bool {
        let numbers = &self.numbers;
        let plain = numbers.momentum.is_none()
            && numbers.ascent.is_none()
            && numbers.hessian.is_none()
            && numbers.decay.is_none();
        plain
            && trials.simulation().schedule.batch() == 1
            && trials.landscape().learning_rate().is_none()
    }
}

impl<T: Element> Descent<T> for Rule<T> {
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped> {
        let simulation = trials.simulation();
        let schedule = simulation.schedule;
        let mut run = Run::new(&self.numbers, trials, simulation.etas[rate]);
        run.take_in();
        let fused = self.is_fused(trials);
        let mut gradients = Gradients::new(&self.numbers, trials, simulation.etas[rate]);
        let mut orders = trials.orders();
        for _ in 0..schedule.epochs() {
            for order in &mut orders {
                order.begin_epoch(schedule);
            }
            let mut batch = 0;
            while batch < schedule.batches() {
                let first = batch * schedule.batch();
                let most = POINTS.min(schedule.batches() - batch);
                let steps = if fused {
                    self.numbers.equal_steps(run.update, most)
                } else {
                    1
                };
                if steps >= FUSED_STEPS {
                    trials.check_cancelled()?;
                    run.steps_of_one_point(&rows(&orders, first..first + steps))?;
                    batch += steps;
                } else {
                    let positions = first..first + schedule.batch();
                    let multiplier = self.numbers.multipliers[run.update];
                    gradients.compute(&run.theta, &orders, positions, multiplier)?;
                    run.step(&mut gradients.total);
                    batch += 1;
                }
            }
        }
        Ok(run.average.unwrap_or(run.theta))
    }
}

/// The state of a block of trials.
struct Run<'a, T> {
    numbers: &'a Numbers<T>,
    trials: &'a Block<'a, T>,
    eta: f64,
    /// The number of updates that are done.
    update: usize,
    theta: Slab<T>,
    /// The buffer of momentum; empty if there is none.
    buffer: Slab<T>,
    average: Option<Slab<T>>,
}

impl<'a, T: Element> Run<'a, T> {
    fn new(numbers: &'a Numbers<T>, trials: &'a Block<'a, T>, eta: f64) -> Self {
        let dimension = trials.simulation().theta0.len();
        let remembered = if numbers.momentum.is_some() {
            dimension
        } else {
            0
        };
        let averages = numbers.averaging.is_some();
        Run {
            numbers,
            trials,
            eta,
            update: 0,
            theta: trials.start(),
            buffer: trials.zeros(remembered),
            average: averages.then(|| trials.zeros(dimension)),
        }
    }

    /// The factor of the next step.
    fn by(&self) -> T {
        T::constant(-self.eta * self.numbers.multipliers[self.update])
    }

    /// Takes one step after the other, each along the gradient of one point, as long as the learning rate is the same and no iterate but the last takes part in the average.
    fn steps_of_one_point(&mut self, rows: &[usize]) -> Result<(), Stopped> {
        let (by, landscape) = (self.by(), self.trials.landscape());
        let points = Points::EachLane(rows);
        self.update += points.steps(landscape.lanes());
        let population = self.trials.simulation().population;
        landscape.descend(&mut self.theta, population, points, &by)?;
        self.take_in();
        Ok(())
    }

    /// Takes a step from the mean gradient of a batch, which is then set to 0.
    fn step(&mut self, gradient: &mut [T]) {
        let by = self.by();
        let update = self.update;
        self.update += 1;
        let has_matrix = self.trials.landscape().learning_rate().is_some();
        let numbers = self.numbers;
        slabs::update(slabs::Update {
            gradient,
            theta: &mut self.theta,
            decay: numbers.decay.as_ref().map(|decay| slabs::Decay {
                rates: &decay.rates,
                coupled: decay.coupled,
            }),
            memory: numbers
                .momentum
                .as_ref()
                .map(|momentum| memory(momentum, &mut self.buffer, update)),
            by: (!has_matrix).then(|| by.clone()),
            average: if has_matrix {
                None
            } else {
                average(numbers, self.average.as_mut(), self.update)
            },
        });
        if has_matrix {
            self.trials.step(&by, gradient, &mut self.theta);
            self.take_in();
        }
    }

    /// Takes the weights into the average, if they are part of it.
    fn take_in(&mut self) {
        let average = average(self.numbers, self.average.as_mut(), self.update);
        if let Some(average) = average {
            slabs::average(&self.theta, average);
        }
    }
}

/// The momentum of an update.
fn memory<'a, T: Element>(
    momentum: &Momentum,
    buffer: &'a mut [T],
    update: usize,
) -> slabs::Memory<'a, T> {
    slabs::Memory {
        buffer,
        beta: T::constant(momentum.betas[update]),
        // The first gradient is not dampened. The buffer is 0 before.
        fresh: T::constant(if update == 0 { 1.0 } else { momentum.fresh }),
        nesterov: momentum.nesterov,
    }
}

/// The average, if the iterate with this number takes part in it.
fn average<'a, T: Element>(
    numbers: &Numbers<T>,
    of: Option<&'a mut Slab<T>>,
    iterate: usize,
) -> Option<slabs::Average<'a, T>> {
    let [keep, add] = numbers.averaging.as_ref()?.factors(iterate)?;
    Some(slabs::Average {
        of: of?,
        keep: T::constant(keep),
        add: T::constant(add),
    })
}
