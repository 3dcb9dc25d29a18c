//! One trial, in plain double precision.

mod descend;

use super::draw::Draw;
use super::{Outcome, Simulation, TestPoints, evaluate};
use crate::landscape::Landscape;
use crate::samples::Samples;
use crate::scalar::Element;
use descend::Trial;

pub(super) fn run_trial<L: Landscape, T: Element>(
    landscape: &L,
    simulation: &Simulation<'_, T>,
    trial: usize,
) -> Vec<Outcome> {
    let population = simulation.population.map(Element::to_f64);
    let theta0: Vec<f64> = simulation.theta0.iter().map(Element::to_f64).collect();
    let draw = Draw::new(simulation, trial);
    let mean_loss = |theta: &[f64], points: &[usize]| {
        let losses = losses(landscape, &population, theta, points);
        losses.iter().sum::<f64>() / losses.len() as f64
    };
    let outcome = |&eta: &f64| {
        let trial = Trial {
            landscape,
            simulation,
            population: &population,
            theta0: &theta0,
            draw: &draw,
            eta,
        };
        let theta = trial.descend();
        let mut outcome = Outcome::NOTHING;
        match simulation.test_points {
            TestPoints::None => {}
            TestPoints::All => {
                let everywhere: Vec<usize> = (0..population.len()).collect();
                outcome.test_loss = mean_loss(&theta, &everywhere);
                outcome.test_loss_squared = outcome.test_loss.powi(2);
            }
            TestPoints::Subset(_) => {
                let losses = losses(landscape, &population, &theta, &draw.test);
                evaluate::test_loss(&losses, population.len(), &mut outcome);
            }
        }
        if simulation.train_loss {
            outcome.train_loss = mean_loss(&theta, &draw.train);
        }
        if let Some(probe) = simulation.probe {
            outcome.displacement = (0..theta.len())
                .map(|i| probe[i].to_f64() * (theta[i] - theta0[i]))
                .sum();
        }
        outcome
    };
    simulation.etas.iter().map(outcome).collect()
}

fn losses<L: Landscape>(
    landscape: &L,
    population: &Samples<f64>,
    theta: &[f64],
    points: &[usize],
) -> Vec<f64> {
    points
        .iter()
        .map(|&point| landscape.loss::<f64>(theta, population.row(point)))
        .collect()
}
