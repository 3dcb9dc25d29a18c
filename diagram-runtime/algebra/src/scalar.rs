//! The algebras that a loss can be evaluated in.
//!
//! A landscape is written once, generic over a [`Scalar`]: plain floats, lanes of floats side by side, exact rationals, and over any of those
//! dual numbers, multi-dual numbers and truncated Taylor series, which carry derivatives along.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::lanes::Isa;

/// A commutative algebra over lanes of numbers, with the elementary functions.
///
/// All operations are total: what is not defined is NaN (for exact rationals: undefined), never a panic.
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
    /// The ground ring: numbers or lanes of numbers, what is left when all derivatives are dropped.
    type Base: Lanes<Element = Self::Element>;
    /// One lane.
    type Element: Element;
    /// Ground-ring numbers in one scalar; kernels choose their register blocks by it.
    const COEFFICIENTS: usize;

    /// A constant: no derivatives.
    fn from_base(base: Self::Base) -> Self;
    /// The same constant in every lane.
    fn constant(value: f64) -> Self;
    /// Product with a constant.
    #[must_use]
    fn scale(self, by: &Self::Base) -> Self;
    /// Product with the same number in every lane.
    #[must_use]
    fn scale_element(self, by: &Self::Element) -> Self;
    /// `self += a * b`, fused where the machine can.
    fn add_product(&mut self, a: &Self, b: &Self);
    /// `self += a * b` with the same number b in every lane.
    fn add_scaled(&mut self, a: &Self, b: &Self::Element);
    /// `self += a * b` with a constant b.
    fn add_product_base(&mut self, a: &Self, b: &Self::Base);
    /// `self += b` with a constant b.
    fn add_base(&mut self, b: &Self::Base);
    /// `self += a * b` with constants a and b.
    fn add_base_product(&mut self, a: &Self::Base, b: &Self::Base);
    /// `self += a * b` with a constant a and the same number b in every lane.
    fn add_base_scaled(&mut self, a: &Self::Base, b: &Self::Element);
    /// The value without its derivatives.
    fn primal(&self) -> &Self::Base;

    /// Exponential.
    #[must_use]
    fn exp(self) -> Self;
    /// Natural logarithm.
    #[must_use]
    fn ln(self) -> Self;
    /// The coefficient of the highest order.
    fn highest(self) -> Self::Base;
    /// A scalar with this coefficient of the highest order; all others are zero.
    fn from_highest(coefficient: Self::Base) -> Self;
    /// The same derivatives on another value.
    #[must_use]
    fn with_primal(self, primal: Self::Base) -> Self;
    /// Hyperbolic tangent, when its value without derivatives is known: `primal`.
    #[must_use]
    fn tanh_from(self, primal: Self::Base) -> Self;
    /// Hyperbolic tangent.
    #[must_use]
    #[inline(always)]
    fn tanh(self) -> Self {
        let primal = self.primal().clone().tanh();
        self.tanh_from(primal)
    }
    /// Sine and cosine.
    fn sin_cos(self) -> (Self, Self);
    /// Square root.
    #[must_use]
    fn sqrt(self) -> Self;

    /// Sine.
    #[must_use]
    #[inline(always)]
    fn sin(self) -> Self {
        self.sin_cos().0
    }

    /// Cosine.
    #[must_use]
    #[inline(always)]
    fn cos(self) -> Self {
        self.sin_cos().1
    }

    /// One over this.
    #[must_use]
    #[inline(always)]
    fn recip(self) -> Self {
        Self::constant(1.0) / self
    }

    /// A non-negative whole power, by repeated squaring.
    #[must_use]
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

    /// Runs `f` with the instruction set of the lanes enabled.
    #[inline(always)]
    fn run<R>(f: impl FnOnce() -> R) -> R {
        <Self::Base as Lanes>::run_lanes(f)
    }
}

/// Numbers side by side: a ground ring.
pub trait Lanes: Scalar<Base = Self> {
    /// How many.
    const WIDTH: usize;
    /// How many of these fit into the machine's registers, about: kernels choose their blocks by it.
    const REGISTERS: usize;
    /// The same number in every lane.
    fn splat(element: Self::Element) -> Self;
    /// Lane by lane.
    fn from_fn(element: impl FnMut(usize) -> Self::Element) -> Self;
    /// The number in a lane.
    fn lane(&self, lane: usize) -> Self::Element;
    /// The larger of each pair; NaN if either is.
    #[must_use]
    fn max(&self, other: &Self) -> Self;
    /// Transposes a square tile of [`WIDTH`](Lanes::WIDTH) scalars: lane j of scalar i changes places with lane i of scalar j.
    ///
    /// # Panics
    /// If the tile is of another size.
    fn transpose(tile: &mut [Self]);
    /// Numbers of a [`Slab`](crate::slab::Slab), or of a part of one that begins at a multiple of [`WIDTH`](Lanes::WIDTH), as lanes.
    ///
    /// # Panics
    /// If their number is no multiple of the width, or they are not aligned as a slab is.
    fn vectors(numbers: &[Self::Element]) -> &[Self];
    /// The same, to be written.
    ///
    /// # Panics
    /// As [`Lanes::vectors`].
    fn vectors_mut(numbers: &mut [Self::Element]) -> &mut [Self];
    /// Runs `f` with the instruction set of these lanes enabled.
    #[inline(always)]
    fn run_lanes<R>(f: impl FnOnce() -> R) -> R {
        f()
    }

    /// Sum over the lanes.
    fn sum(&self) -> Self::Element;
}

/// One number: `f32`, `f64` or an exact rational.
pub trait Element: Lanes<Element = Self> + PartialEq + PartialOrd + Display + Default {
    /// Lanes of this number for an instruction set.
    type Wide<I: Isa>: Lanes<Element = Self>;
    /// The width of those, which is the same for every instruction set.
    const LANES: usize;

    /// The nearest float; NaN if undefined.
    fn to_f64(&self) -> f64;
    /// Neither infinite nor NaN nor undefined.
    fn is_finite(&self) -> bool;
    /// The nearest number to a rational; itself in exact arithmetic.
    fn from_rational(rational: &BigRational) -> Self;
}

/// A weight that activations of algebra `A` are multiplied by.
///
/// Weights are often simpler than activations: the same number for all lanes, or a point that moves on a line.
pub trait Weight<A: Scalar>: Clone + Send + Sync {
    /// `accumulator += self * a`.
    fn add_times(&self, a: &A, accumulator: &mut A);
    /// `accumulator += self * x` with a constant x.
    fn add_times_base(&self, x: &A::Base, accumulator: &mut A);
    /// As a scalar of the algebra.
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

/// The same number for every lane of any algebra.
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
            fn transpose(_: &mut [Self]) {}
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
/// Making the scalar in the closure of `from_fn` instead would put vector instructions into a function that is compiled without them, and that
/// stays a function for that reason.
#[inline(always)]
pub fn filled<T: Clone, const N: usize>(value: &T) -> [T; N] {
    std::array::from_fn(|_| value.clone())
}
