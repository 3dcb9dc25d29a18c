//! Layers before their shapes are known.

/// A layer of a network, with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The name of the layer. A layer without one has its index in the list that it is in, as in `PyTorch`'s `Sequential`.
    pub name: Option<String>,
    /// What the layer computes.
    pub kind: LayerKind,
}

/// What a layer computes.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerKind {
    /// A convolution of an image.
    Convolution(Convolution),
    /// A dense layer of a vector, of an image as a vector, or of each token of a sequence.
    Dense(Dense),
    /// The means of squares of `size` × `size` pixels of each channel, or of runs of `size` tokens.
    AveragePool {
        /// The number of pixels on a side of the square.
        size: usize,
    },
    /// The same numbers as a vector.
    Flatten,
    /// The input plus what the layers make of it.
    Residual(Vec<Layer>),
    /// `(x - mean) / √(variance + 1/100000)`, where mean and variance are over all numbers of a vector or an image, and over those of each token of a
    /// sequence; then, with `affine`, a weight for each number is multiplied and a bias added.
    LayerNorm {
        /// Whether weights and biases follow.
        affine: bool,
    },
    /// The product with a weight for each channel, or for each entry of a vector or token.
    Scale,
    /// The vector of each token number.
    Embedding {
        /// The number of tokens that there are: token numbers are 0, …, `vocabulary` - 1.
        vocabulary: usize,
        /// The number of entries of a vector.
        width: usize,
    },
    /// Self-attention among the tokens of a sequence.
    Attention(Attention),
    /// A function of each number.
    Activation(Activation),
}

/// A convolution, which is a cross-correlation with zeros around the image. Its weights have the shape (out, in / groups, kernel, kernel).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// The number of output channels.
    pub outputs: usize,
    /// The number of rows and columns of a kernel.
    pub kernel: usize,
    /// The distance between the places of the kernel.
    pub stride: usize,
    /// The number of rows and columns of zeros at each side of the image.
    pub padding: usize,
    /// The number of groups into which input and output channels are divided; each output reads the inputs of its group.
    pub groups: usize,
    /// Whether each output channel has a bias.
    pub bias: bool,
}

impl Convolution {
    /// Returns a convolution with biases of stride 1 without padding, in one group.
    pub const fn new(outputs: usize, kernel: usize) -> Self {
        Convolution {
            outputs,
            kernel,
            stride: 1,
            padding: 0,
            groups: 1,
            bias: true,
        }
    }

    /// Sets the stride.
    pub const fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// Sets the number of rows and columns of zeros at each side.
    pub const fn padding(mut self, padding: usize) -> Self {
        self.padding = padding;
        self
    }

    /// Sets the number of groups.
    pub const fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// Leaves the biases out.
    pub const fn without_bias(mut self) -> Self {
        self.bias = false;
        self
    }

    /// Gives the layer a name.
    pub fn named(self, name: impl Into<String>) -> Layer {
        Layer::from(self).named(name)
    }
}

/// A dense layer, `z = W x + b`. Its weights have the shape (out, in).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// The number of outputs.
    pub outputs: usize,
    /// Whether each output has a bias.
    pub bias: bool,
}

impl Dense {
    /// Returns a dense layer with biases.
    pub const fn new(outputs: usize) -> Self {
        Dense {
            outputs,
            bias: true,
        }
    }

    /// Leaves the biases out.
    pub const fn without_bias(mut self) -> Self {
        self.bias = false;
        self
    }

    /// Gives the layer a name.
    pub fn named(self, name: impl Into<String>) -> Layer {
        Layer::from(self).named(name)
    }
}

/// Self-attention: each head weighs the values of the tokens by the softmax of `q · k / √(width / heads)`, where q, k and v are dense layers of the
/// tokens; a dense layer follows. Its weights have the names, the shapes and the order of `PyTorch`'s `MultiheadAttention`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// The number of heads, which divides the width of a token.
    pub heads: usize,
    /// Whether a token reads only itself and the tokens before it.
    pub causal: bool,
    /// Whether the dense layers have biases.
    pub bias: bool,
}

impl Attention {
    /// Returns attention of every token to every token, with biases.
    pub const fn new(heads: usize) -> Self {
        Attention {
            heads,
            causal: false,
            bias: true,
        }
    }

    /// Lets a token read only itself and the tokens before it.
    pub const fn causal(mut self) -> Self {
        self.causal = true;
        self
    }

    /// Leaves the biases out.
    pub const fn without_bias(mut self) -> Self {
        self.bias = false;
        self
    }
}

/// A function of each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// The hyperbolic tangent.
    Tanh,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// `ln(1 + e^x)`.
    Softplus,
    /// `x Φ(x)` with the distribution function Φ of the standard normal distribution: the exact one, not the approximation by a tanh.
    Gelu,
    /// `x / (1 + e^-x)`.
    Silu,
    /// The sine.
    Sine,
}

impl Activation {
    /// All activations.
    pub const ALL: [Activation; 6] = [
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Softplus,
        Activation::Gelu,
        Activation::Silu,
        Activation::Sine,
    ];

    /// Returns the name in declarations.
    pub const fn name(self) -> &'static str {
        match self {
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
            Activation::Softplus => "softplus",
            Activation::Gelu => "gelu",
            Activation::Silu => "silu",
            Activation::Sine => "sine",
        }
    }
}

impl Layer {
    /// Returns the input plus what `layers` make of it.
    pub fn residual(layers: impl IntoIterator<Item = Layer>) -> Self {
        LayerKind::Residual(layers.into_iter().collect()).into()
    }

    /// Returns means of squares of `size` × `size` pixels, or of runs of `size` tokens.
    pub fn average_pool(size: usize) -> Self {
        LayerKind::AveragePool { size }.into()
    }

    /// Returns the layer that makes a vector of an image or of a sequence.
    pub fn flatten() -> Self {
        LayerKind::Flatten.into()
    }

    /// Returns a layer norm with weights and biases.
    pub fn layer_norm() -> Self {
        LayerKind::LayerNorm { affine: true }.into()
    }

    /// Returns the product with a weight for each channel.
    pub fn scale() -> Self {
        LayerKind::Scale.into()
    }

    /// Returns an embedding of token numbers.
    pub fn embedding(vocabulary: usize, width: usize) -> Self {
        LayerKind::Embedding { vocabulary, width }.into()
    }

    /// Gives the layer a name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl From<LayerKind> for Layer {
    fn from(kind: LayerKind) -> Self {
        Layer { name: None, kind }
    }
}

impl From<Convolution> for Layer {
    fn from(layer: Convolution) -> Self {
        LayerKind::Convolution(layer).into()
    }
}

impl From<Dense> for Layer {
    fn from(layer: Dense) -> Self {
        LayerKind::Dense(layer).into()
    }
}

impl From<Attention> for Layer {
    fn from(layer: Attention) -> Self {
        LayerKind::Attention(layer).into()
    }
}

impl From<Activation> for Layer {
    fn from(function: Activation) -> Self {
        LayerKind::Activation(function).into()
    }
}
