//! The landscapes of the paper, and polynomials for exact work.

mod gaussian_fit;
mod lenet;
mod logistic;
mod named;
mod polynomial;

pub use gaussian_fit::GaussianFit;
pub use lenet::{CifarLeNet, FashionLeNet, LeNet};
pub use logistic::{CifarLogistic, FashionLogistic, Logistic};
pub use named::{Named, Precision, UnknownLandscape};
pub use polynomial::{Polynomial, PolynomialError};
