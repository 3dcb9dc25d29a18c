//! Diagrams: rooted trees with fuzzy ties (Tenka, *A Space-Time Approach to Analyzing SGD*, section 2).

pub(crate) mod canonical;
mod notation;

pub use notation::NotationError;

use crate::value_class::ValueClass;
use canonical::{Least, Shape};

/// The most nodes that a diagram may have. Up to here the number of automorphisms fits a `u64`; expansions end long
/// before.
pub const MAX_NODES: usize = 21;

/// A forest of rooted trees with a partition of its nodes, up to isomorphism.
///
/// A node of degree k stands for the k-th derivative of one datapoint's loss, an edge for a contraction with the
/// learning rate η, and the nodes of one part ("fuzzy ties") share their datapoint. One root makes an ordinary
/// diagram; two make a term of the second moment of the test loss. Roots are told apart, everything else is not:
/// isomorphic diagrams are stored alike, so they compare equal.
///
/// Nodes are numbered level by level: `0..roots` are the roots in the order given, and every other node comes after
/// its parent. Among the numberings that put larger subtrees first, the stored one makes the list of the nodes'
/// parts least.
///
/// The notation lists edges, then parts: in `(01-02-13)(0-1-23)`, nodes 2 and 3 are tied. The smallest label of
/// every component is its root.
///
/// Methods that take a node or a part may panic, as slices do, if there is no such node or part.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Diagram {
    roots: usize,
    /// Parents of the nodes that are no roots.
    parents: Vec<u8>,
    /// Part of every node, a restricted growth string.
    parts: Vec<u8>,
    /// A function of the other fields, kept because its search is the canonicalization's.
    automorphisms: u64,
}

/// Why nodes, edges and parts make no diagram and no value class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiagramError {
    /// There are no nodes.
    #[error("a diagram needs at least one node")]
    Empty,
    /// There are more than [`MAX_NODES`] nodes.
    #[error("{nodes} nodes are more than the {MAX_NODES} that a diagram may have")]
    TooManyNodes {
        /// Number of nodes given.
        nodes: usize,
    },
    /// The list of parts is not as long as there are nodes.
    #[error("{parts} parts are given for {nodes} nodes; there must be one for each node")]
    LengthMismatch {
        /// Number of nodes.
        nodes: usize,
        /// Length of the list of parts.
        parts: usize,
    },
    /// A parent, an edge or the open index names a node that does not exist.
    #[error("node {node} does not exist: there are {nodes} nodes, counted from 0")]
    NoSuchNode {
        /// The node named.
        node: usize,
        /// Number of nodes.
        nodes: usize,
    },
    /// A node lies on a cycle, or below one.
    #[error("node {node} lies on a cycle or below one; a diagram's edges form trees")]
    Cycle {
        /// The first such node.
        node: usize,
    },
}

impl Diagram {
    /// The diagram whose node `i` is a child of `parents[i]`, or a root if that is `None`, and belongs to the part
    /// named `parts[i]` (names are arbitrary).
    ///
    /// # Errors
    ///
    /// No nodes or more than [`MAX_NODES`], lists of different lengths, a parent that does not exist, a cycle.
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

    /// Number of nodes, roots included.
    pub fn nodes(&self) -> usize {
        self.parts.len()
    }

    /// Number of edges: the diagram's order in η.
    pub fn edges(&self) -> usize {
        self.parents.len()
    }

    /// Number of roots, which is the number of trees.
    pub fn roots(&self) -> usize {
        self.roots
    }

    /// The parent of `node`; `None` for roots.
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

    /// Number of parts, those of the roots included.
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

    /// The diagram with parts `p` and `q` tied into one. (A fuzzy outline between them is this minus the diagram
    /// itself.)
    ///
    /// # Panics
    ///
    /// If there is no such part.
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

    /// Whether every root is alone in its part, as Theorem 1 asks.
    pub fn roots_are_alone(&self) -> bool {
        (0..self.roots).all(|root| self.members(self.part(root)).count() == 1)
    }

    /// What the diagram's value depends on: the forest without its roots, and the partition.
    pub fn value_class(&self) -> ValueClass {
        ValueClass::canonical(&self.neighbours(), &self.parts, None)
    }

    /// What the diagram's term of the displacement depends on: the root taken off, its child's index left open in
    /// its place. `None` unless there is one root, alone in its part and of degree 1.
    pub fn displacement_class(&self) -> Option<ValueClass> {
        if self.roots != 1 || !self.roots_are_alone() || self.children(0).count() != 1 {
            return None;
        }
        let mut neighbours = self.neighbours().split_off(1);
        for list in &mut neighbours {
            list.retain(|&node| node != 0);
            for node in list {
                *node -= 1;
            }
        }
        let parts: Vec<u8> = self.parts[1..].iter().map(|part| part - 1).collect();
        // The root's only child is the one node of level 1.
        Some(ValueClass::canonical(&neighbours, &parts, Some(0)))
    }

    /// Canonical form of a forest that is known to be one.
    pub(crate) fn from_children(
        roots: &[usize],
        children: Vec<Vec<usize>>,
        parts: &[usize],
    ) -> Self {
        let (shape, order) = Shape::new(roots, roots.len(), children);
        let parts = small_part_ids(order.iter().map(|&node| parts[node]));
        let Least {
            parts,
            automorphisms,
        } = shape.least(&parts);
        Self::from_canonical(&shape, parts, automorphisms)
    }

    /// `parts` is the least restricted growth string over the automorphisms of `shape`, and keeps so many of them.
    pub(crate) fn from_canonical(shape: &Shape, parts: Vec<u8>, automorphisms: u64) -> Self {
        Self {
            roots: shape.roots(),
            parents: shape.parents(),
            parts,
            automorphisms,
        }
    }

    fn neighbours(&self) -> Vec<Vec<usize>> {
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

/// The diagram's notation, such as `(01-02-13)(0-1-23)`.
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

/// Reads the notation that `Display` writes.
impl std::str::FromStr for Diagram {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        notation::parse(text)
    }
}

pub(crate) use notation::{label, write};

/// Checks the number of nodes and that of the part names given for them.
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

/// Renames parts to small numbers, in the order of their first nodes.
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

/// Checks that every node's ancestors end at a root.
fn check_acyclic(parents: &[Option<usize>]) -> Result<(), DiagramError> {
    for node in 0..parents.len() {
        let mut ancestors = std::iter::successors(Some(node), |&node| parents[node]);
        // A path longer than there are nodes has met one twice.
        if ancestors.nth(parents.len()).is_some() {
            return Err(DiagramError::Cycle { node });
        }
    }
    Ok(())
}
