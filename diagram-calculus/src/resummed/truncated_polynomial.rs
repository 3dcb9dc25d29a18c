//! Polynomials of several variables without the terms of high degree.

use std::collections::BTreeMap;
use std::ops::{Add, AddAssign, Mul};

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::number::Number;

/// Powers of the variables; trailing zeros are left off.
pub(super) type Powers = Vec<u8>;

/// A polynomial known up to a total degree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TruncatedPolynomial {
    terms: BTreeMap<Powers, BigRational>,
    /// `None` for constants, which are known to any degree.
    degree: Option<usize>,
}

impl TruncatedPolynomial {
    /// 1 - s of the variable s with this number.
    pub(super) fn one_minus(variable: usize, degree: usize) -> Self {
        let mut terms = BTreeMap::from([(vec![], BigRational::one())]);
        if degree > 0 {
            let mut exponents = vec![0; variable];
            exponents.push(1);
            terms.insert(exponents, -BigRational::one());
        }
        TruncatedPolynomial {
            terms,
            degree: Some(degree),
        }
    }

    /// Powers and coefficients, none 0.
    pub(super) fn terms(&self) -> impl Iterator<Item = (&Powers, &BigRational)> {
        self.terms.iter()
    }
}

fn lower(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn total(exponents: &Powers) -> usize {
    exponents.iter().copied().map(usize::from).sum()
}

fn product(a: &Powers, b: &Powers) -> Powers {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let mut sum = long.clone();
    for (sum, exponent) in sum.iter_mut().zip(short) {
        *sum += exponent;
    }
    sum
}

impl AddAssign for TruncatedPolynomial {
    fn add_assign(&mut self, other: Self) {
        self.degree = lower(self.degree, other.degree);
        for (exponents, coefficient) in other.terms {
            *self
                .terms
                .entry(exponents)
                .or_insert_with(BigRational::zero) += coefficient;
        }
        let degree = self.degree.unwrap_or(usize::MAX);
        self.terms
            .retain(|exponents, coefficient| !coefficient.is_zero() && total(exponents) <= degree);
    }
}

impl Add for TruncatedPolynomial {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Mul for TruncatedPolynomial {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let degree = lower(self.degree, other.degree);
        let mut terms = BTreeMap::new();
        for (left, a) in &self.terms {
            for (right, b) in &other.terms {
                if total(left) + total(right) <= degree.unwrap_or(usize::MAX) {
                    *terms
                        .entry(product(left, right))
                        .or_insert_with(BigRational::zero) += a * b;
                }
            }
        }
        terms.retain(|_, coefficient| !coefficient.is_zero());
        TruncatedPolynomial { terms, degree }
    }
}

impl Zero for TruncatedPolynomial {
    fn zero() -> Self {
        TruncatedPolynomial {
            terms: BTreeMap::new(),
            degree: None,
        }
    }

    fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }
}

impl One for TruncatedPolynomial {
    fn one() -> Self {
        Number::from_rational(&BigRational::one())
    }
}

impl Number for TruncatedPolynomial {
    fn from_rational(number: &BigRational) -> Self {
        let mut constant = TruncatedPolynomial::zero();
        if !number.is_zero() {
            constant.terms.insert(vec![], number.clone());
        }
        constant
    }
}
