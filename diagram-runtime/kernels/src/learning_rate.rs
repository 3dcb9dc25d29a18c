//! Learning rates that differ between weights: an inverse metric `η^{μν} = η M^{μν}`.
//!
//! A series is a power series in the number η; M, symmetric and positive, says how fast the weights move relative to each other: a step is
//! `θ -= η M g`. In a diagram every edge contracts its two indices with M (Tenka, *A Space-Time Approach to Analyzing SGD*, section 2).
//!
//! With `M = L Lᵀ` that is plain descent in the weights φ of `θ = L φ`, and that is how it is computed: derivatives are taken along `L v` instead
//! of v, and gradients are multiplied by `Lᵀ` ([`LearningRate::on`]). Counts of embeddings do not depend on the learning rate.

use std::sync::Arc;

use diagram_algebra::dot::dot;

use crate::scalar::{Element, Scalar};

/// How fast each weight moves, as a multiple M of the scalar learning rate η; see the [module](self). M itself carries no η.
///
/// Clones share their numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRate<T> {
    metric: Metric<T>,
}

#[derive(Clone, Debug, PartialEq)]
enum Metric<T> {
    /// M = 1, in any number of weights.
    Scalar,
    /// M and L, P numbers each.
    Diagonal { metric: Arc<[T]>, factor: Arc<[T]> },
    /// M and L, P x P numbers each, row-major.
    Full {
        dimension: usize,
        metric: Arc<[T]>,
        factor: Arc<[T]>,
    },
}

/// No learning rate, or one for other weights.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LearningRateError {
    /// A row of a matrix that is not square.
    #[error(
        "a learning rate in {expected} weights has rows of {expected} numbers, but row {row} has {found}"
    )]
    Length {
        /// Which row.
        row: usize,
        /// Its numbers.
        found: usize,
        /// How many rows there are.
        expected: usize,
    },
    /// For another number of weights than the landscape has.
    #[error("the learning rate is for {found} weights, but the landscape has {expected}")]
    Dimension {
        /// The learning rate's.
        found: usize,
        /// P.
        expected: usize,
    },
    /// NaN or infinite (undefined, in exact arithmetic).
    #[error(
        "the learning rate has {value} at row {row}, column {column}; all its numbers must be finite"
    )]
    NotFinite {
        /// Row; of a diagonal, the index.
        row: usize,
        /// Column; of a diagonal, the index.
        column: usize,
        /// What is there.
        value: f64,
    },
    /// M does not equal its transpose, bit by bit.
    #[error(
        "the learning rate is not symmetric: {above} at row {row}, column {column}, but {below} at row {column}, column {row}; if that is rounding, give the average of both"
    )]
    NotSymmetric {
        /// Row of the number above the diagonal.
        row: usize,
        /// Its column.
        column: usize,
        /// The number above the diagonal.
        above: f64,
        /// The number below the diagonal.
        below: f64,
    },
    /// Zero or negative along some direction.
    #[error(
        "the learning rate is not positive: {pivot} at index {index}, after elimination of the weights before it"
    )]
    NotPositive {
        /// The first weight at which it shows.
        index: usize,
        /// What should be positive: an entry of a diagonal, a pivot of a matrix.
        pivot: f64,
    },
    /// The factor of a rational learning rate is irrational.
    #[error(
        "the learning rate needs the square root of {pivot} at index {index}, which is no number of its type; give a factor (`from_factor`) instead"
    )]
    NoRoot {
        /// The first weight at which it shows.
        index: usize,
        /// What has no root.
        pivot: f64,
    },
    /// The derivatives, or the descent, have a learning rate that is no scalar already.
    #[error("a learning rate is given already; give the product of both instead")]
    Twice,
}

impl<T: Element> LearningRate<T> {
    /// M = 1: all weights move alike. Does nothing, and costs nothing.
    pub fn scalar() -> Self {
        LearningRate {
            metric: Metric::Scalar,
        }
    }

    /// A learning rate for each weight, in units of η: P positive numbers.
    ///
    /// # Errors
    /// [`LearningRateError::NotFinite`], [`LearningRateError::NotPositive`]; in exact arithmetic [`LearningRateError::NoRoot`].
    pub fn diagonal(metric: Vec<T>) -> Result<Self, LearningRateError> {
        let mut factor = Vec::with_capacity(metric.len());
        for (index, number) in metric.iter().enumerate() {
            check_finite(number, index, index)?;
            factor.push(root(number, index)?);
        }
        Ok(LearningRate {
            metric: Metric::Diagonal {
                metric: metric.into(),
                factor: factor.into(),
            },
        })
    }

