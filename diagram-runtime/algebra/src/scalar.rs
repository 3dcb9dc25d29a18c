//! The algebras that a loss can be evaluated in.
//!
//! A landscape is written once, generic over a [`Scalar`]. Scalars are floats, registers of floats, exact rationals, and over any of those dual
//! numbers, multi-dual numbers and truncated Taylor series, which carry derivatives along.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use num_rational::BigRational;

use crate::lanes::Isa;
use crate::unroll::array;

/// A commutative algebra over lanes of numbers, with the elementary functions.
///
/// In the descriptions below a *constant* is an element of the ground ring [`Base`](Scalar::Base): a value in each lane, without derivatives. All
/// operations are total: a result that is not defined is NaN, or [undefined](crate::exact::Exact::UNDEFINED) for exact rationals, and never a panic.
pub trait Scalar:
    Clone
    + Debug
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
{
    /// The ground ring, in which values without derivatives lie: a number, or a number in each lane.
    type Base: Lanes<Element = Self::Element>;
    /// The number in one lane.
    type Element: Element;
    /// The number of coefficients in the ground ring that make up one scalar. Kernels choose the size of their register tiles by it.
    const COEFFICIENTS: usize;

    /// A constant as a scalar of the algebra: all its derivatives are zero.
    fn from_base(base: Self::Base) -> Self;
    /// The constant that has the same value in every lane.
    fn constant(value: f64) -> Self;
    /// The product with a constant.
    #[must_use]
    fn scale(self, by: &Self::Base) -> Self;
    /// The product with a number that is the same in every lane.
    #[must_use]
    fn scale_element(self, by: &Self::Element) -> Self;
    /// `self += a * b`. Multiplication and addition are fused, with one rounding, where the instruction set has an instruction for that.
    fn add_product(&mut self, a: &Self, b: &Self);
    /// `self += a * b` with a number b that is the same in every lane.
    fn add_scaled(&mut self, a: &Self, b: &Self::Element);
    /// `self += a * b` with a constant b.
    fn add_product_base(&mut self, a: &Self, b: &Self::Base);
    /// `self += b` with a constant b.
    fn add_base(&mut self, b: &Self::Base);
    /// `self += a * b` with constants a and b.
    fn add_base_product(&mut self, a: &Self::Base, b: &Self::Base);
    /// `self += a * b` with a constant a and a number b that is the same in every lane.
    fn add_base_scaled(&mut self, a: &Self::Base, b: &Self::Element);
    /// The primal value: the coefficient without derivatives.
    fn primal(&self) -> &Self::Base;

    /// The exponential function.
    #[must_use]
    fn exp(self) -> Self;
    /// The natural logarithm.
    #[must_use]
    fn ln(self) -> Self;
    /// The coefficient of the highest order: of all dual components together, or of the highest power of a Taylor series.
    fn highest(self) -> Self::Base;
    /// The scalar whose coefficient of the highest order is `coefficient` and whose other coefficients are zero.
    fn from_highest(coefficient: Self::Base) -> Self;
    /// The scalar with the derivatives of `self` and the given primal value.
    #[must_use]
    fn with_primal(self, primal: Self::Base) -> Self;
    /// The hyperbolic tangent, whose own primal value is already known to be `primal`.
    #[must_use]
    fn tanh_from(self, primal: Self::Base) -> Self;
    /// The hyperbolic tangent.
    #[must_use]
    #[inline(always)]
    fn tanh(self) -> Self {
        let primal = self.primal().clone().tanh();
        self.tanh_from(primal)
    }
    /// The sine and the cosine, in that order.
    fn sin_cos(self) -> (Self, Self);
    /// The square root.
    #[must_use]
    fn sqrt(self) -> Self;

    /// The sine.
    #[must_use]
    #[inline(always)]
    fn sin(self) -> Self {
        self.sin_cos().0
    }

    /// The cosine.
    #[must_use]
    #[inline(always)]
    fn cos(self) -> Self {
        self.sin_cos().1
    }

    /// The error function, `2/√π ∫_0^self exp(-t²) dt`.
    #[must_use]
    fn erf(self) -> Self;
    /// The logistic function, `1 / (1 + exp(-self))`.
    #[must_use]
    fn sigmoid(self) -> Self;
    /// `ln(1 + exp self)`, a smooth function between 0 and the argument, from which it differs by less than any number far from zero. No argument
    /// overflows.
    #[must_use]
    fn softplus(self) -> Self;
    /// The power with a real exponent that is the same in every lane.
    ///
    /// The base is positive. A base of zero gives what is finite: the power if the exponent is not negative, and derivatives up to the order of the
    /// exponent, or of any order if the exponent is a whole number. A negative base must have a whole exponent.
    #[must_use]
    fn powf(self, exponent: f64) -> Self;

    /// The derivative of the error function, `2/√π exp(-self²)`.
    #[must_use]
    #[inline(always)]
    fn erf_derivative(self) -> Self {
        let factor = Self::Element::irrational(std::f64::consts::FRAC_2_SQRT_PI);
        (-self.square()).exp().scale_element(&factor)
    }

    /// `ln(exp self + exp other)`, a smooth maximum. No argument overflows.
    ///
    /// The value is the larger argument plus the softplus of minus their distance; the derivatives are those of `self + softplus(other - self)`.
    #[must_use]
    #[inline(always)]
    fn log_add_exp(self, other: Self) -> Self {
        let (a, b) = (self.primal().clone(), other.primal().clone());
        let larger = a.larger(&b);
        let smaller = -(-a).larger(&-b);
        let primal = larger.clone() + (smaller - larger).softplus();
        (self.clone() + (other - self).softplus()).with_primal(primal)
    }

    /// `ln Σ_i exp terms[i]`, the logarithm of the denominator of a softmax; -∞ without terms.
    ///
    /// The terms are combined from the first to the last by [`log_add_exp`](Scalar::log_add_exp). Each of the values on the way lies between the largest of
    /// the terms so far and that plus the logarithm of their number, so that no terms overflow, and each term but the first counts with a rounding
    /// relative to such a value.
    fn log_sum_exp(terms: &[Self]) -> Self {
        match terms.split_first() {
            Some((first, others)) => others
                .iter()
                .fold(first.clone(), |sum, term| sum.log_add_exp(term.clone())),
            None => Self::constant(f64::NEG_INFINITY),
        }
    }

    /// The number where it is positive, and 0 elsewhere, which has a kink: only recorded losses may have it. In algebras with derivatives or lanes it does not compile.
    #[must_use]
    fn relu(self) -> Self {
        const {
            assert!(
                Self::COEFFICIENTS == 0,
                "`relu` has a kink: take `softplus`, or record the loss by `Graph::record_piecewise`"
            );
        };
        self
    }

    /// The magnitude, which has a kink: only recorded losses may have it. In algebras with derivatives or lanes it does not compile.
    #[must_use]
    fn abs(self) -> Self {
        const {
            assert!(
                Self::COEFFICIENTS == 0,
                "`abs` has a kink: take `x.square().plus(ε²).sqrt()`, or record the loss by `Graph::record_piecewise`"
            );
        };
        self
    }

    /// The larger number, which has a kink: only recorded losses may have it. In algebras with derivatives or lanes it does not compile. [`Lanes::larger`] is the larger of two
    /// constants.
    #[must_use]
    fn max(self, other: Self) -> Self {
        const {
            assert!(
                Self::COEFFICIENTS == 0,
                "`max` has a kink: take `log_sum_exp`, or record the loss by `Graph::record_piecewise`"
            );
        };
        other
    }

    /// The sum with a number.
    #[must_use]
    #[inline(always)]
    fn plus(self, number: f64) -> Self {
        self.plus_base(&Self::Base::constant(number))
    }

    /// The difference from a number, `self - number`.
    #[must_use]
    #[inline(always)]
    fn minus(self, number: f64) -> Self {
        self.plus(-number)
    }

    /// The product with a number.
    #[must_use]
    #[inline(always)]
    fn times(self, number: f64) -> Self {
        self.scale_element(&Self::Element::constant(number))
    }

    /// The sum with a constant, such as a number of the datapoint. The product with one is [`scale`](Scalar::scale).
    #[must_use]
    #[inline(always)]
    fn plus_base(mut self, constant: &Self::Base) -> Self {
        self.add_base(constant);
        self
    }

    /// The difference from a constant, `self - constant`, such as a number of the datapoint.
    #[must_use]
    #[inline(always)]
    fn minus_base(self, constant: &Self::Base) -> Self {
        self.plus_base(&-constant.clone())
    }

    /// The square.
    #[must_use]
    #[inline(always)]
    fn square(self) -> Self {
        self.clone() * self
    }

    /// The reciprocal, `1 / self`.
    #[must_use]
    #[inline(always)]
    fn recip(self) -> Self {
        Self::constant(1.0) / self
    }

    /// The power with a non-negative whole exponent, by repeated squaring.
    #[must_use]
    #[inline(always)]
    fn powi(self, exponent: u32) -> Self {
        let mut power = Self::constant(1.0);
        let mut square = self;
        let mut left = exponent;
        while left > 0 {
            if left & 1 == 1 {
                power = power * square.clone();
            }
            left >>= 1;
            if left > 0 {
                square = square.clone() * square;
            }
        }
        power
    }

    /// Runs `f` in a function for which the instruction set of the lanes is enabled.
    #[inline(always)]
    fn run<R>(f: impl FnOnce() -> R) -> R {
        <Self::Base as Lanes>::run_lanes::<Self, R>(f)
    }
}

