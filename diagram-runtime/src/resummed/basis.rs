//! Bases of eigenvectors of ηH.

use super::error::ResummedValueError;
use crate::averages::mean_hessian;
use crate::derivatives::Derivatives;
use crate::eigen::{EigenError, eigen};

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
    /// Returns the components of a vector along the eigenvectors.
    pub(super) fn components(&self, vector: &[f64]) -> Vec<f64> {
        self.vectors
            .iter()
            .map(|mode| mode.iter().zip(vector).map(|(a, b)| a * b).sum())
            .collect()
    }
}

/// Returns the complete basis.
pub(super) fn all(derivatives: &dyn Derivatives<f64>) -> Result<Basis, ResummedValueError> {
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
