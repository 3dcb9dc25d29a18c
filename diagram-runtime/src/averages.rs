//! Derivatives that are averaged over the samples or taken for each sample, computed on all threads of the current rayon pool.
//!
//! The work is cut into pieces that do not depend on the number of threads, and the pieces are added in a fixed order. The results are therefore the
//! same bits on any number of threads.

use diagram_algebra::dot::dot;
use rayon::prelude::*;

use crate::derivatives::{DIRECTIONS_PER_CALL, DerivativeOutput, Derivatives, Direction, Pass};
use crate::device::DeviceError;

/// The number of samples in one call for derivatives.
const BLOCK: usize = 64;

/// Returns the mean loss of all samples.
pub(crate) fn mean_loss(derivatives: &dyn Derivatives<f64>) -> Result<f64, DeviceError> {
    let mut losses = vec![0.0; derivatives.samples()];
    derivatives.losses(0..losses.len(), &mut losses)?;
    Ok(losses.iter().sum::<f64>() / losses.len() as f64)
}

/// Returns the mean of `∇^(1+Σp) l_s[u_1^{p_1}, …, ·]` over the samples s, with one index open: P numbers. The samples are shared out among the
/// threads.
pub(crate) fn mean_gradient(
    derivatives: &dyn Derivatives<f64>,
    directions: &[&[f64]],
    powers: &[u8],
) -> Result<Vec<f64>, DeviceError> {
    let samples = derivatives.samples();
    let directions: Vec<_> = directions.iter().map(|u| Direction::Shared(u)).collect();
    let blocks: Vec<Vec<f64>> = (0..samples.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut sum = vec![0.0; derivatives.dimension()];
            let outputs = vec![DerivativeOutput {
                powers,
                per_sample: None,
                sum: Some(&mut sum),
            }];
            let directions = directions.clone();
            derivatives.pass(
                block * BLOCK..samples.min((block + 1) * BLOCK),
                Pass {
                    directions,
                    outputs,
                },
            )?;
            Ok(sum)
        })
        .collect::<Result<_, DeviceError>>()?;
    let mut mean = vec![0.0; derivatives.dimension()];
    for sum in blocks {
        for (mean, sum) in mean.iter_mut().zip(sum) {
            *mean += sum / samples as f64;
        }
    }
    Ok(mean)
}

/// Returns [`mean_gradient`] for each of many sets of directions. The sets are shared out among the threads.
pub(crate) fn mean_gradients(
    derivatives: &dyn Derivatives<f64>,
    sets: &[Vec<&[f64]>],
    powers: &[u8],
) -> Result<Vec<Vec<f64>>, DeviceError> {
    let (samples, width) = (derivatives.samples(), derivatives.dimension());
    // The sets of directions in one call share the computations that do not depend on the directions.
    let together = sets.par_chunks(DIRECTIONS_PER_CALL).map(|sets| {
        let mut sums = vec![vec![0.0; width]; sets.len()];
        let passes = sets.iter().zip(&mut sums).map(|(set, sum)| Pass {
            directions: set.iter().map(|u| Direction::Shared(u)).collect(),
            outputs: vec![DerivativeOutput {
                powers,
                per_sample: None,
                sum: Some(sum),
            }],
        });
        derivatives.passes(0..samples, passes.collect())?;
        for x in sums.iter_mut().flatten() {
            *x /= samples as f64;
        }
        Ok(sums)
    });
    let means: Vec<Vec<Vec<f64>>> = together.collect::<Result<_, DeviceError>>()?;
    Ok(means.into_iter().flatten().collect())
}

/// Returns the products of the mean Hessian with all basis vectors: P rows of P numbers. The matrix is symmetric up to rounding.
pub(crate) fn mean_hessian(
    derivatives: &dyn Derivatives<f64>,
) -> Result<Vec<Vec<f64>>, DeviceError> {
    let dimension = derivatives.dimension();
    let units: Vec<Vec<f64>> = (0..dimension)
        .map(|at| {
            let mut unit = vec![0.0; dimension];
            unit[at] = 1.0;
            unit
        })
        .collect();
    let sets: Vec<Vec<&[f64]>> = units.iter().map(|unit| vec![&unit[..]]).collect();
    mean_gradients(derivatives, &sets, &[1])
}

/// Returns the derivative of each sample that [`mean_gradient`] averages: n x P numbers, row-major.
pub(crate) fn sample_gradients(
    derivatives: &dyn Derivatives<f64>,
    directions: &[&[f64]],
    powers: &[u8],
) -> Result<Vec<f64>, DeviceError> {
    let width = derivatives.dimension();
    let directions: Vec<_> = directions.iter().map(|u| Direction::Shared(u)).collect();
    let mut numbers = vec![0.0; derivatives.samples() * width];
    let blocks = numbers.par_chunks_mut(BLOCK * width).enumerate();
    blocks.try_for_each(|(block, rows)| {
        let first = block * BLOCK;
        derivatives.pass(
            first..first + rows.len() / width,
            Pass {
                directions: directions.clone(),
                outputs: vec![DerivativeOutput {
                    powers,
                    per_sample: Some(rows),
                    sum: None,
                }],
            },
        )
    })?;
    Ok(numbers)
}

/// Returns the products of the derivative of each sample that [`mean_gradient`] averages with some vectors: a row of numbers for each sample. The derivatives themselves are not kept.
pub(crate) fn sample_products(
    derivatives: &dyn Derivatives<f64>,
    directions: &[&[f64]],
    powers: &[u8],
    vectors: &[&[f64]],
) -> Result<Vec<f64>, DeviceError> {
    let width = derivatives.dimension();
    let directions: Vec<_> = directions.iter().map(|u| Direction::Shared(u)).collect();
    let mut numbers = vec![0.0; derivatives.samples() * vectors.len()];
    let blocks = numbers.par_chunks_mut(BLOCK * vectors.len()).enumerate();
    blocks.try_for_each(|(block, products)| {
        let (first, count) = (block * BLOCK, products.len() / vectors.len());
        let mut rows = vec![0.0; count * width];
        let outputs = vec![DerivativeOutput {
            powers,
            per_sample: Some(&mut rows),
            sum: None,
        }];
        let directions = directions.clone();
        derivatives.pass(
            first..first + count,
            Pass {
                directions,
                outputs,
            },
        )?;
        let products = products.chunks_mut(vectors.len());
        for (row, products) in rows.chunks(width).zip(products) {
            for (product, vector) in products.iter_mut().zip(vectors) {
                *product = dot(row, vector);
            }
        }
        Ok::<(), DeviceError>(())
    })?;
    Ok(numbers)
}
