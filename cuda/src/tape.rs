//! Recorded functions with the operations of their derivatives in reverse mode, from which kernels are written.

use std::collections::HashMap;

use diagram_kernels::graph::{Function, Node, Operation};

/// An operation of a tape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// One of those that losses are recorded as. A weight is any scalar that is given.
    Of(Operation),
    /// The adjoint of the result with the given index, which is given.
    Seed(usize),
    /// 1 where the first node is larger than the second, and 0 elsewhere, without derivatives.
    Above(Node, Node),
}

/// Operations in the order in which they can be done. Equal ones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    pub(crate) steps: Vec<Step>,
    /// Whether a weight or a seed has an effect on the node.
    pub(crate) moving: Vec<bool>,
    nodes: HashMap<[u64; 5], Node>,
}

impl Step {
    /// The nodes that are read.
    pub(crate) fn reads(self) -> impl Iterator<Item = Node> {
        let (of, above) = match self {
            Step::Of(operation) => (Some(operation), None),
            Step::Seed(_) => (None, None),
            Step::Above(a, b) => (None, Some([a, b])),
        };
        of.into_iter()
            .flat_map(Operation::reads)
            .chain(above.into_iter().flatten())
    }

    /// Whether nothing is computed: a constant, and what is given.
    pub(crate) fn is_leaf(self) -> bool {
        use Operation::{Constant, Input, Weight};
        matches!(
            self,
            Step::Seed(_) | Step::Of(Constant(_) | Weight(_) | Input(_))
        )
    }

    /// Numbers that are the same for equal steps alone.
    fn bits(self) -> [u64; 5] {
        use Operation as O;
        let wide = u64::from;
        match self {
            Step::Seed(at) => [0, at as u64, 0, 0, 0],
            Step::Above(a, b) => [1, wide(a), wide(b), 0, 0],
            Step::Of(operation) => match operation {
                O::Constant(value) => [2, value.to_bits(), 0, 0, 0],
                O::Weight(at) => [3, at as u64, 0, 0, 0],
                O::Input(at) => [4, at as u64, 0, 0, 0],
                O::Add(a, b) => [5, wide(a.min(b)), wide(a.max(b)), 0, 0],
                O::Subtract(a, b) => [6, wide(a), wide(b), 0, 0],
                O::Multiply(a, b) => [7, wide(a.min(b)), wide(a.max(b)), 0, 0],
                O::AddProduct(a, b, c) => [8, wide(a), wide(b.min(c)), wide(b.max(c)), 0],
                O::Divide(a, b) => [9, wide(a), wide(b), 0, 0],
                O::Negate(a) => [10, wide(a), 0, 0, 0],
                O::Apply(function, a) => [11, wide(a), function as u64, 0, 0],
                O::Powf(a, exponent) => [12, wide(a), exponent.to_bits(), 0, 0],
                O::LogAddExp(a, b) => [13, wide(a), wide(b), 0, 0],
                O::Max(a, b) => [14, wide(a), wide(b), 0, 0],
            },
        }
    }
}

impl Tape {
    /// The tape of recorded operations, whose nodes are given other numbers: the second result. `weight` says which scalar a weight is.
    pub(crate) fn of(
        operations: &[Operation],
        weight: impl Fn(usize) -> usize,
    ) -> (Tape, Vec<Node>) {
        let mut tape = Tape::default();
        let mut nodes: Vec<Node> = vec![];
        for operation in operations {
            let step = match operation.map(|read| nodes[read as usize]) {
                Operation::Weight(at) => Operation::Weight(weight(at)),
                step => step,
            };
            nodes.push(tape.push(step));
        }
        (tape, nodes)
    }

    fn constant(&mut self, value: f64) -> Node {
        self.push(Operation::Constant(value))
    }

    fn apply(&mut self, function: Function, to: Node) -> Node {
        self.push(Operation::Apply(function, to))
    }

    fn multiply(&mut self, a: Node, b: Node) -> Node {
        self.push(Operation::Multiply(a, b))
    }

