//! Kernels: all code that is generic over a [`Landscape`](landscape::Landscape).
//!
//! The crates above this one know a landscape by two object-safe traits. [`Derivatives`](derivatives::Derivatives) has what plans ask of a landscape at
//! one weight vector with its samples; a [`Simulator`](simulator::Simulator) has what optimizers ask of it for several trials at once, one in each SIMD
//! lane. The kernels of [`Named`](landscapes::Named) landscapes are compiled in this crate; the file `landscapes/instances.rs` lists them.
#![forbid(unsafe_code)]

pub mod derivatives;
pub mod device;
pub mod graph;
pub mod landscape;
pub mod landscapes;
pub mod layers;
pub mod learning_rate;
pub mod network;
pub mod recorded;
mod rounded;
pub mod samples;
pub mod simulator;

pub use diagram_networks as networks;

use diagram_algebra::{dual, lanes, multidual, rows, scalar, slab, taylor, unroll, weights};
