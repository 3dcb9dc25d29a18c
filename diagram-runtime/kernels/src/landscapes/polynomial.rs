//! Polynomial losses.

use crate::landscape::Landscape;
use crate::scalar::Scalar;

/// The polynomial loss `l_x(θ) = Σ_j x_j Π_i θ_i^{e_ji}`. The monomials are fixed, and a datapoint is the list of their coefficients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polynomial {
    dimension: usize,
    /// The exponents of the weights in each monomial.
    exponents: Vec<Vec<u32>>,
}

/// The reason why exponents do not make a polynomial landscape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolynomialError {
    /// There are no weights or no monomials.
    #[error("a polynomial landscape needs at least one weight and one monomial")]
    Empty,
    /// A monomial does not have an exponent for each weight.
    #[error("monomial {monomial} has {found} exponents for {dimension} weights")]
    Exponents {
        /// The index of the monomial.
        monomial: usize,
        /// The number of its exponents.
        found: usize,
        /// The number P of weights.
        dimension: usize,
    },
}

impl Polynomial {
    /// The landscape of `dimension` weights whose monomials have the given exponents, one for each weight.
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

    /// Powers are counted as computed by repeated squaring.
    fn forward_flops(&self) -> Option<f64> {
        let power = |&e: &u32| 1 + e.ilog2() + e.count_ones();
        let monomial = |exponents: &Vec<u32>| -> u32 {
            1 + exponents.iter().filter(|e| **e > 0).map(power).sum::<u32>()
        };
        let all: u32 = self.exponents.iter().map(monomial).sum();
        Some(f64::from(all))
    }

    /// The gradient is counted as computed in forward mode, where each product takes three for each weight.
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
