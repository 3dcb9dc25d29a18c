//! The combinatorics of the diagram calculus for stochastic gradient descent, in exact arithmetic.
//!
//! The calculus expands the expected results of stochastic gradient descent (test loss, train loss, generalization gap, displacement, second moment
//! of the test loss) as power series in the learning rate η. Each term is given by a [`Diagram`], a rooted tree with a partition of its nodes, and
//! equals
//!
//! ```text
//! (embeddings of D into spacetime / |Aut D|) · value(D) / (-B)^edges
//! ```
//!
//! (Tenka, *A Space-Time Approach to Analyzing SGD*, Theorem 1). This crate
//!
//! - enumerates the diagrams ([`enumerate`]) and selects among them ([`filter`]);
//! - counts their embeddings into a [`Spacetime`](spacetime::Spacetime) as exact rational functions of the number of training points, the batch size
//!   and the number of epochs ([`coefficient`]);
//! - finds which diagrams share a value ([`value_class`]) and plans the computation of values ([`plan`]);
//! - puts these together to the expansion of a quantity ([`measure`]), combines expansions in different spacetimes ([`combination`]), and sorts them
//!   by powers of the inverse number of updates ([`asymptotics`]);
//! - sums over chains of Hessians ([`resummed`]);
//! - draws diagrams and describes them in formulas and words ([`picture`]).
//!
//! Nothing here evaluates a loss: numerical computation is the subject of the crate `diagram-runtime`.
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
pub mod laurent_polynomial;
pub mod measure;
pub mod optimizer;
pub mod outline;
mod partitions;
pub mod picture;
pub mod plan;
pub mod resummed;
pub mod spacetime;
pub mod value_class;

pub use diagram::Diagram;
pub use value_class::ValueClass;
