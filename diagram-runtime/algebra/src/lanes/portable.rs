//! SIMD lanes as arrays, in code that uses no particular instructions. The compiler vectorizes it with those that the target has by default.

use super::Isa;
use super::register::{Float, Register, first};
use super::sealed::Sealed;
use super::vector::Vector;
use crate::unroll::array;

/// The instructions that every machine of the target has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable;

impl Sealed for Portable {}

impl Isa for Portable {
    type F32 = Vector<Array<f32, 16>>;
    type F64 = Vector<Array<f64, 8>>;
    const NAME: &'static str = "portable";
}

/// An array of `W` floats, aligned as the largest register.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Array<T, const W: usize>([T; W]);

/// Operations on the bits of a float.
pub(super) trait Bits: Float {
    /// The bits shifted left by the width of the mantissa.
    fn shift_to_exponent(self) -> Self;
    /// The magnitude of `self` with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
}

impl Bits for f32 {
    #[inline(always)]
    fn shift_to_exponent(self) -> Self {
        f32::from_bits(self.to_bits() << 23)
    }
    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        f32::copysign(self, sign)
    }
}

impl Bits for f64 {
    #[inline(always)]
    fn shift_to_exponent(self) -> Self {
        f64::from_bits(self.to_bits() << 52)
    }
    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        f64::copysign(self, sign)
    }
}

impl<T: Bits, const W: usize> Array<T, W> {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(T, T) -> T) -> Self {
        Array(array(|i| f(self.0[i], other.0[i])))
    }
}

impl<T: Bits, const W: usize> Register for Array<T, W> {
    type Number = T;
    const WIDTH: usize = W;
    // All common 64-bit machines have at least 16 vector registers of 16 bytes.
    const REGISTERS: usize = 16 * 16 / (W * size_of::<T>());

    #[inline(always)]
    fn splat(number: T) -> Self {
        Array([number; W])
    }
    #[inline(always)]
    fn from_fn(number: impl FnMut(usize) -> T) -> Self {
        Array(array(number))
    }
    #[inline(always)]
    fn lane(&self, lane: usize) -> T {
        self.0[lane]
    }
    #[inline(always)]
    fn transpose(read: impl FnMut(usize) -> Self, mut write: impl FnMut(usize, Self)) {
        let tile: [Self; W] = array(read);
        for i in 0..W {
            write(i, Array(array(|j| tile[j].0[i])));
        }
    }
    #[inline(always)]
    fn store(self, places: &mut [T]) {
        *first(places) = self.0;
    }
    #[inline(always)]
    fn sum(self) -> T {
        let mut lanes = self.0;
        let mut half = W / 2;
        while half > 0 {
            for lane in 0..half {
                let upper = lanes[lane + half];
                lanes[lane] += upper;
            }
            half /= 2;
        }
        lanes[0]
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Array(self.0.map(crate::scalar::Scalar::sqrt))
    }
    #[inline(always)]
    fn mul_add(self, by: Self, to: Self) -> Self {
        // With two roundings, because without a hardware instruction a fused operation is a call of a library function.
        self.mul(by).add(to)
    }
    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn greater(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn nan_or(self, other: Self) -> Self {
        self.zip(
            other,
            |a, b| if a.partial_cmp(&a).is_none() { a } else { b },
        )
    }
    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        self.zip(sign, Bits::copysign)
    }
    #[inline(always)]
    fn shift_to_exponent(self) -> Self {
        Array(self.0.map(Bits::shift_to_exponent))
    }
    #[inline(always)]
    fn run<Unit, R>(f: impl FnOnce() -> R) -> R {
        f()
    }
}
