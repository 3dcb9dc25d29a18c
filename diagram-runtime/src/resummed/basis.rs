//! The eigenbasis of ηH.

use faer::{Mat, Side};
use rayon::prelude::*;

use super::krylov;
use super::mean::mean_gradient;
use super::values::ResummedValueError;
use crate::derivatives::Derivatives;

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
    pub(super) fn new<D: Derivatives<f64> + ?Sized>(
        derivatives: &D,
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

fn all<D: Derivatives<f64> + ?Sized>(derivatives: &D) -> Result<Basis, ResummedValueError> {
    let dimension = derivatives.dimension();
    let columns: Vec<Vec<f64>> = (0..dimension)
        .into_par_iter()
        .map(|at| {
            let mut unit = vec![0.0; dimension];
            unit[at] = 1.0;
            mean_gradient(derivatives, &[&unit], &[1])
        })
        .collect();
    // Rounding differs between the two halves.
    let hessian = Mat::from_fn(dimension, dimension, |row, column| {
        0.5 * (columns[row][column] + columns[column][row])
    });
    let (curvatures, vectors) = eigen(&hessian)?;
    Ok(Basis {
        curvatures,
        vectors,
        left_out: None,
    })
}

/// Eigenvalues, ascending, and eigenvectors of a symmetric matrix.
pub(super) fn eigen(matrix: &Mat<f64>) -> Result<(Vec<f64>, Vec<Vec<f64>>), ResummedValueError> {
    let size = matrix.nrows();
    if matrix
        .col_iter()
        .any(|column| column.iter().any(|entry| !entry.is_finite()))
    {
        return Err(ResummedValueError::NotFinite("the Hessian"));
    }
    let eigen = matrix
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| ResummedValueError::NoEigenvalues)?;
    let values = (0..size).map(|mode| eigen.S()[mode]).collect();
    let vectors = (0..size).map(|mode| (0..size).map(|row| eigen.U()[(row, mode)]).collect());
    Ok((values, vectors.collect()))
}
