//! Update rules on one trial, step by step, as their documentation says. All iterates are kept, and the Hessian-based update solves linear equations.

use diagram_runtime::scalar::Element;
use diagram_runtime::simulate::UpdateRule;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::descend::{Trial, points};

fn number(exact: &BigRational) -> f64 {
    exact.to_f64().expect("a number")
}

impl<T: Element> Trial<'_, T> {
    /// The result of a run.
    pub(super) fn by_rule(&self, rule: &UpdateRule) -> Vec<f64> {
        let schedule = self.reference.simulation.schedule;
        let multipliers: Vec<BigRational> = rule.learning_rates.multipliers(schedule.steps());
        let betas = rule.momentum.as_ref().map(|m| m.betas(schedule.steps()));
        let mut iterates = vec![self.start()];
        let mut buffer: Option<Vec<f64>> = None;
        let mut order = self.draw.order();
        for update in 0..schedule.steps() {
            let batch = update % schedule.batches();
            if batch == 0 {
                order.begin_epoch(schedule);
            }
            let first = batch * schedule.batch();
            let points = points(&order, first..first + schedule.batch());
            let mut theta = iterates[update].clone();
            let eta = self.eta * number(&multipliers[update]);

            let mut gradient = self.gradient_of_batch(rule, &theta, &points);
            if rule
                .weight_decay
                .as_ref()
                .is_some_and(|decay| decay.coupled)
            {
                add(&mut gradient, 1.0, &decay(rule, &theta));
            }
            if let Some(lambda) = &rule.hessian {
                gradient = self.solve(&theta, &points, eta * number(lambda), gradient);
            }
            let mut step = gradient.clone();
            if let (Some(momentum), Some(betas)) = (&rule.momentum, &betas) {
                let beta = number(&betas[update]);
                let fresh = 1.0 - number(&momentum.dampening);
                let velocity = match &buffer {
                    None => gradient,
                    Some(before) => {
                        let both = before.iter().zip(&gradient);
                        both.map(|(v, g)| beta * v + fresh * g).collect()
                    }
                };
                if momentum.nesterov {
                    add(&mut step, beta, &velocity);
                } else {
                    step.clone_from(&velocity);
                }
                buffer = Some(velocity);
            }
            if rule
                .weight_decay
                .as_ref()
                .is_some_and(|decay| !decay.coupled)
            {
                add(&mut step, 1.0, &decay(rule, &theta));
            }
            self.step(&mut theta, -eta, &step);
            iterates.push(theta);
        }
        let mut result = vec![0.0; iterates[0].len()];
        for (weight, iterate) in rule
            .averaging
            .weights::<BigRational>(schedule.steps())
            .iter()
            .zip(&iterates)
        {
            add(&mut result, number(weight), iterate);
        }
        result
    }

    fn gradient_of_batch(&self, rule: &UpdateRule, theta: &[f64], points: &[usize]) -> Vec<f64> {
        let Some(ascent) = &rule.ascent else {
            return self.mean_gradient(theta, points);
        };
        let group = ascent.group.unwrap_or(points.len());
        let mut mean = vec![0.0; theta.len()];
        for own in points.chunks(group) {
            let mut perturbed = theta.to_vec();
            let up = self.mean_gradient(theta, own);
            add(&mut perturbed, number(&ascent.radius) * self.eta, &up);
            let part = own.len() as f64 / points.len() as f64;
            add(&mut mean, part, &self.mean_gradient(&perturbed, own));
        }
        mean
    }

    /// Solves (1 + factor h) d = g with the mean Hessian h, by elimination.
    fn solve(&self, theta: &[f64], points: &[usize], factor: f64, g: Vec<f64>) -> Vec<f64> {
        let size = theta.len();
        let columns: Vec<Vec<f64>> = (0..size)
            .map(|i| {
                let mut unit = vec![0.0; size];
                unit[i] = 1.0;
                let mut column = self.mean_hessian_product(theta, &unit, points);
                for number in &mut column {
                    *number *= factor;
                }
                column[i] += 1.0;
                column
            })
            .collect();
        // The matrix is symmetric, and near 1: no pivots are searched.
        let mut rows = columns;
        let mut right = g;
        for at in 0..size {
            for below in at + 1..size {
                let by = rows[below][at] / rows[at][at];
                let pivot = rows[at].clone();
                add(&mut rows[below], -by, &pivot);
                right[below] -= by * right[at];
            }
        }
        for at in (0..size).rev() {
            let known: f64 = (at + 1..size).map(|j| rows[at][j] * right[j]).sum();
            right[at] = (right[at] - known) / rows[at][at];
        }
        right
    }
}

/// What weight decay adds: λ θ, for the weights that decay.
fn decay(rule: &UpdateRule, theta: &[f64]) -> Vec<f64> {
    let decay = rule.weight_decay.as_ref().expect("there is weight decay");
    let decays = |at: usize| decay.mask.as_ref().is_none_or(|mask| mask[at]);
    let weights = theta.iter().enumerate();
    let one = |(at, weight): (usize, &f64)| {
        if decays(at) {
            number(&decay.rate) * weight
        } else {
            0.0
        }
    };
    weights.map(one).collect()
}

/// `to += by * vector`
fn add(to: &mut [f64], by: f64, vector: &[f64]) {
    for (to, number) in to.iter_mut().zip(vector) {
        *to += by * number;
    }
}
