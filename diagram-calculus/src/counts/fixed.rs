//! The same batches every epoch.
//!
//! A node's time is (epoch, batch), compared lexicographically, and its batch is its part's. For a given weak order of the parts by batch,
//! a child in a later or equal batch needs a strictly earlier epoch, another child one no later: epochs are counted by the order polynomial of the
//! tree with these strict and weak edges.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::Shape;
use super::orders::{composition, weak_orders};
use crate::coefficient::Coefficient;
use crate::spacetime::Schedule;

pub(super) fn embeddings(schedule: &Schedule, shape: &Shape) -> Coefficient {
    // How many weak orders have given strict edges and given numbers of parts in a batch.
    let mut kinds: BTreeMap<(Vec<bool>, Vec<usize>), u64> = BTreeMap::new();
    for (ranks, count) in weak_orders(shape.parts) {
        let strict = shape
            .edges()
            .map(|(c, p)| ranks[shape.part[c]] >= ranks[shape.part[p]])
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
    let binomials: Vec<Coefficient> = (0..=shape.nodes()).map(|k| epochs.binomial(k)).collect();
    by_strict
        .into_iter()
        .fold(Coefficient::zero(), |total, (strict, ways)| {
            let in_epochs = order_polynomial(shape, &strict)
                .into_iter()
                .zip(&binomials)
                .filter(|(difference, _)| !difference.is_zero())
                .fold(Coefficient::zero(), |sum, (difference, binomial)| {
                    sum.add(&binomial.scale(&BigRational::from_integer(difference)))
                });
            total.add(&ways.mul(&in_epochs))
        })
}

/// The number of ways to give the nodes epochs in 1..=E, as the coefficients of C(E, 0), C(E, 1), …
fn order_polynomial(shape: &Shape, strict: &[bool]) -> Vec<BigInt> {
    // A polynomial of degree `nodes` in E: its values at 0, 1, …, and Newton's forward differences.
    let mut row: Vec<BigInt> = (0..=shape.nodes())
        .map(|epochs| count_epochs(shape, strict, epochs))
        .collect();
    let mut differences = vec![];
    while let Some(first) = row.first() {
        differences.push(first.clone());
        row = row.windows(2).map(|w| &w[1] - &w[0]).collect();
    }
    differences
}

fn count_epochs(shape: &Shape, strict: &[bool], epochs: usize) -> BigInt {
    let strict: BTreeMap<usize, bool> = shape
        .edges()
        .map(|(c, _)| c)
        .zip(strict.iter().copied())
        .collect();
    // ways[v][x]: epochs for the subtree of v, with v in epoch x. Children come after parents, so go backwards.
    let mut ways: Vec<Vec<BigInt>> = vec![vec![BigInt::from(1); epochs]; shape.nodes()];
    let mut total = BigInt::from(1);
    for node in (0..shape.nodes()).rev() {
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
        match shape.parents[node] {
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