    /// A symmetric positive matrix, in units of η: P rows of P numbers.
    ///
    /// L is its Cholesky factor, in about P³/3 operations in numbers of type `T` on the calling thread. Every direction and every gradient is
    /// then multiplied by a matrix: 2 P² operations more for each.
    ///
    /// # Errors
    /// [`LearningRateError`]: the matrix is not square, finite, symmetric and positive, or its factor is irrational in exact arithmetic.
    pub fn matrix(rows: &[Vec<T>]) -> Result<Self, LearningRateError> {
        let metric = square(rows)?;
        let dimension = rows.len();
        for row in 0..dimension {
            for column in row + 1..dimension {
                let (above, below) = (&rows[row][column], &rows[column][row]);
                if above != below {
                    return Err(LearningRateError::NotSymmetric {
                        row,
                        column,
                        above: above.to_f64(),
                        below: below.to_f64(),
                    });
                }
            }
        }
        let factor = cholesky(&metric, dimension)?;
        Ok(LearningRate {
            metric: Metric::Full {
                dimension,
                metric: metric.into(),
                factor: factor.into(),
            },
        })
    }

    /// The matrix `M = L Lᵀ` of a square factor L, in units of √η: P rows of P numbers.
    ///
    /// Whether L is invertible is not checked. If it is not, weights never leave the range of L, and all that is computed stays right.
    ///
    /// # Errors
    /// [`LearningRateError::Length`], [`LearningRateError::NotFinite`].
    pub fn from_factor(rows: &[Vec<T>]) -> Result<Self, LearningRateError> {
        let factor = square(rows)?;
        let metric: Vec<T> = rows
            .iter()
            .flat_map(|left| rows.iter().map(|right| dot(left, right)))
            .collect();
        Ok(LearningRate {
            metric: Metric::Full {
                dimension: rows.len(),
                metric: metric.into(),
                factor: factor.into(),
            },
        })
    }

    /// Whether M is the identity because it was [made so](LearningRate::scalar).
    pub fn is_scalar(&self) -> bool {
        matches!(self.metric, Metric::Scalar)
    }

    /// P; `None` if it fits any number of weights.
    pub fn dimension(&self) -> Option<usize> {
        match &self.metric {
            Metric::Scalar => None,
            Metric::Diagonal { metric, .. } => Some(metric.len()),
            Metric::Full { dimension, .. } => Some(*dimension),
        }
    }

    /// A number of M.
    ///
    /// # Panics
    /// If row or column is not below P.
    pub fn entry(&self, row: usize, column: usize) -> T {
        let diagonal = row == column;
        match &self.metric {
            Metric::Scalar => T::constant(f64::from(u8::from(diagonal))),
            Metric::Diagonal { metric, .. } if diagonal => metric[row].clone(),
            Metric::Diagonal { metric, .. } => {
                assert!(row.max(column) < metric.len(), "no such weight");
                T::constant(0.0)
            }
            Metric::Full {
                dimension, metric, ..
            } => metric[row * dimension..(row + 1) * dimension][column].clone(),
        }
    }

    /// Whether it is for so many weights, which have no other learning rate already.
    pub(crate) fn check_fits(
        &self,
        expected: usize,
        already: Option<&LearningRate<T>>,
    ) -> Result<(), LearningRateError> {
        match self.dimension() {
            Some(found) if found != expected => {
                Err(LearningRateError::Dimension { found, expected })
            }
            Some(_) if already.is_some() => Err(LearningRateError::Twice),
            None | Some(_) => Ok(()),
        }
    }

    /// Floating point operations that the change of coordinates adds to a gradient.
    pub(crate) fn flops(&self) -> f64 {
        match &self.metric {
            Metric::Scalar => 0.0,
            Metric::Diagonal { metric, .. } => metric.len() as f64,
            Metric::Full { metric, .. } => 2.0 * metric.len() as f64,
        }
    }

    /// Directions in φ, some times P numbers, as directions in θ: L v for each.
    pub fn to_theta(&self, directions: &[T]) -> Vec<T> {
        match &self.metric {
            Metric::Full {
                dimension, factor, ..
            } if *dimension > 0 => directions
                .chunks(*dimension)
                .flat_map(|v| factor.chunks(*dimension).map(move |row| dot(row, v)))
                .collect(),
            Metric::Diagonal { factor, .. } => directions
                .iter()
                .zip(factor.iter().cycle())
                .map(|(x, l)| x.clone() * l.clone())
                .collect(),
            Metric::Scalar | Metric::Full { .. } => directions.to_vec(),
        }
    }

