//! Polynomials, given by their coefficients of η^0, η^1 and so on.

use nalgebra::DMatrix;

/// The value at η.
pub(super) fn at(coefficients: &[f64], eta: f64) -> f64 {
    let highest_first = coefficients.iter().rev();
    highest_first.fold(0.0, |sum, coefficient| sum * eta + coefficient)
}

/// The smallest positive η at which the polynomial is 0, if there is one.
pub(super) fn smallest_positive_root(coefficients: &[f64]) -> Option<f64> {
    let degree = coefficients.iter().rposition(|&c| c != 0.0)?;
    if degree == 0 {
        return None;
    }
    // Roots are eigenvalues of the companion matrix. In units of a number of their size they are computed to an accuracy that does not depend on the unit of η.
    let unit = (0..degree)
        .map(|k| (coefficients[k] / coefficients[degree]).abs())
        .enumerate()
        .map(|(k, ratio)| ratio.powf(1.0 / (degree - k) as f64))
        .fold(0.0, f64::max);
    if unit == 0.0 || !unit.is_finite() {
        return None;
    }
    let companion = DMatrix::from_fn(degree, degree, |row, column| {
        if column + 1 == degree {
            let scaled = coefficients[row] / coefficients[degree];
            -scaled / unit.powi((degree - row) as i32)
        } else {
            f64::from(u8::from(row == column + 1))
        }
    });
    // A pair of roots that meet has imaginary parts of the size of the root of the rounding.
    let is_real = |imaginary: f64| imaginary.abs() < 1e-7;
    let roots = companion.complex_eigenvalues();
    roots
        .iter()
        .filter(|root| is_real(root.im) && root.re > 1e-12)
        .map(|root| root.re * unit)
        .min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::{at, smallest_positive_root};

    #[test]
    fn the_smallest_positive_root_is_found_in_any_unit() {
        // (η - 2)(η - 5)(η + 1), then the same in other units.
        let coefficients = [10.0, 3.0, -6.0, 1.0];
        for unit in [1e-9, 1.0, 1e9_f64] {
            let scaled: Vec<f64> = (0..4)
                .map(|k| coefficients[k] / unit.powi(k as i32))
                .collect();
            let root = smallest_positive_root(&scaled).expect("a root");
            // Roots that are apart are computed to some ten roundings of the largest.
            assert!((root / unit - 2.0).abs() < 1e-13, "{root}");
            assert!(at(&scaled, root).abs() < 1e-12);
        }
        assert_eq!(smallest_positive_root(&[1.0, 0.0, 1.0]), None);
        assert_eq!(smallest_positive_root(&[1.0, 2.0]), None);
        assert_eq!(smallest_positive_root(&[3.0]), None);
        assert_eq!(smallest_positive_root(&[]), None);
        assert_eq!(smallest_positive_root(&[0.0, 0.0]), None);
        // Zeros above the degree do not matter.
        assert_eq!(smallest_positive_root(&[1.0, -2.0, 0.0]), Some(0.5));
        let double = smallest_positive_root(&[1.0, -2.0, 1.0]).expect("a root");
        assert!((double - 1.0).abs() < 1e-7, "{double}");
    }
}
