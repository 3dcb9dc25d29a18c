//! Diagrams, which are rooted forests with fuzzy ties (Tenka, *A Space-Time Approach to Analyzing SGD*, section 2).

pub(crate) mod canonical;
mod notation;

pub use notation::NotationError;

use canonical::{Least, OrderedForest};

/// The largest number of nodes of a diagram. Up to this size the number of automorphisms, at most 20!, fits a `u64`.
pub const MAX_NODES: usize = 21;

/// A forest of rooted trees with a partition of its nodes, up to isomorphism.
///
/// A node of degree k stands for the k-th derivative of the loss of one datapoint, and an edge for a contraction with the learning rate η. The nodes of
/// one part are joined by *fuzzy ties*, which means that they have the same datapoint. A diagram of the test loss has one root, one of the second
/// moment of the test loss has two. Isomorphisms preserve the order of the roots. Diagrams are stored in a canonical form, so that isomorphic diagrams
/// compare equal.
///
/// Nodes are numbered level by level: `0..roots` are the roots in the order given, and every other node comes after
/// its parent. Among the numberings that put larger subtrees first, the stored one is the one whose list of the nodes' parts is lexicographically
/// least.
///
/// The notation lists edges, then parts: in `(01-02-13)(0-1-23)`, nodes 2 and 3 are tied. The smallest label of
/// every component is its root.
///
/// Methods that take a node or a part may panic, as slices do, if there is no such node or part.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Diagram {
    roots: usize,
    /// The parent of each node that is not a root.
    parents: Vec<u8>,
    /// The part of every node, as a restricted growth string.
    parts: Vec<u8>,
    /// The number of automorphisms. It is a function of the other fields, and is stored because the search for the canonical form also finds it.
    automorphisms: u64,
}

/// Why nodes, edges and parts do not define a diagram or a value class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiagramError {
    /// There are no nodes.
    #[error("a diagram needs at least one node")]
    Empty,
    /// There are more than [`MAX_NODES`] nodes.
    #[error("{nodes} nodes are more than the {MAX_NODES} that a diagram may have")]
    TooManyNodes {
        /// The number of nodes given.
        nodes: usize,
    },
    /// The list of parts does not have one entry for each node.
    #[error("{parts} parts are given for {nodes} nodes; there must be one for each node")]
    LengthMismatch {
        /// The number of nodes.
        nodes: usize,
        /// The length of the list of parts.
        parts: usize,
    },
    /// A parent, an edge or the open index names a node that does not exist.
    #[error("node {node} does not exist: there are {nodes} nodes, counted from 0")]
    NoSuchNode {
        /// The node that is named.
        node: usize,
        /// The number of nodes.
        nodes: usize,
    },
    /// A node is on a cycle, or a descendant of a node on a cycle.
    #[error("node {node} lies on a cycle or below one; a diagram's edges form trees")]
    Cycle {
        /// The first such node.
        node: usize,
    },
}

impl Diagram {
    /// The diagram whose node `i` is a child of `parents[i]`, or a root if that is `None`, and belongs to the part
    /// named `parts[i]`. The names of parts are arbitrary numbers.
    ///
    /// # Errors
    ///
    /// [`DiagramError`] if there are no nodes or more than [`MAX_NODES`], if the lists differ in length, if a parent does not exist, or if there is a
    /// cycle.
    pub fn new(parents: &[Option<usize>], parts: &[usize]) -> Result<Self, DiagramError> {
        let nodes = parents.len();
        check_size(nodes, parts.len())?;
        let mut children = vec![Vec::new(); nodes];
        let mut roots = Vec::new();
        for (node, parent) in parents.iter().enumerate() {
            match *parent {
                None => roots.push(node),
                Some(parent) if parent < nodes => children[parent].push(node),
                Some(node) => return Err(DiagramError::NoSuchNode { node, nodes }),
            }
        }
        check_acyclic(parents)?;
        Ok(Self::from_children(&roots, children, parts))
    }

    /// The number of nodes, roots included.
    pub fn nodes(&self) -> usize {
        self.parts.len()
    }

    /// The number of edges, which is the power of η of the diagram's term.
    pub fn edges(&self) -> usize {
        self.parents.len()
    }

    /// The number of roots, which is the number of trees.
    pub fn roots(&self) -> usize {
        self.roots
    }

    /// The parent of `node`, or `None` for a root.
    pub fn parent(&self, node: usize) -> Option<usize> {
        let index = node.checked_sub(self.roots)?;
        Some(self.parents[index].into())
    }

