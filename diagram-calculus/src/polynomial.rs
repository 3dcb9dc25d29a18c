//! Polynomials in the sizes of a training schedule.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// Exponents of N (training points), B (batch size) and E (epochs, or steps of gradient descent).
pub type Exponents = [i32; 3];

/// A Laurent polynomial in N, B and E with rational coefficients; none of them is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polynomial {
    terms: BTreeMap<Exponents, BigRational>,
}

impl Polynomial {
    /// `coefficient · N^a B^b E^c`.
    pub fn monomial(coefficient: BigRational, exponents: Exponents) -> Self {
        let mut polynomial = Polynomial::default();
        polynomial.add_monomial(coefficient, exponents);
        polynomial
    }

    /// A constant.
    pub fn constant(value: BigRational) -> Self {
        Polynomial::monomial(value, [0; 3])
    }

    /// Whether it is the zero polynomial.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// Monomials with their coefficients, by exponents.
    pub fn terms(&self) -> impl Iterator<Item = (&Exponents, &BigRational)> {
        self.terms.iter()
    }

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

    /// Sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (exponents, coefficient) in &other.terms {
            sum.add_monomial(coefficient.clone(), *exponents);
        }
        sum
    }

    /// Product.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        let mut product = Polynomial::default();
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                product.add_monomial(x * y, std::array::from_fn(|i| a[i] + b[i]));
            }
        }
        product
    }

    /// Product with a number.
    #[must_use]
    pub fn scale(&self, by: &BigRational) -> Self {
        self.mul(&Polynomial::constant(by.clone()))
    }

    /// Product with `N^a`.
    pub(crate) fn shift_n(&self, a: i32) -> Self {
        self.mul(&Polynomial::monomial(BigRational::one(), [a, 0, 0]))
    }

    /// Least exponent of N; 0 for zero.
    pub(crate) fn least_n(&self) -> i32 {
        self.terms.keys().map(|e| e[0]).min().unwrap_or(0)
    }

    /// The quotient by `x - root`, if it is exact; x is N, B or E by its place in the exponents, which must not be negative there. Zero has none.
    pub(crate) fn divide_by_root(&self, variable: usize, root: i64) -> Option<Self> {
        let root = BigRational::from_integer(BigInt::from(root));
        let mut by_rest: BTreeMap<Exponents, BTreeMap<i32, &BigRational>> = BTreeMap::new();
        for (exponents, coefficient) in &self.terms {
            let mut rest = *exponents;
            let power = std::mem::take(&mut rest[variable]);
            by_rest.entry(rest).or_default().insert(power, coefficient);
        }
        let mut quotient = Polynomial::default();
        for (mut exponents, powers) in by_rest {
            // Synthetic division from the leading power down.
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

    /// The value at rational N, B, E; `None` if a negative power of zero occurs.
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
