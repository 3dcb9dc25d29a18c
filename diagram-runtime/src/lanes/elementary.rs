//! Exponential and hyperbolic tangent, lane by lane at once.
//!
//! Both go through `e^x - 1 = 2^k (e^r - 1) + (2^k - 1)` with `x = k ln 2 + r`, |r| ≤ ½ ln 2, and the power series of `e^r - 1`, which is accurate
//! relative to its own size near 0.

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

#[inline(always)]
pub(super) fn tanh<G: Register>(x: G) -> G {
    let magnitude = constant::<G>(G::Number::TANH_SATURATES).lesser(x.copysign(constant(1.0)));
    let (k, p) = reduce(magnitude.add(magnitude));
    let scale = power_of_two(k);
    let expm1 = p.mul_add(scale, scale.sub(constant(1.0)));
    expm1.div(expm1.add(constant(2.0))).copysign(x)
}
