//! Numbers whose operations are recorded.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use num_rational::BigRational;

use super::record::{looks_at_value, record, takes_apart};
use super::{Function, Node, Operation};
use crate::lanes::Isa;
use crate::scalar::{Element, Lanes, Scalar};

/// A number in a loss that is being recorded by [`Graph::of`](super::Graph::of): a weight, a number of the datapoint, or what was computed of them.
///
/// Expressions are added, subtracted, multiplied and divided with each other and with `f64`, on both sides. An expression belongs to the recording that
/// made it.
#[derive(Clone, Copy)]
pub struct Expression {
    pub(super) recording: u32,
    pub(super) node: Node,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.node)
    }
}

impl From<f64> for Expression {
    fn from(number: f64) -> Self {
        record(Operation::Constant(number))
    }
}

macro_rules! functions {
    ($($(#[$documentation:meta])* $name:ident $function:ident),* $(,)?) => {
        $(
            $(#[$documentation])*
            #[must_use]
            pub fn $name(self) -> Self {
                record(Operation::Apply(Function::$function, self))
            }
        )*
    };
}

/// Functions of one number.
impl Expression {
    functions! {
        /// The exponential function.
        exp Exp,
        /// The natural logarithm.
        ln Ln,
        /// The hyperbolic tangent.
        tanh Tanh,
        /// The sine.
        sin Sin,
        /// The cosine.
        cos Cos,
        /// The square root.
        sqrt Sqrt,
        /// The error function.
        erf Erf,
        /// The logistic function `1 / (1 + e^-x)`.
        sigmoid Sigmoid,
        /// The softplus `ln(1 + e^x)`, a smooth function between 0 and x.
        softplus Softplus,
        /// The number if it is positive, and 0 if not. It has a kink, which only [`Graph::piecewise`](super::Graph::piecewise) records.
        relu Relu,
        /// The magnitude. It has a kink, which only [`Graph::piecewise`](super::Graph::piecewise) records.
        abs Abs,
    }

    /// The square.
    #[must_use]
    pub fn square(self) -> Self {
        self * self
    }

    /// The reciprocal.
    #[must_use]
    pub fn recip(self) -> Self {
        1.0 / self
    }

    /// The power with a non-negative whole exponent.
    #[must_use]
    pub fn powi(self, exponent: u32) -> Self {
        Scalar::powi(self, exponent)
    }

    /// The power with a real exponent, of a positive base; see [`Scalar::powf`].
    #[must_use]
    pub fn powf(self, exponent: f64) -> Self {
        record(Operation::Powf(self, exponent))
    }
}

/// Functions of several numbers.
impl Expression {
    /// The larger of both. It has a kink, which only [`Graph::piecewise`](super::Graph::piecewise) records.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        record(Operation::Max(self, other))
    }

    /// `ln(e^self + e^other)`, a smooth maximum.
    #[must_use]
    pub fn log_add_exp(self, other: Self) -> Self {
        record(Operation::LogAddExp(self, other))
    }

    /// `ln Σ_i exp terms[i]`, the logarithm of the denominator of a softmax.
    #[must_use]
    pub fn log_sum_exp(terms: &[Self]) -> Self {
        Scalar::log_sum_exp(terms)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $assign:ident $assign_method:ident $operation:ident),*) => {
        $(
            impl $trait for Expression {
                type Output = Self;
                fn $method(self, other: Self) -> Self {
                    record(Operation::$operation(self, other))
                }
            }
            impl $trait<&Expression> for &Expression {
                type Output = Expression;
                fn $method(self, other: &Expression) -> Expression {
                    (*self).$method(*other)
                }
            }
            impl $trait<f64> for Expression {
                type Output = Self;
                fn $method(self, other: f64) -> Self {
                    self.$method(Expression::from(other))
                }
            }
            impl $trait<Expression> for f64 {
                type Output = Expression;
                fn $method(self, other: Expression) -> Expression {
                    Expression::from(self).$method(other)
                }
            }
            impl $assign for Expression {
                fn $assign_method(&mut self, other: Self) {
                    *self = self.$method(other);
                }
            }
            impl $assign<f64> for Expression {
                fn $assign_method(&mut self, other: f64) {
                    *self = self.$method(other);
                }
            }
        )*
    };
}
operators!(
    Add add AddAssign add_assign Add,
    Sub sub SubAssign sub_assign Subtract,
    Mul mul MulAssign mul_assign Multiply,
    Div div DivAssign div_assign Divide
);

impl Neg for Expression {
    type Output = Self;
    fn neg(self) -> Self {
        record(Operation::Negate(self))
    }
}

impl Sum for Expression {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Expression::from(0.0), Add::add)
    }
}

impl PartialEq for Expression {
    fn eq(&self, _: &Self) -> bool {
        looks_at_value("==");
        false
    }
}

impl PartialOrd for Expression {
    fn partial_cmp(&self, _: &Self) -> Option<Ordering> {
        looks_at_value("a comparison");
        None
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        looks_at_value("formatting");
        f.pad("a recorded number")
    }
}

impl Default for Expression {
    fn default() -> Self {
        Expression::from(0.0)
    }
}

/// A recorded number has a single lane and no derivatives.
impl Scalar for Expression {
    type Base = Self;
    type Element = Self;
    const COEFFICIENTS: usize = 1;

    fn from_base(base: Self) -> Self {
        base
    }
    fn constant(value: f64) -> Self {
        Expression::from(value)
    }
    fn scale(self, by: &Self) -> Self {
        self * *by
    }
    fn scale_element(self, by: &Self) -> Self {
        self * *by
    }
    fn add_product(&mut self, a: &Self, b: &Self) {
        *self = record(Operation::AddProduct(*self, *a, *b));
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
        Expression::exp(self)
    }
    fn ln(self) -> Self {
        Expression::ln(self)
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
        Expression::tanh(self)
    }
    fn sin_cos(self) -> (Self, Self) {
        (Expression::sin(self), Expression::cos(self))
    }
    fn sqrt(self) -> Self {
        Expression::sqrt(self)
    }
    fn erf(self) -> Self {
        Expression::erf(self)
    }
    fn sigmoid(self) -> Self {
        Expression::sigmoid(self)
    }
    fn softplus(self) -> Self {
        Expression::softplus(self)
    }
    fn powf(self, exponent: f64) -> Self {
        Expression::powf(self, exponent)
    }
    fn log_add_exp(self, other: Self) -> Self {
        Expression::log_add_exp(self, other)
    }
    fn relu(self) -> Self {
        Expression::relu(self)
    }
    fn abs(self) -> Self {
        Expression::abs(self)
    }
    fn max(self, other: Self) -> Self {
        Expression::max(self, other)
    }
}

impl Lanes for Expression {
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
    fn larger(&self, other: &Self) -> Self {
        Expression::max(*self, *other)
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

impl Element for Expression {
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
        Expression::from(f64::from_rational(rational))
    }
}
