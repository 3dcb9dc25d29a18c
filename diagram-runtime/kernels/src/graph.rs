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
//!         let grown = theta[0].clone() * theta[1].clone().scale(&x[0]).exp();
//!         grown.minus_base(&x[1]).square()
//!     }
//! }
//!
//! let graph = Graph::record(&Growth)?;
//! let mut gradient = [0.0; 2];
//! let loss: f64 = graph.gradient(Own(&[2.0, 0.0]), &[5.0, 3.0], &mut gradient[..]);
//! assert_eq!((loss, gradient), (1.0, [-2.0, -20.0]));
//! # Ok::<(), diagram_kernels::graph::RecordError>(())
//! ```
//!
//! A loss that is only ever recorded needs no type and no generic code: [`Graph::of`] gives its numbers as [`Expression`]s, with the operators and functions
//! of numbers.
//!
//! ```
//! use diagram_kernels::graph::Graph;
//!
//! // Two weights a and b, and a datapoint (x, y).
//! let graph = Graph::of(2, 2, |theta, x| {
//!     let grown = theta[0] * (theta[1] * x[0]).exp();
//!     0.5 * (grown - x[1]).square()
//! })?;
//! # assert!(!graph.is_piecewise());
//! # Ok::<(), diagram_kernels::graph::RecordError>(())
//! ```

mod analysis;
mod evaluate;
mod expression;
pub(crate) mod fragment;
mod functions;
mod layer;
mod lower;
mod operation;
mod places;
mod plan;
mod print;
pub(crate) mod record;
mod results;
mod sums;

pub use expression::Expression;
pub use operation::{Function, Node, Operation};
pub use print::Dot;
pub use record::RecordError;

use plan::Plan;

use crate::landscape::Landscape;
use crate::layers::GradientSink;
use crate::recorded::Recorded;
use crate::scalar::Scalar;
use crate::weights::{Own, Weights};

/// A loss as a graph of operations. The nodes are sorted: each reads only nodes before it. Equal operations are one node, and no node is without effect
/// on the loss.
///
/// Sums of products are evaluated as dot products, and sums of consecutive weights times consecutive numbers as the layers of networks are. Derivatives of
/// any order follow from the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    dimension: usize,
    input_width: usize,
    operations: Vec<Operation>,
    /// How the operations are executed.
    plan: Plan,
}

/// Recording.
impl Graph {
    /// Records a loss of `dimension` weights, the first argument, and of a datapoint of `input_width` numbers, the second.
    ///
    /// # Errors
    /// [`RecordError`] if the loss is no graph or, since it looks at a value or has a kink, may not be one everywhere.
    pub fn of(
        dimension: usize,
        input_width: usize,
        loss: impl FnOnce(&[Expression], &[Expression]) -> Expression,
    ) -> Result<Graph, RecordError> {
        Self::new((dimension, input_width), false, loss)
    }

    /// As [`Graph::of`], for a loss that may have kinks: [`Expression::relu`], [`Expression::abs`] and [`Expression::max`].
    ///
    /// Wherever the loss is evaluated, its derivatives are those of the side on which the values lie. Series in η do not know of the other sides, to which
    /// training may go, so that what is predicted from them may be wrong. [`Graph::is_piecewise`] says that the graph is of this kind.
    ///
    /// # Errors
    /// As [`Graph::of`], but for kinks.
    pub fn piecewise(
        dimension: usize,
        input_width: usize,
        loss: impl FnOnce(&[Expression], &[Expression]) -> Expression,
    ) -> Result<Graph, RecordError> {
        Self::new((dimension, input_width), true, loss)
    }

    /// Records the loss of a landscape.
    ///
    /// # Errors
    /// As [`Graph::of`].
    pub fn record(landscape: &impl Landscape) -> Result<Graph, RecordError> {
        let sizes = (landscape.dimension(), landscape.input_width());
        Self::new(sizes, false, |theta, x| landscape.loss(theta, x))
    }

    /// Records the loss of a landscape that may have kinks; see [`Graph::piecewise`].
    ///
    /// # Errors
    /// As [`Graph::piecewise`].
    pub fn record_piecewise(landscape: &impl Landscape) -> Result<Graph, RecordError> {
        let sizes = (landscape.dimension(), landscape.input_width());
        Self::new(sizes, true, |theta, x| landscape.loss(theta, x))
    }

    fn new(
        sizes: (usize, usize),
        piecewise: bool,
        loss: impl FnOnce(&[Expression], &[Expression]) -> Expression,
    ) -> Result<Graph, RecordError> {
        let operations = record::operations(sizes, piecewise, loss)?;
        let (dimension, input_width) = sizes;
        Ok(Graph {
            dimension,
            input_width,
            plan: Plan::new(sizes, &operations),
            operations,
        })
    }

    /// Returns the operations of all nodes; the last node is the loss.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Whether the weights have an effect on an operation with a kink, so that derivatives are those of one side of it.
    pub fn is_piecewise(&self) -> bool {
        self.plan.is_piecewise
    }
}

impl Landscape for Graph {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn input_width(&self) -> usize {
        self.input_width
    }

    fn is_piecewise(&self) -> bool {
        self.plan.is_piecewise
    }

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    #[inline(always)]
    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        self.plan.loss(theta, x)
    }

    #[inline(always)]
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        self.plan.gradient(theta, x, gradient)
    }

    fn recorded(&self) -> Result<Recorded, RecordError> {
        Ok(self.clone().into())
    }

    fn forward_flops(&self) -> Option<f64> {
        Some(self.plan.inputs.flops + self.plan.forward.flops)
    }

    /// The reverse pass takes two operations for each of the forward pass, one for each factor.
    fn gradient_flops(&self) -> Option<f64> {
        Some(self.plan.inputs.flops + 3.0 * self.plan.forward.flops)
    }
}
