//! Features of mean 0 and standard deviation 1.

use serde::{Deserialize, Serialize};

use super::fields::{Field, Values};
use super::problem::{ContentError, Place, Problem};

/// Whether features are standardized, and by which moments.
#[derive(Clone, Debug, PartialEq)]
pub enum Standardize {
    /// They stay as they are.
    Never,
    /// By their own mean and standard deviation.
    ByOwnMoments,
    /// By those of other data, such as the training set's for a test set.
    By(Standardization),
}

/// The moments of features: a feature x becomes (x - mean) / deviation. They are taken after features are multiplied by
/// [`scale`](super::Description::scale).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardization {
    /// The mean of each feature.
    pub means: Vec<f64>,
    /// The standard deviation of each feature, with the number of datapoints as divisor. It is 0 for a constant feature, which is only centred.
    pub deviations: Vec<f64>,
}

impl Standardization {
    /// The moments of all columns of the fields.
    pub(super) fn of(features: &[Field]) -> Result<Self, Box<ContentError>> {
        let mut found = Standardization {
            means: vec![],
            deviations: vec![],
        };
        for field in features {
            let Values::Numbers { width, numbers } = &field.values else {
                continue;
            };
            let moments = moments(*width, numbers);
            for (column, (mean, deviation)) in moments.into_iter().enumerate() {
                if !(mean.is_finite() && deviation.is_finite()) {
                    return Err(Place::Column(field.column_name(column)).has(Problem::Moments));
                }
                found.means.push(mean);
                found.deviations.push(deviation);
            }
        }
        Ok(found)
    }

    /// Standardizes all columns of the fields, which must be as many as there are means and deviations.
    pub(super) fn apply(&self, features: &mut [Field]) -> Result<(), Box<ContentError>> {
        let found = features.iter().map(Field::width).sum();
        let expected = self.means.len().min(self.deviations.len());
        if found != expected {
            return Err(Place::File.has(Problem::Standardization { found, expected }));
        }
        let mut start = 0;
        for field in features {
            let Values::Numbers { width, numbers } = &mut field.values else {
                continue;
            };
            let (means, deviations) = (&self.means[start..], &self.deviations[start..]);
            for row in numbers.chunks_exact_mut(*width) {
                for (column, number) in row.iter_mut().enumerate() {
                    *number -= means[column];
                    if deviations[column] > 0.0 {
                        *number /= deviations[column];
                    }
                }
            }
            start += *width;
        }
        Ok(())
    }
}

/// Mean and standard deviation of each column of a row-major matrix, by Welford's recursion, which cancels nothing. A constant column has exactly its
/// number as mean and the deviation 0.
fn moments(width: usize, numbers: &[f64]) -> Vec<(f64, f64)> {
    let mut means = vec![0.0; width];
    let mut squares = vec![0.0; width];
    let mut constant = vec![true; width];
    let rows = numbers.len() / width;
    for (index, row) in numbers.chunks_exact(width).enumerate() {
        for (column, &number) in row.iter().enumerate() {
            let offset = number - means[column];
            means[column] += offset / (index + 1) as f64;
            squares[column] += offset * (number - means[column]);
            constant[column] &= number == numbers[column];
        }
    }
    (0..width)
        .map(|column| {
            if constant[column] {
                (numbers[column], 0.0)
            } else {
                (means[column], (squares[column] / rows as f64).sqrt())
            }
        })
        .collect()
}
