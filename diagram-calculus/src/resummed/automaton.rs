//! The automaton whose paths are the embeddings of a diagram: one transition for each update.
//!
//! A state is the set of nodes that are placed on earlier updates. It contains the children of each of its nodes. In an update, any of the nodes whose
//! children are all placed earlier may be placed. The edge of a node that is placed earlier *passes* the update if its parent is placed later, and then
//! contributes a factor.

use crate::diagram::Diagram;

/// A set of non-root nodes or of parts, as a bit mask.
pub(super) type BitSet = u32;

/// The tree of a re-summed diagram: its non-root nodes, numbered from 0, and its parts of noise nodes.
#[derive(Debug)]
pub(super) struct TermTree {
    /// The set of children of each node.
    children: Vec<BitSet>,
    /// The parent of each node; `None` for a child of the root.
    parents: Vec<Option<usize>>,
    /// The part of each noise node; `None` for a mean node.
    parts: Vec<Option<usize>>,
    /// The number of parts of noise nodes, including that of the root if it is a noise node.
    pub(super) part_count: usize,
    /// Whether the root is a noise node.
    pub(super) root_is_noise: bool,
}

/// A transition from one state to another, or to the same, in one update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transition {
    /// The state after the update.
    pub(super) to: BitSet,
    /// The nodes that are placed on the update.
    pub(super) placed: BitSet,
    /// The nodes whose edges pass the update.
    pub(super) passing: BitSet,
    /// The parts of the noise nodes that are placed.
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

    /// The set of all nodes.
    pub(super) fn all(&self) -> BitSet {
        (1 << self.nodes()) - 1
    }

    /// The number of noise nodes in a set.
    pub(super) fn noise(&self, nodes: BitSet) -> usize {
        members(nodes)
            .filter(|&node| self.parts[node].is_some())
            .count()
    }

    /// The set of the nodes of a part.
    pub(super) fn members_of(&self, part: usize) -> BitSet {
        let members = (0..self.nodes()).filter(|&node| self.parts[node] == Some(part));
        members.fold(0, |set, node| set | 1 << node)
    }

    /// The states that can be reached, each with the transitions from it. States come after those that lead to them.
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

    /// The nodes of `state` whose parents are not in the state `now`.
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

/// All subsets of a set, including the empty set and the set itself.
pub(super) fn subsets(set: BitSet) -> impl Iterator<Item = BitSet> {
    std::iter::successors(Some(set), move |&subset| {
        (subset > 0).then(|| (subset - 1) & set)
    })
}
