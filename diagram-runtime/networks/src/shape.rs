//! The shapes of activations.

use std::fmt;

/// The shape of a datapoint or of the activations of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A list of numbers.
    Vector(usize),
    /// An image, in the order (channel, row, column).
    Image {
        /// The number of channels.
        channels: usize,
        /// The number of rows.
        height: usize,
        /// The number of columns.
        width: usize,
    },
    /// A list of vectors, in the order (token, entry).
    Sequence {
        /// The number of vectors.
        tokens: usize,
        /// The number of entries of each.
        width: usize,
    },
    /// A list of whole numbers, each of which stands for a vector of an embedding.
    Tokens(usize),
}

impl Shape {
    /// The shape of images.
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Shape::Image {
            channels,
            height,
            width,
        }
    }

    /// The shape of sequences of vectors.
    pub const fn sequence(tokens: usize, width: usize) -> Self {
        Shape::Sequence { tokens, width }
    }

    /// Returns the number of numbers, or the greatest number that there is, if there are more.
    pub const fn len(self) -> usize {
        match self {
            Shape::Vector(length) | Shape::Tokens(length) => length,
            Shape::Image {
                channels,
                height,
                width,
            } => channels.saturating_mul(height).saturating_mul(width),
            Shape::Sequence { tokens, width } => tokens.saturating_mul(width),
        }
    }

    /// Returns whether there are no numbers.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Returns the number of entries that share their place: the channels of an image, the entries of a token, all entries of a vector.
    pub const fn channels(self) -> usize {
        match self {
            Shape::Vector(length) | Shape::Tokens(length) => length,
            Shape::Image { channels, .. } => channels,
            Shape::Sequence { width, .. } => width,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Vector(length) => write!(f, "{length}"),
            Shape::Image {
                channels,
                height,
                width,
            } => write!(f, "{channels} × {height} × {width}"),
            Shape::Sequence { tokens, width } => write!(f, "{tokens} tokens × {width}"),
            Shape::Tokens(tokens) => write!(f, "{tokens} token numbers"),
        }
    }
}
