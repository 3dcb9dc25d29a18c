//! Re-summation: sums over diagrams in which chains of Hessians have been summed into the edges.
//!
//! Every derivative of a datapoint's loss is its mean plus noise. In a sum over trees of mean nodes and noise nodes, all chains of mean nodes of
//! degree 2, which are Hessians, add up to an edge that carries the propagator
//!
//! ```text
//! K(Δt) = (I - ηH)^(Δt-1) η
//! ```
//!
//! (Theorem 2 of Tenka, *A Space-Time Approach to Analyzing SGD*, in the form that is exact at every order: no product of two noises is
//! dropped.) What is left are the [irreducible](crate::filter::Filter::Irreducible) diagrams, read anew:
//!
//! - a node that is alone in its part is a *mean* node: a derivative of the test loss. It sits at any time, on no row, and if it is no root it has
//!   not degree 2;
//! - tied nodes are *noise*: derivatives of `l_n - l` at one datapoint, whose joint moment is what the part stands for. They sit on cells, with
//!   weight 1/B each, on one row; different parts sit on different rows;
//! - an edge from time t to a later time t' carries `K(t' - t)`; the root sits at time T. The weight is `(-1)^edges / |Aut|`.
//!
//! Up to η^d the sum over the diagrams of at most d edges is Theorem 1's series, exactly: [`expand_resummed`] shows it, value by value. Beyond, it holds all
//! orders of the curvature, and stays finite for any T at fixed ηT if H is positive.
//!
//! The diagrams without noise make the noiseless path, gradient descent on the test loss; the others are what SGD's expectation exceeds it by.
//!
//! In the eigenbasis of ηH an edge is a number x = 1 - ηh to the power Δt - 1, and the sum over all embeddings is an [`EmbeddingSum`]: a polynomial in the
//! x of the edges, evaluated by a sweep over the updates whose length is the logarithm of T where updates repeat. [`Generator`] is its limit of
//! many small steps.

mod automaton;
mod course;
mod embedding_sum;
mod expand;
mod generator;
mod number;
mod powers;
mod truncated_polynomial;

pub use course::{Course, CourseError};
pub use embedding_sum::EmbeddingSum;
pub use expand::expand_resummed;
pub use generator::{Generator, NoContinuum};
pub use number::Number;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::diagram::Diagram;
use crate::enumerate;
use crate::filter::Filter;
use crate::measure::Measure;
use crate::value_class::ValueClass;

/// One diagram of a re-summed expansion; see the [module](self).
///
/// In a generalization gap the root is noise too: it is tied to the node of a training point on which the loss is measured. A train loss has diagrams of
/// both kinds, those of the test loss and those of the gap, taken off.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResummedDiagram {
    measure: Measure,
    diagram: Diagram,
}

/// Why a diagram is no term of a re-summed measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResummedError {
    /// The second moment.
    #[error(
        "the {0} is not re-summed; there are test loss, train loss, generalization gap and displacement"
    )]
    Measure(Measure),
    /// Not one root.
    #[error("{0} has more than one root")]
    Roots(Diagram),
    /// A mean node of degree 2.
    #[error(
        "{diagram} is not irreducible: node {node} is not tied and has degree 2, so that the propagator of its edges counts it already"
    )]
    Reducible {
        /// The diagram.
        diagram: Diagram,
        /// The first such node.
        node: usize,
    },
    /// A tied root where there is none, or one that is not tied where it must be.
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
        /// Degree of its root.
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
    /// [`ResummedError`].
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

    /// The measure that it is a term of.
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// Whether a node is noise; otherwise it is a mean.
    pub fn is_noise(&self, node: usize) -> bool {
        is_noise(&self.diagram, node)
    }

    /// Whether there is no noise at all: a term of the noiseless path.
    pub fn is_noiseless(&self) -> bool {
        self.diagram.parts() == self.diagram.nodes()
    }

    /// Whether Gaussian noise of the same covariance has this term too: no part has more than two nodes.
    pub fn is_gaussian(&self) -> bool {
        !Filter::NonGaussian.admits(&self.diagram.clone().into())
    }

    /// Whether there is any embedding into a course.
    pub fn embeds(&self, course: &Course) -> bool {
        // Every embedding adds a positive number.
        EmbeddingSum::<f64>::new(self, course).at(&vec![1.0; self.diagram.edges()]) > 0.0
    }

    /// The value with plain edges (x = 1) as a signed sum of value classes: every node of noise is tied to others of its part or, with a minus
    /// sign, a mean.
    pub fn plain_values(&self) -> Vec<(ValueClass, i64)> {
        expand::plain_values(self)
    }

    /// The sign and symmetry of the term, `±(-1)^edges / |Aut|`: what an [`EmbeddingSum`] times a value is multiplied by. Where the root is noise, minus
    /// that for the gap.
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

/// All diagrams of a re-summed measure with up to `max_edges` edges, fewest edges first, those without noise among them. The second moment has
/// none.
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
/// // Noise in the Hessian, and the diffusion that curvature confines.
/// assert_eq!(noisy, ["(01-12)(0-12)", "(01-02)(0-12)"]);
/// ```
pub fn resummed_for(measure: Measure, max_edges: usize) -> Vec<ResummedDiagram> {
    (0..=max_edges)
        .flat_map(|edges| resummed_of(measure, edges))
        .collect()
}

/// All diagrams of a re-summed measure with exactly so many edges.
pub fn resummed_of(measure: Measure, edges: usize) -> Vec<ResummedDiagram> {
    let term = |diagram| ResummedDiagram::new(measure, diagram).ok();
    if has_root_ties(measure) {
        let diagrams = enumerate::diagrams_with_root_ties(edges);
        diagrams.filter_map(term).collect()
    } else {
        enumerate::diagrams(edges).filter_map(term).collect()
    }
}

/// How many diagrams [`resummed_of`] goes through, of which it keeps the terms of the measure; `None` if their nodes are more than a diagram may
/// have.
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