    fn is_constant(&self, node: Node, value: f64) -> bool {
        self.steps[node as usize] == Step::Of(Operation::Constant(value))
    }

    /// Writes an operation down, unless it has been or changes nothing.
    fn push(&mut self, operation: Operation) -> Node {
        use Operation::{Add, AddProduct, Multiply, Powf, Subtract};
        match operation {
            Add(a, b) if self.is_constant(a, 0.0) => return b,
            Add(a, b) | Subtract(a, b) if self.is_constant(b, 0.0) => return a,
            Multiply(a, b) if self.is_constant(a, 1.0) => return b,
            Multiply(a, b) if self.is_constant(b, 1.0) => return a,
            AddProduct(a, b, c) if self.is_constant(b, 1.0) => return self.push(Add(a, c)),
            AddProduct(a, b, c) if self.is_constant(c, 1.0) => return self.push(Add(a, b)),
            Powf(_, 0.0) => return self.constant(1.0),
            Powf(a, 1.0) => return a,
            _ => {}
        }
        self.step(Step::Of(operation))
    }

    fn step(&mut self, step: Step) -> Node {
        if let Some(&node) = self.nodes.get(&step.bits()) {
            return node;
        }
        let node = self.steps.len() as Node;
        let moves = match step {
            Step::Of(Operation::Weight(_)) | Step::Seed(_) => true,
            Step::Above(..) => false,
            Step::Of(_) => step.reads().any(|read| self.moving[read as usize]),
        };
        self.steps.push(step);
        self.moving.push(moves);
        self.nodes.insert(step.bits(), node);
        node
    }

    /// Writes down the derivatives of `Σ_i adjoint_i result_i` with respect to the weights: pairs of a weight and its derivative, in the order of the weights. The
    /// adjoints are 1 for a single result that is a loss, and otherwise seeds.
    pub(crate) fn reverse(&mut self, results: &[Node], is_loss: bool) -> Vec<(usize, Node)> {
        let count = self.steps.len();
        let mut adjoints: Vec<Option<Node>> = vec![None; count];
        for (at, &result) in results.iter().enumerate() {
            if self.moving[result as usize] {
                let adjoint = if is_loss {
                    self.constant(1.0)
                } else {
                    self.step(Step::Seed(at))
                };
                self.add_to(&mut adjoints, result, adjoint);
            }
        }
        let mut derivatives = vec![];
        for at in (0..count).rev() {
            let (Some(adjoint), Step::Of(operation)) = (adjoints[at], self.steps[at]) else {
                continue;
            };
            if let Operation::Weight(weight) = operation {
                derivatives.push((weight, adjoint));
            } else {
                self.pull(&mut adjoints, operation, at as Node, adjoint);
            }
        }
        derivatives.sort_unstable();
        derivatives
    }

    /// Adds to the adjoint of a node.
    fn add_to(&mut self, adjoints: &mut [Option<Node>], node: Node, change: Node) {
        if self.moving[node as usize] {
            let sum = match adjoints[node as usize] {
                Some(before) => self.push(Operation::Add(before, change)),
                None => change,
            };
            adjoints[node as usize] = Some(sum);
        }
    }

    /// Adds the product of a node's adjoint and a factor to the adjoint of another node.
    fn add_product(
        &mut self,
        adjoints: &mut [Option<Node>],
        node: Node,
        [adjoint, factor]: [Node; 2],
    ) {
        if self.moving[node as usize] {
            let sum = match adjoints[node as usize] {
                Some(before) => self.push(Operation::AddProduct(before, adjoint, factor)),
                None => self.multiply(adjoint, factor),
            };
            adjoints[node as usize] = Some(sum);
        }
    }

