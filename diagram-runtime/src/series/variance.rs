//! Variances over training runs, from moments.

use super::Series;
use crate::scalar::Element;

/// The reason why moments do not give a variance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VarianceError {
    /// The moments come from a sample, of which the square of an estimate is biased.
    #[error(
        "a variance needs exact values: the square of an estimate is not an estimate of the square"
    )]
    Estimated,
    /// The numbers of components differ.
    #[error("the second moment has {found} component(s), and the first {expected}")]
    Components {
        /// Those of the second moment.
        found: usize,
        /// Those of the first.
        expected: usize,
    },
}

impl<T: Element> Series<T> {
    /// The variance over training runs of the quantity with this expectation: its second moment minus the square of this series, up to the lower of both orders.
    ///
    /// ```
    /// use diagram_runtime::series::Series;
    ///
    /// let series = |coefficients: &[f64]| Series {
    ///     coefficients: coefficients.iter().map(|&c| vec![c]).collect(),
    ///     replicates: vec![],
    ///     warnings: vec![],
    /// };
    /// let (loss, square) = (series(&[2.0, -1.0, 0.5]), series(&[4.0, -4.0, 3.75]));
    /// // (2 - η + η²/2)² is 4 - 4 η + 3 η² + …
    /// assert_eq!(loss.variance(&square)?, series(&[0.0, 0.0, 0.75]));
    /// # Ok::<(), diagram_runtime::series::VarianceError>(())
    /// ```
    ///
    /// # Errors
    /// [`VarianceError`] if the values were estimated from a sample, or the series have other components.
    pub fn variance(&self, second_moment: &Series<T>) -> Result<Series<T>, VarianceError> {
        if !self.replicates.is_empty() || !second_moment.replicates.is_empty() {
            return Err(VarianceError::Estimated);
        }
        let (expected, found) = (self.components(), second_moment.components());
        if expected != found {
            return Err(VarianceError::Components { found, expected });
        }
        let orders = self
            .coefficients
            .len()
            .min(second_moment.coefficients.len());
        let of_order = |order: usize| {
            let component = |at: usize| {
                let mut sum = second_moment.coefficients[order][at].clone();
                for k in 0..=order {
                    let product =
                        self.coefficients[k][at].clone() * self.coefficients[order - k][at].clone();
                    sum += T::constant(-1.0) * product;
                }
                sum
            };
            (0..expected).map(component).collect()
        };
        let mut warnings = self.warnings.clone();
        for warning in &second_moment.warnings {
            if !warnings.contains(warning) {
                warnings.push(*warning);
            }
        }
        Ok(Series {
            coefficients: (0..orders).map(of_order).collect(),
            replicates: vec![],
            warnings,
        })
    }
}
