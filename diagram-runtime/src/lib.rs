//! The numerics of the diagram calculus: values of diagrams, learning curves, simulations of training, and data.
//!
//! This crate is the uppermost of three. `diagram-algebra` contains the scalar types, and `diagram-kernels` contains everything that is generic over
//! a landscape; this crate re-exports both. The code that it adds accesses a landscape only through two object-safe traits,
//! [`Derivatives`](derivatives::Derivatives) and [`Simulator`](simulate::Simulator). A change in it therefore does not recompile the kernels.
#![forbid(unsafe_code)]

mod averages;
pub mod checkpoint;
mod contraction;
pub mod criteria;
pub mod data;
pub mod derivatives;
pub mod draws;
mod eigen;
pub mod executor;
mod file;
mod fuse;
pub mod initialization;
pub mod interpret;
pub mod landscape;
pub mod optimized;
pub mod predictor;
pub mod program;
pub mod resummed;
pub mod series;
pub mod simulate;
pub mod table;
pub mod tensors;
pub mod values;
pub mod warning;

pub use diagram_algebra::{dual, exact, lanes, multidual, scalar, slab, taylor, weights};
pub use diagram_kernels::{
    device, graph, landscapes, layers, learning_rate, network, networks, recorded, samples,
};
