//! Learning curves: power series in the learning rate η, whose coefficients are sums of exact coefficients times values of diagrams.

mod display;
mod pade;
mod polynomial;
mod range;
mod variance;

pub use pade::{Pade, PadeError};
pub use range::TRUSTED_PART;
pub use variance::VarianceError;

use diagram_calculus::coefficient::{Coefficient, CoefficientError, Parameters};
use diagram_calculus::value_class::ValueClass;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::scalar::Element;
use crate::values::{ValueError, Values};
use crate::warning::Warning;

/// A predicted quantity as a power series in the scalar learning rate η: `Σ_k coefficients[k] η^k + o(η^order)` (Theorem 1).
///
/// If the learning rate is η times a matrix, a [`LearningRate`](crate::learning_rate::LearningRate), the coefficients contain the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Series<T> {
    /// The coefficients of η^0, η^1, …, indexed `[order][component]`. There is one component, or P components for a displacement.
    pub coefficients: Vec<Vec<T>>,
    /// Independent estimates of the coefficients, indexed `[block][order][component]`. The list is empty if the values are exact.
    pub replicates: Vec<Vec<Vec<f64>>>,
    /// What to know about the predictions: the warnings of the values.
    pub warnings: Vec<Warning>,
}

/// A predicted number with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Prediction {
    /// The predicted number.
    pub value: f64,
    /// The standard error that is due to the sampling of the data, in the units of `value`; 0 if the values are exact. It does not include the error
    /// of truncating the series.
    pub standard_error: f64,
    /// The degrees of freedom of the standard error, one less than the number of blocks that it comes from; `None` if the values are exact.
    #[serde(default)]
    pub degrees_of_freedom: Option<usize>,
}

impl Prediction {
    /// A number without an error.
    pub fn exact(value: f64) -> Self {
        Prediction {
            value,
            standard_error: 0.0,
            degrees_of_freedom: None,
        }
    }

    /// Returns the ends of the interval that contains the expectation with this probability, by Student's t distribution. With few blocks it is much wider than the standard error suggests; where the
    /// numbers of single datapoints have heavy tails, it contains the expectation less often.
    ///
    /// # Panics
    /// If the probability is not between 0 and 1.
    pub fn interval(&self, probability: f64) -> [f64; 2] {
        assert!(
            probability > 0.0 && probability < 1.0,
            "a probability between 0 and 1"
        );
        let half = self.degrees_of_freedom.map_or(0.0, |freedom| {
            // One block tells nothing about the error.
            StudentsT::new(0.0, 1.0, freedom as f64).map_or(f64::INFINITY, |student| {
                student.inverse_cdf(f64::midpoint(1.0, probability)) * self.standard_error
            })
        });
        [self.value - half, self.value + half]
    }
}

/// The standard error of the mean of independent estimates; 0 if there are none.
fn standard_error(estimates: &[f64]) -> f64 {
    if estimates.is_empty() {
        return 0.0;
    }
    let count = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / count;
    (estimates.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (count - 1.0) / count).sqrt()
}

/// The degrees of freedom of the standard error of so many estimates.
fn degrees_of_freedom(estimates: usize) -> Option<usize> {
    estimates.checked_sub(1)
}

/// The reason why a series cannot be formed.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// The value of a class is missing.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A coefficient is not defined at the parameters of the schedule.
    #[error(transparent)]
    Parameters(#[from] CoefficientError),
}

impl<T: Element> Values<T> {
    /// Forms the series whose coefficient of η^k is the sum, over the classes of order k, of the exact coefficient times the value (Theorem 1).
    ///
    /// # Errors
    /// [`SeriesError::Value`] if a class was not evaluated; [`SeriesError::Parameters`] if a coefficient is not defined at the parameters.
    pub fn series(
        &self,
        coefficients: &[(ValueClass, Coefficient)],
        parameters: &Parameters,
    ) -> Result<Series<T>, SeriesError> {
        let orders = 1 + coefficients
            .iter()
            .map(|(class, _)| class.order())
            .max()
            .unwrap_or(0);
        let width = self.width(coefficients)?;
        let blocks = self
            .entries
            .iter()
            .map(|v| v.replicates.len())
            .max()
            .unwrap_or(0);
        let mut series = Series {
            coefficients: vec![vec![T::constant(0.0); width]; orders],
            replicates: vec![vec![vec![0.0; width]; orders]; blocks],
            warnings: self.warnings.clone(),
        };
        for (class, coefficient) in coefficients {
            let value = self.get(class)?;
            let weight = T::from_rational(&coefficient.evaluate(parameters)?);
            let approximate = weight.to_f64();
            let order = class.order();
            for (sum, x) in series.coefficients[order].iter_mut().zip(&value.estimate) {
                *sum += weight.clone() * x.clone();
            }
            for (block, replicate) in series.replicates.iter_mut().enumerate() {
                for (component, sum) in replicate[order].iter_mut().enumerate() {
                    let exact = || value.estimate[component].to_f64();
                    *sum += approximate
                        * value
                            .replicates
                            .get(block)
                            .map_or_else(exact, |r| r[component]);
                }
            }
        }
        Ok(series)
    }

