//! Gradient descent without noise.

use super::check::{check_eta, check_population, check_vector};
use super::preconditioned_gradient::preconditioned_gradient;
use super::{SimulationError, Simulator};
use crate::samples::Samples;
use crate::scalar::Element;

/// Returns the P weights after `steps` steps of gradient descent from `theta0` on the mean loss of the population itself. Each step is `θ -= η G(θ)`;
/// on a [`PreconditionedDescent`](super::PreconditionedDescent) G is multiplied by its matrix.
///
/// This is the noiseless path of the re-summed theory (Theorem 2), from which SGD deviates by its noise. A step computes the gradient at each point
/// of the population, on all threads of the current rayon pool. The result is the same bits on any number of threads.
///
/// # Errors
///
/// [`SimulationError::Length`] and [`SimulationError::NotFinite`] for `theta0`; [`SimulationError::EmptyPopulation`], [`SimulationError::Width`] and
/// [`SimulationError::Datapoint`] for the population; [`SimulationError::LearningRate`]; [`SimulationError::Diverged`] if a weight becomes infinite
/// or NaN; [`SimulationError::Device`].
pub fn noiseless_path(
    landscape: &dyn Simulator<f64>,
    theta0: &[f64],
    population: &Samples<f64>,
    eta: f64,
    steps: usize,
) -> Result<Vec<f64>, SimulationError> {
    let (dimension, width) = landscape.sizes();
    check_vector("theta0", theta0, dimension)?;
    check_population(population, width)?;
    check_eta(eta)?;
    let mut theta = theta0.to_vec();
    for step in 1..=steps {
        let gradient = preconditioned_gradient(landscape, population, &theta)?;
        for (weight, slope) in theta.iter_mut().zip(gradient) {
            *weight -= eta * slope;
        }
        if !theta.iter().all(Element::is_finite) {
            return Err(SimulationError::Diverged { step });
        }
    }
    Ok(theta)
}
