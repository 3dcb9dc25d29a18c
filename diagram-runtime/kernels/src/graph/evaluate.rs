//! The execution of graphs, forward and in reverse, in any algebra.

use super::{Node, Operation};
use crate::scalar::{Lanes, Scalar, Weight};
use crate::weights::Weights;

/// The operations of a graph in the order of their execution. Nodes that no weight has an effect on have no derivatives: they are computed in the ground
/// ring, apart from the others.
///
/// What depends on the kind of weights is only how these are read. So the other functions are compiled once for each algebra.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Steps {
    /// The steps that give numbers of the ground ring. To them the results of each other are scalars.
    inputs: Vec<Step>,
    /// The positions in θ of the weights that have an effect on the loss, in ascending order. They are the first scalars.
    weights: Vec<usize>,
    /// The steps that give the other scalars.
    scalars: Vec<Step>,
    /// The loss.
    loss: Operand,
}

/// What a step reads.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Operand {
    /// The scalar with the given index.
    Scalar(usize),
    /// The number of the ground ring with the given index.
    Input(usize),
    /// A number that is the same in every lane.
    Constant(f64),
}

/// An operation on results of other steps.
type Step = Operation<Operand>;

impl Steps {
    pub(super) fn new(operations: &[Operation]) -> Self {
        let weight = |operation: &Operation| match *operation {
            Operation::Weight(position) => Some(position),
            _ => None,
        };
        let mut weights: Vec<usize> = operations.iter().filter_map(weight).collect();
        weights.sort_unstable();
        let mut places: Vec<Operand> = vec![];
        let (mut inputs, mut scalars) = (vec![], vec![]);
        for &operation in operations {
            let place = |node: Node| places[node as usize];
            let is_scalar = |node| matches!(place(node), Operand::Scalar(_));
            places.push(match operation {
                Operation::Constant(value) => Operand::Constant(value),
                Operation::Weight(position) => {
                    Operand::Scalar(weights.partition_point(|&other| other < position))
                }
                _ if operation.reads().any(is_scalar) => {
                    scalars.push(operation.map(place));
                    Operand::Scalar(weights.len() + scalars.len() - 1)
                }
                _ => {
                    inputs.push(operation.map(|node| match place(node) {
                        Operand::Input(at) => Operand::Scalar(at),
                        other => other,
                    }));
                    Operand::Input(inputs.len() - 1)
                }
            });
        }
        Steps {
            inputs,
            weights,
            scalars,
            loss: *places.last().expect("a graph has a loss"),
        }
    }

    /// The number of results in the ground ring.
    pub(super) fn inputs(&self) -> usize {
        self.inputs.len()
    }

    /// The number of weights with an effect on the loss and of results in the algebra.
    pub(super) fn scalars(&self) -> usize {
        self.weights.len() + self.scalars.len()
    }

    /// The positions in θ of the weights that have an effect on the loss, in ascending order. They are the first scalars.
    pub(super) fn weights(&self) -> &[usize] {
        &self.weights
    }

    /// The number of floating point operations, if each of those on scalars counts as the given number.
    pub(super) fn flops(&self, of_scalar: f64) -> f64 {
        let sum = |steps: &[Step]| steps.iter().map(|step| step.flops()).sum::<f64>();
        sum(&self.inputs) + of_scalar * sum(&self.scalars)
    }

    /// Computes all results at the weights `theta` and the datapoint `x`.
    #[inline(always)]
    pub(super) fn forward<A: Scalar, W: Weights<A>>(
        &self,
        theta: W,
        x: &[A::Base],
        inputs: &mut [A::Base],
        scalars: &mut [A],
    ) {
        for (scalar, &position) in scalars.iter_mut().zip(&self.weights) {
            *scalar = theta.at(position).lift();
        }
        self.run_inputs(x, inputs);
        self.run_scalars(inputs, scalars);
    }

    /// Computes the results that no weight has an effect on.
    #[inline(never)]
    fn run_inputs<R: Lanes>(&self, x: &[R], inputs: &mut [R]) {
        R::run(
            #[inline(always)]
            || {
                for (at, &step) in self.inputs.iter().enumerate() {
                    let (before, rest) = inputs.split_at_mut(at);
                    rest[0] = match step {
                        Step::Input(index) => x[index].clone(),
                        _ => Results::<R> {
                            scalars: before,
                            inputs: &[],
                        }
                        .of(step),
                    };
                }
            },
        );
    }

