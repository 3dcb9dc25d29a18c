//! Predictions and series as text.

use std::fmt;

use super::{Prediction, Series};
use crate::scalar::Element;
use crate::warning;

/// The number, and its standard error behind `±` unless it is exact: `2.5431 ± 0.0012`. The number has two digits of the error, or as many as are asked for (`{:.3}`).
impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.standard_error;
        let of_error = (error > 0.0 && error.is_finite())
            .then(|| (1.0 - error.log10().floor()).clamp(0.0, 17.0) as usize);
        match (f.precision().or(of_error), self.degrees_of_freedom) {
            (Some(digits), None) => write!(f, "{:.digits$}", self.value),
            (None, None) => write!(f, "{}", self.value),
            (Some(digits), Some(_)) => write!(f, "{:.digits$} ± {error:.digits$}", self.value),
            (None, Some(_)) => write!(f, "{} ± {error}", self.value),
        }
    }
}

/// The sum of the terms, such as `2.5 - 0.13 η + 0.02 η^2`, with the warnings below. A displacement has a line for each component, with the index of the weight before it. Numbers have all their digits, or as
/// many as are asked for (`{:.3}`).
impl<T: Element> fmt::Display for Series<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let components = self.components();
        for component in 0..components {
            if components > 1 {
                write!(f, "[{component}] ")?;
            }
            for (power, coefficients) in self.coefficients.iter().enumerate() {
                let number = coefficients[component].to_f64();
                let sign = match (power, number.is_sign_negative()) {
                    (0, false) => "",
                    (0, true) => "-",
                    (_, false) => " + ",
                    (_, true) => " - ",
                };
                f.write_str(sign)?;
                match f.precision() {
                    Some(digits) => write!(f, "{:.digits$}", number.abs())?,
                    None => write!(f, "{}", number.abs())?,
                }
                match power {
                    0 => {}
                    1 => f.write_str(" η")?,
                    _ => write!(f, " η^{power}")?,
                }
            }
            if component + 1 < components || !self.warnings.is_empty() {
                f.write_str("\n")?;
            }
        }
        f.write_str(warning::lines(&self.warnings).trim_end())
    }
}
