//! The gradient of the mean loss of a population, times the matrix of the learning rate.

use rayon::prelude::*;

use super::Simulator;
use crate::device::DeviceError;
use crate::samples::Samples;
use crate::scalar::Element;

/// The number of datapoints whose gradients one thread adds in one piece.
const POINTS: usize = 128;

/// Returns `M G(θ)`, the matrix of the learning rate times the gradient of the mean loss of a population: P numbers, which do not contain η. It is
/// computed on all threads of the current rayon pool, and is the same bits on any number of threads.
pub(super) fn preconditioned_gradient<T: Element>(
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
