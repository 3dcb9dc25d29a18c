//! Sums for courses whose updates are equivalent: schedules that shuffle, single epochs, and full batches.
//!
//! Every row is visited once in an epoch, so that the nodes of a part that are in the same epoch are in the same update. The state is therefore the set
//! of placed nodes together with the set U of parts that have been visited in the current epoch. Of the `falling(N, |U|)` ways to give these parts
//! distinct rows, a fraction `Π falling(B, parts in a batch) / falling(N, |U|)` is in given batches, independently in each epoch.

use super::super::automaton::{BitSet, TermTree, subsets};
use super::super::powers::Matrix;
use super::super::rational_algebra::RationalAlgebra;
use super::{Link, Passing, falling, matrix, power_of_reciprocal, size_of, unit};

/// The transition matrix of an update, and the weights at the ends of epochs.
#[derive(Debug)]
pub(super) struct Alike<R> {
    /// The possible sets of placed nodes. The first is empty, the last contains all nodes.
    placed: Vec<BitSet>,
    /// The states: the index of a set of placed nodes, and the set of parts that are visited in this epoch.
    states: Vec<(usize, BitSet)>,
    links: Vec<Link<R>>,
    /// The factor at the end of an epoch, by the number of parts that are visited in it.
    end_of_epoch: Vec<R>,
    /// The number of choices of rows for the parts, times 1/N if the root is a noise node.
    rows: R,
    updates: u64,
    epochs: u64,
}

impl<R: RationalAlgebra> Alike<R> {
    pub(super) fn new(tree: &TermTree, train: u64, batch: u64, epochs: u64) -> Self {
        let reachable = tree.states();
        let placed: Vec<BitSet> = reachable.iter().map(|(state, _)| *state).collect();
        let all_parts = (1 << tree.part_count) - 1;
        let states: Vec<(usize, BitSet)> = (0..placed.len())
            .flat_map(|at| subsets(all_parts).map(move |used| (at, used)))
            .collect();
        let index = |to: BitSet, used: BitSet| {
            states
                .iter()
                .position(|&(at, known)| placed[at] == to && known == used)
        };
        let mut links = vec![];
        for (from, &(at, used)) in states.iter().enumerate() {
            for step in reachable[at].1.iter().filter(|step| step.parts & used == 0) {
                let weight = falling(batch, size_of(step.parts))
                    * power_of_reciprocal(batch, tree.noise(step.placed));
                let Some(to) = index(step.to, used | step.parts) else {
                    continue;
                };
                links.push(Link {
                    from,
                    to,
                    weight: R::from_rational(&weight),
                    passing: step.passing,
                });
            }
        }
        let mut rows = falling(train, tree.part_count);
        if tree.root_is_noise {
            rows *= power_of_reciprocal(train, 1);
        }
        let end_of_epoch =
            (0..=tree.part_count).map(|used| R::from_rational(&falling(train, used).recip()));
        Alike {
            placed,
            states,
            links,
            end_of_epoch: end_of_epoch.collect(),
            rows: R::from_rational(&rows),
            updates: train / batch,
            epochs,
        }
    }

    pub(super) fn at(&self, passing: &Passing<R>) -> R {
        let update = matrix(self.states.len(), &self.links, passing);
        // An epoch begins with no part visited, and the first epoch with no node placed.
        let begin = |placed: usize| {
            let state = self.states.iter().position(|&state| state == (placed, 0));
            unit(self.states.len(), state.unwrap_or_default())
        };
        let starts = if self.epochs == 1 {
            1
        } else {
            self.placed.len()
        };
        let mut vectors: Vec<Vec<R>> = (0..starts).map(begin).collect();
        update.act_times(&mut vectors, self.updates);
        let mut epoch = Matrix::zero(self.placed.len());
        for (from, vector) in vectors.into_iter().enumerate() {
            for (&(to, used), weight) in self.states.iter().zip(vector) {
                epoch.add(from, to, weight * self.end_of_epoch[size_of(used)].clone());
            }
        }
        let mut path = vec![unit(self.placed.len(), 0)];
        epoch.act_times(&mut path, self.epochs);
        path.swap_remove(0).pop().unwrap_or_else(R::zero) * self.rows.clone()
    }
}