    /// The children of `node`, in increasing order.
    pub fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        let below = (self.roots..).zip(&self.parents);
        below.filter_map(move |(child, &parent)| (usize::from(parent) == node).then_some(child))
    }

    /// The part of `node`. Parts are numbered in the order of their first nodes.
    pub fn part(&self, node: usize) -> usize {
        self.parts[node].into()
    }

    /// The number of parts, those of the roots included.
    pub fn parts(&self) -> usize {
        self.parts
            .iter()
            .max()
            .map_or(0, |&last| usize::from(last) + 1)
    }

    /// The nodes of a part, in increasing order.
    pub fn members(&self, part: usize) -> impl Iterator<Item = usize> {
        let nodes = self.parts.iter().enumerate();
        nodes.filter_map(move |(node, &p)| (usize::from(p) == part).then_some(node))
    }

    /// The number of automorphisms: permutations of the nodes that fix every root and map edges to edges and parts
    /// to parts (|Aut D| of Theorem 1).
    pub fn automorphisms(&self) -> u64 {
        self.automorphisms
    }

    /// The diagram with the parts `p` and `q` merged. A fuzzy outline between two parts stands for this diagram minus the original one.
    ///
    /// # Panics
    ///
    /// If the diagram has no such part.
    pub fn join(&self, p: usize, q: usize) -> Self {
        assert!(p.max(q) < self.parts(), "no part {}", p.max(q));
        let mut children = vec![Vec::new(); self.nodes()];
        for node in self.roots..self.nodes() {
            children[usize::from(self.parents[node - self.roots])].push(node);
        }
        let parts: Vec<usize> = (0..self.nodes())
            .map(|node| self.part(node))
            .map(|part| if part == q { p } else { part })
            .collect();
        let roots: Vec<usize> = (0..self.roots).collect();
        Self::from_children(&roots, children, &parts)
    }

    /// Whether every root is the only node of its part, as Theorem 1 assumes.
    pub fn roots_are_alone(&self) -> bool {
        (0..self.roots).all(|root| self.members(self.part(root)).count() == 1)
    }

    /// The diagram with these roots, children and parts, which must define a forest.
    pub(crate) fn from_children(
        roots: &[usize],
        children: Vec<Vec<usize>>,
        parts: &[usize],
    ) -> Self {
        let (forest, order) = OrderedForest::new(roots, roots.len(), children);
        let parts = small_part_ids(order.iter().map(|&node| parts[node]));
        let Least {
            parts,
            automorphisms,
        } = forest.least(&parts);
        Self::from_canonical(&forest, parts, automorphisms)
    }

    /// The diagram whose canonical form is given: `parts` must be the least restricted growth string over the automorphisms of `forest`, and
    /// `automorphisms` the number of those that preserve it.
    pub(crate) fn from_canonical(
        forest: &OrderedForest,
        parts: Vec<u8>,
        automorphisms: u64,
    ) -> Self {
        Self {
            roots: forest.roots(),
            parents: forest.parents(),
            parts,
            automorphisms,
        }
    }

    /// The part of every node, as a restricted growth string.
    pub(crate) fn part_of_nodes(&self) -> &[u8] {
        &self.parts
    }

    /// The nodes that share an edge with each node, the parent first.
    pub(crate) fn neighbours(&self) -> Vec<Vec<usize>> {
        (0..self.nodes())
            .map(|node| {
                self.parent(node)
                    .into_iter()
                    .chain(self.children(node))
                    .collect()
            })
            .collect()
    }
}

/// Writes the compact notation, such as `(01-02-13)(0-1-23)`.
impl std::fmt::Display for Diagram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let edges = (self.roots..self.nodes()).map(|node| {
            (
                notation::label(self.parents[node - self.roots].into()),
                notation::label(node),
            )
        });
        notation::write(f, edges, &self.parts)
    }
}

/// Reads the compact notation.
impl std::str::FromStr for Diagram {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        notation::parse(text)
    }
}

pub(crate) use notation::{label, write};

/// Checks the number of nodes, and that there is a part for each.
pub(crate) fn check_size(nodes: usize, parts: usize) -> Result<(), DiagramError> {
    if nodes == 0 {
        return Err(DiagramError::Empty);
    }
    if nodes > MAX_NODES {
        return Err(DiagramError::TooManyNodes { nodes });
    }
    if parts != nodes {
        return Err(DiagramError::LengthMismatch { nodes, parts });
    }
    Ok(())
}

/// Renumbers the parts from 0 in the order of their first nodes, which gives a restricted growth string.
pub(crate) fn small_part_ids(parts: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut names = Vec::new();
    parts
        .map(|part| {
            let known = names.iter().position(|&name| name == part);
            let id = known.unwrap_or(names.len());
            if known.is_none() {
                names.push(part);
            }
            id as u8
        })
        .collect()
}

/// Checks that the ancestors of every node lead to a root.
fn check_acyclic(parents: &[Option<usize>]) -> Result<(), DiagramError> {
    for node in 0..parents.len() {
        let mut ancestors = std::iter::successors(Some(node), |&node| parents[node]);
        // A path of more nodes than there are contains a node twice.
        if ancestors.nth(parents.len()).is_some() {
            return Err(DiagramError::Cycle { node });
        }
    }
    Ok(())
}