    /// Turns gradients in θ, some times P numbers, into gradients in φ: Lᵀ g for each.
    pub(crate) fn pull_back(&self, gradients: &mut [T]) {
        match &self.metric {
            Metric::Full {
                dimension, factor, ..
            } if *dimension > 0 => {
                let mut sum = vec![T::constant(0.0); *dimension];
                for gradient in gradients.chunks_mut(*dimension) {
                    sum.fill(T::constant(0.0));
                    // Row by row, as L lies in memory.
                    for (row, g) in factor.chunks(*dimension).zip(&*gradient) {
                        for (sum, l) in sum.iter_mut().zip(row) {
                            sum.add_product(l, g);
                        }
                    }
                    gradient.clone_from_slice(&sum);
                }
            }
            Metric::Diagonal { factor, .. } => {
                for (g, l) in gradients.iter_mut().zip(factor.iter().cycle()) {
                    *g = g.clone() * l.clone();
                }
            }
            Metric::Scalar | Metric::Full { .. } => {}
        }
    }

    /// `M · gradient`, in double precision.
    pub fn raise(&self, gradient: &[f64]) -> Vec<f64> {
        let product = |m: &[T]| -> f64 {
            let terms = m.iter().zip(gradient);
            terms.map(|(m, slope)| m.to_f64() * slope).sum()
        };
        match &self.metric {
            Metric::Scalar => gradient.to_vec(),
            Metric::Diagonal { metric, .. } => metric
                .iter()
                .zip(gradient)
                .map(|(m, slope)| m.to_f64() * slope)
                .collect(),
            Metric::Full {
                dimension, metric, ..
            } => metric.chunks((*dimension).max(1)).map(product).collect(),
        }
    }

    /// `theta += step · M · gradient`. Loops alone, so that all of it is vector code.
    #[inline(always)]
    pub fn descend<A: Scalar<Element = T>>(&self, step: &T, gradient: &[A], theta: &mut [A]) {
        match &self.metric {
            Metric::Scalar => {
                for (weight, slope) in theta.iter_mut().zip(gradient) {
                    weight.add_scaled(slope, step);
                }
            }
            Metric::Diagonal { metric, .. } => {
                for ((weight, slope), m) in theta.iter_mut().zip(gradient).zip(&**metric) {
                    weight.add_scaled(slope, &(step.clone() * m.clone()));
                }
            }
            Metric::Full {
                dimension, metric, ..
            } => {
                for (at, weight) in theta.iter_mut().enumerate() {
                    let mut raised = A::constant(0.0);
                    let row = &metric[at * dimension..(at + 1) * dimension];
                    for (slope, m) in gradient.iter().zip(row) {
                        raised.add_scaled(slope, m);
                    }
                    weight.add_scaled(&raised, step);
                }
            }
        }
    }
}

fn check_finite<T: Element>(
    number: &T,
    row: usize,
    column: usize,
) -> Result<(), LearningRateError> {
    if number.is_finite() {
        return Ok(());
    }
    Err(LearningRateError::NotFinite {
        row,
        column,
        value: number.to_f64(),
    })
}

/// The numbers of a square matrix, row-major.
fn square<T: Element>(rows: &[Vec<T>]) -> Result<Vec<T>, LearningRateError> {
    let expected = rows.len();
    for (at, row) in rows.iter().enumerate() {
        if row.len() != expected {
            return Err(LearningRateError::Length {
                row: at,
                found: row.len(),
                expected,
            });
        }
        for (column, number) in row.iter().enumerate() {
            check_finite(number, at, column)?;
        }
    }
    Ok(rows.concat())
}

/// The square root of what must be positive.
fn root<T: Element>(pivot: &T, index: usize) -> Result<T, LearningRateError> {
    let value = pivot.to_f64();
    // NaN is not positive either: a pivot can overflow.
    if !pivot.is_finite() || *pivot <= T::constant(0.0) {
        return Err(LearningRateError::NotPositive {
            index,
            pivot: value,
        });
    }
    let root = pivot.clone().sqrt();
    if !root.is_finite() {
        return Err(LearningRateError::NoRoot {
            index,
            pivot: value,
        });
    }
    Ok(root)
}

/// The lower triangular L with positive diagonal and `L Lᵀ = M`, row by row (Cholesky–Banachiewicz); zeros above the diagonal.
///
/// Written here since it must do for any number type: libraries of linear algebra know floats alone.
fn cholesky<T: Element>(metric: &[T], p: usize) -> Result<Vec<T>, LearningRateError> {
    let mut factor = vec![T::constant(0.0); p * p];
    for row in 0..p {
        for column in 0..=row {
            let (left, right) = (row * p, column * p);
            let known = dot(&factor[left..left + column], &factor[right..right + column]);
            let rest = metric[left + column].clone() - known;
            factor[left + column] = if column == row {
                root(&rest, row)?
            } else {
                rest / factor[right + column].clone()
            };
        }
    }
    Ok(factor)
}
