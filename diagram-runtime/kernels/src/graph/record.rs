//! Recording: operations are written down in the order in which a loss does them.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Expression, Node, Operation};

/// The reason why a loss is not a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The loss looks at the value of a number.
    #[error(
        "the loss looks at the value of a number, by {operation}, so that its operations may differ from one point to another; write it without, or do not record it"
    )]
    LooksAtValue {
        /// The operation that gives the value away.
        operation: &'static str,
    },
    /// The loss separates the value of a number from its derivatives.
    #[error(
        "the loss separates the value of a number from its derivatives, by {operation}, which no operation of a graph does; write it without, as a softmax by log_sum_exp, or do not record it"
    )]
    TakesApart {
        /// The operation that separates them.
        operation: &'static str,
    },
    /// The loss has a kink, where it has no derivatives.
    #[error(
        "the loss has a kink, by {operation}: at a kink there is no power series in η, and elsewhere the series does not know of it; take {instead} instead, which is smooth, or record the loss by Graph::piecewise"
    )]
    Kink {
        /// The operation with the kink.
        operation: &'static str,
        /// The nearest smooth function.
        instead: &'static str,
    },
    /// The loss uses an expression that was made in another recording, or outside of any.
    #[error(
        "the loss uses an expression of another recording; make its expressions of the weights, the datapoint and numbers that it is given"
    )]
    Foreign,
}

/// The operations that were recorded, in the order in which they were done.
#[derive(Default)]
struct Tape {
    /// Which recording of this thread it is; 0 outside of all.
    recording: u32,
    /// Whether kinks are recorded.
    piecewise: bool,
    operations: Vec<Operation>,
    /// Whether a weight has an effect on the node.
    moving: Vec<bool>,
    /// The node of each operation, by its bits.
    nodes: HashMap<[u64; 4], Node>,
    error: Option<RecordError>,
    /// The number of recordings that this thread has begun.
    recordings: u32,
}

thread_local! {
    static TAPE: RefCell<Tape> = RefCell::default();
}

impl Tape {
    fn refuse(&mut self, error: RecordError) {
        self.error.get_or_insert(error);
    }

    fn is_constant(&self, node: Node, value: f64) -> bool {
        self.operations[node as usize] == Operation::Constant(value)
    }

    /// Returns the node of an operation. An operation that was recorded before is not recorded again, and one that changes nothing is not recorded at
    /// all. Constants are not combined, because the result would be rounded here and not in the algebra in which the graph is evaluated.
    fn node(&mut self, operation: Operation) -> Node {
        use Operation::{Add, AddProduct, Constant, Multiply, Powf, Subtract};
        match operation {
            Add(a, b) if self.is_constant(a, 0.0) => return b,
            Add(a, b) | Subtract(a, b) if self.is_constant(b, 0.0) => return a,
            Multiply(a, b) if self.is_constant(a, 1.0) => return b,
            Multiply(a, b) if self.is_constant(b, 1.0) => return a,
            AddProduct(a, b, c) if self.is_constant(a, 0.0) => return self.node(Multiply(b, c)),
            Powf(_, 0.0) => return self.node(Constant(1.0)),
            Powf(a, 1.0) => return a,
            _ => {}
        }
        if let Some(&node) = self.nodes.get(&operation.bits()) {
            return node;
        }
        let node = self.operations.len() as Node;
        let moves = |read: Node| self.moving[read as usize];
        let moving = matches!(operation, Operation::Weight(_)) || operation.reads().any(moves);
        self.operations.push(operation);
        self.moving.push(moving);
        self.nodes.insert(operation.bits(), node);
        node
    }

    /// Refuses an operation with a kink at which a weight can arrive, unless the loss is declared as piecewise smooth.
    fn check_kink(&mut self, node: Node) {
        let operation = self.operations[node as usize];
        if self.moving[node as usize] && !self.piecewise && operation.has_kink() {
            let (operation, instead) = match operation {
                Operation::Apply(function @ super::Function::Relu, _) => {
                    (function.name(), "softplus")
                }
                Operation::Apply(function, _) => (function.name(), "(x² + ε²).sqrt()"),
                _ => ("max", "log_sum_exp"),
            };
            self.refuse(RecordError::Kink { operation, instead });
        }
    }
}

