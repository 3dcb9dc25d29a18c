//! Combinatorics of the diagram calculus, exact throughout.
//!
//! The calculus expands what stochastic gradient descent does (test loss, train loss, generalization gap,
//! displacement, second moment of the test loss) in powers of the learning rate η. Each term is a [`Diagram`], a
//! rooted tree with a partition of its nodes, and contributes
//!
//! ```text
//! (embeddings of D into spacetime / |Aut D|) · value(D) / (-B)^edges
//! ```
//!
//! (Tenka, *A Space-Time Approach to Analyzing SGD*, Theorem 1). This crate enumerates the diagrams
//! ([`enumerate`]), counts their embeddings into a [`Spacetime`](spacetime::Spacetime) as exact rational functions
//! of the numbers of datapoints, batch size and epochs ([`coefficient`]), and finds which diagrams share a value
//! ([`value_class`]). [`measure`] puts the three together; [`set`] and [`filter`] say over which diagrams, [`resummed`] sums
//! chains of Hessians into their edges, [`combination`] compares spacetimes, [`asymptotics`] orders by powers of 1/T, and [`picture`]
//! draws diagrams and says what they mean. Nothing here looks at a landscape: numerics live in the
//! crate `diagram-runtime`.
//!
//! ```
//! use diagram_calculus::diagram::Diagram;
//!
//! let diagram: Diagram = "(01-02-13)(0-1-23)".parse()?;
//! assert_eq!((diagram.edges(), diagram.parts(), diagram.automorphisms()), (3, 3, 1));
//! # Ok::<(), diagram_calculus::diagram::NotationError>(())
//! ```
#![forbid(unsafe_code)]

pub mod asymptotics;
pub mod coefficient;
pub mod combination;
mod counts;
pub mod diagram;
pub mod enumerate;
pub mod filter;
pub mod measure;
pub mod outline;
mod partitions;
pub mod picture;
pub mod plan;
pub mod polynomial;
pub mod resummed;
pub mod set;
pub mod spacetime;
pub mod value_class;

pub use diagram::Diagram;
pub use value_class::ValueClass;
