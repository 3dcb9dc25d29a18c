//! Re-summation: expansions over diagrams whose edges stand for sums over all chains of Hessians.
//!
//! Every derivative of the loss of a datapoint is its mean plus noise. In a sum over trees of mean nodes and noise nodes, the chains of mean nodes of
//! degree 2, which are Hessians, add up to an edge with the propagator
//!
//! ```text
//! K(Δt) = (I - ηH)^(Δt-1) η
//! ```
//!
//! where Δt is the difference of the times of the two nodes (Theorem 2 of Tenka, *A Space-Time Approach to Analyzing SGD*, in the form that is exact at
//! every order, without neglecting products of noise terms). The sum is then over the [irreducible](crate::filter::Filter::Irreducible) diagrams, with
//! the following meaning:
//!
//! - A node that is alone in its part is a *mean* node, a derivative of the test loss. It has a time but no row, and if it is not a root its degree is
//!   not 2.
//! - Tied nodes are *noise* nodes, derivatives of `l_n - l` at one datapoint n. The part stands for their joint moment. They are on cells, with weight
//!   1/B each; the nodes of one part are on the same row, and different parts are on different rows.
//! - An edge from time t to a later time t' stands for `K(t' - t)`. The root is at time T. The weight of the diagram is `(-1)^edges / |Aut|`.
//!
//! Up to η^d the sum over the diagrams with at most d edges equals the series of Theorem 1, value by value, as [`expand_resummed`] computes it. The sum
//! also contains terms of all higher orders in the Hessian, and it remains finite for any T at fixed ηT if H is positive.
//!
//! The diagrams without noise add up to gradient descent on the test loss, the *noiseless path*. The others are the excess of the expectation of SGD.
//!
//! In the eigenbasis of ηH the propagator of an edge is a power x^(Δt - 1) of the number x = 1 - ηh, apart from the factor η. The sum over all
//! embeddings is a polynomial in the x of the edges, an [`EmbeddingSum`]. Where updates repeat, the work of its evaluation is logarithmic in T.
//! [`Generator`] describes the limit of many small steps.

mod automaton;
mod course;
mod embedding_sum;
mod expand;
mod generator;
mod powers;
mod rational_algebra;
mod truncated_polynomial;

pub use course::{Course, CourseError};
pub use embedding_sum::EmbeddingSum;
pub use expand::expand_resummed;
pub use generator::{Generator, NoContinuum};
pub use rational_algebra::RationalAlgebra;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::diagram::Diagram;
use crate::enumerate;
use crate::filter::Filter;
use crate::measure::Measure;
use crate::value_class::ValueClass;

/// A diagram as a term of a re-summed measure; see the [module](self).
///
/// In a generalization gap the root is a noise node: it is tied to the nodes of the training point on which the loss is measured. The train loss has the
/// terms of the test loss and, with the opposite sign, those of the gap.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResummedDiagram {
    measure: Measure,
    diagram: Diagram,
}

/// Why a diagram is not a term of a re-summed measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResummedError {
    /// The measure is the second moment, which is not re-summed.
    #[error(
        "the {0} is not re-summed; there are test loss, train loss, generalization gap and displacement"
    )]
    Measure(Measure),
    /// The diagram does not have exactly one root.
    #[error("{0} has more than one root")]
    Roots(Diagram),
    /// The diagram has a mean node of degree 2.
    #[error(
        "{diagram} is not irreducible: node {node} is not tied and has degree 2, so that the propagator of its edges counts it already"
    )]
    Reducible {
        /// The diagram.
        diagram: Diagram,
        /// The first such node.
        node: usize,
    },
    /// The root is tied although it is a mean node in this measure, or untied although it is a noise node.
    #[error("the root of {diagram} is {}; in a re-summed {measure} it is {}", tied(*.is_tied), tied(!.is_tied))]
    RootTie {
        /// The diagram.
        diagram: Diagram,
        /// The measure.
        measure: Measure,
        /// Whether its root is tied.
        is_tied: bool,
    },
    /// The root of a displacement's diagram has more than one child, or none.
    #[error(
        "the root of {diagram} has degree {degree}; in a displacement its index is left open, so it has degree 1"
    )]
    RootDegree {
        /// The diagram.
        diagram: Diagram,
        /// The degree of its root.
        degree: usize,
    },
}

fn tied(tied: bool) -> &'static str {
    if tied { "tied" } else { "not tied" }
}

