//! The algebras that losses are evaluated in.
//!
//! A [`Scalar`](scalar::Scalar) is what a landscape is generic over. The numbers are [`f32`], [`f64`] or [`Exact`](exact::Exact) rationals, and the
//! registers of [`lanes`] hold several floats in their SIMD lanes. [`Dual`](dual::Dual) numbers, [`MultiDual`](multidual::MultiDual) numbers and
//! truncated [`Taylor`](taylor::Taylor) series carry derivatives over any of those. [`weights`] are lists of weights as layers read them, and a
//! [`Slab`](slab::Slab) is aligned memory for SIMD lanes.
#![deny(unsafe_code)]

pub mod dot;
pub mod dual;
pub mod exact;
mod float;
pub mod jet;
pub mod lanes;
pub mod multidual;
pub mod rows;
pub mod scalar;
pub mod slab;
pub mod taylor;
pub mod unroll;
pub mod weights;
