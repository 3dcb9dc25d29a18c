//! Numerics of the diagram calculus: values of diagrams, learning curves, simulators and data.
//!
//! The crate is the upper storey of three. `diagram-algebra` has the scalars, `diagram-kernels` all that is generic over a landscape; both are
//! re-exported here. What this crate adds knows a landscape only as [`Derivatives`](derivatives::Derivatives) or as a
//! [`Simulator`](simulate::Simulator), so that a change here compiles no kernel.
#![forbid(unsafe_code)]

mod averages;
mod contraction;
pub mod criteria;
pub mod data;
pub mod derivatives;
mod eigen;
pub mod executor;
pub mod interpret;
pub mod landscape;
pub mod predictor;
pub mod program;
pub mod resummed;
pub mod series;
pub mod simulate;
pub mod table;
pub mod tensors;
pub mod values;

pub use diagram_algebra::{dual, exact, lanes, multidual, scalar, slab, taylor, weights};
pub use diagram_kernels::{device, landscapes, layers, learning_rate, samples};
