//! Lines through measured points.

/// `intercept + slope · x`, the weighted least squares line through points with known standard errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The value at x = 0.
    pub intercept: f64,
    /// Its standard error.
    pub intercept_error: f64,
    /// The slope.
    pub slope: f64,
    /// Its standard error.
    pub slope_error: f64,
}

impl Line {
    /// Through points (x, y, standard error of y); all NaN unless two of them differ in x.
    ///
    /// The standard errors follow from those of the points alone, not from how well the line fits.
    pub fn through(points: &[(f64, f64, f64)]) -> Line {
        let sum = |term: &dyn Fn(f64, f64) -> f64| -> f64 {
            points
                .iter()
                .map(|&(x, y, error)| term(x, y) / (error * error))
                .sum()
        };
        let weight = sum(&|_, _| 1.0);
        let (x, y) = (sum(&|x, _| x) / weight, sum(&|_, y| y) / weight);
        let spread = sum(&|at, _| (at - x).powi(2));
        let slope = sum(&|at, value| (at - x) * (value - y)) / spread;
        Line {
            intercept: y - slope * x,
            intercept_error: (1.0 / weight + x * x / spread).sqrt(),
            slope,
            slope_error: (1.0 / spread).sqrt(),
        }
    }

    /// The value at x.
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn points_on_a_line_give_the_line() {
        let line = Line::through(&[(1.0, 5.0, 0.1), (2.0, 7.0, 0.4), (4.0, 11.0, 0.2)]);
        assert!((line.intercept - 3.0).abs() < 1e-12);
        assert!((line.slope - 2.0).abs() < 1e-12);
        assert!((line.at(10.0) - 23.0).abs() < 1e-12);
    }

    #[test]
    fn two_points_propagate_their_errors() {
        // The line through (1, y1) and (2, y2) meets 0 at 2 y1 - y2.
        let line = Line::through(&[(1.0, 0.0, 0.3), (2.0, 0.0, 0.4)]);
        assert!((line.intercept_error - (4.0_f64 * 0.09 + 0.16).sqrt()).abs() < 1e-12);
        assert!((line.slope_error - 0.5).abs() < 1e-12);
    }
}