impl ResummedDiagram {
    /// A diagram as a term of a measure.
    ///
    /// # Errors
    /// [`ResummedError`] if the diagram is not a term of the measure.
    pub fn new(measure: Measure, diagram: Diagram) -> Result<Self, ResummedError> {
        if measure == Measure::SecondMoment {
            return Err(ResummedError::Measure(measure));
        }
        if diagram.roots() != 1 {
            return Err(ResummedError::Roots(diagram));
        }
        if let Some(node) = (1..diagram.nodes())
            .find(|&node| !is_noise(&diagram, node) && diagram.children(node).count() == 1)
        {
            return Err(ResummedError::Reducible { diagram, node });
        }
        let is_tied = is_noise(&diagram, 0);
        let fits = match measure {
            Measure::GeneralizationGap => is_tied,
            Measure::TrainLoss => true,
            Measure::TestLoss | Measure::Displacement | Measure::SecondMoment => !is_tied,
        };
        if !fits {
            return Err(ResummedError::RootTie {
                diagram,
                measure,
                is_tied,
            });
        }
        let degree = diagram.children(0).count();
        if measure == Measure::Displacement && degree != 1 {
            return Err(ResummedError::RootDegree { diagram, degree });
        }
        Ok(ResummedDiagram { measure, diagram })
    }

    /// The diagram.
    pub fn diagram(&self) -> &Diagram {
        &self.diagram
    }

    /// The measure of which it is a term.
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// Whether a node is a noise node; otherwise it is a mean node.
    pub fn is_noise(&self, node: usize) -> bool {
        is_noise(&self.diagram, node)
    }

    /// Whether all nodes are mean nodes, so that the diagram is a term of the noiseless path.
    pub fn is_noiseless(&self) -> bool {
        self.diagram.parts() == self.diagram.nodes()
    }

    /// Whether no part has more than two nodes. Gaussian noise with the same covariances has the same terms of this kind.
    pub fn is_gaussian(&self) -> bool {
        !Filter::NonGaussian.admits(&self.diagram.clone().into())
    }

    /// Whether the diagram has an embedding into the course.
    pub fn embeds(&self, course: &Course) -> bool {
        // Every embedding contributes a positive number to this sum.
        EmbeddingSum::<f64>::new(self, course).at(&vec![1.0; self.diagram.edges()]) > 0.0
    }

    /// The value of the diagram without propagators (x = 1 for every edge), as a signed sum of value classes. In each summand every noise node is either
    /// tied to others of its part or, with a minus sign, a mean node.
    pub fn plain_values(&self) -> Vec<(ValueClass, i64)> {
        expand::plain_values(self)
    }

    /// The factor `±(-1)^edges / |Aut|` of the term, by which the product of an [`EmbeddingSum`] and a value is multiplied. The sign is minus for the
    /// generalization gap, plus otherwise.
    pub fn weight(&self) -> BigRational {
        let odd = self.diagram.edges() % 2 == 1;
        let minus = odd != (self.measure == Measure::GeneralizationGap);
        let sign = if minus { -1 } else { 1 };
        BigRational::new(
            BigInt::from(sign),
            BigInt::from(self.diagram.automorphisms()),
        )
    }
}

fn is_noise(diagram: &Diagram, node: usize) -> bool {
    diagram.members(diagram.part(node)).count() > 1
}

/// All diagrams of a re-summed measure with up to `max_edges` edges, including those without noise, fewest edges first. The second moment has none.
///
/// ```
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::resummed::resummed_for;
///
/// let noisy: Vec<String> = resummed_for(Measure::TestLoss, 2)
///     .iter()
///     .filter(|term| !term.is_noiseless())
///     .map(|term| term.diagram().to_string())
///     .collect();
/// // The covariance of gradient and Hessian, and that of gradients.
/// assert_eq!(noisy, ["(01-12)(0-12)", "(01-02)(0-12)"]);
/// ```
pub fn resummed_for(measure: Measure, max_edges: usize) -> Vec<ResummedDiagram> {
    (0..=max_edges)
        .flat_map(|edges| resummed_of(measure, edges))
        .collect()
}

/// All diagrams of a re-summed measure with the given number of edges.
pub fn resummed_of(measure: Measure, edges: usize) -> Vec<ResummedDiagram> {
    let term = |diagram| ResummedDiagram::new(measure, diagram).ok();
    if has_root_ties(measure) {
        let diagrams = enumerate::diagrams_with_root_ties(edges);
        diagrams.filter_map(term).collect()
    } else {
        enumerate::diagrams(edges).filter_map(term).collect()
    }
}

/// The number of diagrams that [`resummed_of`] enumerates, of which it keeps the terms of the measure. `None` if they would have more nodes than a diagram
/// may have.
pub fn count_candidates(measure: Measure, edges: usize) -> Option<u128> {
    if has_root_ties(measure) {
        enumerate::count_diagrams_with_root_ties(edges)
    } else {
        enumerate::count_diagrams(edges)
    }
}

fn has_root_ties(measure: Measure) -> bool {
    matches!(measure, Measure::GeneralizationGap | Measure::TrainLoss)
}
