//! Each optimizer on one trial, step by step.

use crate::landscape::Landscape;
use crate::multidual::MultiDual;
use crate::samples::Samples;
use crate::scalar::{Element, Scalar};
use crate::simulate::draw::{Draw, Order};
use crate::simulate::optimizer::flow;
use crate::simulate::{Control, Optimizer, Simulation};
use crate::weights::Own;

/// A trial, in double precision.
pub(super) struct Trial<'a, L, T> {
    pub(super) landscape: &'a L,
    pub(super) simulation: &'a Simulation<'a, T>,
    pub(super) population: &'a Samples<f64>,
    pub(super) theta0: &'a [f64],
    pub(super) draw: &'a Draw,
    pub(super) eta: f64,
}

impl<L: Landscape, T: Element> Trial<'_, L, T> {
    /// The final weights.
    pub(super) fn descend(&self) -> Vec<f64> {
        let control = Control::unattended();
        match self.simulation.optimizer {
            Optimizer::Sgd => self.sgd(),
            Optimizer::Gdc => self.gdc(),
            Optimizer::Sde { substeps } => self.sde(substeps),
            // Without noise there is nothing to do in lanes.
            Optimizer::Ode => flow(self.simulation, self.population, self.eta, control),
        }
    }

    fn sgd(&self) -> Vec<f64> {
        let schedule = self.simulation.schedule;
        let mut theta = self.theta0.to_vec();
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
        let schedule = self.simulation.schedule;
        let train = schedule.train();
        let mut theta = self.theta0.to_vec();
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
            let gradient: Vec<f64> = (0..theta.len())
                .map(|i| {
                    let trace = n / 2.0 * (push_a[i] - push_b[i]);
                    a[i].midpoint(b[i]) + self.eta * (n - 1.0) / (4.0 * n) * trace
                })
                .collect();
            self.step(&mut theta, -self.eta, &gradient);
        }
        theta
    }

    fn sde(&self, substeps: usize) -> Vec<f64> {
        let schedule = self.simulation.schedule;
        let count = self.population.len();
        let everywhere: Vec<usize> = (0..count).collect();
        let length = 1.0 / substeps as f64;
        let scale = self.eta * (length / (schedule.batch() as f64 * count as f64)).sqrt();
        let mut theta = self.theta0.to_vec();
        let mut stream = self.draw.signs();
        let mut signs = vec![0.0; count];
        for _ in 0..schedule.steps() * substeps {
            stream.draw(&mut signs);
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

    fn mean_gradient(&self, theta: &[f64], points: &[usize]) -> Vec<f64> {
        self.mean(theta.len(), points, |x, gradient| {
            self.landscape.gradient(Own(theta), x, gradient);
        })
    }

    /// Of the Hessian.
    fn mean_hessian_product(&self, theta: &[f64], direction: &[f64], points: &[usize]) -> Vec<f64> {
        let moving: Vec<MultiDual<f64>> = theta
            .iter()
            .zip(direction)
            .map(|(&weight, &slope)| MultiDual::variable(weight, &[slope]))
            .collect();
        self.mean(theta.len(), points, |x, product| {
            let mut gradient = vec![MultiDual::constant(0.0); product.len()];
            self.landscape.gradient(Own(&moving), x, &mut gradient[..]);
            for (product, component) in product.iter_mut().zip(gradient) {
                *product = component.coefficient(1);
            }
        })
    }

    /// The mean over points of what `of` writes for each.
    fn mean(&self, length: usize, points: &[usize], of: impl Fn(&[f64], &mut [f64])) -> Vec<f64> {
        let mut mean = vec![0.0; length];
        let mut one = vec![0.0; length];
        for &point in points {
            of(self.population.row(point), &mut one);
            for (mean, one) in mean.iter_mut().zip(&one) {
                *mean += one / points.len() as f64;
            }
        }
        mean
    }

    /// `M · vector`.
    fn raise(&self, vector: &[f64]) -> Vec<f64> {
        let Some(rate) = self.simulation.landscape.learning_rate() else {
            return vector.to_vec();
        };
        let raised = |i| -> f64 {
            let numbers = vector.iter().enumerate();
            numbers
                .map(|(j, number)| rate.entry(i, j).to_f64() * number)
                .sum()
        };
        (0..vector.len()).map(raised).collect()
    }

    /// `theta += step · M · gradient`.
    fn step(&self, theta: &mut [f64], step: f64, gradient: &[f64]) {
        for (weight, slope) in theta.iter_mut().zip(self.raise(gradient)) {
            *weight += step * slope;
        }
    }
}

fn points(order: &Order<'_>, positions: std::ops::Range<usize>) -> Vec<usize> {
    positions.map(|position| order.point(position)).collect()
}
