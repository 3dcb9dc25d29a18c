//! Loss landscapes, and the initial weights of training on them.

pub use diagram_kernels::landscape::Landscape;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns `dimension` independent standard normal numbers that are determined by the seed: initial weights as in the paper's experiments.
pub fn initialization(dimension: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normals = std::iter::from_fn(|| {
        // The method of Box and Muller makes two normal numbers from two uniform ones. The first uniform number is never 0, because its logarithm is
        // taken.
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * rng.random::<f64>()).sin_cos();
        Some([radius * cosine, radius * sine])
    });
    (&mut normals).flatten().take(dimension).collect()
}
