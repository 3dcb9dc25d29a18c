//! Padé approximants of learning curves: quotients of polynomials that have the same first coefficients as a power series, and often go on where the series has left the page.

use nalgebra::{DMatrix, DVector};

use super::polynomial;
use super::{Prediction, Series};
use crate::scalar::Element;

/// The reason why a series has no Padé approximant of some degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PadeError {
    /// The approximant needs more coefficients than are known.
    #[error(
        "the approximant [{numerator}/{denominator}] of the change needs the coefficients up to η^{needed}, and the series ends at η^{order}; \
         choose degrees that add up to at most {}",
        .order.saturating_sub(1)
    )]
    TooFewCoefficients {
        /// The degree of the numerator.
        numerator: usize,
        /// The degree of the denominator.
        denominator: usize,
        /// The highest power of η that the approximant needs.
        needed: usize,
        /// The highest power of η that is known.
        order: usize,
    },
    /// The equations for the denominator have no solution, or more than one.
    #[error(
        "the series has no approximant [{numerator}/{denominator}], since the equations for its denominator are singular; choose other degrees"
    )]
    Singular {
        /// The degree of the numerator.
        numerator: usize,
        /// The degree of the denominator.
        denominator: usize,
    },
}

/// A Padé approximant of a learning curve. The change since η = 0 is η times a quotient of polynomials in η, whose expansion agrees with that of the series as far as the degrees say.
///
/// It is made by [`Series::pade`].
#[derive(Clone, Debug, PartialEq)]
pub struct Pade {
    /// The coefficient of η^0.
    start: f64,
    quotient: Quotient,
    /// For each block of the replicates, what comes of all other blocks.
    without_block: Vec<(f64, Quotient)>,
}

/// A quotient of polynomials, with the coefficients of η^0, η^1 and so on. The denominator begins with 1.
#[derive(Clone, Debug, PartialEq)]
struct Quotient {
    numerator: Vec<f64>,
    denominator: Vec<f64>,
}

impl<T: Element> Series<T> {
    /// Returns the Padé approximant of the change since η = 0 with a numerator and a denominator of these degrees: `c₀ + η P(η)/Q(η)`, where the coefficients of P and Q are chosen so that its
    /// expansion agrees with the series up to η^(1 + numerator + denominator). `pade(order - 1, 0)` is the series itself.
    ///
    /// A displacement has to be projected by [`Series::along`] first, or one of its components taken by [`Series::component`].
    ///
    /// # Errors
    /// [`PadeError`].
    ///
    /// # Panics
    /// If the series has several components.
    ///
    /// # Examples
    /// The geometric series of `1/(1 + η)`, which the approximant continues to where the series diverges:
    /// ```
    /// use diagram_runtime::series::Series;
    ///
    /// let series = Series { coefficients: vec![vec![1.0], vec![-1.0], vec![1.0]], replicates: vec![], warnings: vec![] };
    /// let pade = series.pade(0, 1)?;
    /// assert_eq!(pade.pole(), None);
    /// assert_eq!(pade.at(3.0).map(|prediction| prediction.value), Some(0.25));
    /// # Ok::<(), diagram_runtime::series::PadeError>(())
    /// ```
    #[track_caller]
    pub fn pade(&self, numerator: usize, denominator: usize) -> Result<Pade, PadeError> {
        self.assert_single();
        let needed = 1 + numerator + denominator;
        if needed > self.order() {
            return Err(PadeError::TooFewCoefficients {
                numerator,
                denominator,
                needed,
                order: self.order(),
            });
        }
        let own = self.coefficients.iter().map(|c| c[0].to_f64());
        let own: Vec<f64> = own.take(needed + 1).collect();
        let quotient = |coefficients: &[f64]| Quotient::of(coefficients, numerator, denominator);
        let blocks = self.replicates.len() as f64;
        let without = |block: &Vec<Vec<f64>>| {
            // The mean over all blocks is the estimate, up to rounding.
            let means = own.iter().enumerate().map(|(k, mean)| {
                let others = blocks * mean - block[k][0];
                others / (blocks - 1.0)
            });
            let means: Vec<f64> = means.collect();
            Ok((means[0], quotient(&means[1..])?))
        };
        let blocks = self.replicates.iter();
        Ok(Pade {
            start: own[0],
            quotient: quotient(&own[1..])?,
            without_block: blocks.map(without).collect::<Result<_, PadeError>>()?,
        })
    }
}

impl Pade {
    /// Evaluates the approximant at a learning rate η ≥ 0. There is no value from a pole on, be it one of the approximant or of one that the error comes from.
    ///
    /// The standard error is that of the jackknife: of what comes of all blocks of the sample but one.
    pub fn at(&self, eta: f64) -> Option<Prediction> {
        let is_before = |quotient: &Quotient| quotient.pole().is_none_or(|pole| eta < pole);
        let mut all = self.without_block.iter().map(|(_, quotient)| quotient);
        if !is_before(&self.quotient) || !all.all(is_before) {
            return None;
        }
        let at = |start: f64, quotient: &Quotient| start + eta * quotient.at(eta);
        let without = self.without_block.iter();
        let estimates: Vec<f64> = without.map(|(start, q)| at(*start, q)).collect();
        let count = estimates.len() as f64;
        Some(Prediction {
            value: at(self.start, &self.quotient),
            standard_error: super::standard_error(&estimates) * (count - 1.0).max(0.0),
            degrees_of_freedom: super::degrees_of_freedom(estimates.len()),
        })
    }

    /// Returns the degrees of the numerator and of the denominator.
    pub fn degrees(&self) -> [usize; 2] {
        let Quotient {
            numerator,
            denominator,
        } = &self.quotient;
        [numerator.len() - 1, denominator.len() - 1]
    }

    /// Returns the smallest positive η at which the denominator is 0. The approximant says nothing there and beyond.
    pub fn pole(&self) -> Option<f64> {
        self.quotient.pole()
    }
}

impl Quotient {
    /// The quotient of these degrees whose expansion has these coefficients, of which there are at least `1 + numerator + denominator`.
    fn of(
        coefficients: &[f64],
        numerator: usize,
        denominator: usize,
    ) -> Result<Quotient, PadeError> {
        let singular = PadeError::Singular {
            numerator,
            denominator,
        };
        let coefficient = |at: isize| usize::try_from(at).map_or(0.0, |at| coefficients[at]);
        // The coefficients of η^(numerator + 1) and so on of the product with the denominator are 0.
        let at = |row: usize, column: usize| (numerator + row) as isize - column as isize;
        let matrix = DMatrix::from_fn(denominator, denominator, |row, column| {
            coefficient(at(row, column))
        });
        let right = DVector::from_fn(denominator, |row, _| -coefficient(at(row + 1, 0)));
        let mut own = vec![1.0];
        if denominator > 0 {
            let solved = matrix.lu().solve(&right).ok_or(singular)?;
            if solved.iter().any(|x| !x.is_finite()) {
                return Err(singular);
            }
            own.extend(solved.iter());
        }
        let product = (0..=numerator).map(|power| {
            (0..=power.min(denominator))
                .map(|j| own[j] * coefficients[power - j])
                .sum()
        });
        Ok(Quotient {
            numerator: product.collect(),
            denominator: own,
        })
    }

    fn at(&self, eta: f64) -> f64 {
        polynomial::at(&self.numerator, eta) / polynomial::at(&self.denominator, eta)
    }

    fn pole(&self) -> Option<f64> {
        polynomial::smallest_positive_root(&self.denominator)
    }
}
