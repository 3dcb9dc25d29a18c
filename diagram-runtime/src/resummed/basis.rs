//! The eigenbasis of ηH.

use super::krylov;
use super::values::ResummedValueError;
use crate::averages::mean_hessian;
use crate::derivatives::Derivatives;
use crate::eigen::{EigenError, eigen};

/// The eigenvectors of ηH along which propagators are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modes {
    /// All P eigenvectors. The Hessian is computed by P products with a vector, and diagonalised in about P³ operations. P may be at most 4,096.
    All,
    /// The eigenvectors whose eigenvalues have the largest absolute values, computed by a Krylov method from products of the mean Hessian with
    /// vectors. Along other directions H counts as 0; [`ResummedPrediction::truncation`](super::ResummedPrediction::truncation) estimates the error
    /// of that. If `count` is at least P, this is [`Modes::All`].
    Leading {
        /// The number of eigenvectors, at least 1.
        count: usize,
        /// The seed of the vector from which the method starts.
        seed: u64,
    },
}

/// The largest number of weights for which the whole Hessian is computed.
const MOST_WEIGHTS: usize = 4096;

/// Orthonormal eigenvectors of the mean Hessian in the coordinates of the derivatives, in which the matrix of the learning rate is the identity.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    /// The eigenvalues, in the order of the eigenvectors.
    pub(super) curvatures: Vec<f64>,
    /// The eigenvectors, P numbers each.
    pub(super) vectors: Vec<Vec<f64>>,
    /// The largest absolute value of an eigenvalue that is left out; `None` if the basis is complete.
    pub(super) left_out: Option<f64>,
}

impl Basis {
    pub(super) fn new(
        derivatives: &dyn Derivatives<f64>,
        modes: Modes,
    ) -> Result<Self, ResummedValueError> {
        let dimension = derivatives.dimension();
        match modes {
            Modes::Leading { count: 0, .. } => Err(ResummedValueError::NoModes),
            Modes::Leading { count, seed } if count < dimension => {
                krylov::leading(derivatives, count, seed)
            }
            Modes::All | Modes::Leading { .. } => {
                if dimension > MOST_WEIGHTS {
                    return Err(ResummedValueError::TooManyWeights {
                        dimension,
                        most: MOST_WEIGHTS,
                    });
                }
                all(derivatives)
            }
        }
    }

    /// Returns the components of a vector along the eigenvectors.
    pub(super) fn components(&self, vector: &[f64]) -> Vec<f64> {
        self.vectors
            .iter()
            .map(|mode| mode.iter().zip(vector).map(|(a, b)| a * b).sum())
            .collect()
    }
}

/// Returns the complete basis.
fn all(derivatives: &dyn Derivatives<f64>) -> Result<Basis, ResummedValueError> {
    let hessian = mean_hessian(derivatives)?;
    let (curvatures, vectors) = eigenbasis(hessian.len(), |row, column| hessian[row][column])?;
    Ok(Basis {
        curvatures,
        vectors,
        left_out: None,
    })
}

/// Returns the eigenvalues in ascending order and the eigenvectors of a symmetric matrix with `size` rows.
pub(super) fn eigenbasis(
    size: usize,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<(Vec<f64>, Vec<Vec<f64>>), ResummedValueError> {
    let (values, vectors) = eigen(size, entry).map_err(|error| match error {
        EigenError::NotFinite => ResummedValueError::NotFinite("the Hessian"),
        EigenError::NotFound => ResummedValueError::NoEigenvalues,
    })?;
    let vectors = vectors
        .col_iter()
        .map(|vector| vector.iter().copied().collect());
    Ok((values, vectors.collect()))
}
