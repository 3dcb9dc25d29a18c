//! What can happen in one update: nodes that come to sit there, edges that pass it.
//!
//! A state is the set of nodes that sit on earlier updates. It contains the children of each of its nodes. In an update some nodes whose children all
//! sit earlier may come to sit; the edge of every node that sits earlier, and whose parent neither does nor comes now, passes the update and takes a
//! factor.

use crate::diagram::Diagram;

/// A set of non-root nodes (or of parts), by bits.
pub(super) type BitSet = u32;

/// The non-root nodes of a diagram, numbered from 0, and its parts of noise.
#[derive(Debug)]
pub(super) struct TermTree {
    /// Sets of children.
    children: Vec<BitSet>,
    /// `None` below the root.
    parents: Vec<Option<usize>>,
    /// The part of noise that a node belongs to; `None` for a mean node.
    parts: Vec<Option<usize>>,
    /// How many parts of noise there are, the root's included if it is noise.
    pub(super) part_count: usize,
    pub(super) root_is_noise: bool,
}

/// A step from one state to another, or to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transition {
    pub(super) to: BitSet,
    /// The nodes that come to sit here.
    pub(super) placed: BitSet,
    /// The nodes whose edges pass.
    pub(super) passing: BitSet,
    /// The parts of noise that have nodes here.
    pub(super) parts: BitSet,
}

impl TermTree {
    pub(super) fn new(diagram: &Diagram) -> TermTree {
        let below = 1..diagram.nodes();
        let parents: Vec<Option<usize>> = below
            .clone()
            .map(|node| {
                diagram
                    .parent(node)
                    .and_then(|parent| parent.checked_sub(1))
            })
            .collect();
        let mut children = vec![0; parents.len()];
        for (node, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent] |= 1 << node;
            }
        }
        let noisy: Vec<usize> = (0..diagram.parts())
            .filter(|&part| diagram.members(part).count() > 1)
            .collect();
        let part = |node| noisy.iter().position(|&part| part == diagram.part(node));
        TermTree {
            children,
            parents,
            parts: below.map(part).collect(),
            part_count: noisy.len(),
            root_is_noise: part(0).is_some(),
        }
    }

    pub(super) fn nodes(&self) -> usize {
        self.parents.len()
    }

    /// All nodes.
    pub(super) fn all(&self) -> BitSet {
        (1 << self.nodes()) - 1
    }

    /// How many of the nodes are noise.
    pub(super) fn noise(&self, nodes: BitSet) -> usize {
        members(nodes)
            .filter(|&node| self.parts[node].is_some())
            .count()
    }

    /// The nodes of a part.
    pub(super) fn members_of(&self, part: usize) -> BitSet {
        let members = (0..self.nodes()).filter(|&node| self.parts[node] == Some(part));
        members.fold(0, |set, node| set | 1 << node)
    }

    /// The states that can be reached, with the steps from each; states come after those that lead to them.
    pub(super) fn states(&self) -> Vec<(BitSet, Vec<Transition>)> {
        (0..=self.all())
            .filter(|&state| members(state).all(|node| self.children[node] & !state == 0))
            .map(|state| (state, self.steps(state)))
            .collect()
    }

    fn steps(&self, state: BitSet) -> Vec<Transition> {
        let ready = (0..self.nodes())
            .filter(|&node| state >> node & 1 == 0 && self.children[node] & !state == 0)
            .fold(0, |set: BitSet, node| set | 1 << node);
        subsets(ready)
            .map(|placed| {
                let to = state | placed;
                Transition {
                    to,
                    placed,
                    passing: self.open_edges(state, to),
                    parts: members(placed)
                        .filter_map(|node| self.parts[node])
                        .fold(0, |set, part| set | 1 << part),
                }
            })
            .collect()
    }

    /// The nodes of `state` whose parents are not in `now`.
    pub(super) fn open_edges(&self, state: BitSet, now: BitSet) -> BitSet {
        members(state)
            .filter(|&node| self.parents[node].is_none_or(|parent| now >> parent & 1 == 0))
            .fold(0, |set, node| set | 1 << node)
    }
}

/// The elements of a set.
pub(super) fn members(set: BitSet) -> impl Iterator<Item = usize> {
    (0..BitSet::BITS as usize).filter(move |&element| set >> element & 1 == 1)
}

/// All subsets of a set, the empty one and itself included.
pub(super) fn subsets(set: BitSet) -> impl Iterator<Item = BitSet> {
    std::iter::successors(Some(set), move |&subset| {
        (subset > 0).then(|| (subset - 1) & set)
    })
}
