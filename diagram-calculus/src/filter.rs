//! Conditions that select diagrams.

use crate::diagram::Diagram;
use crate::outline::Outlined;

/// A comparison of a number with a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// The number is at most the bound (`<=`).
    AtMost,
    /// The number equals the bound (`==`).
    Exactly,
    /// The number is at least the bound (`>=`).
    AtLeast,
}

/// A condition on diagrams. For a diagram with fuzzy outlines, the condition applies to the tied diagram, which is the one that embeds in spacetime.
///
/// ```
/// use diagram_calculus::enumerate;
/// use diagram_calculus::filter::{Comparison, Filter};
///
/// // The terms by which vanilla SGD differs from gradient flow at third order, without those of non-Gaussian noise.
/// let filter = Filter::Ties(Comparison::AtLeast, 1).and(!Filter::NonGaussian);
/// let admitted = enumerate::diagrams(3).filter(|diagram| filter.admits(&diagram.clone().into()));
/// assert_eq!(admitted.count(), 9);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Filter {
    /// The diagrams without ties, in which every part is one node. Gradient descent on the test loss has only these.
    Trees,
    /// The diagrams in which only leaves are tied: every node of a part of two or more has no children. These are the terms in which noise enters only
    /// through gradients, as if all datapoints had the same Hessian.
    LeafTies,
    /// Bounds the number c of fuzzy ties, which is the number of nodes other than roots minus the number of parts without a root. So every node that is
    /// tied to a root counts as one tie. A diagram of d edges with c ties contributes Θ((ηT)^d T^-c) to the test loss of vanilla SGD (Proposition 1 and
    /// Table 2 of Tenka, *A Space-Time Approach to Analyzing SGD*), provided that it embeds, which means that no node is tied to an ancestor.
    Ties(Comparison, usize),
    /// Bounds the number of edges, which is the power of η.
    Edges(Comparison, usize),
    /// Bounds the number of parts, those of the roots included, as in [`Diagram::parts`].
    Parts(Comparison, usize),
    /// The diagrams with a part of three nodes or more.
    ///
    /// A part stands for a joint moment of derivatives at one datapoint. Moments of one and two factors are determined by means and covariances, so that
    /// Gaussian noise with the same covariances, such as that of a stochastic differential equation, gives the same value. Moments of three factors
    /// also contain the third joint cumulant, which is zero for Gaussian noise. The value of such a diagram contains the Gaussian part of the moment
    /// as well; fuzzy outlines subtract it.
    NonGaussian,
    /// The diagrams that contain this diagram: there is an injective map of its nodes that maps children to children of the parent's image, and under
    /// which two nodes are tied if and only if their images are.
    ///
    /// The image of a root may be any node. Images may have further children, and further ties to nodes that are not images. So the diagram `(01)(0-1)`
    /// is contained wherever there is an edge whose ends are not tied, and `(01-02)(0-12)` wherever a node has two children that are tied to each other
    /// and not to the node. All maps are searched, which is feasible only for small diagrams.
    Contains(Diagram),
    /// The diagrams in which every node of degree 2 other than a root is tied to another node. The degree counts all edges, including that to the parent.
    /// The re-summation of Theorem 2 is a sum over these: an untied node of degree 2 is a mean Hessian, which the propagator (I - ηH)^(Δt-1) η of an
    /// edge includes.
    ///
    /// This is Definition 5 in the form that Theorem 2 needs. Its wording, that nodes of degree 2 do *not* take part in ties, would keep diagrams that
    /// the propagator already includes and drop those with noise of the Hessian, which it does not include: at order 2, it would keep `(01-12)(0-1-2)`
    /// and drop `(01-12)(0-12)`.
    Irreducible,
    /// The diagrams that the filter does not admit.
    Not(Box<Filter>),
    /// The diagrams that both filters admit.
    And(Box<Filter>, Box<Filter>),
    /// The diagrams that at least one of the filters admits.
    Or(Box<Filter>, Box<Filter>),
}

impl Comparison {
    /// Whether the comparison of `number` with `bound` is true.
    pub fn holds(self, number: usize, bound: usize) -> bool {
        match self {
            Self::AtMost => number <= bound,
            Self::Exactly => number == bound,
            Self::AtLeast => number >= bound,
        }
    }
}

impl Filter {
    /// The filter that admits the diagrams that both filters admit.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        Filter::And(Box::new(self), Box::new(other))
    }

    /// The filter that admits the diagrams that at least one of the filters admits.
    #[must_use]
    pub fn or(self, other: Filter) -> Filter {
        Filter::Or(Box::new(self), Box::new(other))
    }

    /// Whether the diagram meets the condition.
    pub fn admits(&self, diagram: &Outlined) -> bool {
        self.admits_tied(diagram.tied())
    }

    fn admits_tied(&self, diagram: &Diagram) -> bool {
        let is_tied = |node: usize| diagram.members(diagram.part(node)).count() > 1;
        let below_roots = diagram.roots()..diagram.nodes();
        match self {
            Self::Trees => diagram.parts() == diagram.nodes(),
            Self::LeafTies => (0..diagram.nodes())
                .all(|node| !is_tied(node) || diagram.children(node).count() == 0),
            Self::Ties(comparison, bound) => comparison.holds(ties(diagram), *bound),
            Self::Edges(comparison, bound) => comparison.holds(diagram.edges(), *bound),
            Self::Parts(comparison, bound) => comparison.holds(diagram.parts(), *bound),
            Self::NonGaussian => (0..diagram.parts()).any(|part| diagram.members(part).count() > 2),
            Self::Contains(inner) => contains(diagram, inner, &mut Vec::new()),
            Self::Irreducible => below_roots
                .filter(|&node| diagram.children(node).count() == 1)
                .all(is_tied),
            Self::Not(filter) => !filter.admits_tied(diagram),
            Self::And(a, b) => a.admits_tied(diagram) && b.admits_tied(diagram),
            Self::Or(a, b) => a.admits_tied(diagram) || b.admits_tied(diagram),
        }
    }
}

/// The filter that admits the diagrams that this one does not admit.
impl std::ops::Not for Filter {
    type Output = Filter;

    fn not(self) -> Filter {
        Filter::Not(Box::new(self))
    }
}

/// The number of ties: of nodes other than roots, minus that of parts without a root.
fn ties(diagram: &Diagram) -> usize {
    let rootless = |&part: &usize| diagram.members(part).all(|node| node >= diagram.roots());
    diagram.edges() - (0..diagram.parts()).filter(rootless).count()
}

/// Whether the map of the first nodes of `inner` to `images` extends to all of its nodes. Parents come before their children.
fn contains(outer: &Diagram, inner: &Diagram, images: &mut Vec<usize>) -> bool {
    let node = images.len();
    if node == inner.nodes() {
        return true;
    }
    let above = inner.parent(node).map(|parent| images[parent]);
    for image in 0..outer.nodes() {
        let hangs = above.is_none() || outer.parent(image) == above;
        let ties_agree = images.iter().enumerate().all(|(other, &at)| {
            (inner.part(other) == inner.part(node)) == (outer.part(at) == outer.part(image))
        });
        if hangs && ties_agree && !images.contains(&image) {
            images.push(image);
            if contains(outer, inner, images) {
                return true;
            }
            images.pop();
        }
    }
    false
}
