//! Combinatorics of the diagram calculus, exact throughout.
#![forbid(unsafe_code)]

pub mod coefficient;
pub mod diagram;
pub mod enumerate;
pub mod measure;
pub mod polynomial;
pub mod spacetime;
pub mod value_class;
mod counts;
