//! Which nodes may be placed at one update.

use super::super::kernel::InStep;
use super::super::tied_forest::{Noise, TiedForest};

/// The nodes of a forest that are placed, numbered from 0, parents before children. Sets of them are masks.
pub(super) struct Placed {
    /// The parent; `None` for a child of a root.
    pub parents: Vec<Option<usize>>,
    children: Vec<u32>,
    /// The part of training points; `None` for a node of weight decay.
    pub rows: Vec<Option<usize>>,
    /// The partition by noise.
    pub noise: Option<(Noise, Vec<Option<usize>>)>,
}

impl Placed {
    pub(super) fn new(forest: &TiedForest, noise: Option<Noise>) -> Self {
        let roots = forest.roots;
        let parents: Vec<Option<usize>> = forest
            .parents
            .iter()
            .map(|&parent| parent.checked_sub(roots))
            .collect();
        let mut children = vec![0; parents.len()];
        for (child, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent] |= 1 << child;
            }
        }
        Placed {
            parents,
            children,
            rows: forest.rows.clone(),
            noise: noise.zip(forest.noise.clone()),
        }
    }

    pub(super) fn nodes(&self) -> usize {
        self.parents.len()
    }

    /// All nodes.
    pub(super) fn everything(&self) -> u32 {
        (1 << self.nodes()) - 1
    }

    pub(super) fn parts(&self) -> usize {
        self.rows.iter().flatten().max().map_or(0, |last| last + 1)
    }

    /// The nodes of a set.
    pub(super) fn members(&self, set: u32) -> impl Iterator<Item = usize> + Clone + use<> {
        (0..self.nodes()).filter(move |&node| set >> node & 1 == 1)
    }

    /// The nodes of a set that have training points.
    pub(super) fn points(&self, set: u32) -> impl Iterator<Item = usize> + Clone {
        self.members(set).filter(|&node| self.rows[node].is_some())
    }

    /// The nodes of a part.
    pub(super) fn part(&self, part: usize) -> u32 {
        let nodes = 0..self.nodes();
        nodes
            .filter(|&node| self.rows[node] == Some(part))
            .fold(0, |set, node| set | 1 << node)
    }

    /// The nodes whose edge to the parent is open.
    pub(super) fn open(&self, placed: u32) -> Vec<usize> {
        self.members(placed)
            .filter(|&node| self.parents[node].is_some_and(|parent| placed >> parent & 1 == 0))
            .collect()
    }

    /// The edges with both ends in a set, as (child, parent).
    pub(super) fn in_step(&self, set: u32) -> Vec<(usize, usize)> {
        self.members(set)
            .filter_map(|child| Some((child, self.parents[child]?)))
            .filter(|&(_, parent)| set >> parent & 1 == 1)
            .collect()
    }

    /// The sets, not empty, that may be placed at an update after others: by the tree, by the rule for edges within an update, and by noise of updates.
    /// If rows are in no batch twice, the visits of one row are at different updates.
    pub(super) fn next(&self, placed: u32, rule: InStep, rows_once: bool) -> Vec<u32> {
        let rest = self.everything() & !placed;
        let mut sets = vec![];
        let mut set = rest;
        while set > 0 {
            let complete = |node: usize| self.children[node] & !(placed | set) == 0;
            if self.members(set).all(complete)
                && self.follows(set, rule)
                && self.shares_noise(set, rows_once)
            {
                sets.push(set);
            }
            set = (set - 1) & rest;
        }
        sets
    }

    /// Whether the edges within the set are allowed.
    fn follows(&self, set: u32, rule: InStep) -> bool {
        let edges = self.in_step(set);
        let of_points = |&(child, parent): &(usize, usize)| {
            self.rows[child].is_some() && self.rows[parent].is_some()
        };
        edges.iter().all(of_points)
            && match rule {
                InStep::Forbidden => edges.is_empty(),
                InStep::Ascent { .. } => edges
                    .iter()
                    .all(|&(child, _)| edges.iter().all(|&(_, parent)| parent != child)),
                InStep::Chain => edges.iter().enumerate().all(|(at, &(_, parent))| {
                    edges[..at].iter().all(|&(_, other)| other != parent)
                }),
            }
    }

    /// Whether the noise of the set is that of one update, or of whole visits.
    fn shares_noise(&self, set: u32, rows_once: bool) -> bool {
        let Some((noise, parts)) = &self.noise else {
            return true;
        };
        let whole =
            |part: usize| (0..self.nodes()).all(|v| parts[v] != Some(part) || set >> v & 1 == 1);
        let mut points = self.points(set);
        match noise {
            Noise::PerVisit => points.clone().all(|v| {
                parts[v].is_some_and(whole)
                    && (!rows_once
                        || points
                            .clone()
                            .all(|w| self.rows[v] != self.rows[w] || parts[v] == parts[w]))
            }),
            Noise::PerUpdate => match points.next() {
                None => true,
                Some(first) => {
                    parts[first].is_some_and(whole) && points.all(|v| parts[v] == parts[first])
                }
            },
        }
    }
}
