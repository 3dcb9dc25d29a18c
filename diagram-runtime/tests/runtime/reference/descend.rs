//! Each optimizer on one trial, step by step.

use std::ops::Range;

use diagram_runtime::scalar::Element;
use diagram_runtime::simulate::Optimizer;
use diagram_runtime::simulate::draw::{Draw, Order};

use super::Reference;

/// A trial at a learning rate.
pub(super) struct Trial<'a, T> {
    pub(super) reference: &'a Reference<'a, T>,
    pub(super) draw: Draw,
    pub(super) eta: f64,
}

/// Steps of the method of Runge and Kutta for each step of the schedule.
const FLOW_STEPS: usize = 16;

impl<T: Element> Trial<'_, T> {
    /// The final weights.
    pub(super) fn descend(&self) -> Vec<f64> {
        match &self.reference.simulation.optimizer {
            Optimizer::Sgd => self.sgd(),
            Optimizer::Rule(rule) => self.by_rule(rule),
            Optimizer::Gdc => self.gdc(),
            Optimizer::Sde { substeps } => self.sde(*substeps),
            Optimizer::Ode => self.flow(),
        }
    }

    pub(super) fn start(&self) -> Vec<f64> {
        self.reference.theta0.clone()
    }

    fn sgd(&self) -> Vec<f64> {
        let schedule = self.reference.simulation.schedule;
        let mut theta = self.start();
        let mut order = self.draw.order();
        for _ in 0..schedule.epochs() {
            order.begin_epoch(schedule);
            for batch in 0..schedule.batches() {
                let first = batch * schedule.batch();
                let points = points(&order, first..first + schedule.batch());
                let gradient = self.mean_gradient(&theta, &points);
                self.step(&mut theta, -self.eta, &gradient);
            }
        }
        theta
    }

    fn gdc(&self) -> Vec<f64> {
        let schedule = self.reference.simulation.schedule;
        let train = schedule.train();
        let mut theta = self.start();
        let mut order = self.draw.order();
        for _ in 0..schedule.epochs() {
            order.begin_epoch(schedule);
            let halves = [0..train / 2, train / 2..train].map(|half| points(&order, half));
            let [a, b] = [0, 1].map(|half| self.mean_gradient(&theta, &halves[half]));
            let difference: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
            let direction = self.raise(&difference);
            let [push_a, push_b] =
                [0, 1].map(|half| self.mean_hessian_product(&theta, &direction, &halves[half]));
            let n = train as f64;
            let component = |i: usize| {
                let trace = n / 2.0 * (push_a[i] - push_b[i]);
                a[i].midpoint(b[i]) + self.eta * (n - 1.0) / (4.0 * n) * trace
            };
            let gradient: Vec<f64> = (0..theta.len()).map(component).collect();
            self.step(&mut theta, -self.eta, &gradient);
        }
        theta
    }

    fn sde(&self, substeps: usize) -> Vec<f64> {
        let schedule = self.reference.simulation.schedule;
        let everywhere = self.everywhere();
        let count = everywhere.len();
        let length = 1.0 / substeps as f64;
        let scale = self.eta * (length / (schedule.batch() as f64 * count as f64)).sqrt();
        let mut theta = self.start();
        let mut stream = self.draw.signs();
        let mut signs = vec![0.0; count];
        for _ in 0..schedule.steps() * substeps {
            stream.signs(&mut signs);
            let mean = self.mean_gradient(&theta, &everywhere);
            let mut noise = vec![0.0; theta.len()];
            for &point in &everywhere {
                let gradient = self.mean_gradient(&theta, &[point]);
                for i in 0..theta.len() {
                    noise[i] += signs[point] * (gradient[i] - mean[i]);
                }
            }
            self.step(&mut theta, -self.eta * length, &mean);
            self.step(&mut theta, scale, &noise);
        }
        theta
    }

    /// The gradient flow, by the method of Runge and Kutta of order 4.
    pub(super) fn flow(&self) -> Vec<f64> {
        let everywhere = self.everywhere();
        let velocity = |theta: &[f64]| self.raise(&self.mean_gradient(theta, &everywhere));
        let step = -self.eta / FLOW_STEPS as f64;
        let moved = |theta: &[f64], by: f64, along: &[f64]| -> Vec<f64> {
            theta.iter().zip(along).map(|(w, v)| w + by * v).collect()
        };
        let mut theta = self.start();
        for _ in 0..self.reference.simulation.schedule.steps() * FLOW_STEPS {
            let first = velocity(&theta);
            let second = velocity(&moved(&theta, step / 2.0, &first));
            let third = velocity(&moved(&theta, step / 2.0, &second));
            let fourth = velocity(&moved(&theta, step, &third));
            for i in 0..theta.len() {
                let middle = 2.0 * (second[i] + third[i]);
                theta[i] += step / 6.0 * (first[i] + middle + fourth[i]);
            }
        }
        theta
    }

    fn everywhere(&self) -> Vec<usize> {
        (0..self.reference.population.len()).collect()
    }

    pub(super) fn mean_gradient(&self, theta: &[f64], points: &[usize]) -> Vec<f64> {
        let landscape = self.reference.landscape;
        self.mean(points, |x| landscape.gradient_at(theta, x))
    }

    /// The mean Hessian times a direction.
    pub(super) fn mean_hessian_product(
        &self,
        theta: &[f64],
        direction: &[f64],
        points: &[usize],
    ) -> Vec<f64> {
        let landscape = self.reference.landscape;
        self.mean(points, |x| {
            landscape.hessian_product_at(theta, direction, x)
        })
    }

    /// The mean over points of P numbers of each.
    fn mean(&self, points: &[usize], of: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
        let mut mean = vec![0.0; self.reference.theta0.len()];
        for &point in points {
            let one = of(self.reference.population.row(point));
            for (mean, one) in mean.iter_mut().zip(one) {
                *mean += one / points.len() as f64;
            }
        }
        mean
    }

    /// `M · vector`.
    pub(super) fn raise(&self, vector: &[f64]) -> Vec<f64> {
        let Some(rate) = self.reference.simulation.landscape.learning_rate() else {
            return vector.to_vec();
        };
        let component = |i| -> f64 {
            let numbers = vector.iter().enumerate();
            let terms = numbers.map(|(j, number)| rate.entry(i, j).to_f64() * number);
            terms.sum()
        };
        (0..vector.len()).map(component).collect()
    }

    /// `theta += step · M · gradient`.
    pub(super) fn step(&self, theta: &mut [f64], step: f64, gradient: &[f64]) {
        for (weight, slope) in theta.iter_mut().zip(self.raise(gradient)) {
            *weight += step * slope;
        }
    }
}

pub(super) fn points(order: &Order<'_>, positions: Range<usize>) -> Vec<usize> {
    positions.map(|position| order.point(position)).collect()
}