    /// Gives the adjoint `d` of the result `v` of an operation to what it reads.
    fn pull(&mut self, adjoints: &mut [Option<Node>], operation: Operation, v: Node, d: Node) {
        use Operation as O;
        match operation {
            O::Constant(_) | O::Input(_) | O::Weight(_) => {}
            O::Add(a, b) => {
                self.add_to(adjoints, a, d);
                self.add_to(adjoints, b, d);
            }
            O::Subtract(a, b) => {
                self.add_to(adjoints, a, d);
                if self.moving[b as usize] {
                    let negative = self.push(O::Negate(d));
                    self.add_to(adjoints, b, negative);
                }
            }
            O::Multiply(a, b) => {
                self.add_product(adjoints, a, [d, b]);
                self.add_product(adjoints, b, [d, a]);
            }
            O::AddProduct(a, b, c) => {
                self.add_to(adjoints, a, d);
                self.add_product(adjoints, b, [d, c]);
                self.add_product(adjoints, c, [d, b]);
            }
            O::Divide(a, b) => {
                let part = self.push(O::Divide(d, b));
                self.add_to(adjoints, a, part);
                if self.moving[b as usize] {
                    let negative = self.push(O::Negate(part));
                    self.add_product(adjoints, b, [negative, v]);
                }
            }
            O::Negate(a) => {
                let negative = self.push(O::Negate(d));
                self.add_to(adjoints, a, negative);
            }
            O::Apply(function, a) => {
                let slope = self.slope(function, a, v);
                self.add_product(adjoints, a, [d, slope]);
            }
            O::Powf(a, exponent) => {
                let power = self.push(O::Powf(a, exponent - 1.0));
                let exponent = self.constant(exponent);
                let slope = self.multiply(exponent, power);
                self.add_product(adjoints, a, [d, slope]);
            }
            O::LogAddExp(a, b) => {
                for read in [a, b] {
                    if self.moving[read as usize] {
                        let below = self.push(O::Subtract(read, v));
                        let part = self.apply(Function::Exp, below);
                        self.add_product(adjoints, read, [d, part]);
                    }
                }
            }
            O::Max(a, b) => {
                let above = self.step(Step::Above(a, b));
                let one = self.constant(1.0);
                let below = self.push(O::Subtract(one, above));
                self.add_product(adjoints, a, [d, above]);
                self.add_product(adjoints, b, [d, below]);
            }
        }
    }

    /// The derivative of a function at `a`, where its value is `v`.
    fn slope(&mut self, function: Function, a: Node, v: Node) -> Node {
        use Operation::{Divide, Negate, Subtract};
        let one = self.constant(1.0);
        match function {
            Function::Exp => v,
            Function::Ln => self.push(Divide(one, a)),
            Function::Tanh => {
                let square = self.multiply(v, v);
                self.push(Subtract(one, square))
            }
            Function::Sin => self.apply(Function::Cos, a),
            Function::Cos => {
                let sine = self.apply(Function::Sin, a);
                self.push(Negate(sine))
            }
            Function::Sqrt => {
                let half = self.constant(0.5);
                self.push(Divide(half, v))
            }
            Function::Erf => {
                let square = self.multiply(a, a);
                let negative = self.push(Negate(square));
                let bell = self.apply(Function::Exp, negative);
                let factor = self.constant(std::f64::consts::FRAC_2_SQRT_PI);
                self.multiply(factor, bell)
            }
            Function::Sigmoid => {
                let square = self.multiply(v, v);
                self.push(Subtract(v, square))
            }
            Function::Softplus => self.apply(Function::Sigmoid, a),
            Function::Relu => {
                let zero = self.constant(0.0);
                self.step(Step::Above(a, zero))
            }
            Function::Abs => {
                let zero = self.constant(0.0);
                let above = self.step(Step::Above(a, zero));
                let twice = self.constant(2.0);
                let twice = self.multiply(twice, above);
                self.push(Subtract(twice, one))
            }
        }
    }

    /// Whether each node has an effect on one of the given ones.
    pub(crate) fn needed(&self, wanted: impl IntoIterator<Item = Node>) -> Vec<bool> {
        let mut needed = vec![false; self.steps.len()];
        for node in wanted {
            needed[node as usize] = true;
        }
        for at in (0..self.steps.len()).rev() {
            if needed[at] {
                for read in self.steps[at].reads() {
                    needed[read as usize] = true;
                }
            }
        }
        needed
    }
}

