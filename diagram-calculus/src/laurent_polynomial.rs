//! Laurent polynomials in the sizes of a training schedule.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// The exponents of N (training points), B (batch size) and E (epochs, or steps of gradient descent).
pub type Exponents = [i32; 3];

/// A Laurent polynomial in N, B and E with rational coefficients. No stored coefficient is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaurentPolynomial {
    terms: BTreeMap<Exponents, BigRational>,
}

impl LaurentPolynomial {
    /// The monomial `coefficient · N^a B^b E^c` with the exponents `[a, b, c]`.
    pub fn monomial(coefficient: BigRational, exponents: Exponents) -> Self {
        let mut polynomial = LaurentPolynomial::default();
        polynomial.add_monomial(coefficient, exponents);
        polynomial
    }

    /// The constant polynomial with this value.
    pub fn constant(value: BigRational) -> Self {
        LaurentPolynomial::monomial(value, [0; 3])
    }

    /// Whether it is the zero polynomial.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The monomials with their coefficients, sorted by exponents.
    pub fn terms(&self) -> impl Iterator<Item = (&Exponents, &BigRational)> {
        self.terms.iter()
    }

    /// Adds `coefficient` times the monomial with these exponents.
    pub(crate) fn add_monomial(&mut self, coefficient: BigRational, exponents: Exponents) {
        let sum = self
            .terms
            .entry(exponents)
            .or_insert_with(BigRational::zero);
        *sum += coefficient;
        if sum.is_zero() {
            self.terms.remove(&exponents);
        }
    }

    /// The sum of two polynomials.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (exponents, coefficient) in &other.terms {
            sum.add_monomial(coefficient.clone(), *exponents);
        }
        sum
    }

    /// The product of two polynomials.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        let mut product = LaurentPolynomial::default();
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                product.add_monomial(x * y, std::array::from_fn(|i| a[i] + b[i]));
            }
        }
        product
    }

    /// The product with a rational number.
    #[must_use]
    pub fn scale(&self, by: &BigRational) -> Self {
        self.mul(&LaurentPolynomial::constant(by.clone()))
    }

    /// The product with `N^a`.
    pub(crate) fn shift_n(&self, a: i32) -> Self {
        self.mul(&LaurentPolynomial::monomial(BigRational::one(), [a, 0, 0]))
    }

    /// The least exponent of N, or 0 for the zero polynomial.
    pub(crate) fn least_n(&self) -> i32 {
        self.terms.keys().map(|e| e[0]).min().unwrap_or(0)
    }

    /// The quotient by `x - root`, or `None` if the division has a remainder or the polynomial is zero. The index `variable` says whether x is N, B or
    /// E; the exponents of x must not be negative.
    pub(crate) fn divide_by_root(&self, variable: usize, root: i64) -> Option<Self> {
        let root = BigRational::from_integer(BigInt::from(root));
        let mut by_rest: BTreeMap<Exponents, BTreeMap<i32, &BigRational>> = BTreeMap::new();
        for (exponents, coefficient) in &self.terms {
            let mut rest = *exponents;
            let power = std::mem::take(&mut rest[variable]);
            by_rest.entry(rest).or_default().insert(power, coefficient);
        }
        let mut quotient = LaurentPolynomial::default();
        for (mut exponents, powers) in by_rest {
            // Synthetic division, from the leading power down.
            let degree = *powers.keys().next_back()?;
            let mut carry = BigRational::zero();
            for power in (0..=degree).rev() {
                carry *= &root;
                if let Some(coefficient) = powers.get(&power) {
                    carry += *coefficient;
                }
                if power > 0 {
                    exponents[variable] = power - 1;
                    quotient.add_monomial(carry.clone(), exponents);
                }
            }
            if !carry.is_zero() {
                return None;
            }
        }
        (!quotient.is_zero()).then_some(quotient)
    }

    /// The value at rational N, B and E, or `None` if a negative power of zero occurs.
    pub fn evaluate(&self, at: &[BigRational; 3]) -> Option<BigRational> {
        let mut sum = BigRational::zero();
        for (exponents, coefficient) in &self.terms {
            let mut term = coefficient.clone();
            for (x, &power) in at.iter().zip(exponents) {
                if power < 0 && x.is_zero() {
                    return None;
                }
                term *= x.pow(power);
            }
            sum += term;
        }
        Some(sum)
    }
}
