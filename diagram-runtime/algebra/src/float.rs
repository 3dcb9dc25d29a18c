//! Floats as scalars: single numbers.

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::lanes::Isa;
use crate::scalar::{Element, Lanes, Scalar};

macro_rules! float {
    ($float:ident, $wide:ident, $lanes:literal, $erf:path) => {
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
            fn erf(self) -> Self {
                $erf(self)
            }
            fn sigmoid(self) -> Self {
                // The exponential of the negative magnitude does not overflow, and no digits cancel.
                let small = (-self.abs()).exp();
                let numerator = if self < 0.0 { small } else { 1.0 };
                numerator / (1.0 + small)
            }
            fn softplus(self) -> Self {
                // A NaN comes back by the second summand.
                self.max(0.0) + (-self.abs()).exp().ln_1p()
            }
            fn relu(self) -> Self {
                Lanes::larger(&self, &0.0)
            }
            fn abs(self) -> Self {
                $float::abs(self)
            }
            fn max(self, other: Self) -> Self {
                Lanes::larger(&self, &other)
            }
            fn powf(self, exponent: f64) -> Self {
                // In double precision, because a rounded exponent would count by the logarithm of the power.
                f64::from(self).powf(exponent) as $float
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
            fn larger(&self, other: &Self) -> Self {
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

float!(f32, F32, 16, libm::erff);
float!(f64, F64, 8, libm::erf);
