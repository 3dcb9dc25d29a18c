//! Exponential and hyperbolic tangent, lane by lane at once.
//!
//! Both reduce the argument to `k ln 2 + r` with |r| ≤ ½ ln 2. The exponential is then a power series in r, the hyperbolic tangent a rational
//! function of r and 2^k: it is on the path of every activation, and one division costs less than a longer series.

use super::register::{Float, Register};
use crate::scalar::Scalar;

/// 1/2!, 1/3!, …
const RECIPROCAL_FACTORIALS: [f64; 12] = {
    let mut table = [0.5; 12];
    let mut k = 1;
    while k < table.len() {
        table[k] = table[k - 1] / (k as f64 + 2.0);
        k += 1;
    }
    table
};

#[inline(always)]
fn constant<G: Register>(value: f64) -> G {
    G::splat(G::Number::constant(value))
}

/// 2^k for whole k with a normal result.
#[inline(always)]
fn power_of_two<G: Register>(k: G) -> G {
    k.add(constant(G::Number::ROUND + G::Number::BIAS))
        .shift_to_exponent()
}

/// `(k, e^r - 1)`.
#[inline(always)]
fn reduce<G: Register>(x: G) -> (G, G) {
    let (high, low) = G::Number::LN_2;
    let magic = constant::<G>(G::Number::ROUND);
    let k = x
        .mul_add(constant(std::f64::consts::LOG2_E), magic)
        .sub(magic);
    let r = k.mul_add(constant(-low), k.mul_add(constant(-high), x));
    let mut series = constant::<G>(RECIPROCAL_FACTORIALS[G::Number::EXP_TERMS - 1]);
    for term in (0..G::Number::EXP_TERMS - 1).rev() {
        series = series.mul_add(r, constant(RECIPROCAL_FACTORIALS[term]));
    }
    (k, series.mul(r).mul_add(r, r))
}

#[inline(always)]
pub(super) fn exp<G: Register>(x: G) -> G {
    let (least, greatest) = G::Number::EXP_RANGE;
    // In this order NaN stays NaN.
    let x = constant::<G>(greatest).lesser(constant::<G>(least).greater(x));
    let (k, p) = reduce(x);
    // In two steps, so that results that overflow or are denormal come out right.
    let magic = constant::<G>(G::Number::ROUND);
    let half = k.mul_add(constant(0.5), magic).sub(magic);
    let first = power_of_two(half);
    let second = power_of_two(k.sub(half));
    p.mul_add(first, first).mul(second)
}

/// Coefficients of the numerator of the Padé approximation of `e^r` of degree `m` by `m`; in the denominator the odd ones change sign.
const fn pade(m: usize) -> [f64; 7] {
    let mut coefficients = [0.0; 7];
    coefficients[0] = 1.0;
    let mut j = 0;
    while j < m {
        let ratio = (m - j) as f64 / ((2 * m - j) * (j + 1)) as f64;
        coefficients[j + 1] = coefficients[j] * ratio;
        j += 1;
    }
    coefficients
}

/// `Σ_i coefficients[start + 2i] square^i`.
#[inline(always)]
fn every_other<G: Register>(start: usize, square: G) -> G {
    let degree = G::Number::PADE_DEGREE;
    let coefficients = const { pade(G::Number::PADE_DEGREE) };
    let mut at = start + (degree - start) / 2 * 2;
    let mut sum = constant::<G>(coefficients[at]);
    while at > start {
        at -= 2;
        sum = sum.mul_add(square, constant(coefficients[at]));
    }
    sum
}

/// With `2x = k ln 2 + r`, s = 2^k and the even part E and odd part O of the numerator of a Padé approximation of `e^r`, `e^2x` is
/// `s (E + O) / (E - O)`, and tanh x, `(e^2x - 1) / (e^2x + 1)`, one division:
/// `((s - 1) E + (s + 1) O) / ((s + 1) E + (s - 1) O)`. Nothing cancels: |O| ≤ 0.18 E, and s - 1 = 0 where x is small.
#[inline(always)]
pub(super) fn tanh<G: Register>(x: G) -> G {
    let (high, low) = G::Number::LN_2;
    let limit = G::Number::TANH_SATURATES;
    // In this order NaN stays NaN.
    let clamped = constant::<G>(limit).lesser(constant::<G>(-limit).greater(x));
    let magic = constant::<G>(G::Number::ROUND);
    let k = clamped
        .mul_add(constant(2.0 * std::f64::consts::LOG2_E), magic)
        .sub(magic);
    let r = k.mul_add(
        constant(-low),
        k.mul_add(constant(-high), clamped.add(clamped)),
    );
    let square = r.mul(r);
    let even = every_other::<G>(0, square);
    let odd = every_other::<G>(1, square).mul(r);
    let scale = power_of_two(k);
    let (less, more) = (scale.sub(constant(1.0)), scale.add(constant(1.0)));
    let numerator = less.mul_add(even, more.mul(odd));
    let denominator = more.mul_add(even, less.mul(odd));
    // A negative zero would come out positive.
    numerator.div(denominator).copysign(x)
}
