//! Numerics of the diagram calculus: scalar algebras, landscapes, derivatives, values of diagrams, learning curves,
//! simulators and data.
#![deny(unsafe_code)]

mod averages;
pub mod criteria;
pub mod data;
pub mod derivatives;
pub mod dual;
mod eigen;
pub mod exact;
pub mod interpret;
pub mod landscape;
pub mod landscapes;
pub mod lanes;
pub mod learning_rate;
pub mod machine;
pub mod multidual;
pub mod network;
pub mod predictor;
pub mod program;
pub mod resummed;
mod rows;
pub mod samples;
pub mod scalar;
pub mod series;
pub mod simulate;
pub mod table;
pub mod taylor;
mod unroll;
pub mod values;
pub mod weights;
