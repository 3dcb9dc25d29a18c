//! The derivatives of the samples' losses that the criteria need.

use rayon::prelude::*;

use crate::averages::sample_gradients;
use crate::derivatives::{DerivativeOutput, Derivatives, Direction, Pass};
use crate::device::DeviceError;

/// The number of samples that one thread processes in one piece.
const BLOCK: usize = 1024;

/// A row of P numbers for each of n samples.
#[derive(Debug)]
pub(super) struct Rows {
    numbers: Vec<f64>,
    width: usize,
}

impl Rows {
    /// The gradient of each sample.
    pub(super) fn gradients(derivatives: &dyn Derivatives<f64>) -> Result<Rows, DeviceError> {
        Ok(Rows {
            numbers: sample_gradients(derivatives, &[], &[])?,
            width: derivatives.dimension(),
        })
    }

    pub(super) fn count(&self) -> usize {
        self.numbers.len() / self.width
    }

    pub(super) fn row(&self, sample: usize) -> &[f64] {
        &self.numbers[sample * self.width..(sample + 1) * self.width]
    }

    /// Subtracts the mean of the rows from each row, and returns it.
    pub(super) fn center(&mut self) -> Vec<f64> {
        let count = self.count() as f64;
        let mut mean = vec![0.0; self.width];
        for row in self.numbers.chunks(self.width) {
            for (mean, x) in mean.iter_mut().zip(row) {
                *mean += x / count;
            }
        }
        for row in self.numbers.chunks_mut(self.width) {
            for (x, mean) in row.iter_mut().zip(&mean) {
                *x -= mean;
            }
        }
        mean
    }

    /// Returns the image of each row under a function that returns P numbers.
    pub(super) fn map(&self, row: impl Fn(&[f64]) -> Vec<f64> + Sync + Send) -> Rows {
        let rows = self.numbers.par_chunks(self.width).flat_map_iter(row);
        Rows {
            numbers: rows.collect(),
            width: self.width,
        }
    }
}

/// Returns the sum over the samples of the product of each sample's Hessian with a direction of its own: P numbers.
pub(super) fn sum_along_own(
    derivatives: &dyn Derivatives<f64>,
    directions: &Rows,
) -> Result<Vec<f64>, DeviceError> {
    let width = directions.width;
    let blocks: Vec<Vec<f64>> = directions
        .numbers
        .par_chunks(BLOCK * width)
        .enumerate()
        .map(|(block, rows)| {
            let first = block * BLOCK;
            let mut sum = vec![0.0; width];
            derivatives.pass(
                first..first + rows.len() / width,
                Pass {
                    directions: vec![Direction::PerSample(rows)],
                    outputs: vec![DerivativeOutput {
                        powers: &[1],
                        per_sample: None,
                        sum: Some(&mut sum),
                    }],
                },
            )?;
            Ok(sum)
        })
        .collect::<Result<_, DeviceError>>()?;
    let mut total = vec![0.0; width];
    for block in blocks {
        for (total, x) in total.iter_mut().zip(block) {
            *total += x;
        }
    }
    Ok(total)
}
