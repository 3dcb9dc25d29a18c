//! Coefficients in other sizes.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

use super::Coefficient;
use crate::polynomial::Polynomial;

impl Coefficient {
    /// The coefficient with N, B and E replaced by other sizes, such as E by N E.
    ///
    /// `None` if the result is no [`Coefficient`]: a negative power of what [`Coefficient::recip`] does not invert, or a factor of the denominator
    /// that becomes zero or no factor `N - j`.
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

    /// The coefficient with N, B and E replaced by the variables in these places; N stays N unless it does not occur.
    pub(crate) fn with_variables(&self, places: &[usize; 3]) -> Self {
        let mut numerator = Polynomial::default();
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

/// 1 / (size - j).
fn over_difference(size: &Coefficient, j: usize) -> Option<Coefficient> {
    if *size == Coefficient::power([1, 0, 0]) {
        let mut denominator = vec![0; j];
        denominator.push(1);
        let one = Polynomial::constant(BigRational::one());
        return Some(Coefficient::reduced(one, denominator));
    }
    let j = Coefficient::from_integer(BigInt::from(j));
    size.sub(&j).recip()
}
