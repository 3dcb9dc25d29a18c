//! The landscapes of the paper, polynomials for exact arithmetic, and l2 regularization of any landscape.

mod gaussian_fit;
mod instances;
mod l2;
mod lenet;
mod linear_screw;
mod logistic;
mod mean_estimation;
mod named;
mod polynomial;

pub use gaussian_fit::GaussianFit;
pub use instances::Precision;
pub use l2::{L2, L2Coefficient};
pub use lenet::LeNet;
pub use linear_screw::LinearScrew;
pub use logistic::Logistic;
pub use mean_estimation::MeanEstimation;
pub use named::{Named, UnknownLandscape};
pub use polynomial::{Polynomial, PolynomialError};
