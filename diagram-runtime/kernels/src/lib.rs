//! Kernels: all code that is generic over a [`Landscape`](landscape::Landscape).
//!
//! Above this crate a landscape is one of two object-safe traits. [`Derivatives`](derivatives::Derivatives) are what plans ask of a landscape at one
//! weight with its samples; a [`Simulator`](simulator::Simulator) is what optimizers ask of it for many weights side by side. [`Named`](landscapes::Named)
//! landscapes are compiled here, once; the file `instances.rs` lists all that is.
#![forbid(unsafe_code)]

pub mod derivatives;
pub mod device;
mod instances;
pub mod landscape;
pub mod landscapes;
pub mod layers;
pub mod learning_rate;
mod rounded;
pub mod samples;
pub mod simulator;

use diagram_algebra::{dual, lanes, multidual, rows, scalar, slab, taylor, unroll, weights};
