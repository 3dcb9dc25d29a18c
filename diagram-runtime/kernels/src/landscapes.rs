//! The landscapes of the paper, polynomials for exact arithmetic, and l2 regularization of any landscape.

mod gaussian_fit;
mod images;
mod instances;
mod l2;
mod linear_screw;
mod mean_estimation;
mod named;
mod polynomial;

pub use gaussian_fit::GaussianFit;
pub use images::{lenet, logistic};
pub use instances::Precision;
pub use l2::{L2, L2Coefficient};
pub use linear_screw::LinearScrew;
pub use mean_estimation::MeanEstimation;
pub use named::{Named, UnknownLandscape};
pub use polynomial::{Polynomial, PolynomialError};