#[cfg(test)]
mod tests {
    use diagram_algebra::weights::Own;
    use diagram_kernels::graph::{Function, Graph, Operation};
    use diagram_kernels::landscape::Landscape;

    use super::{Step, Tape};

    /// The values of all nodes.
    fn run(tape: &Tape, theta: &[f64], x: &[f64]) -> Vec<f64> {
        use Operation as O;
        let mut values: Vec<f64> = vec![];
        for &step in &tape.steps {
            let v = |node: u32| values[node as usize];
            let value = match step {
                Step::Seed(_) => unreachable!("a loss has no seeds"),
                Step::Above(a, b) => f64::from(u8::from(v(a) > v(b))),
                Step::Of(operation) => match operation {
                    O::Constant(value) => value,
                    O::Weight(at) => theta[at],
                    O::Input(at) => x[at],
                    O::Add(a, b) => v(a) + v(b),
                    O::Subtract(a, b) => v(a) - v(b),
                    O::Multiply(a, b) => v(a) * v(b),
                    O::AddProduct(a, b, c) => v(a) + v(b) * v(c),
                    O::Divide(a, b) => v(a) / v(b),
                    O::Negate(a) => -v(a),
                    O::Powf(a, exponent) => v(a).powf(exponent),
                    O::LogAddExp(a, b) => (v(a).exp() + v(b).exp()).ln(),
                    O::Max(a, b) => v(a).max(v(b)),
                    O::Apply(function, a) => {
                        let a = v(a);
                        match function {
                            Function::Exp => a.exp(),
                            Function::Ln => a.ln(),
                            Function::Tanh => a.tanh(),
                            Function::Sin => a.sin(),
                            Function::Cos => a.cos(),
                            Function::Sqrt => a.sqrt(),
                            Function::Erf => erf(a),
                            Function::Sigmoid => 1.0 / (1.0 + (-a).exp()),
                            Function::Softplus => a.exp().ln_1p(),
                            Function::Relu => a.max(0.0),
                            Function::Abs => a.abs(),
                        }
                    }
                },
            };
            values.push(value);
        }
        values
    }

    /// The error function where its series converges quickly.
    fn erf(x: f64) -> f64 {
        let mut term = x;
        let mut sum = x;
        for n in 1..60 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn gradients_of_every_operation_are_those_of_the_library() {
        let graph = Graph::piecewise(4, 2, |w, x| {
            let a = (w[0] * x[0] + w[1]).tanh() / (w[2].exp() + 1.5);
            let b = (w[3].square() + 0.5).ln() - (w[1] * x[1]).sin() + w[0].cos();
            let c = (w[2].square() + 1.0).sqrt().powf(1.5) * w[3].erf() - w[0].sigmoid();
            let d = w[1].softplus() + w[3].relu() * w[2].abs() + w[1].log_add_exp(w[2] * x[0]);
            let e = w[0].max(w[3]) + (w[2] - w[0]).relu() + (-w[3]).max(-w[1]) * (-w[0]).abs();
            a * b + c.square() - d / (e.square() + 2.0) + -a
        })
        .expect("a graph");
        let (mut tape, nodes) = Tape::of(graph.operations(), |weight| weight);
        let gradient = tape.reverse(&nodes[nodes.len() - 1..], true);
        let weights: Vec<usize> = gradient.iter().map(|&(weight, _)| weight).collect();
        assert_eq!(weights, [0, 1, 2, 3]);
        for (theta, x) in [
            ([0.3, -0.7, 0.9, 0.4], [0.6, -1.1]),
            ([-0.8, 0.2, -0.5, -0.9], [1.3, 0.7]),
        ] {
            let values = run(&tape, &theta, &x);
            let mut expected = [0.0; 4];
            let loss: f64 = graph.gradient(Own(&theta), &x, &mut expected[..]);
            let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-14 * (1.0 + b.abs()), "{a} {b}");
            near(values[nodes[nodes.len() - 1] as usize], loss);
            for &(weight, node) in &gradient {
                near(values[node as usize], expected[weight]);
            }
        }
    }
}
