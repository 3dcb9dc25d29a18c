//! The sample of Fashion-MNIST that lies in the library, read here without the library.

use std::io::Read;

use flate2::read::GzDecoder;

use super::FrameworkError;

/// An IDX file of images and one of labels, joined and compressed.
static SAMPLE: &[u8] = include_bytes!("../../../../diagram-runtime/assets/fashion-mnist-sample.gz");

/// Pixels of an image.
pub(crate) const PIXELS: usize = 784;
/// Bytes before the first pixel: a magic number and three lengths.
const IMAGES_HEADER: usize = 16;
/// Bytes before the first label: a magic number and a length.
const LABELS_HEADER: usize = 8;

/// Images with pixels between 0 and 1, and their labels.
pub(crate) struct Images {
    pub(crate) pixels: Vec<f32>,
    pub(crate) labels: Vec<usize>,
}

impl Images {
    /// The whole sample.
    pub(crate) fn sample() -> Result<Self, FrameworkError> {
        let mut bytes = vec![];
        GzDecoder::new(SAMPLE)
            .read_to_end(&mut bytes)
            .map_err(|_| FrameworkError::Sample)?;
        let count = bytes
            .get(4..8)
            .and_then(|count| count.try_into().ok())
            .map(|count| u32::from_be_bytes(count) as usize)
            .ok_or(FrameworkError::Sample)?;
        let end = IMAGES_HEADER + count * PIXELS;
        let pixels = bytes.get(IMAGES_HEADER..end);
        let labels = bytes.get(end + LABELS_HEADER..end + LABELS_HEADER + count);
        let (Some(pixels), Some(labels)) = (pixels, labels) else {
            return Err(FrameworkError::Sample);
        };
        Ok(Images {
            pixels: pixels.iter().map(|&p| f32::from(p) / 255.0).collect(),
            labels: labels.iter().map(|&label| usize::from(label)).collect(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn pixels(&self, image: usize) -> &[f32] {
        &self.pixels[image * PIXELS..(image + 1) * PIXELS]
    }

    /// The pixels that each of the 25 taps of the first convolution meets at 12 x 12 positions.
    pub(crate) fn patches(&self, image: usize) -> impl Iterator<Item = f32> {
        let pixels = self.pixels(image);
        (0..25).flat_map(move |tap| {
            (0..144).map(move |position| {
                let (row, column) = (2 * (position / 12) + tap / 5, 2 * (position % 12) + tap % 5);
                pixels[row * 28 + column]
            })
        })
    }

    /// 1 at the label.
    pub(crate) fn label(&self, image: usize) -> impl Iterator<Item = f32> {
        let label = self.labels[image];
        (0..10).map(move |class| f32::from(u8::from(class == label)))
    }
}

/// Standard normal numbers from a seed.
pub(crate) fn normals(count: usize, seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    std::iter::from_fn(|| {
        // Box and Muller: two normals from two uniforms, the first not 0.
        let radius = (-2.0 * (1.0 - random.uniform()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * random.uniform()).sin_cos();
        Some([(radius * cosine) as f32, (radius * sine) as f32])
    })
    .flatten()
    .take(count)
    .collect()
}

/// Steele, Lea and Flood's `SplitMix64`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Positions below `end`.
    pub(crate) fn positions(&mut self, count: usize, end: usize) -> Vec<usize> {
        (0..count)
            .map(|_| (self.next() % end as u64) as usize)
            .collect()
    }
}
