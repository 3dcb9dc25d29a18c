//! Polynomial losses.

use crate::landscape::Landscape;
use crate::scalar::Scalar;

/// `l_x(θ) = Σ_j x_j Π_i θ_i^{e_ji}`: a datapoint is the list of its coefficients for fixed monomials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polynomial {
    dimension: usize,
    exponents: Vec<Vec<u32>>,
}

/// Exponents that do not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolynomialError {
    /// No weights or no monomials.
    #[error("a polynomial landscape needs at least one weight and one monomial")]
    Empty,
    /// A monomial with another number of exponents than there are weights.
    #[error("monomial {monomial} has {found} exponents for {dimension} weights")]
    Exponents {
        /// Its index.
        monomial: usize,
        /// Its exponents.
        found: usize,
        /// P.
        dimension: usize,
    },
}

impl Polynomial {
    /// A landscape over `dimension` weights with these monomials.
    ///
    /// # Errors
    /// [`PolynomialError`].
    pub fn new(dimension: usize, exponents: Vec<Vec<u32>>) -> Result<Self, PolynomialError> {
        if dimension == 0 || exponents.is_empty() {
            return Err(PolynomialError::Empty);
        }
        match exponents.iter().position(|e| e.len() != dimension) {
            Some(monomial) => Err(PolynomialError::Exponents {
                monomial,
                found: exponents[monomial].len(),
                dimension,
            }),
            None => Ok(Polynomial {
                dimension,
                exponents,
            }),
        }
    }
}

impl Landscape for Polynomial {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn input_width(&self) -> usize {
        self.exponents.len()
    }

    /// Powers by repeated squaring.
    fn forward_flops(&self) -> Option<f64> {
        let power = |&e: &u32| 1 + e.ilog2() + e.count_ones();
        let monomial = |exponents: &Vec<u32>| -> u32 {
            1 + exponents.iter().filter(|e| **e > 0).map(power).sum::<u32>()
        };
        let all: u32 = self.exponents.iter().map(monomial).sum();
        Some(f64::from(all))
    }

    /// By forward mode: a product is three for each weight.
    fn gradient_flops(&self) -> Option<f64> {
        Some(3.0 * self.dimension as f64 * self.forward_flops()?)
    }

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let mut loss = S::constant(0.0);
        for (exponents, coefficient) in self.exponents.iter().zip(x) {
            let mut monomial = S::from_base(coefficient.clone());
            for (weight, &exponent) in theta.iter().zip(exponents).filter(|(_, e)| **e > 0) {
                monomial = monomial * weight.clone().powi(exponent);
            }
            loss += monomial;
        }
        loss
    }
}
