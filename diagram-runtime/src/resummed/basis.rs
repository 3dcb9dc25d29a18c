//! The eigenbasis of ηH.

use super::krylov;
use super::values::ResummedValueError;
use crate::averages::mean_hessian;
use crate::derivatives::Derivatives;
use crate::eigen::{EigenError, eigen};

/// Which eigenvectors of ηH are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modes {
    /// All P: the Hessian is made, by P products with a vector, and diagonalised, in about P³ operations.
    All,
    /// So many whose eigenvalues are the largest in size, by a Krylov method on products of the mean Hessian with vectors. Elsewhere H counts as 0;
    /// [`ResummedPrediction::truncation`](super::ResummedPrediction::truncation) estimates what that leaves out.
    Leading {
        /// How many.
        count: usize,
        /// Of the vector that the method starts from.
        seed: u64,
    },
}

/// Most weights for which a Hessian is made.
const MOST_WEIGHTS: usize = 4096;

/// Orthonormal eigenvectors of the mean Hessian in the coordinates of the derivatives, in which a learning rate that is a matrix is the identity.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    /// Eigenvalues, in the order of the vectors.
    pub(super) curvatures: Vec<f64>,
    /// P numbers each.
    pub(super) vectors: Vec<Vec<f64>>,
    /// The largest curvature, in size, that is left out; `None` if the basis is complete.
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

    /// The components of a vector.
    pub(super) fn components(&self, vector: &[f64]) -> Vec<f64> {
        self.vectors
            .iter()
            .map(|mode| mode.iter().zip(vector).map(|(a, b)| a * b).sum())
            .collect()
    }
}

fn all(derivatives: &dyn Derivatives<f64>) -> Result<Basis, ResummedValueError> {
    let hessian = mean_hessian(derivatives)?;
    let (curvatures, vectors) = eigenbasis(hessian.len(), |row, column| hessian[row][column])?;
    Ok(Basis {
        curvatures,
        vectors,
        left_out: None,
    })
}

/// Eigenvalues, ascending, and eigenvectors of a symmetric matrix of this size.
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
