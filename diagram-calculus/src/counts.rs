//! How often diagrams embed: exact, and without ever enumerating cells.

mod fixed;
mod grid;
mod orders;
mod shuffled;

use crate::coefficient::Coefficient;
use crate::diagram::Diagram;
use crate::spacetime::{Parameter, Schedule, Shuffle};

pub(crate) use grid::embeddings as grid_embeddings;

/// Labelled embeddings into a schedule; the expected number if it shuffles.
pub(crate) fn schedule_embeddings(schedule: &Schedule, diagram: &Diagram) -> Coefficient {
    let shape = Shape::new(diagram);
    // Parts sit on different rows. As numbers this is a zero of the count; said first, since shuffling divides by the same factors.
    if let Parameter::Literal(train) = schedule.train
        && train < shape.parts as u64
    {
        return Coefficient::zero();
    }
    match schedule.shuffle {
        Shuffle::Never => fixed::embeddings(schedule, &shape),
        Shuffle::EachEpoch => shuffled::embeddings(schedule, &shape),
    }
}

/// What counting needs of a diagram: its non-root nodes, numbered from 0, children after parents.
pub(crate) struct Shape {
    /// The parent of each node; `None` below a root, which constrains nothing.
    parents: Vec<Option<usize>>,
    /// The part of each node, numbered from 0.
    part: Vec<usize>,
    parts: usize,
}

impl Shape {
    fn new(diagram: &Diagram) -> Shape {
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
        Shape {
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
