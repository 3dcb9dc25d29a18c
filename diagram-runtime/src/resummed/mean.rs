//! Mean derivatives over all samples.

use rayon::prelude::*;

use crate::derivatives::{Derivatives, Direction, Job, PassOutput};

/// Samples of one call; of a size that does not depend on the number of threads, since sums are made block by block.
const BLOCK: usize = 64;

/// The mean of `∇^(1+Σp) l_s[u_1^{p_1}, …, ·]` over the samples, one index open: P numbers.
pub(super) fn mean_gradient<D: Derivatives<f64> + ?Sized>(
    derivatives: &D,
    directions: &[&[f64]],
    powers: &[u8],
) -> Vec<f64> {
    let samples = derivatives.samples();
    let blocks: Vec<Vec<f64>> = (0..samples.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut sum = vec![0.0; derivatives.dimension()];
            let range = block * BLOCK..samples.min((block + 1) * BLOCK);
            derivatives.pass(
                range,
                Job {
                    directions: directions.iter().map(|u| Direction::Shared(u)).collect(),
                    outputs: vec![PassOutput {
                        powers,
                        per_sample: None,
                        sum: Some(&mut sum),
                    }],
                },
            );
            sum
        })
        .collect();
    let mut mean = vec![0.0; derivatives.dimension()];
    for sum in blocks {
        for (mean, sum) in mean.iter_mut().zip(sum) {
            *mean += sum / samples as f64;
        }
    }
    mean
}

/// The mean loss.
pub(super) fn mean_loss<D: Derivatives<f64> + ?Sized>(derivatives: &D) -> f64 {
    let mut losses = vec![0.0; derivatives.samples()];
    derivatives.losses(0..derivatives.samples(), &mut losses);
    losses.iter().sum::<f64>() / losses.len() as f64
}

/// Rows of gradients, P numbers for each sample, in the order of the samples.
pub(super) fn sample_gradients<D: Derivatives<f64> + ?Sized>(
    derivatives: &D,
    directions: &[&[f64]],
    powers: &[u8],
    read: &(impl Fn(&[f64]) -> Vec<f64> + Sync),
) -> Vec<Vec<f64>> {
    let samples = derivatives.samples();
    let dimension = derivatives.dimension();
    let blocks: Vec<Vec<Vec<f64>>> = (0..samples.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let range = block * BLOCK..samples.min((block + 1) * BLOCK);
            let mut rows = vec![0.0; range.len() * dimension];
            derivatives.pass(
                range,
                Job {
                    directions: directions.iter().map(|u| Direction::Shared(u)).collect(),
                    outputs: vec![PassOutput {
                        powers,
                        per_sample: Some(&mut rows),
                        sum: None,
                    }],
                },
            );
            rows.chunks(dimension).map(read).collect()
        })
        .collect();
    blocks.into_iter().flatten().collect()
}
