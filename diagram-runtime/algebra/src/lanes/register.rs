//! What an instruction set must provide: a handful of operations on a register full of numbers.

use std::fmt::Debug;

use crate::scalar::Element;

/// A register (or two) of floats. Comparisons and minima follow the hardware: see each method about NaN.
pub(super) trait Register: Copy + Debug + Send + Sync + 'static {
    type Number: Float;
    const WIDTH: usize;
    /// How many of these the machine has.
    const REGISTERS: usize;

    fn splat(number: Self::Number) -> Self;
    fn from_fn(number: impl FnMut(usize) -> Self::Number) -> Self;
    fn lane(&self, lane: usize) -> Self::Number;
    /// Transposes a tile of as many registers as a register has lanes.
    fn transpose(tile: &mut [Self]);
    /// Sum over the lanes: the upper half is added to the lower half, and so on with what is left. The same order for every instruction set.
    fn sum(self) -> Self::Number;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    fn sqrt(self) -> Self;
    /// `self * by + to`, in one rounding where the machine can.
    fn mul_add(self, by: Self, to: Self) -> Self;
    /// `self < other ? self : other`: `other` if either is NaN.
    fn lesser(self, other: Self) -> Self;
    /// `self > other ? self : other`: `other` if either is NaN.
    fn greater(self, other: Self) -> Self;
    /// Where this is NaN, this; elsewhere `other`.
    fn nan_or(self, other: Self) -> Self;
    /// Magnitude of self, sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// The bits of each number shifted left by the width of its mantissa.
    fn shift_to_exponent(self) -> Self;
    /// Calls `f` where this register's instructions are enabled.
    fn run<R>(f: impl FnOnce() -> R) -> R;
}

/// Transposes a tile of W registers: a perfect shuffle of all lanes of all registers, as often as W can be halved.
///
/// `interleave` gives the lanes of two registers in turn, `a0 b0 a1 b1 …`, first those of the lower halves, then those of the upper halves.
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
    /// Largest ln of a finite number, rounded up; and smallest ln of a positive number, rounded down.
    const EXP_RANGE: (f64, f64);
    /// Beyond this, tanh rounds to ±1.
    const TANH_SATURATES: f64;
    /// Degree of numerator and denominator of the rational approximation of `e^r` for |r| ≤ ½ ln 2 in tanh.
    const PADE_DEGREE: usize;
    /// ln 2 in two parts, the first with enough trailing zeros that its product with an exponent is exact.
    const LN_2: (f64, f64);
    /// `1.5 · 2^mantissa bits`: adding it rounds to a whole number and leaves it in the lowest bits.
    const ROUND: f64;
    /// Exponent bias.
    const BIAS: f64;
    /// Terms of the series of `e^r - 1 - r` for |r| ≤ ½ ln 2.
    const EXP_TERMS: usize;
    /// Up to this size, sine and cosine reduce their argument with [`HALF_PI`](Float::HALF_PI).
    const CIRCLE_RANGE: f64;
    /// π/2 in three parts, the first two with enough trailing zeros that their products with a whole number of quarter turns in the range are exact.
    const HALF_PI: (f64, f64, f64);
    /// Terms of the series of `(r - sin r) / r³` and of `(cos r - 1 + r²/2) / r⁴` in r² for |r| ≤ π/4.
    const CIRCLE_TERMS: usize;
}

impl Float for f32 {
    const EXP_RANGE: (f64, f64) = (-105.0, 89.0);
    const TANH_SATURATES: f64 = 10.0;
    // (m!)² / ((2m)! (2m+1)!) r^2m < 2e-8 for m = 3.
    const PADE_DEGREE: usize = 3;
    const LN_2: (f64, f64) = (0.693_359_375, -2.121_944_400_546_905_8e-4);
    const ROUND: f64 = 12_582_912.0;
    const BIAS: f64 = 127.0;
    // The first term left out is r^9/9! < 2e-10 of r.
    const EXP_TERMS: usize = 7;
    // 6,367 quarter turns, 13 bits; 8 and 11 of the 24 bits are taken.
    const CIRCLE_RANGE: f64 = 10_000.0;
    const HALF_PI: (f64, f64, f64) = (
        1.570_312_5,
        4.837_512_969_970_703e-4,
        7.549_789_954_891_881e-8,
    );
    // The first terms left out are r^11/11! < 3e-9 of r, and r^12/12! < 2e-10.
    const CIRCLE_TERMS: usize = 4;
}

impl Float for f64 {
    const EXP_RANGE: (f64, f64) = (-746.0, 710.0);
    const TANH_SATURATES: f64 = 20.0;
    // The same < 6e-19 for m = 6.
    const PADE_DEGREE: usize = 6;
    const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const BIAS: f64 = 1023.0;
    // The first term left out is r^14/14! < 2e-17 of r.
    const EXP_TERMS: usize = 12;
    // 63,663 quarter turns, 16 bits; 33 of the 53 bits are taken.
    const CIRCLE_RANGE: f64 = 100_000.0;
    const HALF_PI: (f64, f64, f64) = (
        1.570_796_326_734_125_6,
        6.077_100_506_303_966e-11,
        2.022_266_248_795_950_6e-21,
    );
    // The same < 2e-19 and < 3e-18.
    const CIRCLE_TERMS: usize = 8;
}
