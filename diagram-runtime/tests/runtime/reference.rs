//! Trials of simulations, one after the other, in plain double precision: what the simulator does in lanes is compared with this.

mod descend;
mod rule;

use diagram_runtime::landscape::Landscape;
use diagram_runtime::multidual::MultiDual;
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::{Element, Scalar};
use diagram_runtime::simulate::draw::Draw;
use diagram_runtime::simulate::{Optimizer, Outcome, Simulation, TestPoints};
use diagram_runtime::weights::Own;

use descend::Trial;

/// A landscape in double precision, one datapoint at a time. Every landscape is one.
pub(crate) trait Plain {
    fn loss_at(&self, theta: &[f64], x: &[f64]) -> f64;
    fn gradient_at(&self, theta: &[f64], x: &[f64]) -> Vec<f64>;
    /// The Hessian times a direction.
    fn hessian_product_at(&self, theta: &[f64], direction: &[f64], x: &[f64]) -> Vec<f64>;
}

impl<L: Landscape> Plain for L {
    fn loss_at(&self, theta: &[f64], x: &[f64]) -> f64 {
        Landscape::loss::<f64>(self, theta, x)
    }

    fn gradient_at(&self, theta: &[f64], x: &[f64]) -> Vec<f64> {
        let mut gradient = vec![f64::NAN; theta.len()];
        Landscape::gradient(self, Own(theta), x, &mut gradient[..]);
        gradient
    }

    fn hessian_product_at(&self, theta: &[f64], direction: &[f64], x: &[f64]) -> Vec<f64> {
        let weights = theta.iter().zip(direction);
        let moving: Vec<MultiDual<f64>> = weights
            .map(|(&weight, &slope)| MultiDual::variable(weight, &[slope]))
            .collect();
        let mut gradient = vec![MultiDual::constant(f64::NAN); theta.len()];
        Landscape::gradient(self, Own(&moving), x, &mut gradient[..]);
        let slopes = gradient.iter().map(|component| component.coefficient(1));
        slopes.collect()
    }
}

/// What a trial measures at each learning rate.
pub(crate) fn run_trial<T: Element>(
    landscape: &dyn Plain,
    simulation: &Simulation<'_, T>,
    trial: usize,
) -> Vec<Outcome> {
    run_trials(landscape, simulation, &[trial]).remove(0)
}

/// What each of some trials measures at each learning rate.
pub(crate) fn run_trials<T: Element>(
    landscape: &dyn Plain,
    simulation: &Simulation<'_, T>,
    trials: &[usize],
) -> Vec<Vec<Outcome>> {
    let reference = Reference {
        landscape,
        simulation,
        population: simulation.population.map(Element::to_f64),
        theta0: simulation.theta0.iter().map(Element::to_f64).collect(),
    };
    let trial_at = |trial: usize, eta: f64| Trial {
        reference: &reference,
        draw: Draw::new(simulation, trial),
        eta,
    };
    // The flow is the same for all trials.
    let flow = |&eta: &f64| {
        let flows = simulation.optimizer == Optimizer::Ode;
        flows.then(|| trial_at(0, eta).flow())
    };
    let flows: Vec<Option<Vec<f64>>> = simulation.etas.iter().map(flow).collect();
    let run = |&trial: &usize| {
        let rates = simulation.etas.iter().zip(&flows);
        let outcome = |(&eta, flow): (&f64, &Option<Vec<f64>>)| {
            let trial = trial_at(trial, eta);
            let theta = flow.clone().unwrap_or_else(|| trial.descend());
            trial.measure(&theta)
        };
        rates.map(outcome).collect()
    };
    trials.iter().map(run).collect()
}

/// A simulation in double precision.
struct Reference<'a, T> {
    landscape: &'a dyn Plain,
    simulation: &'a Simulation<'a, T>,
    population: Samples<f64>,
    theta0: Vec<f64>,
}

impl<T: Element> Trial<'_, T> {
    /// What the final weights are worth; NaN for what is not asked for.
    fn measure(&self, theta: &[f64]) -> Outcome {
        let simulation = self.reference.simulation;
        let mut outcome = Outcome {
            test_loss: f64::NAN,
            test_loss_squared: f64::NAN,
            train_loss: f64::NAN,
            displacement: f64::NAN,
        };
        let everywhere: Vec<usize> = (0..self.reference.population.len()).collect();
        match simulation.test_points {
            TestPoints::None => {}
            TestPoints::All => {
                outcome.test_loss = mean(&self.losses(theta, &everywhere));
                outcome.test_loss_squared = outcome.test_loss.powi(2);
            }
            TestPoints::Subset(_) => {
                let losses = self.losses(theta, &self.draw.test);
                outcome.test_loss = mean(&losses);
                outcome.test_loss_squared = squared_mean(&losses, everywhere.len());
            }
        }
        if simulation.train_loss {
            outcome.train_loss = mean(&self.losses(theta, &self.draw.train));
        }
        if let Some(probe) = simulation.probe {
            let moved = theta.iter().zip(&self.reference.theta0);
            let along = probe.iter().zip(moved);
            outcome.displacement = along.map(|(u, (to, from))| u.to_f64() * (to - from)).sum();
        }
        outcome
    }

    fn losses(&self, theta: &[f64], points: &[usize]) -> Vec<f64> {
        let loss = |&point: &usize| {
            let x = self.reference.population.row(point);
            self.reference.landscape.loss_at(theta, x)
        };
        points.iter().map(loss).collect()
    }
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// The square of the mean over a population, without bias, from a subset drawn without replacement: of all pairs of points of the population, one in
/// `population` is a point twice.
fn squared_mean(losses: &[f64], population: usize) -> f64 {
    let (mut distinct, mut twice) = (vec![], vec![]);
    for (i, first) in losses.iter().enumerate() {
        for (j, second) in losses.iter().enumerate() {
            let pairs = if i == j { &mut twice } else { &mut distinct };
            pairs.push(first * second);
        }
    }
    let share = 1.0 / population as f64;
    (1.0 - share) * mean(&distinct) + share * mean(&twice)
}
