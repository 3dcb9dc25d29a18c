//! The algebras that losses are evaluated in.
//!
//! A [`Scalar`](scalar::Scalar) is what a landscape is generic over. Numbers are [`f32`], [`f64`] or [`Exact`](exact::Exact); [`lanes`] hold several
//! of them in SIMD registers; [`Dual`](dual::Dual), [`MultiDual`](multidual::MultiDual) and [`Taylor`](taylor::Taylor) carry derivatives over any of
//! those. [`weights`] are lists of weights as layers read them, and a [`Slab`](slab::Slab) is memory for lanes.
#![deny(unsafe_code)]

pub mod dot;
pub mod dual;
pub mod exact;
pub mod jet;
pub mod lanes;
pub mod multidual;
pub mod rows;
pub mod scalar;
pub mod slab;
pub mod taylor;
pub mod unroll;
pub mod weights;