/// A ground ring: one number in each of several SIMD lanes, or a single number.
pub trait Lanes: Scalar<Base = Self> {
    /// The number of lanes.
    const WIDTH: usize;
    /// The approximate number of these values that fit into the machine's registers. Kernels choose the size of their register tiles by it.
    const REGISTERS: usize;
    /// A broadcast: the same number in every lane.
    fn splat(element: Self::Element) -> Self;
    /// Calls `element` with the index of each lane and puts the result into that lane.
    fn from_fn(element: impl FnMut(usize) -> Self::Element) -> Self;
    /// The number in a lane.
    ///
    /// # Panics
    /// If there is no such lane. A single number is returned for any index.
    fn lane(&self, lane: usize) -> Self::Element;
    /// The larger of both numbers in each lane; NaN if either is NaN.
    #[must_use]
    fn larger(&self, other: &Self) -> Self;
    /// Transposes a square tile of [`WIDTH`](Lanes::WIDTH) scalars. Scalar i of the tile is `read(i)`; for each i, `write` is called with i and the
    /// scalar whose lane j is lane i of `read(j)`. The tile stays in registers.
    fn transpose(read: impl FnMut(usize) -> Self, write: impl FnMut(usize, Self));
    /// Writes the numbers in the lanes to the first [`WIDTH`](Lanes::WIDTH) places.
    ///
    /// # Panics
    /// If there are fewer places.
    fn store(&self, places: &mut [Self::Element]);
    /// Views the numbers of a [`Slab`](crate::slab::Slab) as lanes, or those of a part of one that begins at a multiple of [`WIDTH`](Lanes::WIDTH).
    ///
    /// # Panics
    /// If the number of numbers is not a multiple of the width, or they are not aligned as a slab is.
    fn vectors(numbers: &[Self::Element]) -> &[Self];
    /// Views numbers as lanes that can be written, under the conditions of [`Lanes::vectors`].
    ///
    /// # Panics
    /// As [`Lanes::vectors`].
    fn vectors_mut(numbers: &mut [Self::Element]) -> &mut [Self];
    /// Runs `f` in a function for which the instruction set of these lanes is enabled.
    ///
    /// `Unit` is any type and decides only which functions are compiled together. The Rust compiler divides a crate into parts, which it compiles in
    /// parallel, by the modules in which the types of functions are defined. Without this parameter all kernels would be in the part of this module.
    #[inline(always)]
    fn run_lanes<Unit, R>(f: impl FnOnce() -> R) -> R {
        f()
    }