/// Records an operation on expressions.
pub(super) fn record(operation: Operation<Expression>) -> Expression {
    TAPE.with_borrow_mut(|tape| {
        let recording = tape.recording;
        if operation.reads().any(|read| read.recording != recording) {
            tape.refuse(RecordError::Foreign);
            let node = tape.node(Operation::Constant(f64::NAN));
            return Expression { recording, node };
        }
        let node = tape.node(operation.map(|read| read.node));
        tape.check_kink(node);
        Expression { recording, node }
    })
}

/// Records that the loss is no graph.
pub(super) fn refuse(error: RecordError) {
    TAPE.with_borrow_mut(|tape| tape.refuse(error));
}

/// A recorded number has no derivatives to keep or to drop, which it has where the graph is evaluated.
pub(super) fn takes_apart(operation: &'static str) {
    refuse(RecordError::TakesApart { operation });
}

pub(super) fn looks_at_value(operation: &'static str) {
    refuse(RecordError::LooksAtValue { operation });
}

/// Records a loss. The last operation is the loss, and all others have an effect on it.
pub(super) fn operations(
    sizes: (usize, usize),
    piecewise: bool,
    loss: impl FnOnce(&[Expression], &[Expression]) -> Expression,
) -> Result<Vec<Operation>, RecordError> {
    Ok(function(sizes, piecewise, |theta, x| vec![loss(theta, x)])?.operations)
}

/// A recorded function with several results.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recorded {
    /// The operations that have an effect on the results, and those alone.
    pub(crate) operations: Vec<Operation>,
    /// The nodes of the results.
    pub(crate) results: Vec<Node>,
}

/// Records a function of weights and of numbers of a datapoint, so many of each.
pub(crate) fn function(
    (weights, input_width): (usize, usize),
    piecewise: bool,
    function: impl FnOnce(&[Expression], &[Expression]) -> Vec<Expression>,
) -> Result<Recorded, RecordError> {
    // A loss may record another one, whose tape takes the place of its own for so long.
    let outer = TAPE.take();
    let recordings = outer.recordings.wrapping_add(1).max(1);
    TAPE.set(Tape {
        recording: recordings,
        recordings,
        piecewise,
        ..Tape::default()
    });
    let list = |count: usize, operation: fn(usize) -> Operation<Expression>| -> Vec<Expression> {
        (0..count).map(|at| record(operation(at))).collect()
    };
    let weights = list(weights, Operation::Weight);
    let x = list(input_width, Operation::Input);
    let results = function(&weights, &x);
    let tape = TAPE.take();
    TAPE.set(Tape {
        recordings: tape.recordings,
        ..outer
    });
    match tape.error {
        Some(error) => Err(error),
        None if results
            .iter()
            .any(|result| result.recording != tape.recording) =>
        {
            Err(RecordError::Foreign)
        }
        None => Ok(needed(&tape.operations, &results)),
    }
}

/// Keeps the operations that have an effect on results, and those alone.
fn needed(operations: &[Operation], results: &[Expression]) -> Recorded {
    let mut needed = vec![false; operations.len()];
    for result in results {
        needed[result.node as usize] = true;
    }
    for at in (0..operations.len()).rev() {
        if needed[at] {
            for read in operations[at].reads() {
                needed[read as usize] = true;
            }
        }
    }
    let mut places = vec![0; operations.len()];
    let mut kept = vec![];
    for (at, &operation) in operations.iter().enumerate() {
        if needed[at] {
            places[at] = kept.len() as Node;
            kept.push(operation.map(|node| places[node as usize]));
        }
    }
    Recorded {
        operations: kept,
        results: results
            .iter()
            .map(|result| places[result.node as usize])
            .collect(),
    }
}
