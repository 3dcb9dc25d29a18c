//! Diagram calculus for stochastic gradient descent: declared, checked and compiled predictors.
#![forbid(unsafe_code)]

pub use diagram_calculus as calculus;
pub use diagram_macros::diagrams;
pub use diagram_runtime as runtime;
