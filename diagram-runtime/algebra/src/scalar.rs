//! The algebras that a loss can be evaluated in.
//!
//! A landscape is written once, generic over a [`Scalar`]. Scalars are floats, registers of floats, exact rationals, and over any of those dual
//! numbers, multi-dual numbers and truncated Taylor series, which carry derivatives along.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::lanes::Isa;

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
    fn max(&self, other: &Self) -> Self;
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

macro_rules! float {
    ($float:ident, $wide:ident, $lanes:literal) => {
        impl Scalar for $float {
            type Base = $float;
            type Element = $float;
            const COEFFICIENTS: usize = 1;

            #[inline(always)]
            fn from_base(base: $float) -> Self {
                base
            }
            #[inline(always)]
            fn constant(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn scale(self, by: &$float) -> Self {
                self * by
            }
            #[inline(always)]
            fn scale_element(self, by: &$float) -> Self {
                self * by
            }
            #[inline(always)]
            fn add_product(&mut self, a: &Self, b: &Self) {
                *self += a * b;
            }
            #[inline(always)]
            fn add_scaled(&mut self, a: &Self, b: &Self) {
                *self += a * b;
            }
            #[inline(always)]
            fn add_product_base(&mut self, a: &Self, b: &Self) {
                *self += a * b;
            }
            #[inline(always)]
            fn add_base(&mut self, b: &Self) {
                *self += *b;
            }
            #[inline(always)]
            fn add_base_product(&mut self, a: &Self, b: &Self) {
                *self += a * b;
            }
            #[inline(always)]
            fn add_base_scaled(&mut self, a: &Self, b: &Self) {
                *self += a * b;
            }
            #[inline(always)]
            fn primal(&self) -> &Self {
                self
            }
            fn exp(self) -> Self {
                $float::exp(self)
            }
            fn ln(self) -> Self {
                $float::ln(self)
            }
            #[inline(always)]
            fn highest(self) -> Self {
                self
            }
            #[inline(always)]
            fn from_highest(coefficient: Self) -> Self {
                coefficient
            }
            #[inline(always)]
            fn with_primal(self, primal: Self) -> Self {
                primal
            }
            fn tanh_from(self, primal: Self) -> Self {
                primal
            }
            fn tanh(self) -> Self {
                $float::tanh(self)
            }
            fn sin_cos(self) -> (Self, Self) {
                $float::sin_cos(self)
            }
            fn sqrt(self) -> Self {
                $float::sqrt(self)
            }
        }

        impl Lanes for $float {
            const WIDTH: usize = 1;
            const REGISTERS: usize = 16;
            #[inline(always)]
            fn transpose(mut read: impl FnMut(usize) -> Self, mut write: impl FnMut(usize, Self)) {
                write(0, read(0));
            }
            #[inline(always)]
            fn store(&self, places: &mut [$float]) {
                places[0] = *self;
            }
            #[inline(always)]
            fn vectors(numbers: &[$float]) -> &[Self] {
                numbers
            }
            #[inline(always)]
            fn vectors_mut(numbers: &mut [$float]) -> &mut [Self] {
                numbers
            }
            #[inline(always)]
            fn sum(&self) -> Self {
                *self
            }
            #[inline(always)]
            fn splat(element: $float) -> Self {
                element
            }
            #[inline(always)]
            fn from_fn(mut element: impl FnMut(usize) -> $float) -> Self {
                element(0)
            }
            #[inline(always)]
            fn lane(&self, _: usize) -> $float {
                *self
            }
            #[inline(always)]
            fn max(&self, other: &Self) -> Self {
                if self.is_nan() || other.is_nan() {
                    $float::NAN
                } else {
                    $float::max(*self, *other)
                }
            }
        }

        impl Element for $float {
            type Wide<I: Isa> = I::$wide;
            const LANES: usize = $lanes;

            fn to_f64(&self) -> f64 {
                f64::from(*self)
            }
            fn is_finite(&self) -> bool {
                $float::is_finite(*self)
            }
            fn from_rational(rational: &BigRational) -> Self {
                rational.to_f64().unwrap_or(f64::NAN) as $float
            }
        }
    };
}

float!(f32, F32, 16);
float!(f64, F64, 8);

/// An array of copies of a scalar.
///
/// Kernels use it instead of computing the scalar inside the closure of `from_fn`: the standard library calls that closure from functions for which
/// the vector instructions are not enabled, so that its operations would be left as function calls.
#[inline(always)]
pub fn filled<T: Clone, const N: usize>(value: &T) -> [T; N] {
    std::array::from_fn(|_| value.clone())
}
