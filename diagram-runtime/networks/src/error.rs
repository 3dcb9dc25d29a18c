//! What can be wrong with a network.

use std::fmt;

use super::network::Loss;
use super::shape::Shape;

/// The place of a mistake in a network. Places are ordered as in the text of the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// The input.
    Input,
    /// A layer: its index, after the indices of the residual layers around it.
    Layer(Vec<usize>),
    /// The loss.
    Loss,
    /// A penalty, by its index, and a name of a layer in it, by its index, or the coefficient.
    Penalty(usize, Option<usize>),
}

/// A mistake in a network.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkError {
    /// Where the mistake is.
    pub at: At,
    /// The name of the layer, `input` or the loss.
    pub name: String,
    /// The mistake.
    pub problem: Problem,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            At::Layer(_) => write!(f, "layer {}: {}", self.name, self.problem)?,
            _ => write!(f, "{}: {}", self.name, self.problem)?,
        }
        match self.problem.help() {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NetworkError {}

/// All mistakes that were found in a network, in the order of their places. After a layer whose outputs have no certain shape nothing is said about shapes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct NetworkErrors(pub Vec<NetworkError>);

/// The kind of a mistake in a network.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// A size that must be positive is 0.
    #[error("{what} must be at least 1")]
    Zero {
        /// What has the size.
        what: &'static str,
    },
    /// There are more numbers than a computer can index.
    #[error("the sizes multiply to more numbers than can be stored")]
    TooLarge,
    /// A layer reads another kind of shape.
    #[error("`{layer}` reads {expected}, but here there is {}", described(*found))]
    Shape {
        /// The layer.
        layer: &'static str,
        /// The shape that it reads.
        expected: &'static str,
        /// The shape that it is given.
        found: Shape,
    },
    /// A kernel is larger than the image.
    #[error(
        "a kernel of {kernel} × {kernel} is larger than the image {image} with padding {padding}"
    )]
    Kernel {
        /// The number of rows and columns of the kernel.
        kernel: usize,
        /// The shape of the image.
        image: Shape,
        /// The padding at each side.
        padding: usize,
    },
    /// The groups do not divide a number of channels.
    #[error("{groups} groups do not divide {channels} {which} channels")]
    Groups {
        /// The number of groups.
        groups: usize,
        /// The number of channels.
        channels: usize,
        /// `input` or `output`.
        which: &'static str,
    },
    /// The size of a pool does not divide the image or the sequence.
    #[error("a pool of {size} does not divide {found}")]
    Pool {
        /// The size of the pool.
        size: usize,
        /// The shape that it is given.
        found: Shape,
    },
    /// The layers inside a residual layer change the shape.
    #[error("the layers inside make {after} of {before}, which cannot be added")]
    Residual {
        /// The shape before the layers.
        before: Shape,
        /// The shape after them.
        after: Shape,
    },
    /// There are no layers.
    #[error("there is no layer")]
    NoLayer,
    /// There are no weights.
    #[error("no layer has weights")]
    NoWeights,
    /// Heads do not divide the width.
    #[error("{heads} heads do not divide the width {width} of a token")]
    Heads {
        /// The number of heads.
        heads: usize,
        /// The number of entries of a token.
        width: usize,
    },
    /// Two layers have one name.
    #[error("another layer has the name {name:?}")]
    Name {
        /// The name.
        name: String,
    },
    /// A name is not one that could be [read](crate::is_name) in a declaration.
    #[error("{name:?} is no name")]
    NotAName {
        /// The name.
        name: String,
    },
    /// Token numbers are not embedded.
    #[error("token numbers have no derivatives; the first layer must be an embedding")]
    NotEmbedded,
    /// An embedding is not the first layer.
    #[error("an embedding reads token numbers of the data, but here there is {}", described(*found))]
    EmbeddingOf {
        /// The shape that it is given.
        found: Shape,
    },
    /// The loss does not fit the outputs.
    #[error("`{}` takes {expected}, but the last layer gives {}", loss.name(), described(*found))]
    Outputs {
        /// The loss.
        loss: Loss,
        /// What it takes.
        expected: &'static str,
        /// The shape of the outputs.
        found: Shape,
    },
    /// A coefficient of a penalty is not a positive number.
    #[error("the coefficient of a penalty must be a positive number, and {coefficient} is not")]
    Coefficient {
        /// The coefficient.
        coefficient: f64,
    },
    /// A penalty names a layer that does not exist or has no weights.
    #[error("no layer with weights has the name {name:?}")]
    PenaltyOf {
        /// The name.
        name: String,
        /// The names of the first layers that have weights.
        names: Vec<String>,
        /// The number of other layers that have weights.
        more: usize,
    },
    /// A penalty names a layer twice.
    #[error("the layer {name:?} is given twice")]
    PenaltyTwice {
        /// The name.
        name: String,
    },
}

