//! The scalar that records what is done with it.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use num_rational::BigRational;

use super::{Node, Operation};
use crate::landscape::Landscape;
use crate::lanes::Isa;
use crate::scalar::{Element, Lanes, Scalar};

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
        "the loss separates the value of a number from its derivatives, by {operation}, which no operation of a graph does; write it without, or do not record it"
    )]
    TakesApart {
        /// The operation that separates them.
        operation: &'static str,
    },
    /// The loss takes a maximum, which has no derivatives of higher order where its arguments are equal.
    #[error(
        "the loss takes a maximum, which has no power series where its arguments are equal; take a smooth function instead, such as ln(exp a + exp b)"
    )]
    Maximum,
}

/// The operations that were recorded, in the order in which they were done.
#[derive(Default)]
struct Tape {
    operations: Vec<Operation>,
    /// The node of each operation, by its bits.
    nodes: HashMap<[u64; 4], Node>,
    error: Option<RecordError>,
}

thread_local! {
    static TAPE: RefCell<Tape> = RefCell::default();
}

impl Tape {
    fn is_constant(&self, node: Node, value: f64) -> bool {
        self.operations[node as usize] == Operation::Constant(value)
    }

    /// Returns the node of an operation. An operation that was recorded before is not recorded again, and one that changes nothing is not recorded at
    /// all. Constants are not combined, because the result would be rounded here and not in the algebra in which the graph is evaluated.
    fn node(&mut self, operation: Operation) -> Node {
        use Operation::{Add, AddProduct, Multiply, Subtract};
        match operation {
            Add(a, b) if self.is_constant(a, 0.0) => return b,
            Add(a, b) | Subtract(a, b) if self.is_constant(b, 0.0) => return a,
            Multiply(a, b) if self.is_constant(a, 1.0) => return b,
            Multiply(a, b) if self.is_constant(b, 1.0) => return a,
            AddProduct(a, b, c) if self.is_constant(a, 0.0) => return self.node(Multiply(b, c)),
            _ => {}
        }
        if let Some(&node) = self.nodes.get(&bits(operation)) {
            return node;
        }
        let node = self.operations.len() as Node;
        self.operations.push(operation);
        self.nodes.insert(bits(operation), node);
        node
    }
}

/// Bits that are the same for equal operations alone.
fn bits(operation: Operation) -> [u64; 4] {
    use Operation::{
        Add, AddProduct, Constant, Cos, Divide, Exp, Input, Ln, Multiply, Negate, Sin, Sqrt,
        Subtract, Tanh, Weight,
    };
    let wide = u64::from;
    match operation {
        Constant(value) => [0, value.to_bits(), 0, 0],
        Weight(at) => [1, at as u64, 0, 0],
        Input(at) => [2, at as u64, 0, 0],
        Add(a, b) => [3, wide(a.min(b)), wide(a.max(b)), 0],
        Subtract(a, b) => [4, wide(a), wide(b), 0],
        Multiply(a, b) => [5, wide(a.min(b)), wide(a.max(b)), 0],
        AddProduct(a, b, c) => [6, wide(a), wide(b.min(c)), wide(b.max(c))],
        Divide(a, b) => [7, wide(a), wide(b), 0],
        Negate(a) => [8, wide(a), 0, 0],
        Exp(a) => [9, wide(a), 0, 0],
        Ln(a) => [10, wide(a), 0, 0],
        Tanh(a) => [11, wide(a), 0, 0],
        Sin(a) => [12, wide(a), 0, 0],
        Cos(a) => [13, wide(a), 0, 0],
        Sqrt(a) => [14, wide(a), 0, 0],
    }
}

/// Records the loss of a landscape. The last operation is the loss, and all others have an effect on it.
pub(super) fn operations(landscape: &impl Landscape) -> Result<Vec<Operation>, RecordError> {
    // A loss that records another one inside itself would be a mistake; each recording begins with an empty tape.
    TAPE.set(Tape::default());
    let list = |count: usize, operation: fn(usize) -> Operation| -> Vec<Recorded> {
        (0..count).map(|at| record(operation(at))).collect()
    };
    let theta = list(landscape.dimension(), Operation::Weight);
    let x = list(landscape.input_width(), Operation::Input);
    let Recorded(loss) = landscape.loss(&theta, &x);
    let Tape {
        operations, error, ..
    } = TAPE.take();
    match error {
        Some(error) => Err(error),
        None => Ok(needed(&operations, loss)),
    }
}

/// Returns the operations that have an effect on a node, and those alone, with the node as the last.
fn needed(operations: &[Operation], loss: Node) -> Vec<Operation> {
    let mut needed = vec![false; operations.len()];
    needed[loss as usize] = true;
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
    kept
}

/// A number whose operations are recorded: a node of the tape of this thread. It has a single lane and no derivatives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded(Node);

fn record(operation: Operation) -> Recorded {
    TAPE.with_borrow_mut(|tape| Recorded(tape.node(operation)))
}

