//! The operations on registers that an instruction set must provide, and constants of the float formats.

use std::fmt::Debug;

use crate::scalar::Element;

/// A hardware register of floats, or several that together hold as many lanes as the largest register. Comparisons follow the x86 instructions: each
/// method says what it does with NaN.
pub(super) trait Register: Copy + Debug + Send + Sync + 'static {
    type Number: Float;
    const WIDTH: usize;
    /// The number of values of this type that the registers of the machine hold.
    const REGISTERS: usize;

    fn splat(number: Self::Number) -> Self;
    fn from_fn(number: impl FnMut(usize) -> Self::Number) -> Self;
    fn lane(&self, lane: usize) -> Self::Number;
    /// Transposes a square tile, of as many registers as a register has lanes; see `Lanes::transpose`.
    fn transpose(read: impl FnMut(usize) -> Self, write: impl FnMut(usize, Self));
    /// Writes the numbers in the lanes to the first places.
    fn store(self, places: &mut [Self::Number]);
    /// The sum over the lanes. The upper half of the lanes is added to the lower half until one number is left, in the same order for every instruction
    /// set.
    fn sum(self) -> Self::Number;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    fn sqrt(self) -> Self;
    /// `self * by + to`, with one rounding where the instruction set has an instruction for that.
    fn mul_add(self, by: Self, to: Self) -> Self;
    /// In each lane `self` if `self < other`, and `other` if not: in particular if either is NaN.
    fn lesser(self, other: Self) -> Self;
    /// In each lane `self` if `self > other`, and `other` if not: in particular if either is NaN.
    fn greater(self, other: Self) -> Self;
    /// In each lane `self` if it is NaN, and `other` if not.
    fn nan_or(self, other: Self) -> Self;
    /// The magnitude of `self` with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// The bits of each number shifted left by the width of its mantissa, so that its lowest bits become the exponent.
    fn shift_to_exponent(self) -> Self;
    /// Calls `f` in a function for which the instructions of this register are enabled, and which is compiled with its unit; see `Lanes::run_lanes`.
    fn run<Unit, R>(f: impl FnOnce() -> R) -> R;
}

/// The first W places, which a register is written to at once. A copy to a slice would be a call of a function, since its length is not known there.
#[inline(always)]
pub(super) fn first<T, const W: usize>(places: &mut [T]) -> &mut [T; W] {
    places
        .first_chunk_mut()
        .expect("there is a place for each lane")
}

/// Transposes a tile of W registers, a power of two, by log2(W) perfect shuffles of all lanes of all registers.
///
/// `interleave` returns the lanes of two registers alternately, `a0 b0 a1 b1 …`: in its first result those of the lower halves, in its second result
/// those of the upper halves.
#[inline(always)]
pub(super) fn shuffle<G: Copy, const W: usize>(
    tile: &mut [G; W],
    interleave: impl Fn(G, G) -> (G, G),
) {
    let mut width = W;
    while width > 1 {
        let before = *tile;
        for i in 0..W / 2 {
            (tile[2 * i], tile[2 * i + 1]) = interleave(before[i], before[i + W / 2]);
        }
        width /= 2;
    }
}

/// Constants of a float format.
pub(super) trait Float: Element + Copy {
    /// The logarithm of the smallest positive number, rounded down, and that of the largest finite number, rounded up.
    const EXP_RANGE: (f64, f64);
    /// The hyperbolic tangent of every number beyond this one rounds to ±1.
    const TANH_SATURATES: f64;
    /// The degree of numerator and denominator of the Padé approximation of `e^r` for |r| ≤ ½ ln 2 in the hyperbolic tangent.
    const PADE_DEGREE: usize;
    /// ln 2 in two parts, of which the first has enough trailing zeros that its product with an exponent is exact.
    const LN_2: (f64, f64);
    /// `1.5 · 2^mantissa bits`: adding it rounds a number to a whole number and leaves that in the lowest bits.
    const ROUND: f64;
    /// The bias of the exponent.
    const BIAS: f64;
    /// The number of terms of the power series of `e^r - 1 - r` for |r| ≤ ½ ln 2.
    const EXP_TERMS: usize;
    /// The number of terms of the power series of `artanh s / s - 1` in s² for 0 ≤ s ≤ 1/3.
    const ARTANH_TERMS: usize;
    /// The largest magnitude of arguments that sine and cosine reduce with [`HALF_PI`](Float::HALF_PI).
    const CIRCLE_RANGE: f64;
    /// π/2 in three parts, of which the first two have enough trailing zeros that their products with a whole number of quarter turns in the range are
    /// exact.
    const HALF_PI: (f64, f64, f64);
    /// The number of terms of the power series of `(r - sin r) / r³` and of `(cos r - 1 + r²/2) / r⁴` in r² for |r| ≤ π/4.
    const CIRCLE_TERMS: usize;
}

impl Float for f32 {
    const EXP_RANGE: (f64, f64) = (-105.0, 89.0);
    const TANH_SATURATES: f64 = 10.0;
    // The relative error is about (m!)² / ((2m)! (2m+1)!) r^2m, less than 2e-8 for m = 3.
    const PADE_DEGREE: usize = 3;
    const LN_2: (f64, f64) = (0.693_359_375, -2.121_944_400_546_905_8e-4);
    const ROUND: f64 = 12_582_912.0;
    const BIAS: f64 = 127.0;
    // The first term that is left out, r^9/9!, is less than 6e-10 of r.
    const EXP_TERMS: usize = 7;
    // The terms that are left out add up to less than 9^-8 / 17 · 9/8, 2e-9.
    const ARTANH_TERMS: usize = 7;
    // A number of up to 6,366 quarter turns takes 13 bits; the first two parts of π/2 take 8 and 11 of the 24 bits.
    const CIRCLE_RANGE: f64 = 10_000.0;
    const HALF_PI: (f64, f64, f64) = (
        1.570_312_5,
        4.837_512_969_970_703e-4,
        7.549_789_954_891_881e-8,
    );
    // The first terms that are left out are r^11/11!, less than 3e-9 of r, and r^12/12!, less than 2e-10.
    const CIRCLE_TERMS: usize = 4;
}

impl Float for f64 {
    const EXP_RANGE: (f64, f64) = (-746.0, 710.0);
    const TANH_SATURATES: f64 = 20.0;
    // The relative error is about (m!)² / ((2m)! (2m+1)!) r^2m, less than 6e-19 for m = 6.
    const PADE_DEGREE: usize = 6;
    const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const BIAS: f64 = 1023.0;
    // The first term that is left out, r^14/14!, is less than 2e-17 of r.
    const EXP_TERMS: usize = 12;
    // The terms that are left out add up to less than 9^-17 / 35 · 9/8, 2e-18.
    const ARTANH_TERMS: usize = 16;
    // A number of up to 63,662 quarter turns takes 16 bits; the first two parts of π/2 take 31 and 32 of the 53 bits.
    const CIRCLE_RANGE: f64 = 100_000.0;
    const HALF_PI: (f64, f64, f64) = (
        1.570_796_326_734_125_6,
        6.077_100_506_303_966e-11,
        2.022_266_248_795_950_6e-21,
    );
    // The first terms that are left out are r^19/19!, less than 2e-19 of r, and r^20/20!, less than 4e-21.
    const CIRCLE_TERMS: usize = 8;
}
