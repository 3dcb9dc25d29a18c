//! Learning rates that differ between weights: an inverse metric `η^{μν} = η M^{μν}`.
//!
//! Predictions are power series in the number η. The symmetric and positive semidefinite matrix M says how fast the weights move relative to each other: a step is
//! `θ -= η M g`. In a diagram every edge contracts its two indices with M (Tenka, *A Space-Time Approach to Analyzing SGD*, section 2).
//!
//! With `M = L Lᵀ` this is plain gradient descent in the coordinates φ of `θ = L φ`, and it is computed in that way: derivatives are taken along `L v`
//! instead of v, and gradients are multiplied by `Lᵀ` ([`LearningRate::on`]). The counts of embeddings do not depend on the learning rate.

mod by_layer;

use std::sync::Arc;

pub use by_layer::{LayerRateError, learning_rates};
use diagram_algebra::dot::dot;

use crate::scalar::{Element, Scalar};

/// The matrix M that multiplies the scalar learning rate η; see the [module](self). M does not contain η.
///
/// Clones share the memory of their numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningRate<T> {
    metric: Metric<T>,
}

/// M together with its factor L.
#[derive(Clone, Debug, PartialEq)]
enum Metric<T> {
    /// M is the identity, for any number of weights.
    Scalar,
    /// The diagonals of M and L, P numbers each.
    Diagonal { metric: Arc<[T]>, factor: Arc<[T]> },
    /// The matrices M and L, P x P numbers each, row-major.
    Full {
        dimension: usize,
        metric: Arc<[T]>,
        factor: Arc<[T]>,
    },
}

/// The reason why numbers do not make a learning rate, or why it does not fit a landscape.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LearningRateError {
    /// The matrix is not square.
    #[error(
        "a learning rate in {expected} weights has rows of {expected} numbers, but row {row} has {found}"
    )]
    Length {
        /// The index of the first row of another length.
        row: usize,
        /// The length of that row.
        found: usize,
        /// The number of rows.
        expected: usize,
    },
    /// The learning rate is for another number of weights than the landscape has.
    #[error("the learning rate is for {found} weights, but the landscape has {expected}")]
    Dimension {
        /// The number of weights of the learning rate.
        found: usize,
        /// The number P of weights of the landscape.
        expected: usize,
    },
    /// A number is NaN or infinite, or undefined in exact arithmetic.
    #[error(
        "the learning rate has {value} at row {row}, column {column}; all its numbers must be finite"
    )]
    NotFinite {
        /// The row of the number, or its index in a diagonal.
        row: usize,
        /// The column of the number, or its index in a diagonal.
        column: usize,
        /// The number; NaN if it is undefined.
        value: f64,
    },
    /// M does not equal its transpose. The numbers are compared without a tolerance.
    #[error(
        "the learning rate is not symmetric: {above} at row {row}, column {column}, but {below} at row {column}, column {row}; if that is rounding, give the average of both"
    )]
    NotSymmetric {
        /// The row of the number above the diagonal.
        row: usize,
        /// The column of the number above the diagonal.
        column: usize,
        /// The number above the diagonal.
        above: f64,
        /// The number below the diagonal.
        below: f64,
    },
    /// M is zero or negative along some direction.
    #[error(
        "the learning rate is not positive: {pivot} at index {index}, after elimination of the weights before it"
    )]
    NotPositive {
        /// The index of the first weight at which this is found.
        index: usize,
        /// The number that should be positive: an entry of a diagonal, or a pivot of a matrix.
        pivot: f64,
    },
    /// The factor of a rational learning rate is irrational.
    #[error(
        "the learning rate needs the square root of {pivot} at index {index}, which is no number of its type; give a factor (`from_factor`) instead"
    )]
    NoRoot {
        /// The index of the first weight at which this is found.
        index: usize,
        /// The number that has no square root of its type.
        pivot: f64,
    },
    /// The derivatives, or the simulated landscape, already have a learning rate that is not a scalar.
    #[error("a learning rate is given already; give the product of both instead")]
    Twice,
}

impl<T: Element> LearningRate<T> {
    /// The identity M = 1, for any number of weights. Derivatives and simulations with it are those without it.
    pub fn scalar() -> Self {
        LearningRate {
            metric: Metric::Scalar,
        }
    }