/// Records that the loss is no graph.
fn refuse(error: RecordError) {
    TAPE.with_borrow_mut(|tape| {
        tape.error.get_or_insert(error);
    });
}

/// A recorded number has no derivatives to keep or to drop, which it has where the graph is evaluated.
fn takes_apart(operation: &'static str) {
    refuse(RecordError::TakesApart { operation });
}

fn looks_at_value(operation: &'static str) {
    refuse(RecordError::LooksAtValue { operation });
}

impl Add for Recorded {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        record(Operation::Add(self.0, other.0))
    }
}

impl Sub for Recorded {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        record(Operation::Subtract(self.0, other.0))
    }
}

impl Mul for Recorded {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        record(Operation::Multiply(self.0, other.0))
    }
}

impl Div for Recorded {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        record(Operation::Divide(self.0, other.0))
    }
}

impl Neg for Recorded {
    type Output = Self;
    fn neg(self) -> Self {
        record(Operation::Negate(self.0))
    }
}

impl AddAssign for Recorded {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl PartialEq for Recorded {
    fn eq(&self, _: &Self) -> bool {
        looks_at_value("==");
        false
    }
}

impl PartialOrd for Recorded {
    fn partial_cmp(&self, _: &Self) -> Option<Ordering> {
        looks_at_value("a comparison");
        None
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        looks_at_value("formatting");
        f.pad("a recorded number")
    }
}

impl Default for Recorded {
    fn default() -> Self {
        Self::constant(0.0)
    }
}

impl Scalar for Recorded {
    type Base = Self;
    type Element = Self;
    const COEFFICIENTS: usize = 1;

    fn from_base(base: Self) -> Self {
        base
    }
    fn constant(value: f64) -> Self {
        record(Operation::Constant(value))
    }
    fn scale(self, by: &Self) -> Self {
        self * *by
    }
    fn scale_element(self, by: &Self) -> Self {
        self * *by
    }
    fn add_product(&mut self, a: &Self, b: &Self) {
        *self = record(Operation::AddProduct(self.0, a.0, b.0));
    }
    fn add_scaled(&mut self, a: &Self, b: &Self) {
        self.add_product(a, b);
    }
    fn add_product_base(&mut self, a: &Self, b: &Self) {
        self.add_product(a, b);
    }
    fn add_base(&mut self, b: &Self) {
        *self += *b;
    }
    fn add_base_product(&mut self, a: &Self, b: &Self) {
        self.add_product(a, b);
    }
    fn add_base_scaled(&mut self, a: &Self, b: &Self) {
        self.add_product(a, b);
    }
    fn primal(&self) -> &Self {
        takes_apart("primal");
        self
    }
    fn exp(self) -> Self {
        record(Operation::Exp(self.0))
    }
    fn ln(self) -> Self {
        record(Operation::Ln(self.0))
    }
    fn highest(self) -> Self {
        takes_apart("highest");
        self
    }
    fn from_highest(coefficient: Self) -> Self {
        takes_apart("from_highest");
        coefficient
    }
    fn with_primal(self, primal: Self) -> Self {
        takes_apart("with_primal");
        primal
    }
    fn tanh_from(self, primal: Self) -> Self {
        takes_apart("tanh_from");
        primal
    }
    fn tanh(self) -> Self {
        record(Operation::Tanh(self.0))
    }
    fn sin_cos(self) -> (Self, Self) {
        (
            record(Operation::Sin(self.0)),
            record(Operation::Cos(self.0)),
        )
    }
    fn sqrt(self) -> Self {
        record(Operation::Sqrt(self.0))
    }
}

impl Lanes for Recorded {
    const WIDTH: usize = 1;
    const REGISTERS: usize = 16;

    fn splat(element: Self) -> Self {
        element
    }
    fn from_fn(mut element: impl FnMut(usize) -> Self) -> Self {
        element(0)
    }
    fn lane(&self, _: usize) -> Self {
        *self
    }
    fn max(&self, _: &Self) -> Self {
        refuse(RecordError::Maximum);
        *self
    }
    fn transpose(mut read: impl FnMut(usize) -> Self, mut write: impl FnMut(usize, Self)) {
        write(0, read(0));
    }
    fn store(&self, places: &mut [Self]) {
        places[0] = *self;
    }
    fn vectors(numbers: &[Self]) -> &[Self] {
        numbers
    }
    fn vectors_mut(numbers: &mut [Self]) -> &mut [Self] {
        numbers
    }
    fn sum(&self) -> Self {
        *self
    }
}

impl Element for Recorded {
    type Wide<I: Isa> = Self;
    const LANES: usize = 1;

    fn to_f64(&self) -> f64 {
        looks_at_value("to_f64");
        f64::NAN
    }
    fn is_finite(&self) -> bool {
        looks_at_value("is_finite");
        true
    }
    fn from_rational(rational: &BigRational) -> Self {
        Self::constant(f64::from_rational(rational))
    }
}
