//! The errors of re-summed values.

use crate::device::DeviceError;
use crate::values::ValueError;

/// The reason why re-summed values cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum ResummedValueError {
    /// No eigenvectors were asked for.
    #[error("at least one mode is needed")]
    NoModes,
    /// There are too many weights to compute the whole Hessian.
    #[error(
        "{dimension} weights are more than the {most} of which a Hessian is diagonalised; ask for its leading modes"
    )]
    TooManyWeights {
        /// The number P of weights.
        dimension: usize,
        /// The largest number of weights that is allowed.
        most: usize,
    },
    /// A tensor is too large to be stored.
    #[error(
        "a tensor of {indices} indices in {modes} modes takes {numbers:.1e} numbers; ask for fewer modes, or lower the order"
    )]
    TooLarge {
        /// The number m of eigenvectors.
        modes: usize,
        /// The number of indices of the tensor.
        indices: usize,
        /// The number of numbers of the tensor, times the number of samples if it is stored for each sample.
        numbers: f64,
    },
    /// A number is NaN or infinite.
    #[error("{0} is not finite")]
    NotFinite(&'static str),
    /// The decomposition of the Hessian did not converge.
    #[error("the eigenvalues of the Hessian were not found")]
    NoEigenvalues,
    /// The Krylov method did not converge within the largest number of products.
    #[error(
        "after {products} products with the Hessian a leading eigenvector still has a residual of {residual:.1e} of the largest eigenvalue; ask for fewer modes"
    )]
    NotConverged {
        /// The number of products of the Hessian with a vector.
        products: usize,
        /// The largest residual of a wanted eigenvector, relative to the largest eigenvalue.
        residual: f64,
    },
    /// Diagrams of displacements were given together with diagrams of losses.
    #[error("displacements are vectors and do not add to losses: give diagrams of one kind")]
    MixedMeasures,
    /// The values of plain edges cannot be computed.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The derivatives cannot be computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
}
