//! Loss landscapes, and the initial weights of training on them.

pub use diagram_kernels::landscape::Landscape;

/// Returns `dimension` independent standard normal numbers that are determined by the seed: initial weights as in the paper's experiments. Networks may also
/// begin at other [initializations](crate::initialization).
pub fn initialization(dimension: usize, seed: u64) -> Vec<f64> {
    crate::initialization::normals(dimension, seed)
}
