//! Gradient descent without noise.

use rayon::prelude::*;

use super::error::{check_eta, check_population, check_vector};
use super::{SimulationError, Simulator};
use crate::device::DeviceError;
use crate::samples::Samples;
use crate::scalar::Element;

/// Datapoints whose gradients are added on one thread.
const POINTS: usize = 128;

/// `M G(θ)`, the gradient of the mean loss of a population times the matrix of the learning rate: P numbers. On all threads of the current rayon pool;
/// the same bits on any number of them.
pub(super) fn velocity<T: Element>(
    landscape: &dyn Simulator<T>,
    population: &Samples<f64>,
    theta: &[f64],
) -> Result<Vec<f64>, DeviceError> {
    let points = population.len();
    let sum = |block: usize| {
        let first = block * POINTS;
        landscape.sum_gradients(theta, population, first..points.min(first + POINTS))
    };
    let blocks = points.div_ceil(POINTS);
    let sums: Vec<Vec<f64>> = if blocks == 1 {
        vec![sum(0)?]
    } else {
        (0..blocks)
            .into_par_iter()
            .map(sum)
            .collect::<Result<_, _>>()?
    };
    let mut mean = vec![0.0; theta.len()];
    for sum in sums {
        for (mean, sum) in mean.iter_mut().zip(sum) {
            *mean += sum / points as f64;
        }
    }
    Ok(match landscape.learning_rate() {
        Some(rate) => rate.raise(&mean),
        None => mean,
    })
}

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
        let gradient = velocity(landscape, population, &theta)?;
        for (weight, slope) in theta.iter_mut().zip(gradient) {
            *weight -= eta * slope;
        }
        if !theta.iter().all(Element::is_finite) {
            return Err(SimulationError::Diverged { step });
        }
    }
    Ok(theta)
}
