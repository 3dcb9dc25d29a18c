//! Single steps, forward and in reverse.

use super::functions::{self, a_is_larger};
use super::plan::{Operand, Step};
use super::{Function, Operation};
use crate::scalar::Scalar;

/// The results of the steps that have been executed.
#[derive(Debug)]
pub(super) struct Results<'r, A: Scalar> {
    pub(super) scalars: &'r [A],
    pub(super) inputs: &'r [A::Base],
}

#[allow(
    clippy::expl_impl_clone_on_copy,
    reason = "derived, it would be for scalars alone that are copied themselves"
)]
impl<A: Scalar> Clone for Results<'_, A> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Scalar> Copy for Results<'_, A> {}

impl<A: Scalar> Results<'_, A> {
    /// The operand as a scalar of the algebra.
    #[inline(always)]
    pub(super) fn lifted(&self, operand: Operand) -> A {
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

    /// The result of a step.
    #[inline(always)]
    pub(super) fn of(&self, step: Step, pairs: &[(Operand, Operand)]) -> A {
        let operation = match step {
            Step::Operation(operation) => operation,
            Step::Sum { start, first, end } => {
                let mut sum = self.lifted(start);
                for &(a, b) in &pairs[first..end] {
                    self.add_product(&mut sum, a, b);
                }
                return sum;
            }
        };
        match operation {
            Operation::Constant(_) | Operation::Weight(_) | Operation::Input(_) => {
                unreachable!("operands")
            }
            Operation::Add(a, b) => match (a, b) {
                (Operand::Input(at), Operand::Scalar(other))
                | (Operand::Scalar(other), Operand::Input(at)) => {
                    let mut sum = self.scalars[other].clone();
                    sum.add_base(&self.inputs[at]);
                    sum
                }
                _ => self.lifted(a) + self.lifted(b),
            },
            Operation::Subtract(a, b) => match (a, b) {
                (Operand::Scalar(at), Operand::Input(other)) => {
                    let mut difference = self.scalars[at].clone();
                    difference.add_base(&-self.inputs[other].clone());
                    difference
                }
                _ => self.lifted(a) - self.lifted(b),
            },
            Operation::Multiply(a, b) => match (a, b) {
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
            Operation::AddProduct(a, b, c) => {
                let mut sum = self.lifted(a);
                self.add_product(&mut sum, b, c);
                sum
            }
            Operation::Divide(a, b) => self.lifted(a) / self.lifted(b),
            Operation::Negate(a) => -self.lifted(a),
            Operation::Apply(function, a) => functions::value(function, &self.lifted(a)),
            Operation::Powf(a, exponent) => functions::powf(&self.lifted(a), exponent),
            Operation::LogAddExp(a, b) => functions::log_add_exp(&self.lifted(a), &self.lifted(b)),
            Operation::Max(a, b) => functions::max(&self.lifted(a), &self.lifted(b)),
        }
    }

    /// Adds to the adjoints of the scalars that a step reads. `value` is the result of the step, and `adjoint` the derivative of the loss with respect to
    /// it.
    #[inline(always)]
    pub(super) fn reverse(
        &self,
        step: Step,
        pairs: &[(Operand, Operand)],
        value: &A,
        adjoint: &A,
        adjoints: &mut [A],
    ) {
        let operation = match step {
            Step::Operation(operation) => operation,
            Step::Sum { start, first, end } => {
                add(adjoints, start, adjoint.clone());
                for &(a, b) in &pairs[first..end] {
                    self.reverse_product(a, b, adjoint, adjoints);
                }
                return;
            }
        };
        match operation {
            Operation::Constant(_) | Operation::Weight(_) | Operation::Input(_) => {}
            Operation::Add(a, b) => {
                add(adjoints, a, adjoint.clone());
                add(adjoints, b, adjoint.clone());
            }
            Operation::Subtract(a, b) => {
                add(adjoints, a, adjoint.clone());
                add(adjoints, b, -adjoint.clone());
            }
            Operation::Negate(a) => add(adjoints, a, -adjoint.clone()),
            Operation::Multiply(a, b) => self.reverse_product(a, b, adjoint, adjoints),
            Operation::AddProduct(a, b, c) => {
                add(adjoints, a, adjoint.clone());
                self.reverse_product(b, c, adjoint, adjoints);
            }
            Operation::Divide(a, b) => {
                let quotient = adjoint.clone() / self.lifted(b);
                if let Operand::Scalar(at) = b {
                    adjoints[at].add_product(&quotient, &-value.clone());
                }
                add(adjoints, a, quotient);
            }
            Operation::Apply(function, a) => {
                if let Operand::Scalar(at) = a {
                    let slope = functions::slope(function, &self.scalars[at], value);
                    adjoints[at].add_product(adjoint, &slope);
                }
            }
            Operation::Powf(a, exponent) => {
                if let Operand::Scalar(at) = a {
                    let power = functions::powf(&self.scalars[at], exponent - 1.0);
                    adjoints[at].add_product(adjoint, &power.times(exponent));
                }
            }
            Operation::LogAddExp(a, b) => {
                // The share of each is the logistic function of its distance from the other.
                let difference = self.lifted(a) - self.lifted(b);
                if let Operand::Scalar(at) = a {
                    let share = functions::value(Function::Sigmoid, &difference);
                    adjoints[at].add_product(adjoint, &share);
                }
                if let Operand::Scalar(at) = b {
                    let share = functions::value(Function::Sigmoid, &-difference);
                    adjoints[at].add_product(adjoint, &share);
                }
            }
            Operation::Max(a, b) => {
                let of_a = a_is_larger(&self.lifted(a), &self.lifted(b));
                let of_b = A::Base::constant(1.0) - of_a.clone();
                for (operand, share) in [(a, of_a), (b, of_b)] {
                    if let Operand::Scalar(at) = operand {
                        adjoints[at].add_product_base(adjoint, &share);
                    }
                }
            }
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