    /// Returns the number of components of the values: that of the first class, or 1 if there are no classes.
    fn width(&self, coefficients: &[(ValueClass, Coefficient)]) -> Result<usize, ValueError> {
        match coefficients.first() {
            Some((class, _)) => Ok(self.get(class)?.estimate.len()),
            None => Ok(1),
        }
    }
}

impl<T: Element> Series<T> {
    /// Returns the highest power of η whose coefficient is known.
    pub fn order(&self) -> usize {
        self.coefficients.len() - 1
    }

    /// Returns the number of components: 1, or P for a displacement.
    pub fn components(&self) -> usize {
        self.coefficients.first().map_or(0, Vec::len)
    }

    /// Returns the series of one component of a displacement, that of the weight with this index.
    ///
    /// # Panics
    /// If there is no such component.
    #[must_use]
    pub fn component(&self, index: usize) -> Series<T> {
        let mut series = self.clone();
        for coefficient in &mut series.coefficients {
            *coefficient = vec![coefficient[index].clone()];
        }
        for coefficient in series.replicates.iter_mut().flatten() {
            *coefficient = vec![coefficient[index]];
        }
        series
    }

    /// Panics unless there is one component: that of a displacement's first weight is hardly ever what is meant.
    #[track_caller]
    fn assert_single(&self) {
        let components = self.components();
        assert_eq!(
            components, 1,
            "a series with {components} components has no single value: take one by `Series::component`, or project it by `Series::along`"
        );
    }

    /// Returns the series without the powers of η above `order`.
    #[must_use]
    pub fn truncate(&self, order: usize) -> Series<T> {
        let mut series = self.clone();
        series.coefficients.truncate(order + 1);
        for replicate in &mut series.replicates {
            replicate.truncate(order + 1);
        }
        series
    }

    /// Projects the series of a displacement on a direction: each coefficient becomes the dot product of its P components with `direction`. It scales
    /// with the length of `direction`.
    ///
    /// # Panics
    /// If `direction` does not have as many components as the series.
    #[must_use]
    pub fn along(&self, direction: &[T]) -> Series<T> {
        let numbers: Vec<f64> = direction.iter().map(Element::to_f64).collect();
        let project =
            |components: &Vec<f64>| vec![components.iter().zip(&numbers).map(|(a, b)| a * b).sum()];
        Series {
            coefficients: self
                .coefficients
                .iter()
                .map(|components| {
                    assert_eq!(
                        components.len(),
                        direction.len(),
                        "one component for each weight"
                    );
                    vec![diagram_algebra::dot::dot(components, direction)]
                })
                .collect(),
            replicates: self
                .replicates
                .iter()
                .map(|orders| orders.iter().map(project).collect())
                .collect(),
            warnings: self.warnings.clone(),
        }
    }

    /// Evaluates the series at a learning rate. A displacement has to be projected by [`Series::along`] first, or one of its components taken by [`Series::component`].
    ///
    /// The standard error is that of the mean of the replicates.
    ///
    /// # Panics
    /// If the series has several components.
    #[track_caller]
    pub fn at(&self, eta: f64) -> Prediction {
        self.sum(eta, 0)
    }

    /// Evaluates the change since η = 0: the series without the coefficient of η^0, as [`Series::at`] does. Where the change is small, its error is much smaller than that of the level.
    ///
    /// # Panics
    /// If the series has several components.
    #[track_caller]
    pub fn change_at(&self, eta: f64) -> Prediction {
        self.sum(eta, 1)
    }

    /// The sum of the terms from a power of η on.
    #[track_caller]
    fn sum(&self, eta: f64, first: usize) -> Prediction {
        self.assert_single();
        let sum = |coefficient: &dyn Fn(usize) -> f64| -> f64 {
            let terms = (first..self.coefficients.len()).rev();
            let sum = terms.fold(0.0, |sum, k| sum * eta + coefficient(k));
            sum * eta.powi(first as i32)
        };
        let estimates: Vec<f64> = self.replicates.iter().map(|r| sum(&|k| r[k][0])).collect();
        Prediction {
            value: sum(&|k| self.coefficients[k][0].to_f64()),
            standard_error: standard_error(&estimates),
            degrees_of_freedom: degrees_of_freedom(estimates.len()),
        }
    }
}
