//! Losses as data: graphs of arithmetic operations and elementary functions.
//!
//! A [`Graph`] is recorded by running a loss once on scalars that write down what is done with them. It is a [`Landscape`] itself, whose kernels are
//! compiled in this crate, for all losses once. So a loss of one's own takes no time to compile as a graph, and has a gradient in reverse mode.
//!
//! ```
//! use diagram_kernels::graph::Graph;
//! use diagram_kernels::landscape::Landscape;
//! use diagram_algebra::scalar::Scalar;
//! use diagram_algebra::weights::Own;
//!
//! /// Fits an exponential curve: a datapoint is x and then y.
//! struct Growth;
//!
//! impl Landscape for Growth {
//!     fn dimension(&self) -> usize {
//!         2
//!     }
//!     fn input_width(&self) -> usize {
//!         2
//!     }
//!     fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
//!         let error = theta[0].clone() * theta[1].clone().scale(&x[0]).exp() - S::from_base(x[1].clone());
//!         error.clone() * error
//!     }
//! }
//!
//! let graph = Graph::record(&Growth)?;
//! let mut gradient = [0.0; 2];
//! let loss: f64 = graph.gradient(Own(&[2.0, 0.0]), &[5.0, 3.0], &mut gradient[..]);
//! assert_eq!((loss, gradient), (1.0, [-2.0, -20.0]));
//! # Ok::<(), diagram_kernels::graph::RecordError>(())
//! ```

mod evaluate;
mod print;
mod record;

pub use print::Dot;
pub use record::RecordError;

use evaluate::Steps;

use crate::landscape::Landscape;
use crate::layers::{GradientSink, scratch};
use crate::scalar::Scalar;
use crate::weights::{Own, Weights};

/// The index of a node of a [`Graph`], below those of the nodes that read it.
pub type Node = u32;

/// The operation of a node of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    /// A number.
    Constant(f64),
    /// The component of θ with the given index.
    Weight(usize),
    /// The number of the datapoint with the given index.
    Input(usize),
    /// The sum of two nodes.
    Add(Node, Node),
    /// The first node minus the second.
    Subtract(Node, Node),
    /// The product of two nodes.
    Multiply(Node, Node),
    /// The first node plus the product of the others, with one rounding where the instruction set has an instruction for that.
    AddProduct(Node, Node, Node),
    /// The first node divided by the second.
    Divide(Node, Node),
    /// The negative of a node.
    Negate(Node),
    /// The exponential function of a node.
    Exp(Node),
    /// The natural logarithm of a node.
    Ln(Node),
    /// The hyperbolic tangent of a node.
    Tanh(Node),
    /// The sine of a node.
    Sin(Node),
    /// The cosine of a node.
    Cos(Node),
    /// The square root of a node.
    Sqrt(Node),
}

impl Operation {
    /// Returns the nodes that the operation reads.
    pub fn reads(self) -> impl Iterator<Item = Node> {
        use Operation::{
            Add, AddProduct, Constant, Cos, Divide, Exp, Input, Ln, Multiply, Negate, Sin, Sqrt,
            Subtract, Tanh, Weight,
        };
        let reads = match self {
            Constant(_) | Weight(_) | Input(_) => [None; 3],
            Add(a, b) | Subtract(a, b) | Multiply(a, b) | Divide(a, b) => [Some(a), Some(b), None],
            AddProduct(a, b, c) => [Some(a), Some(b), Some(c)],
            Negate(a) | Exp(a) | Ln(a) | Tanh(a) | Sin(a) | Cos(a) | Sqrt(a) => {
                [Some(a), None, None]
            }
        };
        reads.into_iter().flatten()
    }
}

/// A loss as a graph of operations. The nodes are sorted: each reads only nodes before it. Equal operations are one node, and no node is without effect
/// on the loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    dimension: usize,
    input_width: usize,
    operations: Vec<Operation>,
    /// The operations as they are executed.
    steps: Steps,
}

impl Graph {
    /// Records the loss of a landscape.
    ///
    /// # Errors
    /// [`RecordError`] if the loss looks at the value of a number, so that the operations would not be the same everywhere.
    pub fn record(landscape: &impl Landscape) -> Result<Graph, RecordError> {
        let (dimension, input_width) = (landscape.dimension(), landscape.input_width());
        let operations = record::operations(landscape)?;
        Ok(Graph {
            dimension,
            input_width,
            steps: Steps::new(&operations),
            operations,
        })
    }

    /// Returns the operations of all nodes; the last node is the loss.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}

impl Landscape for Graph {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn input_width(&self) -> usize {
        self.input_width
    }

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    #[inline(always)]
    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        scratch::with(self.steps.inputs(), |inputs: &mut [A::Base]| {
            scratch::with(self.steps.scalars(), |scalars: &mut [A]| {
                self.steps.forward(theta, x, inputs, scalars);
                self.steps.loss(inputs, scalars)
            })
        })
    }

    #[inline(always)]
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let count = self.steps.scalars();
        scratch::with(self.steps.inputs(), |inputs: &mut [A::Base]| {
            scratch::with(2 * count, |numbers: &mut [A]| {
                let (scalars, adjoints) = numbers.split_at_mut(count);
                self.steps.forward(theta, x, inputs, scalars);
                self.steps.reverse(inputs, scalars, adjoints);
                let mut weights = self.steps.weights().iter().zip(&*adjoints).peekable();
                for position in 0..self.dimension {
                    let component = match weights.next_if(|&(&weight, _)| weight == position) {
                        Some((_, adjoint)) => adjoint.clone(),
                        None => A::constant(0.0),
                    };
                    gradient.put(position, component);
                }
                self.steps.loss(inputs, scalars)
            })
        })
    }

    /// The operations of the nodes that depend on weights; those of datapoints alone are counted, too.
    fn forward_flops(&self) -> Option<f64> {
        Some(self.steps.flops(1.0))
    }

    /// The reverse pass takes two operations for each of the forward pass, one for each factor.
    fn gradient_flops(&self) -> Option<f64> {
        Some(self.steps.flops(3.0))
    }
}
