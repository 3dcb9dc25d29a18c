//! Eigenvalues and eigenvectors of symmetric matrices.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{ColRef, Mat, Par, Spec};

/// The reason why a matrix has not been decomposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EigenError {
    /// An entry is NaN or infinite.
    NotFinite,
    /// The algorithm did not converge.
    NotFound,
}

/// Returns the eigenvalues in ascending order, and the eigenvectors as the columns of a matrix.
///
/// The mean of `entry(i, j)` and `entry(j, i)` is decomposed, because rounding makes the two differ.
pub(crate) fn eigen(
    size: usize,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<(Vec<f64>, Mat<f64>), EigenError> {
    let matrix = Mat::from_fn(size, size, |i, j| f64::midpoint(entry(i, j), entry(j, i)));
    let mut entries = matrix.col_iter().flat_map(ColRef::iter);
    if !entries.all(|entry| entry.is_finite()) {
        return Err(EigenError::NotFinite);
    }
    let mut values = Diag::zeros(size);
    let mut vectors = Mat::zeros(size, size);
    // The decomposition runs on one thread, so that its result is the same bits on any number of threads.
    let scratch =
        self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    self_adjoint_evd(
        matrix.as_ref(),
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Spec::default(),
    )
    .map_err(|_| EigenError::NotFound)?;
    Ok(((0..size).map(|mode| values[mode]).collect(), vectors))
}