impl Problem {
    /// Returns what to do about the mistake, if that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Problem::Shape { layer, found, .. } => match (*layer, found) {
                ("conv", _) => Some("declare the input as an image, and convolve it before it is flattened".into()),
                ("attention", _) => {
                    Some("declare the input as tokens with a width, or embed token numbers".into())
                }
                ("avg_pool", _) => {
                    Some("declare the input as an image or a sequence, and pool it before it is flattened".into())
                }
                _ => None,
            },
            Problem::Kernel { kernel, image, .. } => {
                let Shape::Image { height, width, .. } = image else {
                    return None;
                };
                let missing = kernel.saturating_sub(*height.min(width)).div_ceil(2);
                Some(format!(
                    "take a smaller kernel or a padding of {missing} at least"
                ))
            }
            Problem::Pool { size, found } => {
                let side = match found {
                    Shape::Image { height, width, .. } => greatest_common_divisor(*height, *width),
                    Shape::Sequence { tokens, .. } => *tokens,
                    _ => return None,
                };
                // Only sizes nearby are tried: a sequence may have billions of tokens.
                let fits: Vec<String> = (size.saturating_sub(3).max(2)..=size.saturating_add(3))
                    .filter(|other| *other <= side && side.is_multiple_of(*other))
                    .map(|other| other.to_string())
                    .collect();
                Some(if fits.is_empty() {
                    format!("take a divisor of {side}")
                } else {
                    format!("{} would divide it", fits.join(" or "))
                })
            }
            Problem::Groups { channels, .. } => Some(format!("take a divisor of {channels}")),
            Problem::Heads { width, .. } => Some(format!("take a divisor of {width}")),
            Problem::Residual { before, .. } => Some(format!(
                "end the inner layers with one that gives {before}, such as a convolution with padding or a dense layer"
            )),
            Problem::Outputs { loss, found, .. } => match loss {
                Loss::BinaryLogistic => Some("end the layers with `dense(1)`".into()),
                Loss::CrossEntropy if found.len() == 1 => {
                    Some("for two classes take `binary_logistic`, or `dense(2)`".into())
                }
                Loss::CrossEntropy => Some("there is a class for each output".into()),
                Loss::MeanSquared | Loss::Poisson => None,
            },
            Problem::NotEmbedded => Some("write `embedding(VOCABULARY, WIDTH)` first".into()),
            Problem::EmbeddingOf { .. } => {
                Some("declare the input as `input(tokens: T)` and embed it first".into())
            }
            Problem::NotAName { .. } => {
                Some("take letters, digits and underscores, and a letter first".into())
            }
            Problem::Zero { .. } => Some("sizes count from 1".into()),
            Problem::TooLarge => Some("take smaller sizes".into()),
            Problem::NoLayer => Some("write a layer, such as `dense(10)`".into()),
            Problem::NoWeights => Some("take a layer that has weights, such as `dense(10)`".into()),
            Problem::Name { .. } => Some("give one of them another name".into()),
            Problem::Coefficient { .. } => Some("take a number such as 0.001".into()),
            Problem::PenaltyTwice { .. } => Some("remove one of them".into()),
            Problem::PenaltyOf { names, more, .. } => {
                let more = match more {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                Some(if names.is_empty() {
                    "no layer has weights: leave the penalty out".into()
                } else {
                    format!("layers with weights: {}{more}", names.join(", "))
                })
            }
        }
    }
}

/// A shape with its kind.
fn described(shape: Shape) -> String {
    let kind = match shape {
        Shape::Vector(_) => "a vector of ",
        Shape::Image { .. } => "an image of ",
        Shape::Sequence { .. } | Shape::Tokens(_) => "",
    };
    format!("{kind}{shape}")
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}
