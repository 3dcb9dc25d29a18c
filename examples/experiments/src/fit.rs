//! Least-squares fits of polynomials to measured points.

use nalgebra::{DMatrix, DVector};

/// A polynomial `c_0 + c_1 x + c_2 x² + …` that is fitted by weighted least squares to points with known standard errors.
#[derive(Clone, Debug, PartialEq)]
pub struct PolynomialFit {
    /// The coefficients of 1, x, x² and so on.
    pub coefficients: Vec<f64>,
    /// The standard errors of the coefficients. They follow from those of the points, whatever the residuals are.
    pub standard_errors: Vec<f64>,
    /// The sum of the squared residuals in units of the standard errors. If the true values lie on such a polynomial, its expectation is the number
    /// of points minus the number of coefficients.
    pub chi_square: f64,
}

impl PolynomialFit {
    /// Fits a polynomial of the given degree to points (x, y, standard error of y). All numbers are NaN if the points have no more than `degree`
    /// different x.
    pub fn through(points: &[(f64, f64, f64)], degree: usize) -> PolynomialFit {
        let power = |row: usize, exponent: usize| points[row].0.powi(exponent as i32);
        let design = DMatrix::from_fn(points.len(), degree + 1, |row, exponent| {
            power(row, exponent) / points[row].2
        });
        let heights = DVector::from_fn(points.len(), |row, _| points[row].1 / points[row].2);
        let covariance = (design.transpose() * &design).try_inverse();
        let covariance =
            covariance.unwrap_or_else(|| DMatrix::repeat(degree + 1, degree + 1, f64::NAN));
        let coefficients = &covariance * (design.transpose() * &heights);
        PolynomialFit {
            chi_square: (heights - &design * &coefficients).norm_squared(),
            coefficients: coefficients.iter().copied().collect(),
            standard_errors: covariance.diagonal().iter().map(|v| v.sqrt()).collect(),
        }
    }

    /// The value of the polynomial at x.
    pub fn at(&self, x: f64) -> f64 {
        let coefficients = self.coefficients.iter().rev();
        coefficients.fold(0.0, |sum, c| sum * x + c)
    }
}

#[cfg(test)]
mod tests {
    use super::PolynomialFit;

    #[test]
    fn points_on_a_parabola_give_the_parabola() {
        let points = [1.0, 2.0, 4.0, 5.0].map(|x: f64| (x, 3.0 + 2.0 * x - x * x, 0.1 * x));
        let fit = PolynomialFit::through(&points, 2);
        // The normal equations square the condition of the powers, about 10³ here.
        for (found, expected) in fit.coefficients.iter().zip([3.0, 2.0, -1.0]) {
            assert!((found - expected).abs() < 1e-9, "{found}");
        }
        assert!((fit.at(10.0) + 77.0).abs() < 1e-7);
        assert!(fit.chi_square < 1e-12);
    }

    #[test]
    fn two_points_propagate_their_errors() {
        // The line through (1, y1) and (2, y2) meets 0 at 2 y1 - y2.
        let line = PolynomialFit::through(&[(1.0, 0.0, 0.3), (2.0, 0.0, 0.4)], 1);
        assert!((line.standard_errors[0] - (4.0_f64 * 0.09 + 0.16).sqrt()).abs() < 1e-12);
        assert!((line.standard_errors[1] - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_point_beside_a_constant_is_seen() {
        // The mean of 0 and 2 is 1 standard error of 1 from each.
        let constant = PolynomialFit::through(&[(1.0, 0.0, 1.0), (2.0, 2.0, 1.0)], 0);
        assert!((constant.chi_square - 2.0).abs() < 1e-12);
    }

    #[test]
    fn too_few_points_give_nothing() {
        let line = PolynomialFit::through(&[(1.0, 0.0, 0.3), (1.0, 2.0, 0.3)], 1);
        assert!(line.coefficients.iter().all(|c| c.is_nan()));
    }
}
