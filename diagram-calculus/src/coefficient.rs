//! Exact coefficients, which are rational functions of the sizes of a training schedule.

mod display;
mod substitute;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

pub use crate::laurent_polynomial::Exponents;
use crate::laurent_polynomial::LaurentPolynomial;
pub use display::Symbols;

/// A rational function of N, B and E: a Laurent polynomial divided by a product of factors `N - j`.
///
/// Counts of embeddings have this form (Tenka, *A Space-Time Approach to Analyzing SGD*, section 1.3; the denominators come from
/// shuffling). The fraction is kept in lowest terms, so that equal functions compare equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coefficient {
    numerator: LaurentPolynomial,
    /// The exponent of the factor N - j at index j, without trailing zeros.
    denominator: Vec<u32>,
}

/// The sizes of a schedule as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// The number of training points, N.
    pub train: u64,
    /// The number of points in a batch, B.
    pub batch: u64,
    /// The number of epochs, E; for gradient descent the number of steps, T.
    pub epochs: u64,
}

/// Sizes at which a coefficient has no value, or that do not make a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoefficientError {
    /// A factor of the coefficient's denominator is zero at these sizes.
    #[error(
        "the coefficient has no value at N = {train}, B = {batch}: fewer training points than the diagrams have parts; give N as a number in the spacetime, where the count is taken exactly"
    )]
    Singular {
        /// The number of training points, N.
        train: u64,
        /// The batch size, B.
        batch: u64,
    },
    /// N is not a multiple of B.
    #[error("the batch size {batch} does not divide the {train} training points")]
    Indivisible {
        /// The number of training points, N.
        train: u64,
        /// The batch size, B.
        batch: u64,
    },
    /// A size is zero.
    #[error("there must be at least one training point, one point in a batch and one epoch")]
    Empty,
}

impl Parameters {
    /// The sizes of a schedule, checked.
    ///
    /// # Errors
    /// [`CoefficientError`] if one is zero or the batch size does not divide the number of training points.
    pub fn new(train: u64, batch: u64, epochs: u64) -> Result<Self, CoefficientError> {
        if train == 0 || batch == 0 || epochs == 0 {
            return Err(CoefficientError::Empty);
        }
        if !train.is_multiple_of(batch) {
            return Err(CoefficientError::Indivisible { train, batch });
        }
        Ok(Parameters {
            train,
            batch,
            epochs,
        })
    }
}

impl Coefficient {
    /// The coefficient 0.
    pub fn zero() -> Self {
        Coefficient {
            numerator: LaurentPolynomial::default(),
            denominator: vec![],
        }
    }

    /// The coefficient 1.
    pub fn one() -> Self {
        Coefficient::from(BigRational::one())
    }

    /// An integer as a coefficient.
    pub fn from_integer(value: impl Into<BigInt>) -> Self {
        Coefficient::from(BigRational::from_integer(value.into()))
    }

    /// The fraction of two integers as a coefficient.
    ///
    /// # Panics
    /// If the denominator is zero.
    pub fn from_ratio(numerator: i64, denominator: u64) -> Self {
        Coefficient::from(BigRational::new(numerator.into(), denominator.into()))
    }

    /// The monomial `N^a B^b E^c` with the exponents `[a, b, c]`.
    pub fn power(exponents: Exponents) -> Self {
        Coefficient::reduced(
            LaurentPolynomial::monomial(BigRational::one(), exponents),
            vec![],
        )
    }

    /// The coefficient with the given parts: the numerator's monomials, each as its exponents and the numerator and denominator of its rational
    /// coefficient, and the exponents of the factors N - j, as [`Coefficient::numerator`] and [`Coefficient::denominator`] return them.
    ///
    /// # Panics
    /// If a denominator is zero.
    pub fn from_raw(numerator: &[(Exponents, i128, i128)], denominator: &[u32]) -> Self {
        let mut polynomial = LaurentPolynomial::default();
        for (exponents, n, d) in numerator {
            polynomial.add_monomial(
                BigRational::new(BigInt::from(*n), BigInt::from(*d)),
                *exponents,
            );
        }
        Coefficient::reduced(polynomial, denominator.to_vec())
    }

    /// The monomials of the numerator, by their exponents, with their coefficients.
    pub fn numerator(&self) -> impl Iterator<Item = (&Exponents, &BigRational)> {
        self.numerator.terms()
    }

    /// The exponent of the factor N - j of the denominator at index j.
    pub fn denominator(&self) -> &[u32] {
        &self.denominator
    }

    /// The fraction in lowest terms.
    fn reduced(mut numerator: LaurentPolynomial, mut denominator: Vec<u32>) -> Self {
        let least = numerator.least_n();
        if least < 0 {
            numerator = numerator.shift_n(-least);
            denominator.resize(denominator.len().max(1), 0);
            denominator[0] += least.unsigned_abs();
        }
        if numerator.is_zero() {
            denominator.clear();
        }
        for (root, exponent) in denominator.iter_mut().enumerate() {
            while *exponent > 0 {
                let Some(quotient) = numerator.divide_by_root(0, root as i64) else {
                    break;
                };
                numerator = quotient;
                *exponent -= 1;
            }
        }
        while denominator.last() == Some(&0) {
            denominator.pop();
        }
        Coefficient {
            numerator,
            denominator,
        }
    }

