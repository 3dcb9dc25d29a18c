//! Numerics of the diagram calculus: scalar algebras, landscapes, derivatives, values of diagrams, learning curves,
//! simulators and data.
#![deny(unsafe_code)]

pub mod data;
pub mod derivatives;
pub mod dual;
pub mod exact;
pub mod landscape;
pub mod landscapes;
pub mod lanes;
pub mod multidual;
pub mod network;
pub mod samples;
pub mod scalar;
pub mod simulate;
pub mod taylor;
