//! Exact numbers of embeddings of diagrams into spacetimes, without enumeration of cells.

mod fixed;
mod grid;
mod orders;
mod shuffled;

use crate::coefficient::Coefficient;
use crate::diagram::Diagram;
use crate::spacetime::{EpochSchedule, Parameter, Shuffle, Spacetime};

impl Spacetime {
    /// The number of labelled embeddings of a diagram: of maps of its non-root nodes to cells such that every child is strictly before its parent
    /// and two nodes are on the same row if and only if they are in the same part. Roots come after all updates. For a schedule that shuffles, this
    /// is the expected number.
    ///
    /// Theorem 1 divides this number by [`Diagram::automorphisms`]. Roots are assumed to be alone in their parts, and are not placed.
    pub fn embeddings(&self, diagram: &Diagram) -> Coefficient {
        match self {
            Spacetime::Schedule(schedule) => schedule_embeddings(schedule, diagram),
            Spacetime::Grid(grid) => Coefficient::from_integer(grid::embeddings(grid, diagram)),
        }
    }
}

/// The number of labelled embeddings into a schedule, or the expected number if it shuffles.
fn schedule_embeddings(schedule: &EpochSchedule, diagram: &Diagram) -> Coefficient {
    let forest = PlacedForest::new(diagram);
    // Parts are on different rows, so that the count is zero. This case comes first because the formula for shuffling would divide by zero.
    if let Parameter::Literal(train) = schedule.train
        && train < forest.parts as u64
    {
        return Coefficient::zero();
    }
    match schedule.shuffle {
        Shuffle::Never => fixed::embeddings(schedule, &forest),
        Shuffle::EachEpoch => shuffled::embeddings(schedule, &forest),
    }
}

/// The part of a diagram that is placed on cells: the forest of its non-root nodes, numbered from 0, parents before children.
struct PlacedForest {
    /// The parent of each node; `None` for a child of a root, since a root does not constrain its time.
    parents: Vec<Option<usize>>,
    /// The part of each node, numbered from 0.
    part: Vec<usize>,
    parts: usize,
}

impl PlacedForest {
    fn new(diagram: &Diagram) -> PlacedForest {
        let roots = diagram.roots();
        let parents = (roots..diagram.nodes())
            .map(|v| diagram.parent(v).filter(|&p| p >= roots).map(|p| p - roots))
            .collect();
        let mut names: Vec<usize> = vec![];
        let part = (roots..diagram.nodes())
            .map(|v| {
                let name = diagram.part(v);
                names.iter().position(|&n| n == name).unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                })
            })
            .collect();
        PlacedForest {
            parents,
            part,
            parts: names.len(),
        }
    }

    fn nodes(&self) -> usize {
        self.parents.len()
    }

    /// Edges between non-root nodes, as (child, parent).
    fn edges(&self) -> impl Iterator<Item = (usize, usize)> {
        self.parents
            .iter()
            .enumerate()
            .filter_map(|(child, &parent)| Some((child, parent?)))
    }
}
