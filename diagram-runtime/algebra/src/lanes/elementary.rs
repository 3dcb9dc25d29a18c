//! The exponential function, hyperbolic tangent, logistic function, softplus, sine and cosine of all lanes of a register at once.
//!
//! The first two write their argument, or twice their argument, as `k ln 2 + r` with a whole k and |r| ≤ ½ ln 2. The exponential is then 2^k times a
//! power series in r, and the hyperbolic tangent a rational function of r and 2^k with a single division. Sine and cosine write their argument as
//! `k π/2 + r` with |r| ≤ π/4: both follow from the power series of sin r and cos r, and k decides which of them is which, and its sign.
//! Logistic function and softplus follow from the exponential of the negative magnitude of their argument, which is at most 1, without cancellation.

use super::register::{Float, Register};
use crate::scalar::Scalar;

/// The reciprocal factorials 1/2!, 1/3!, ….
const RECIPROCAL_FACTORIALS: [f64; 17] = {
    let mut table = [0.5; 17];
    let mut k = 1;
    while k < table.len() {
        table[k] = table[k - 1] / (k as f64 + 2.0);
        k += 1;
    }
    table
};

/// The same number in every lane.
#[inline(always)]
fn constant<G: Register>(value: f64) -> G {
    G::splat(G::Number::constant(value))
}

/// 2^k for whole numbers k for which 2^k is a normal number.
#[inline(always)]
fn power_of_two<G: Register>(k: G) -> G {
    k.add(constant(G::Number::ROUND + G::Number::BIAS))
        .shift_to_exponent()
}

/// The pair `(k, e^r - 1)` for `x = k ln 2 + r`.
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

/// The exponential function. Results that overflow are infinite, and NaN gives NaN.
#[inline(always)]
pub(super) fn exp<G: Register>(x: G) -> G {
    let (least, greatest) = G::Number::EXP_RANGE;
    // With the arguments in this order NaN stays NaN.
    let x = constant::<G>(greatest).lesser(constant::<G>(least).greater(x));
    let (k, p) = reduce(x);
    // 2^k is multiplied in as two factors, each of which is a normal number even if the result overflows or is subnormal.
    let magic = constant::<G>(G::Number::ROUND);
    let half = k.mul_add(constant(0.5), magic).sub(magic);
    let first = power_of_two(half);
    let second = power_of_two(k.sub(half));
    p.mul_add(first, first).mul(second)
}

/// The exponential of the negative magnitude.
#[inline(always)]
fn exp_minus_magnitude<G: Register>(x: G) -> G {
    exp(x.copysign(constant(-1.0)))
}

/// The logistic function `1 / (1 + exp(-x))`.
///
/// With e = `exp(-|x|)` it is `1 / (1 + e)` where x is positive and `e / (1 + e)` where it is negative. Since e ≤ 1, the numerator is the larger of e and
/// of 1 or 0, according to the sign.
#[inline(always)]
pub(super) fn sigmoid<G: Register>(x: G) -> G {
    let small = exp_minus_magnitude(x);
    let positive = constant::<G>(0.5).copysign(x).add(constant(0.5));
    small.greater(positive).div(small.add(constant(1.0)))
}

/// The softplus `ln(1 + exp x)`.
///
/// With e = `exp(-|x|)` it is `max(x, 0) + ln(1 + e)`. The logarithm is 2 artanh s with s = e / (2 + e) ≤ 1/3, and so `2 s + 2 s (s²/3 + s⁴/5 + …)`, where
/// no digits cancel, however small e is.
#[inline(always)]
pub(super) fn softplus<G: Register>(x: G) -> G {
    let small = exp_minus_magnitude(x);
    // This is 2 s, which has all digits of e even where e is denormal.
    let twice = small.add(small).div(small.add(constant(2.0)));
    let square = twice.mul(twice).mul(constant(0.25));
    let mut series = constant::<G>(0.0);
    for term in (1..=G::Number::ARTANH_TERMS).rev() {
        series = series
            .add(constant(1.0 / (2 * term + 1) as f64))
            .mul(square);
    }
    let logarithm = twice.mul_add(series, twice);
    // With the arguments in this order NaN stays NaN.
    constant::<G>(0.0).greater(x).add(logarithm)
}

/// The coefficients of the numerator of the Padé approximation of `e^r` with degree `m` in numerator and denominator. In the denominator the odd
/// coefficients have the opposite sign.
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

/// `Σ_i coefficients[start + 2i] square^i` over the coefficients of the Padé approximation: the even ones from 0, the odd ones from 1.
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

