//! Substitution of other sizes into coefficients.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

use super::Coefficient;
use crate::laurent_polynomial::LaurentPolynomial;

impl Coefficient {
    /// The coefficient with N, B and E replaced by the given coefficients, such as E by N E.
    ///
    /// `None` if the result is not a [`Coefficient`]. This happens if a negative power is taken of a coefficient that [`Coefficient::recip`] cannot
    /// invert, or if a factor of the denominator becomes zero or something else than a factor `N - j`.
    pub fn substitute(&self, sizes: &[Coefficient; 3]) -> Option<Self> {
        let mut numerator = Coefficient::zero();
        for (exponents, coefficient) in self.numerator.terms() {
            let mut term = Coefficient::from(coefficient.clone());
            for (size, &power) in sizes.iter().zip(exponents) {
                let factor = if power < 0 { &size.recip()? } else { size };
                for _ in 0..power.unsigned_abs() {
                    term = term.mul(factor);
                }
            }
            numerator = numerator.add(&term);
        }
        let mut product = numerator;
        for (j, &exponent) in self.denominator.iter().enumerate() {
            for _ in 0..exponent {
                product = product.mul(&over_difference(&sizes[0], j)?);
            }
        }
        Some(product)
    }

    /// The coefficient with N, B and E replaced by the variables with these indices. N must stay N if it occurs in the denominator.
    pub(crate) fn with_variables(&self, places: &[usize; 3]) -> Self {
        let mut numerator = LaurentPolynomial::default();
        for (exponents, coefficient) in self.numerator.terms() {
            let mut moved = [0; 3];
            for (&place, power) in places.iter().zip(exponents) {
                moved[place] += power;
            }
            numerator.add_monomial(coefficient.clone(), moved);
        }
        Coefficient::reduced(numerator, self.denominator.clone())
    }
}

/// The reciprocal of `size - j`, if it is a coefficient.
fn over_difference(size: &Coefficient, j: usize) -> Option<Coefficient> {
    if *size == Coefficient::power([1, 0, 0]) {
        let mut denominator = vec![0; j];
        denominator.push(1);
        let one = LaurentPolynomial::constant(BigRational::one());
        return Some(Coefficient::reduced(one, denominator));
    }
    let j = Coefficient::from_integer(BigInt::from(j));
    size.sub(&j).recip()
}