    /// Computes the results that weights have an effect on, after the weights.
    #[inline(never)]
    fn run_scalars<A: Scalar>(&self, inputs: &[A::Base], scalars: &mut [A]) {
        A::run(
            #[inline(always)]
            || {
                for (at, &step) in (self.weights.len()..).zip(&self.scalars) {
                    let (before, rest) = scalars.split_at_mut(at);
                    rest[0] = Results {
                        scalars: before,
                        inputs,
                    }
                    .of(step);
                }
            },
        );
    }

    /// The loss, after [`Steps::forward`].
    #[inline(always)]
    pub(super) fn loss<A: Scalar>(&self, inputs: &[A::Base], scalars: &[A]) -> A {
        Results { scalars, inputs }.lifted(self.loss)
    }

    /// Computes the derivatives of the loss with respect to all scalars, after [`Steps::forward`].
    #[inline(never)]
    pub(super) fn reverse<A: Scalar>(&self, inputs: &[A::Base], scalars: &[A], adjoints: &mut [A]) {
        A::run(
            #[inline(always)]
            || {
                adjoints.fill(A::constant(0.0));
                if let Operand::Scalar(at) = self.loss {
                    adjoints[at] = A::constant(1.0);
                }
                let results = Results { scalars, inputs };
                for (at, &step) in (self.weights.len()..scalars.len()).zip(&self.scalars).rev() {
                    let (before, rest) = adjoints.split_at_mut(at);
                    results.reverse(step, &scalars[at], &rest[0], before);
                }
            },
        );
    }
}

/// The results of the steps that have been executed.
struct Results<'r, A: Scalar> {
    scalars: &'r [A],
    inputs: &'r [A::Base],
}

