//! Random numbers and data.

use diagram_kernels::samples::Samples;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Standard normal numbers from a seed.
pub(crate) fn normals(count: usize, seed: u64) -> Vec<f64> {
    let normals = ChaCha8Rng::seed_from_u64(seed).sample_iter(StandardNormal);
    normals.take(count).collect()
}

/// Images with labels: uniform pixels, each of which is 0 with a given chance (as most are outside of a garment), and one of ten classes.
pub(crate) fn images(
    count: usize,
    pixels: usize,
    zeros: f32,
    rng: &mut ChaCha8Rng,
) -> Samples<f32> {
    let mut numbers = vec![];
    for image in 0..count {
        numbers.extend((0..pixels).map(|_| {
            let shade: f32 = rng.random();
            if rng.random::<f32>() < zeros {
                0.0
            } else {
                shade
            }
        }));
        numbers.extend((0..10).map(|class| f32::from(u8::from(class == (7 * image) % 10))));
    }
    Samples::new(pixels + 10, numbers).expect("whole rows")
}
