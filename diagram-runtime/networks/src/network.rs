//! Networks whose shapes are known.

use std::ops::Range;

use super::check;
use super::error::NetworkErrors;
use super::layer::{Activation, Attention, Convolution, Dense, Layer};
use super::layout::{Layout, Tensor};
use super::shape::Shape;

/// The relation between a weight of a layer and its component of θ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Parametrization {
    /// The paper's: weights of dense and convolutional layers are components of θ times `√(2 / (outputs + weights of each output))`, the
    /// standard deviation of Xavier's initialization, and biases are components times `√(2 / (outputs + 1))`. So θ is drawn from the standard normal
    /// distribution, and one learning rate suits all layers.
    #[default]
    Xavier,
    /// Weights are components of θ, as in most frameworks, so that a learning rate means the same there and here.
    Standard,
}

/// The loss of a datapoint, from the outputs z of the last layer and the label y.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// The cross entropy of the softmax of z with the label, which has a number for each class: 1 at the class, 0 elsewhere.
    CrossEntropy,
    /// The cross entropy of the sigmoid of a single output with the label, which is 0 or 1.
    BinaryLogistic,
    /// The mean of `(z - y)²` over the outputs; the label has a number for each.
    MeanSquared,
    /// The negative log-likelihood of counts, `exp z - y z` without the term of y alone, averaged over the outputs; the label has a count for each.
    Poisson,
}

impl Loss {
    /// All losses.
    pub const ALL: [Loss; 4] = [
        Loss::CrossEntropy,
        Loss::BinaryLogistic,
        Loss::MeanSquared,
        Loss::Poisson,
    ];

    /// Returns the name in declarations.
    pub const fn name(self) -> &'static str {
        match self {
            Loss::CrossEntropy => "cross_entropy",
            Loss::BinaryLogistic => "binary_logistic",
            Loss::MeanSquared => "mean_squared",
            Loss::Poisson => "poisson",
        }
    }
}

/// The summand `½ coefficient |θ|²` of a loss, over the weights of all layers or of some.
#[derive(Clone, Debug, PartialEq)]
pub struct Penalty {
    /// The coefficient, a positive number.
    pub coefficient: f64,
    /// The names of the layers; those of residual layers stand for all layers inside. `None` means all layers.
    pub layers: Option<Vec<String>>,
}

/// A network that is being put together: its shapes have not been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The shape of a datapoint without its label.
    pub input: Shape,
    /// The relation between weights and θ.
    pub parametrization: Parametrization,
    /// The layers in the order in which they are applied.
    pub layers: Vec<Layer>,
    /// The penalties that are added to the loss.
    pub penalties: Vec<Penalty>,
}

impl Declaration {
    /// Adds a layer after those that there are.
    pub fn then(mut self, layer: impl Into<Layer>) -> Self {
        self.layers.push(layer.into());
        self
    }

    /// Sets the relation between weights and θ.
    pub fn parametrization(mut self, parametrization: Parametrization) -> Self {
        self.parametrization = parametrization;
        self
    }

    /// Adds the penalty `½ coefficient |θ|²` to the loss.
    pub fn l2(mut self, coefficient: f64) -> Self {
        self.penalties.push(Penalty {
            coefficient,
            layers: None,
        });
        self
    }

    /// Adds the penalty `½ coefficient |θ|²` over the weights of the named layers to the loss.
    pub fn l2_of<N: Into<String>>(
        mut self,
        coefficient: f64,
        layers: impl IntoIterator<Item = N>,
    ) -> Self {
        self.penalties.push(Penalty {
            coefficient,
            layers: Some(layers.into_iter().map(Into::into).collect()),
        });
        self
    }

    /// Ends the network with a loss and checks all shapes.
    ///
    /// # Errors
    /// [`NetworkErrors`], which names all mistakes that were found.
    pub fn loss(self, loss: Loss) -> Result<Network, NetworkErrors> {
        check::network(self, loss)
    }
}

/// A network: layers with known shapes, and a loss. A datapoint is the numbers of the [input](Network::input_shape) and then the label.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub(crate) declaration: Declaration,
    pub(crate) loss: Loss,
    pub(crate) placed: Vec<PlacedLayer>,
    pub(crate) output: Shape,
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) pulls: Vec<(Range<usize>, f64)>,
}

impl Network {
    /// Begins a network, whose datapoints have the given shape.
    pub fn input(shape: Shape) -> Declaration {
        Declaration {
            input: shape,
            parametrization: Parametrization::default(),
            layers: vec![],
            penalties: vec![],
        }
    }

    /// Returns the network as it was declared.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Returns the shape of a datapoint without its label.
    pub fn input_shape(&self) -> Shape {
        self.declaration.input
    }

    /// Returns the shape of the outputs of the last layer.
    pub fn output_shape(&self) -> Shape {
        self.output
    }

    /// Returns the loss.
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// Returns the number P of weights.
    pub fn dimension(&self) -> usize {
        self.tensors.last().map_or(0, |tensor| tensor.range().end)
    }

    /// Returns the number of numbers in the label of a datapoint.
    pub fn label_width(&self) -> usize {
        self.output.len()
    }

    /// Returns the number of numbers in a datapoint: those of the input, and then the label.
    pub fn input_width(&self) -> usize {
        self.declaration.input.len() + self.label_width()
    }

    /// Returns the layers in the order in which they are applied, with their shapes.
    pub fn layers(&self) -> &[PlacedLayer] {
        &self.placed
    }

    /// Returns the tensors that θ consists of, in their order.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Returns the table of the tensors that θ consists of.
    pub fn layout(&self) -> Layout<'_> {
        Layout(self)
    }

    /// Returns the parts of θ with a penalty and its coefficient λ: the loss has the summand `½ λ |θ|²` over each part. The parts may overlap.
    pub fn penalties(&self) -> &[(Range<usize>, f64)] {
        &self.pulls
    }
}

/// A layer with its name and shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedLayer {
    /// The name, in which those of residual layers around it come first, separated by dots: `2.0`.
    pub name: String,
    /// The shape of what the layer reads.
    pub input: Shape,
    /// The shape of what the layer gives.
    pub output: Shape,
    /// What the layer computes.
    pub kind: PlacedKind,
    /// The indices of its tensors in [`Network::tensors`].
    pub tensors: Range<usize>,
}

/// What a layer of a checked network computes.
#[derive(Clone, Debug, PartialEq)]
pub enum PlacedKind {
    /// A convolution.
    Convolution(Convolution),
    /// A dense layer.
    Dense(Dense),
    /// Means of squares of pixels or of runs of tokens.
    AveragePool {
        /// The number of pixels on a side of the square, or of tokens.
        size: usize,
    },
    /// The same numbers as a vector.
    Flatten,
    /// The input plus what the layers make of it.
    Residual(Vec<PlacedLayer>),
    /// A layer norm.
    LayerNorm {
        /// Whether weights and biases follow.
        affine: bool,
    },
    /// The product with a weight for each channel.
    Scale,
    /// An embedding.
    Embedding {
        /// The number of tokens that there are.
        vocabulary: usize,
    },
    /// Self-attention.
    Attention(Attention),
    /// A function of each number.
    Activation(Activation),
}