impl<A: Scalar> Results<'_, A> {
    /// The operand as a scalar of the algebra.
    #[inline(always)]
    fn lifted(&self, operand: Operand) -> A {
        match operand {
            Operand::Scalar(at) => self.scalars[at].clone(),
            Operand::Input(at) => A::from_base(self.inputs[at].clone()),
            Operand::Constant(value) => A::constant(value),
        }
    }

    /// `sum += a * b`, where operands without derivatives are not lifted.
    #[inline(always)]
    fn add_product(&self, sum: &mut A, a: Operand, b: Operand) {
        match (a, b) {
            (Operand::Scalar(a), b) => self.add_times(sum, &self.scalars[a], b),
            (a, Operand::Scalar(b)) => self.add_times(sum, &self.scalars[b], a),
            (Operand::Input(a), Operand::Input(b)) => {
                sum.add_base_product(&self.inputs[a], &self.inputs[b]);
            }
            (Operand::Input(a), Operand::Constant(value))
            | (Operand::Constant(value), Operand::Input(a)) => {
                sum.add_base_scaled(&self.inputs[a], &A::Element::constant(value));
            }
            (Operand::Constant(a), Operand::Constant(b)) => {
                sum.add_base_scaled(&A::Base::constant(a), &A::Element::constant(b));
            }
        }
    }

    /// `sum += a * b`, where an operand without derivatives is not lifted.
    #[inline(always)]
    fn add_times(&self, sum: &mut A, a: &A, b: Operand) {
        match b {
            Operand::Scalar(b) => sum.add_product(a, &self.scalars[b]),
            Operand::Input(b) => sum.add_product_base(a, &self.inputs[b]),
            Operand::Constant(value) => sum.add_scaled(a, &A::Element::constant(value)),
        }
    }

    /// The result of a step that reads no number of a datapoint.
    #[inline(always)]
    fn of(&self, step: Step) -> A {
        match step {
            Step::Constant(_) | Step::Weight(_) | Step::Input(_) => {
                unreachable!("operands, or read by the caller")
            }
            Step::Add(a, b) => match (a, b) {
                (Operand::Input(at), Operand::Scalar(other))
                | (Operand::Scalar(other), Operand::Input(at)) => {
                    let mut sum = self.scalars[other].clone();
                    sum.add_base(&self.inputs[at]);
                    sum
                }
                _ => self.lifted(a) + self.lifted(b),
            },
            Step::Subtract(a, b) => match (a, b) {
                (Operand::Scalar(at), Operand::Input(other)) => {
                    let mut difference = self.scalars[at].clone();
                    difference.add_base(&-self.inputs[other].clone());
                    difference
                }
                _ => self.lifted(a) - self.lifted(b),
            },
            Step::Multiply(a, b) => match (a, b) {
                (Operand::Scalar(at), Operand::Input(by))
                | (Operand::Input(by), Operand::Scalar(at)) => {
                    self.scalars[at].clone().scale(&self.inputs[by])
                }
                (Operand::Scalar(at), Operand::Constant(by))
                | (Operand::Constant(by), Operand::Scalar(at)) => self.scalars[at]
                    .clone()
                    .scale_element(&A::Element::constant(by)),
                _ => self.lifted(a) * self.lifted(b),
            },
            Step::AddProduct(a, b, c) => {
                let mut sum = self.lifted(a);
                self.add_product(&mut sum, b, c);
                sum
            }
            Step::Divide(a, b) => self.lifted(a) / self.lifted(b),
            Step::Negate(a) => -self.lifted(a),
            Step::Exp(a) => self.lifted(a).exp(),
            Step::Ln(a) => self.lifted(a).ln(),
            Step::Tanh(a) => self.lifted(a).tanh(),
            Step::Sin(a) => self.lifted(a).sin(),
            Step::Cos(a) => self.lifted(a).cos(),
            Step::Sqrt(a) => self.lifted(a).sqrt(),
        }
    }

    /// Adds to the adjoints of the scalars that a step reads. `value` is the result of the step, and `adjoint` the derivative of the loss with respect to
    /// it.
    #[inline(always)]
    fn reverse(&self, step: Step, value: &A, adjoint: &A, adjoints: &mut [A]) {
        // Of a function of one operand: the operand and the slope.
        let function = match step {
            Step::Constant(_) | Step::Weight(_) | Step::Input(_) => None,
            Step::Add(a, b) => {
                add(adjoints, a, adjoint.clone());
                add(adjoints, b, adjoint.clone());
                None
            }
            Step::Subtract(a, b) => {
                add(adjoints, a, adjoint.clone());
                add(adjoints, b, -adjoint.clone());
                None
            }
            Step::Negate(a) => {
                add(adjoints, a, -adjoint.clone());
                None
            }
            Step::Multiply(a, b) => {
                self.reverse_product(a, b, adjoint, adjoints);
                None
            }
            Step::AddProduct(a, b, c) => {
                add(adjoints, a, adjoint.clone());
                self.reverse_product(b, c, adjoint, adjoints);
                None
            }
            Step::Divide(a, b) => {
                let quotient = adjoint.clone() / self.lifted(b);
                if let Operand::Scalar(at) = b {
                    adjoints[at].add_product(&quotient, &-value.clone());
                }
                add(adjoints, a, quotient);
                None
            }
            Step::Exp(a) => Some((a, value.clone())),
            Step::Ln(a) => Some((a, self.lifted(a).recip())),
            Step::Tanh(a) => Some((a, A::constant(1.0) - value.clone() * value.clone())),
            Step::Sin(a) => Some((a, self.lifted(a).cos())),
            Step::Cos(a) => Some((a, -self.lifted(a).sin())),
            Step::Sqrt(a) => Some((a, A::constant(0.5) / value.clone())),
        };
        if let Some((Operand::Scalar(at), slope)) = function {
            adjoints[at].add_product(adjoint, &slope);
        }
    }

    /// Adds to the adjoints of the factors of a product.
    #[inline(always)]
    fn reverse_product(&self, a: Operand, b: Operand, adjoint: &A, adjoints: &mut [A]) {
        if let Operand::Scalar(at) = a {
            self.add_times(&mut adjoints[at], adjoint, b);
        }
        if let Operand::Scalar(at) = b {
            self.add_times(&mut adjoints[at], adjoint, a);
        }
    }
}

/// Adds to the adjoint of an operand, if it has one.
#[inline(always)]
fn add<A: Scalar>(adjoints: &mut [A], operand: Operand, summand: A) {
    if let Operand::Scalar(at) = operand {
        adjoints[at] += summand;
    }
}
