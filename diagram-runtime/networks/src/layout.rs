//! The tensors that θ consists of.

use std::fmt;
use std::ops::Range;

use super::network::Network;

/// A tensor of weights: a run of consecutive components of θ, row-major, each times a fixed factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The name, as in `PyTorch`'s `state_dict`: the layer's name, a dot, and `weight`, `bias` or what else the layer has.
    pub name: String,
    /// The name of the layer.
    pub layer: String,
    /// The shape; that of a dense layer's weights is (out, in).
    pub shape: Vec<usize>,
    /// The position of the first component in θ.
    pub start: usize,
    /// The factor between components of θ and weights: a weight is `scale` times its component.
    pub scale: f64,
    /// The numbers of inputs and of outputs that a weight connects, which initializations read. Weights without them begin at [`Tensor::initial`].
    pub fans: Option<[usize; 2]>,
    /// The weight that tensors without fans begin at: 1 for factors, 0 for biases.
    pub initial: f64,
}

#[allow(clippy::len_without_is_empty, reason = "no tensor is empty")]
impl Tensor {
    /// Returns the number of weights.
    pub fn len(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |product: usize, &size| product.saturating_mul(size))
    }

    /// Returns the positions in θ.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.len())
    }
}

/// The table of the tensors that θ consists of: name, shape, positions in θ, and the factor between a component of θ and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'n>(pub(crate) &'n Network);

impl fmt::Display for Layout<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 4]> =
            std::iter::once(["tensor", "shape", "positions", "factor"].map(String::from))
                .chain(self.0.tensors().iter().map(|tensor| {
                    let shape: Vec<String> = tensor.shape.iter().map(usize::to_string).collect();
                    [
                        tensor.name.clone(),
                        shape.join(" × "),
                        format!("{}..{}", tensor.start, tensor.range().end),
                        format!("{:.6}", tensor.scale),
                    ]
                }))
                .collect();
        let width = |column: usize| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let [first, second, third] = [0, 1, 2].map(width);
        for [name, shape, positions, factor] in &rows {
            writeln!(
                f,
                "{name:first$}  {shape:second$}  {positions:third$}  {factor}"
            )?;
        }
        write!(f, "{} weights", self.0.dimension())
    }
}
