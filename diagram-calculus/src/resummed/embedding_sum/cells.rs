//! Sums for courses that visit the same points several times: grids, and schedules with the same batches in every epoch.
//!
//! The sum is over all choices of places for the parts, which are rows of a grid or batches of an epoch. For given places, the nodes of a part can only be
//! placed on the updates that visit its place.

use super::super::automaton::{BitSet, TermTree};
use super::super::powers::Matrix;
use super::super::rational_algebra::RationalAlgebra;
use super::{Link, Passing, falling, matrix, power_of_reciprocal, unit};
use crate::spacetime::Grid;

/// The transition matrices of updates, and the places for the parts.
#[derive(Debug)]
pub(super) struct Cells<R> {
    /// The number of possible sets of placed nodes. The first is empty, the last contains all nodes.
    states: usize,
    /// The summands of the transition matrix, for each set of parts whose nodes can be placed on the update.
    links: Vec<Vec<Link<R>>>,
    parts: usize,
    places: PartPlaces,
    /// The factor 1/N if the root is a noise node, otherwise 1.
    root: R,
}

/// The places that parts can have.
#[derive(Debug)]
enum PartPlaces {
    /// The rows of a grid, with the rows that each update visits.
    Rows {
        updates: Vec<Vec<bool>>,
        rows: usize,
    },
    /// The batches of an epoch, each of `size` rows.
    Batches { count: u64, size: u64, epochs: u64 },
}

impl<R: RationalAlgebra> Cells<R> {
    pub(super) fn repeated(tree: &TermTree, train: u64, batch: u64, epochs: u64) -> Self {
        let places = PartPlaces::Batches {
            count: train / batch,
            size: batch,
            epochs,
        };
        Cells::new(tree, train, batch, places)
    }

    pub(super) fn grid(tree: &TermTree, grid: &Grid) -> Self {
        let takes_part = |update| {
            (0..grid.rows())
                .map(|row| grid.contains(row, update))
                .collect()
        };
        let updates = (0..grid.updates()).map(takes_part).collect();
        let places = PartPlaces::Rows {
            updates,
            rows: grid.rows(),
        };
        Cells::new(tree, grid.rows() as u64, grid.batch() as u64, places)
    }

    fn new(tree: &TermTree, train: u64, batch: u64, places: PartPlaces) -> Self {
        let reachable = tree.states();
        let index = |to: BitSet| reachable.iter().position(|(state, _)| *state == to);
        let links = |admitted: BitSet| {
            let mut links = vec![];
            for (from, (_, steps)) in reachable.iter().enumerate() {
                for step in steps.iter().filter(|step| step.parts & !admitted == 0) {
                    let Some(to) = index(step.to) else {
                        continue;
                    };
                    let weight = power_of_reciprocal(batch, tree.noise(step.placed));
                    links.push(Link {
                        from,
                        to,
                        weight: R::from_rational(&weight),
                        passing: step.passing,
                    });
                }
            }
            links
        };
        let root = power_of_reciprocal(train, usize::from(tree.root_is_noise));
        Cells {
            states: reachable.len(),
            links: (0..1 << tree.part_count).map(links).collect(),
            parts: tree.part_count,
            places,
            root: R::from_rational(&root),
        }
    }

    pub(super) fn at(&self, passing: &Passing<R>) -> R {
        let admitting: Vec<Matrix<R>> = self
            .links
            .iter()
            .map(|links| matrix(self.states, links, passing))
            .collect();
        let count = match &self.places {
            PartPlaces::Rows { rows, .. } => *rows,
            PartPlaces::Batches { count, .. } => *count as usize,
        };
        let mut total = R::zero();
        let mut places = vec![0; self.parts];
        loop {
            total += self.at_places(&places, &admitting);
            let Some(next) = (0..self.parts).find(|&part| places[part] + 1 < count) else {
                return total * self.root.clone();
            };
            places[next] += 1;
            places[..next].fill(0);
        }
    }

    /// The sum over the embeddings with the parts at these places, times the number of ways to choose distinct rows there.
    fn at_places(&self, places: &[usize], admitting: &[Matrix<R>]) -> R {
        let at = |place: usize| places.iter().filter(|&&other| other == place).count();
        match &self.places {
            PartPlaces::Rows { updates, .. } => {
                if places.iter().any(|&row| at(row) > 1) {
                    return R::zero();
                }
                let start = unit(self.states, 0);
                let end = updates.iter().fold(start, |vector, rows| {
                    let admitted = parts_where(places, |row| rows[row]);
                    admitting[admitted as usize].act(&vector)
                });
                end.into_iter().next_back().unwrap_or_else(R::zero)
            }
            PartPlaces::Batches {
                count,
                size,
                epochs,
            } => {
                let mut visited: Vec<usize> = places.to_vec();
                visited.sort_unstable();
                visited.dedup();
                let mut vectors: Vec<Vec<R>> = (0..self.states)
                    .map(|state| unit(self.states, state))
                    .collect();
                let mut done = 0;
                for &batch in &visited {
                    admitting[0].act_times(&mut vectors, batch as u64 - done);
                    let admitted = parts_where(places, |place| place == batch);
                    admitting[admitted as usize].act_times(&mut vectors, 1);
                    done = batch as u64 + 1;
                }
                admitting[0].act_times(&mut vectors, count - done);
                let mut epoch = Matrix::zero(self.states);
                for (from, vector) in vectors.into_iter().enumerate() {
                    for (to, weight) in vector.into_iter().enumerate() {
                        epoch.add(from, to, weight);
                    }
                }
                let mut path = vec![unit(self.states, 0)];
                epoch.act_times(&mut path, *epochs);
                let rows = visited.iter().fold(R::one(), |ways, &batch| {
                    ways * R::from_rational(&falling(*size, at(batch)))
                });
                path.swap_remove(0).pop().unwrap_or_else(R::zero) * rows
            }
        }
    }
}

/// The set of parts whose places meet a condition.
fn parts_where(places: &[usize], admits: impl Fn(usize) -> bool) -> BitSet {
    let parts = places
        .iter()
        .enumerate()
        .filter(|&(_, &place)| admits(place));
    parts.fold(0, |set, (part, _)| set | 1 << part)
}
