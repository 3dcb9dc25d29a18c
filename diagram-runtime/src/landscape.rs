//! Loss landscapes, and the initial weights of training on them.

pub use diagram_kernels::landscape::Landscape;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Returns `dimension` independent standard normal numbers that are determined by the seed: initial weights as in the paper's experiments.
pub fn initialization(dimension: usize, seed: u64) -> Vec<f64> {
    let normals = ChaCha8Rng::seed_from_u64(seed).sample_iter(StandardNormal);
    normals.take(dimension).collect()
}
