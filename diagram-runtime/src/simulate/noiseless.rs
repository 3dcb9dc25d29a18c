//! Gradient descent without noise, and the gradient of the mean loss.

use rayon::prelude::*;

use super::error::{check_eta, check_population, check_vector};
use super::{SimulationError, Simulator};
use crate::device::DeviceError;
use crate::samples::Samples;
use crate::scalar::Element;

/// The number of datapoints whose gradients one thread adds in one piece.
const POINTS: usize = 128;

/// Returns `M G(θ)`, the matrix of the learning rate times the gradient of the mean loss of a population: P numbers, which do not contain η. It is
/// computed on all threads of the current rayon pool, and is the same bits on any number of threads.
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