/// The hyperbolic tangent.
///
/// Let `2x = k ln 2 + r` and s = 2^k, and let E and O be the even and the odd part of the numerator of a Padé approximation of `e^r`. Then `e^2x` is
/// `s (E + O) / (E - O)`, and tanh x = `(e^2x - 1) / (e^2x + 1)` takes one division:
/// `((s - 1) E + (s + 1) O) / ((s + 1) E + (s - 1) O)`. No leading digits cancel, since |O| ≤ 0.18 E, and s - 1 = 0 where x is small.
#[inline(always)]
pub(super) fn tanh<G: Register>(x: G) -> G {
    let (high, low) = G::Number::LN_2;
    let limit = G::Number::TANH_SATURATES;
    // With the arguments in this order NaN stays NaN.
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
    // The quotient loses the sign of a negative zero, which is restored here.
    numerator.div(denominator).copysign(x)
}

/// The power series `Σ_i (-1)^i / (first + 2i)! square^i`.
#[inline(always)]
fn alternating<G: Register>(first: usize, square: G) -> G {
    let coefficient = |term: usize| {
        let sign = if term.is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * RECIPROCAL_FACTORIALS[first - 2 + 2 * term]
    };
    let last = G::Number::CIRCLE_TERMS - 1;
    let mut sum = constant::<G>(coefficient(last));
    for term in (0..last).rev() {
        sum = sum.mul_add(square, constant(coefficient(term)));
    }
    sum
}

/// The sine and the cosine.
///
/// Let x = k π/2 + r and k = 2m + p, where m is k/2 rounded to the nearest whole number, halves to even, so that p is 0 or ±1. Then
/// `sin x = (-1)^m sin(p π/2 + r)`, and m is even if p is not 0. The cases are combined by products with 0 and ±1, which are exact, instead of branches.
///
/// The products of k with the parts of π/2 are exact in a range of arguments. Arguments beyond it go to the standard library one at a time.
#[inline(always)]
pub(super) fn sin_cos<G: Register>(x: G) -> (G, G) {
    let limit = G::Number::CIRCLE_RANGE;
    // With the arguments in this order NaN stays NaN.
    let clamped = constant::<G>(limit).lesser(constant::<G>(-limit).greater(x));
    let (sine, cosine) = sin_cos_within(clamped);
    // The excess is 0 in every lane within the range. Beyond it, the smallest excess is one ulp of the limit, whose square does not underflow.
    let excess = x.sub(clamped);
    if excess.mul(excess).sum() == G::Number::constant(0.0) {
        return (sine, cosine);
    }
    (
        one_at_a_time(&x, &clamped, &sine, Scalar::sin),
        one_at_a_time(&x, &clamped, &cosine, Scalar::cos),
    )
}

/// The known value in the lanes in which x was not clamped, and the value from the standard library in the others.
///
/// It is not inlined, because its code has a call for each lane and arguments beyond the range are rare.
#[cold]
#[inline(never)]
fn one_at_a_time<G: Register>(
    x: &G,
    clamped: &G,
    known: &G,
    exactly: fn(G::Number) -> G::Number,
) -> G {
    G::from_fn(|lane| {
        if x.lane(lane) == clamped.lane(lane) {
            known.lane(lane)
        } else {
            exactly(x.lane(lane))
        }
    })
}

/// The sine and the cosine of arguments within the range.
#[inline(always)]
fn sin_cos_within<G: Register>(x: G) -> (G, G) {
    let magic = constant::<G>(G::Number::ROUND);
    let k = x
        .mul_add(constant(std::f64::consts::FRAC_2_PI), magic)
        .sub(magic);
    let (high, middle, low) = G::Number::HALF_PI;
    let r = k.mul_add(constant(-high), x);
    let r = k.mul_add(constant(-low), k.mul_add(constant(-middle), r));
    let square = r.mul(r);
    // sin r = r - r³/6 + …; a zero keeps the sign of r.
    let s = alternating::<G>(3, square)
        .mul(square)
        .mul_add(constant::<G>(0.0).sub(r), r)
        .copysign(r);
    // cos r = 1 - r²/2 + r⁴/24 - ….
    let c = square.mul_add(constant(-0.5), constant(1.0));
    let c = alternating::<G>(4, square).mul(square).mul_add(square, c);
    let half = |k: G| k.mul_add(constant(0.5), magic).sub(magic);
    let m = half(k);
    // This is -p. For p = 0 it is 0 - 0 = +0, which the signs of the zeros below depend on.
    let minus_p = m.add(m).sub(k);
    let even = constant::<G>(1.0).sub(minus_p.mul(minus_p));
    let parity = m.sub(half(m).add(half(m)));
    let sign = parity.mul(parity).mul_add(constant(-2.0), constant(1.0));
    let sine = even.mul(s).sub(minus_p.mul(c));
    let cosine = minus_p.mul_add(s, even.mul(c));
    (sign.mul(sine), sign.mul(cosine))
}
