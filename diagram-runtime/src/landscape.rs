//! Loss landscapes, and where training begins on them.

pub use diagram_kernels::landscape::Landscape;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Standard normal weights, the paper's initialization, from a seed.
pub fn initialization(dimension: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normals = std::iter::from_fn(|| {
        // Box and Muller: two normals from two uniforms, the first not 0.
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * rng.random::<f64>()).sin_cos();
        Some([radius * cosine, radius * sine])
    });
    (&mut normals).flatten().take(dimension).collect()
}