    /// Whether the coefficient is the zero function.
    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// The sum of two coefficients.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let length = self.denominator.len().max(other.denominator.len());
        let exponent = |c: &Self, j: usize| c.denominator.get(j).copied().unwrap_or(0);
        let common: Vec<u32> = (0..length)
            .map(|j| exponent(self, j).max(exponent(other, j)))
            .collect();
        let extended = |c: &Self| {
            common
                .iter()
                .enumerate()
                .fold(c.numerator.clone(), |product, (j, &e)| {
                    (exponent(c, j)..e).fold(product, |product, _| product.mul(&factor(j as u64)))
                })
        };
        Coefficient::reduced(extended(self).add(&extended(other)), common)
    }

    /// The difference of two coefficients.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }

    /// The coefficient with the opposite sign.
    #[must_use]
    pub fn neg(&self) -> Self {
        self.scale(&-BigRational::one())
    }

    /// The product with a rational number.
    #[must_use]
    pub fn scale(&self, by: &BigRational) -> Self {
        Coefficient::reduced(self.numerator.scale(by), self.denominator.clone())
    }

    /// The product of two coefficients.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        let mut denominator = self.denominator.clone();
        denominator.resize(denominator.len().max(other.denominator.len()), 0);
        for (sum, e) in denominator.iter_mut().zip(&other.denominator) {
            *sum += e;
        }
        Coefficient::reduced(self.numerator.mul(&other.numerator), denominator)
    }

    /// The reciprocal of a non-zero monomial, such as N, B or 6; `None` for any other coefficient.
    pub fn recip(&self) -> Option<Self> {
        let mut terms = self.numerator.terms();
        let (exponents, coefficient) = terms.next()?;
        if terms.next().is_some() || self.denominator.len() > 1 {
            return None;
        }
        let below = self.denominator.first().copied().unwrap_or(0) as i32;
        let [n, b, e] = exponents;
        let inverse = LaurentPolynomial::monomial(coefficient.recip(), [below - n, -b, -e]);
        Some(Coefficient::reduced(inverse, vec![]))
    }

    /// The reciprocal of the falling factorial `N (N-1) … (N-k+1)`.
    pub fn over_falling_train(k: usize) -> Self {
        Coefficient::reduced(LaurentPolynomial::constant(BigRational::one()), vec![1; k])
    }

    /// The reciprocal of the denominator.
    pub(crate) fn over_denominator(&self) -> Self {
        let one = LaurentPolynomial::constant(BigRational::one());
        Coefficient::reduced(one, self.denominator.clone())
    }

    /// The falling factorial `x (x-1) … (x-k+1)` of this coefficient x.
    #[must_use]
    pub fn falling(&self, k: usize) -> Self {
        (0..k).fold(Coefficient::one(), |product, i| {
            product.mul(&self.sub(&Coefficient::from_integer(i)))
        })
    }

    /// The binomial coefficient `x (x-1) … (x-k+1) / k!` of this coefficient x.
    #[must_use]
    pub fn binomial(&self, k: usize) -> Self {
        let factorial: BigInt = (1..=k).map(BigInt::from).product();
        self.falling(k)
            .scale(&BigRational::new(BigInt::one(), factorial))
    }

    /// The exact value at the given sizes.
    ///
    /// # Errors
    /// [`CoefficientError::Singular`] if a factor of the denominator vanishes there.
    pub fn evaluate(&self, at: &Parameters) -> Result<BigRational, CoefficientError> {
        let sizes =
            [at.train, at.batch, at.epochs].map(|x| BigRational::from_integer(BigInt::from(x)));
        let singular = || CoefficientError::Singular {
            train: at.train,
            batch: at.batch,
        };
        let mut value = self.numerator.evaluate(&sizes).ok_or_else(singular)?;
        for (j, &exponent) in self.denominator.iter().enumerate().filter(|(_, e)| **e > 0) {
            let factor = &sizes[0] - BigRational::from_integer(BigInt::from(j));
            if factor.is_zero() {
                return Err(singular());
            }
            value /= factor.pow(exponent as i32);
        }
        Ok(value)
    }

    /// The `f64` nearest to the value at the given sizes.
    ///
    /// # Errors
    /// The errors of [`Coefficient::evaluate`].
    pub fn evaluate_f64(&self, at: &Parameters) -> Result<f64, CoefficientError> {
        Ok(self.evaluate(at)?.to_f64().unwrap_or(f64::NAN))
    }
}

impl From<BigRational> for Coefficient {
    fn from(value: BigRational) -> Self {
        Coefficient {
            numerator: LaurentPolynomial::constant(value),
            denominator: vec![],
        }
    }
}

/// The polynomial N - j.
fn factor(j: u64) -> LaurentPolynomial {
    let linear = LaurentPolynomial::monomial(BigRational::one(), [1, 0, 0]);
    linear.add(&LaurentPolynomial::constant(-BigRational::from_integer(
        BigInt::from(j),
    )))
}