    /// The diagonal matrix M that has a learning rate for each weight, in units of η: P numbers, none of which is negative. A weight with the learning rate 0
    /// is frozen: it keeps its initial value, and no derivative with respect to it counts.
    ///
    /// It takes 2 P numbers of memory, and P operations for each direction and each gradient. [`learning_rates`] makes such a diagonal for the layers of a
    /// network.
    ///
    /// # Errors
    /// [`LearningRateError::NotFinite`]; [`LearningRateError::NotPositive`] if a number is negative; in exact arithmetic [`LearningRateError::NoRoot`].
    pub fn diagonal(metric: Vec<T>) -> Result<Self, LearningRateError> {
        let mut factor = Vec::with_capacity(metric.len());
        for (index, number) in metric.iter().enumerate() {
            check_finite(number, index, index)?;
            let frozen = *number == T::constant(0.0);
            factor.push(if frozen {
                T::constant(0.0)
            } else {
                root(number, index)?
            });
        }
        Ok(LearningRate {
            metric: Metric::Diagonal {
                metric: metric.into(),
                factor: factor.into(),
            },
        })
    }

    /// A symmetric positive matrix M, in units of η: P rows of P numbers.
    ///
    /// L is its Cholesky factor, which takes about P³/3 operations in numbers of type `T` on the calling thread. Every direction and every gradient is
    /// later multiplied by a matrix, which takes 2 P² operations for each.
    ///
    /// # Errors
    /// [`LearningRateError`] if the matrix is not square, finite, symmetric and positive, or if its factor is irrational in exact arithmetic.
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
    /// L need not be invertible. If it is not, M is positive semidefinite, and steps stay in the range of L.
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

    /// Whether M was made as the identity by [`LearningRate::scalar`]. Other matrices are not compared with the identity.
    pub fn is_scalar(&self) -> bool {
        matches!(self.metric, Metric::Scalar)
    }

    /// Whether M was made as a diagonal by [`LearningRate::diagonal`].
    pub fn is_diagonal(&self) -> bool {
        matches!(self.metric, Metric::Diagonal { .. })
    }

    /// The number P of weights; `None` if M fits any number of weights.
    pub fn dimension(&self) -> Option<usize> {
        match &self.metric {
            Metric::Scalar => None,
            Metric::Diagonal { metric, .. } => Some(metric.len()),
            Metric::Full { dimension, .. } => Some(*dimension),
        }
    }

    /// The number of M at the given row and column.
    ///
    /// # Panics
    /// If the row or the column is not below P.
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

    /// Checks that M fits `expected` weights, and that these do not already have a learning rate if M is not a scalar.
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

    /// The number of floating point operations that the change of coordinates adds to a gradient.
    pub(crate) fn flops(&self) -> f64 {
        match &self.metric {
            Metric::Scalar => 0.0,
            Metric::Diagonal { metric, .. } => metric.len() as f64,
            Metric::Full { metric, .. } => 2.0 * metric.len() as f64,
        }
    }

    /// Converts directions in φ to directions in θ: L v for each direction v of the row-major table, which has P columns.
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

    /// Converts gradients in θ to gradients in φ: Lᵀ g for each gradient g of the row-major table, which has P columns.
    pub(crate) fn pull_back(&self, gradients: &mut [T]) {
        match &self.metric {
            Metric::Full {
                dimension, factor, ..
            } if *dimension > 0 => {
                let mut sum = vec![T::constant(0.0); *dimension];
                for gradient in gradients.chunks_mut(*dimension) {
                    sum.fill(T::constant(0.0));
                    // The sum goes over the rows of L, in the order of memory.
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

    /// The product `M · gradient`, in double precision.
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

    /// `theta += step · M · gradient`. It is inlined and made of loops without closures, so that it becomes vector code in its callers.
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

/// Checks that a number is finite.
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

/// The numbers of a square matrix, row-major, if it is square and finite.
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

/// The square root of a pivot, which must be positive.
fn root<T: Element>(pivot: &T, index: usize) -> Result<T, LearningRateError> {
    let value = pivot.to_f64();
    // A pivot can be infinite or NaN, because the elimination can overflow.
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

/// The Cholesky factor of M: the lower triangular L with a positive diagonal and `L Lᵀ = M`, computed row by row (Cholesky–Banachiewicz algorithm).
///
/// It is generic in the number type, because exact rationals need it too.
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
