//! Restrictions of a set of diagrams, by the names that theorists give them.

use crate::diagram::Diagram;
use crate::outline::Outlined;

/// How a number is compared with a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// `<=`
    AtMost,
    /// `==`
    Exactly,
    /// `>=`
    AtLeast,
}

/// A condition on diagrams. A diagram with fuzzy outlines is judged as its tied diagram is: that is the one which sits in spacetime.
///
/// ```
/// use diagram_calculus::enumerate;
/// use diagram_calculus::filter::{Comparison, Filter};
///
/// // What vanilla SGD adds to gradient flow at order (ηT)^3 / T and above, but for non-Gaussian noise.
/// let filter = Filter::Ties(Comparison::AtLeast, 1).and(!Filter::NonGaussian);
/// let admitted = enumerate::diagrams(3).filter(|diagram| filter.admits(&diagram.clone().into()));
/// assert_eq!(admitted.count(), 9);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Filter {
    /// No ties at all: every part is one node. Descent on the test loss itself knows only these.
    Trees,
    /// Ties at leaves only: every node of a part of two or more has no children. What ties then form are moments of gradients: noise enters
    /// through gradients alone, as if all datapoints shared their curvature.
    LeafTies,
    /// The number of fuzzy ties c: nodes other than roots, minus parts without a root. A diagram of d edges with c ties contributes
    /// Θ((ηT)^d T^-c) to vanilla SGD's test loss (Proposition 1 and Table 2 of Tenka, *A Space-Time Approach to Analyzing SGD*), provided that
    /// it embeds: that no node is tied to an ancestor. Every node tied to a root counts as one tie.
    Ties(Comparison, usize),
    /// The number of edges, the power of η.
    Edges(Comparison, usize),
    /// The number of parts, the roots' included, as in [`Diagram::parts`].
    Parts(Comparison, usize),
    /// Some part holds three nodes or more.
    ///
    /// A part stands for a joint moment of derivatives at one datapoint. Moments of one and two factors are made of means and covariances, so that
    /// Gaussian noise with the same covariances (a stochastic differential equation's, say) has the same value; three factors add their third
    /// joint cumulant, which is zero for Gaussian noise. Such a diagram's value holds the Gaussian share of the moment too; fuzzy outlines
    /// take it off.
    NonGaussian,
    /// Contains this diagram: its nodes can be mapped to different nodes such that a child's image is a child of its parent's image, and two nodes are
    /// tied if and only if their images are.
    ///
    /// Roots may land on any node, root or not. Images may have further children, and further ties to nodes that are no images. So the
    /// diagram `(01)(0-1)` is contained wherever there is an edge whose ends are not tied, and `(01-02)(0-12)` wherever a node that is
    /// tied to neither has two tied children. Searches all maps: meant for the small diagrams that expansions are made of.
    Contains(Diagram),
    /// Every node of degree 2 but the roots is tied to another one; the degree counts all edges, the one to the parent too. Theorem 2's re-summation sums
    /// over these: an untied node of degree 2 is a mean Hessian on an edge, which the propagator (I - ηH)^(Δt-1) η absorbs.
    ///
    /// This is Definition 5 as Theorem 2 needs it. Its wording, that nodes of degree 2 do *not* take part in ties, would keep what the propagator already
    /// counts, and drop noise of the Hessian, which it does not: at order 2, `(01-12)(0-1-2)` would stay and `(01-12)(0-12)` would go.
    Irreducible,
    /// What the filter does not admit.
    Not(Box<Filter>),
    /// What both admit.
    And(Box<Filter>, Box<Filter>),
    /// What either admits.
    Or(Box<Filter>, Box<Filter>),
}

impl Comparison {
    /// Whether `number` compares so with `bound`.
    pub fn holds(self, number: usize, bound: usize) -> bool {
        match self {
            Self::AtMost => number <= bound,
            Self::Exactly => number == bound,
            Self::AtLeast => number >= bound,
        }
    }
}

impl Filter {
    /// What this and another filter admit.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        Filter::And(Box::new(self), Box::new(other))
    }

    /// What this or another filter admits.
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

/// What the filter does not admit.
impl std::ops::Not for Filter {
    type Output = Filter;

    fn not(self) -> Filter {
        Filter::Not(Box::new(self))
    }
}

/// Nodes other than roots, minus parts without a root.
fn ties(diagram: &Diagram) -> usize {
    let rootless = |&part: &usize| diagram.members(part).all(|node| node >= diagram.roots());
    diagram.edges() - (0..diagram.parts()).filter(rootless).count()
}

/// Whether the map of `inner`'s first nodes to `images` extends to all of its nodes. Parents come before their children.
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
