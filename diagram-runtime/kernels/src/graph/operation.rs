//! The operations that graphs are made of.

/// The index of a node of a [`Graph`](super::Graph), below those of the nodes that read it.
pub type Node = u32;

/// The operation of a node of a [`Graph`](super::Graph), which reads operands `N`: nodes.
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
    /// An elementary function of a node.
    Apply(Function, N),
    /// The power of a node with a real exponent, which is neither 0 nor 1.
    Powf(N, f64),
    /// The logarithm of the sum of the exponentials of two nodes.
    LogAddExp(N, N),
    /// The larger of two nodes, with its derivatives; those of the second where both are equal.
    Max(N, N),
}

/// An elementary function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The exponential function.
    Exp,
    /// The natural logarithm.
    Ln,
    /// The hyperbolic tangent.
    Tanh,
    /// The sine.
    Sin,
    /// The cosine.
    Cos,
    /// The square root.
    Sqrt,
    /// The error function.
    Erf,
    /// The logistic function `1 / (1 + e^-x)`.
    Sigmoid,
    /// The softplus `ln(1 + e^x)`.
    Softplus,
    /// The number if it is positive, and 0 if not. Its slope is 0 at 0.
    Relu,
    /// The magnitude. Its slope is -1 at 0.
    Abs,
}

impl Function {
    /// The name, as the methods of [`Expression`](super::Expression) have it.
    pub fn name(self) -> &'static str {
        match self {
            Function::Exp => "exp",
            Function::Ln => "ln",
            Function::Tanh => "tanh",
            Function::Sin => "sin",
            Function::Cos => "cos",
            Function::Sqrt => "sqrt",
            Function::Erf => "erf",
            Function::Sigmoid => "sigmoid",
            Function::Softplus => "softplus",
            Function::Relu => "relu",
            Function::Abs => "abs",
        }
    }
}

impl<N: Copy> Operation<N> {
    /// Returns the operands that the operation reads.
    pub fn reads(self) -> impl Iterator<Item = N> {
        let mut reads = [None; 3];
        let mut places = reads.iter_mut();
        self.map(|operand| {
            if let Some(place) = places.next() {
                *place = Some(operand);
            }
        });
        reads.into_iter().flatten()
    }

    /// Returns the same operation on other operands.
    pub fn map<M>(self, mut to: impl FnMut(N) -> M) -> Operation<M> {
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
            Operation::Apply(function, a) => Operation::Apply(function, to(a)),
            Operation::Powf(a, exponent) => Operation::Powf(to(a), exponent),
            Operation::LogAddExp(a, b) => Operation::LogAddExp(to(a), to(b)),
            Operation::Max(a, b) => Operation::Max(to(a), to(b)),
        }
    }

    /// Whether the operation has a kink, where it has no derivatives.
    pub fn has_kink(self) -> bool {
        matches!(
            self,
            Operation::Apply(Function::Relu | Function::Abs, _) | Operation::Max(..)
        )
    }

    /// Returns the number of floating point operations, where elementary functions are not counted.
    pub(super) fn flops(self) -> f64 {
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

impl Operation {
    /// Bits that are the same for equal operations alone. The order of operands that may be exchanged does not count.
    pub(super) fn bits(self) -> [u64; 4] {
        let wide = u64::from;
        match self {
            Operation::Constant(value) => [0, value.to_bits(), 0, 0],
            Operation::Weight(at) => [1, at as u64, 0, 0],
            Operation::Input(at) => [2, at as u64, 0, 0],
            Operation::Add(a, b) => [3, wide(a.min(b)), wide(a.max(b)), 0],
            Operation::Subtract(a, b) => [4, wide(a), wide(b), 0],
            Operation::Multiply(a, b) => [5, wide(a.min(b)), wide(a.max(b)), 0],
            Operation::AddProduct(a, b, c) => [6, wide(a), wide(b.min(c)), wide(b.max(c))],
            Operation::Divide(a, b) => [7, wide(a), wide(b), 0],
            Operation::Negate(a) => [8, wide(a), 0, 0],
            Operation::Apply(function, a) => [9, wide(a), function as u64, 0],
            Operation::Powf(a, exponent) => [10, wide(a), exponent.to_bits(), 0],
            Operation::LogAddExp(a, b) => [11, wide(a.min(b)), wide(a.max(b)), 0],
            // Where both are equal, the order decides whose derivatives the maximum has.
            Operation::Max(a, b) => [12, wide(a), wide(b), 0],
        }
    }
}
