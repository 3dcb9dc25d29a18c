//! The meaning of diagrams: values as tensor expressions, and diagrams as sentences.
//!
//! [`expression`] writes the *value* of a diagram, independently of how it is computed, which
//! [`Plan::expression`](crate::plan::Plan::expression) writes. A value depends only on the unrooted tree, and two values have the same expression if and
//! only if they are equal. [`sentence`] describes the rooted tree: which update influences which later one.
//!
//! The notation (sections 1.4 and 2.2 of Tenka, *A Space-Time Approach to Analyzing SGD*):
//!
//! | written | meaning |
//! | --- | --- |
//! | `l`, `G`, `H`, `J`, `∇⁴l`, … | the test loss and its derivatives: a node alone in its part |
//! | `l_n`, `g_n`, `h_n`, `j_n`, `∇⁴l_n`, … | the loss of datapoint n and its derivatives: nodes that share a part |
//! | `E[…]` | expectation over the independent datapoints n, m, … inside |
//! | `G H G`, `H G` | contraction of neighbours: a number if both ends are gradients, else a vector |
//! | `J[u, v, w]`, `J[u, v]` | a derivative contracted with vectors: a number, or a vector if one index is left |
//! | `η³` | three contractions with the learning rate |
//!
//! Terms of [re-summed](crate::resummed) measures have a [`resummed_expression`] and a [`resummed_sentence`] of their own:
//!
//! | written | meaning |
//! | --- | --- |
//! | `δl_n`, `δg_n`, `δh_n`, `δj_n`, `δ∇⁴l_n`, … | the loss of datapoint n and its derivatives minus their means: nodes that share a part |
//! | `K` | an edge: the propagator (I - ηH)^(Δt-1) η from a child to its parent, Δt updates later |

mod expression;
mod resummed;
mod sentence;

pub use expression::{Notation, expression, outlined};
pub use resummed::resummed_expression;
pub use sentence::{resummed_sentence, sentence, sentence_for};

/// The names of datapoints. At most 18 parts have several nodes or an outline.
const DATAPOINTS: [&str; 18] = [
    "n", "m", "k", "q", "r", "s", "u", "v", "w", "x", "y", "z", "a", "b", "c", "d", "e", "f",
];

/// The name of the datapoint with this number.
fn datapoint(mark: usize) -> &'static str {
    DATAPOINTS[mark % DATAPOINTS.len()]
}
