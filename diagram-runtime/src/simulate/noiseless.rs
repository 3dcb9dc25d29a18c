//! Gradient descent without noise.

use super::error::{check_eta, check_population, check_vector};
use super::{SimulationError, Simulator};
use crate::samples::Samples;

/// The weights after `steps` steps of gradient descent on the mean loss of the population itself, from `theta0`: P numbers. Each step is
/// `θ -= η G(θ)`, on a [`PreconditionedDescent`](super::PreconditionedDescent) times its matrix.
///
/// This is the noiseless path of the re-summed theory, which SGD follows up to its noise. A step takes the gradient at each point of the population,
/// on all threads; results are the same bits on any number of threads.
///
/// # Errors
///
/// [`SimulationError`]: lengths that do not fit, numbers that are not finite, and [`SimulationError::Diverged`].
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
        let mut gradient = landscape.mean_gradient(population, &theta);
        if let Some(rate) = landscape.learning_rate() {
            gradient = rate.raise(&gradient);
        }
        for (weight, slope) in theta.iter_mut().zip(gradient) {
            *weight -= eta * slope;
        }
        if !theta.iter().all(|weight| weight.is_finite()) {
            return Err(SimulationError::Diverged { step });
        }
    }
    Ok(theta)
}
