//! Counts for schedules with the same batches in every epoch.
//!
//! The time of a node is the pair (epoch, batch), compared lexicographically, and all nodes of a part are in one batch. Let a weak order of the
//! parts by batch be given. If the batch of a child is not earlier than its parent's, its epoch must be strictly earlier than its parent's; otherwise
//! its epoch must not be later. So the number of choices of epochs is the order polynomial of the forest with these strict and weak edges.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::PlacedForest;
use super::orders::{composition, weak_orders};
use crate::coefficient::Coefficient;
use crate::spacetime::EpochSchedule;

pub(super) fn embeddings(schedule: &EpochSchedule, forest: &PlacedForest) -> Coefficient {
    // The number of weak orders with the same strict edges and the same numbers of parts in the batches.
    let mut kinds: BTreeMap<(Vec<bool>, Vec<usize>), u64> = BTreeMap::new();
    for (ranks, count) in weak_orders(forest.parts) {
        let strict = forest
            .edges()
            .map(|(c, p)| ranks[forest.part[c]] >= ranks[forest.part[p]])
            .collect();
        *kinds
            .entry((strict, composition(&ranks, count)))
            .or_default() += 1;
    }
    let (batches, batch, epochs) = (schedule.batches(), schedule.batch(), schedule.epochs());
    let mut by_strict: BTreeMap<Vec<bool>, Coefficient> = BTreeMap::new();
    let mut placements: BTreeMap<Vec<usize>, Coefficient> = BTreeMap::new();
    for ((strict, sizes), times) in kinds {
        let ways = placements.entry(sizes.clone()).or_insert_with(|| {
            let rows = sizes.iter().fold(Coefficient::one(), |ways, &size| {
                ways.mul(&batch.falling(size))
            });
            batches.binomial(sizes.len()).mul(&rows)
        });
        let ways = ways.scale(&BigRational::from_integer(BigInt::from(times)));
        let sum = by_strict.entry(strict).or_insert_with(Coefficient::zero);
        *sum = sum.add(&ways);
    }
    let binomials: Vec<Coefficient> = (0..=forest.nodes()).map(|k| epochs.binomial(k)).collect();
    by_strict
        .into_iter()
        .fold(Coefficient::zero(), |total, (strict, ways)| {
            let in_epochs = order_polynomial(forest, &strict)
                .into_iter()
                .zip(&binomials)
                .filter(|(difference, _)| !difference.is_zero())
                .fold(Coefficient::zero(), |sum, (difference, binomial)| {
                    sum.add(&binomial.scale(&BigRational::from_integer(difference)))
                });
            total.add(&ways.mul(&in_epochs))
        })
}

/// The order polynomial: the number of ways to give each node an epoch from 1 to E, as the coefficients of the binomials C(E, 0), C(E, 1), …
fn order_polynomial(forest: &PlacedForest, strict: &[bool]) -> Vec<BigInt> {
    // The degree in E is at most the number of nodes, so that the values at 0, 1, … give the coefficients by Newton's forward differences.
    let mut row: Vec<BigInt> = (0..=forest.nodes())
        .map(|epochs| count_epochs(forest, strict, epochs))
        .collect();
    let mut differences = vec![];
    while let Some(first) = row.first() {
        differences.push(first.clone());
        row = row.windows(2).map(|w| &w[1] - &w[0]).collect();
    }
    differences
}

/// The value of the order polynomial at a number of epochs.
fn count_epochs(forest: &PlacedForest, strict: &[bool], epochs: usize) -> BigInt {
    let strict: BTreeMap<usize, bool> = forest
        .edges()
        .map(|(c, _)| c)
        .zip(strict.iter().copied())
        .collect();
    // ways[v][x] is the number of choices for the subtree of v with v in epoch x. Children are numbered after parents, so the loop runs backwards.
    let mut ways: Vec<Vec<BigInt>> = vec![vec![BigInt::from(1); epochs]; forest.nodes()];
    let mut total = BigInt::from(1);
    for node in (0..forest.nodes()).rev() {
        let mut sum = BigInt::zero();
        let mut up_to = vec![];
        for x in &ways[node] {
            let before = sum.clone();
            sum += x;
            up_to.push(if strict.get(&node) == Some(&true) {
                before
            } else {
                sum.clone()
            });
        }
        match forest.parents[node] {
            None => total *= sum,
            Some(parent) => {
                for (ways, factor) in ways[parent].iter_mut().zip(up_to) {
                    *ways *= factor;
                }
            }
        }
    }
    total
}
