//! The choice of the eigenvectors of ηH.

use super::basis::{self, Basis};
use super::error::ResummedValueError;
use super::krylov;
use crate::derivatives::Derivatives;

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

impl Modes {
    /// Returns the eigenvectors.
    pub(super) fn basis(
        self,
        derivatives: &dyn Derivatives<f64>,
    ) -> Result<Basis, ResummedValueError> {
        let dimension = derivatives.dimension();
        match self {
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
                basis::all(derivatives)
            }
        }
    }
}
