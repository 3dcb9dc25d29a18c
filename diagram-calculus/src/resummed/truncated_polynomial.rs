//! Polynomials in several variables, truncated at a total degree.

use std::collections::BTreeMap;
use std::ops::{Add, AddAssign, Mul};

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::rational_algebra::RationalAlgebra;

/// The exponents of the variables, without trailing zeros.
pub(super) type Powers = Vec<u8>;

/// A polynomial whose terms are known up to a total degree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TruncatedPolynomial {
    terms: BTreeMap<Powers, BigRational>,
    /// The largest degree of the known terms; `None` for a constant, whose terms of all degrees are known.
    degree: Option<usize>,
}

impl TruncatedPolynomial {
    /// The polynomial 1 - s, where s is the variable with this index.
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

    /// The exponents of the terms with their coefficients, none of which is 0.
    pub(super) fn terms(&self) -> impl Iterator<Item = (&Powers, &BigRational)> {
        self.terms.iter()
    }
}

/// The lower of two degrees, where `None` is infinite.
fn lower(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The total degree.
fn total(exponents: &Powers) -> usize {
    exponents.iter().copied().map(usize::from).sum()
}

/// The exponents of the product of two monomials.
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
        RationalAlgebra::from_rational(&BigRational::one())
    }
}

impl RationalAlgebra for TruncatedPolynomial {
    fn from_rational(number: &BigRational) -> Self {
        let mut constant = TruncatedPolynomial::zero();
        if !number.is_zero() {
            constant.terms.insert(vec![], number.clone());
        }
        constant
    }
}
