//! Plans: how graphs are executed, and where results lie.

use std::ops::Range;

use super::Operation;

/// How a graph is executed. Nodes that no weight has an effect on have no derivatives: they are computed in the ground ring, apart from the others.
///
/// Weights that are read once, by a sum with consecutive ones, are read from θ where they are used (*streamed*), and their gradient goes where it is wanted
/// as it is computed. The others are the first results.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    /// The positions in θ of the weights that are not streamed but have an effect on the loss, in ascending order.
    pub(super) weights: Vec<usize>,
    /// The positions in θ of all weights that are not streamed, with their places among the results. Those without an effect on the loss have none.
    pub(super) adjoints: Vec<(usize, Option<usize>)>,
    /// Computes the numbers of the ground ring. Its results are those of the datapoint and then others.
    pub(super) inputs: Program,
    /// Computes the loss alone: results that nothing reads any more are overwritten.
    pub(super) forward: Program,
    /// Computes the loss and keeps all results, which reverse mode reads.
    pub(super) kept: Program,
    /// Whether a weight has an effect on an operation with a kink.
    pub(super) is_piecewise: bool,
}

/// Steps with the places of their results.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Program {
    pub(super) segments: Vec<Segment>,
    /// Each step with the place of its result.
    pub(super) steps: Vec<(Step, usize)>,
    /// The factors of sums of products.
    pub(super) pairs: Vec<(Operand, Operand)>,
    /// The sums of layers.
    pub(super) rows: Vec<Row>,
    /// The number of places.
    pub(super) places: usize,
    /// Where the loss is.
    pub(super) loss: Operand,
    /// The number of floating point operations.
    pub(super) flops: f64,
}

/// What a step reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operand {
    /// The result in the given place.
    Scalar(usize),
    /// The number of the ground ring in the given place.
    Input(usize),
    /// A number that is the same in every lane.
    Constant(f64),
}

impl Default for Operand {
    fn default() -> Self {
        Operand::Constant(0.0)
    }
}

/// A step of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Operation(Operation<Operand>),
    /// The start plus the products of the pairs with these indices.
    Sum {
        start: Operand,
        first: usize,
        end: usize,
    },
}

/// Steps that are executed one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Segment {
    Steps(Range<usize>),
    Layer(Layer),
}

/// Sums of products of streamed weights with the same factors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layer {
    pub(super) rows: Range<usize>,
    pub(super) factors: Factors,
}

/// Consecutive factors, by their places.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Factors {
    Scalars(Range<usize>),
    Inputs(Range<usize>),
}

/// A sum of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    /// The position in θ of the first of the weights.
    pub(super) weights: usize,
    /// What the products are added to.
    pub(super) start: Operand,
    /// The place of the result.
    pub(super) place: usize,
}
