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

/// The operation of a node of a [`Graph`], which reads operands `N`: nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation<N = Node> {
    /// A number.
    Constant(f64),
    /// The component of θ with the given index.
    Weight(usize),
    /// The number of the datapoint with the given index.
    Input(usize),
    /// The sum of two nodes.
    Add(N, N),
    /// The first node minus the second.
    Subtract(N, N),
    /// The product of two nodes.
    Multiply(N, N),
    /// The first node plus the product of the others, with one rounding where the instruction set has an instruction for that.
    AddProduct(N, N, N),
    /// The first node divided by the second.
    Divide(N, N),
    /// The negative of a node.
    Negate(N),
    /// The exponential function of a node.
    Exp(N),
    /// The natural logarithm of a node.
    Ln(N),
    /// The hyperbolic tangent of a node.
    Tanh(N),
    /// The sine of a node.
    Sin(N),
    /// The cosine of a node.
    Cos(N),
    /// The square root of a node.
    Sqrt(N),
}

impl<N: Copy> Operation<N> {
    /// Returns the operands that the operation reads.
    pub fn reads(self) -> impl Iterator<Item = N> {
        let mut reads = vec![];
        self.map(|operand| reads.push(operand));
        reads.into_iter()
    }

    /// Returns the same operation on other operands.
    pub(crate) fn map<M>(self, mut to: impl FnMut(N) -> M) -> Operation<M> {
        match self {
            Operation::Constant(value) => Operation::Constant(value),
            Operation::Weight(position) => Operation::Weight(position),
            Operation::Input(position) => Operation::Input(position),
            Operation::Add(a, b) => Operation::Add(to(a), to(b)),
            Operation::Subtract(a, b) => Operation::Subtract(to(a), to(b)),
            Operation::Multiply(a, b) => Operation::Multiply(to(a), to(b)),
            Operation::AddProduct(a, b, c) => Operation::AddProduct(to(a), to(b), to(c)),
            Operation::Divide(a, b) => Operation::Divide(to(a), to(b)),
            Operation::Negate(a) => Operation::Negate(to(a)),
            Operation::Exp(a) => Operation::Exp(to(a)),
            Operation::Ln(a) => Operation::Ln(to(a)),
            Operation::Tanh(a) => Operation::Tanh(to(a)),
            Operation::Sin(a) => Operation::Sin(to(a)),
            Operation::Cos(a) => Operation::Cos(to(a)),
            Operation::Sqrt(a) => Operation::Sqrt(to(a)),
        }
    }

    /// Returns the number of floating point operations, where elementary functions are not counted.
    fn flops(self) -> f64 {
        match self {
            Operation::Add(..)
            | Operation::Subtract(..)
            | Operation::Multiply(..)
            | Operation::Divide(..) => 1.0,
            Operation::AddProduct(..) => 2.0,
            _ => 0.0,
        }
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
    /// [`RecordError`] if the loss looks at the value of a number, takes it apart or takes a maximum, so that the graph would not be the loss everywhere.
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

    fn forward_flops(&self) -> Option<f64> {
        Some(self.steps.flops(1.0))
    }

    /// The reverse pass takes two operations for each of the forward pass, one for each factor.
    fn gradient_flops(&self) -> Option<f64> {
        Some(self.steps.flops(3.0))
    }
}