    /// The sum over the lanes.
    fn sum(&self) -> Self::Element;
}

/// A single number: `f32`, `f64` or an exact rational.
pub trait Element: Lanes<Element = Self> + PartialEq + PartialOrd + Display + Default {
    /// The type that holds one such number in each SIMD lane, for a given instruction set.
    type Wide<I: Isa>: Lanes<Element = Self>;
    /// The number of lanes of [`Wide`](Element::Wide), which is the same for every instruction set.
    const LANES: usize;

    /// The nearest `f64`; NaN if the number is undefined.
    fn to_f64(&self) -> f64;
    /// Whether the number is neither infinite nor NaN nor undefined.
    fn is_finite(&self) -> bool;
    /// A number that is no rational, given by the nearest `f64`. In exact arithmetic it is undefined.
    fn irrational(nearest: f64) -> Self {
        Self::constant(nearest)
    }
    /// The number of this type that approximates a rational; in exact arithmetic it is the rational itself.
    fn from_rational(rational: &BigRational) -> Self;
}

/// A weight that activations of algebra `A` are multiplied by.
///
/// Weights are often simpler than activations, so that products with them take fewer operations: a weight may be the same number in all lanes, or
/// depend linearly on the variable of a Taylor series.
pub trait Weight<A: Scalar>: Clone + Send + Sync {
    /// `accumulator += self * a`.
    fn add_times(&self, a: &A, accumulator: &mut A);
    /// `accumulator += self * x` with a constant x.
    fn add_times_base(&self, x: &A::Base, accumulator: &mut A);
    /// The weight as a scalar of the algebra.
    fn lift(&self) -> A;
}

impl<A: Scalar> Weight<A> for A {
    #[inline(always)]
    fn add_times(&self, a: &A, accumulator: &mut A) {
        accumulator.add_product(self, a);
    }

    #[inline(always)]
    fn add_times_base(&self, x: &A::Base, accumulator: &mut A) {
        accumulator.add_product_base(self, x);
    }

    #[inline(always)]
    fn lift(&self) -> A {
        self.clone()
    }
}

/// A weight without derivatives that is broadcast: the same number in every lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Broadcast<E>(pub E);

impl<A: Scalar> Weight<A> for Broadcast<A::Element> {
    #[inline(always)]
    fn add_times(&self, a: &A, accumulator: &mut A) {
        accumulator.add_scaled(a, &self.0);
    }

    #[inline(always)]
    fn add_times_base(&self, x: &A::Base, accumulator: &mut A) {
        accumulator.add_base_scaled(x, &self.0);
    }

    #[inline(always)]
    fn lift(&self) -> A {
        A::from_base(A::Base::splat(self.0.clone()))
    }
}

/// An array of up to 16 copies of a scalar.
#[inline(always)]
pub fn filled<T: Clone, const N: usize>(value: &T) -> [T; N] {
    array(
        #[inline(always)]
        |_| value.clone(),
    )
}
