//! Expected counts for schedules with a fresh uniform shuffle before every epoch.
//!
//! The nodes are distributed over the epochs, the earliest epoch first, in blocks of nodes that share an epoch. No node may be in an earlier epoch
//! than one of its children. Within an epoch only the weak order of the present parts by batch matters, and its distribution is known.

use std::collections::BTreeMap;

use super::PlacedForest;
use super::orders::{composition, weak_orders};
use crate::coefficient::Coefficient;
use crate::spacetime::EpochSchedule;

pub(super) fn embeddings(schedule: &EpochSchedule, forest: &PlacedForest) -> Coefficient {
    let nodes = forest.nodes();
    let full = (1usize << nodes) - 1;
    let weights: Vec<Coefficient> = (0..=full)
        .map(|block| epoch_weight(schedule, forest, block))
        .collect();
    let mut children = vec![0usize; nodes];
    for (child, parent) in forest.edges() {
        children[parent] |= 1 << child;
    }
    // chains[s] is the weighted number of ways to distribute the set s of nodes over the non-empty epochs so far.
    let mut total = Coefficient::zero();
    let mut chains = vec![Coefficient::zero(); full + 1];
    chains[0] = Coefficient::one();
    let epochs = schedule.epochs();
    for used in 0..=nodes {
        if !chains[full].is_zero() {
            total = total.add(&chains[full].mul(&epochs.binomial(used)));
        }
        let mut longer = vec![Coefficient::zero(); full + 1];
        for (before, ways) in chains
            .iter()
            .enumerate()
            .filter(|(_, ways)| !ways.is_zero())
        {
            let rest = full & !before;
            // The loop visits all non-empty subsets of the remaining nodes.
            let mut block = rest;
            while block > 0 {
                let placed = before | block;
                let children_placed =
                    (0..nodes).all(|v| block >> v & 1 == 0 || children[v] & !placed == 0);
                if children_placed && !weights[block].is_zero() {
                    longer[placed] = longer[placed].add(&ways.mul(&weights[block]));
                }
                block = (block - 1) & rest;
            }
        }
        chains = longer;
    }
    total.mul(&schedule.train().falling(forest.parts))
}

/// The probability that the parts of the nodes in a block fall into batches in an order that the edges within the block allow.
fn epoch_weight(schedule: &EpochSchedule, forest: &PlacedForest, block: usize) -> Coefficient {
    let inside = |node: usize| block >> node & 1 == 1;
    let mut present: Vec<usize> = (0..forest.nodes())
        .filter(|&v| inside(v))
        .map(|v| forest.part[v])
        .collect();
    present.sort_unstable();
    present.dedup();
    let rank_of = |ranks: &[usize], node: usize| {
        ranks[present
            .binary_search(&forest.part[node])
            .expect("the part of a node inside is present")]
    };
    // The number of allowed weak orders by their numbers of parts in the batches, on which alone the number of ways to fill the batches depends.
    let mut orders: BTreeMap<Vec<usize>, u64> = BTreeMap::new();
    for (ranks, count) in weak_orders(present.len()) {
        let allowed = forest
            .edges()
            .filter(|&(c, p)| inside(c) && inside(p))
            .all(|(c, p)| rank_of(&ranks, c) < rank_of(&ranks, p));
        if allowed {
            *orders.entry(composition(&ranks, count)).or_insert(0) += 1;
        }
    }
    let mut ways = Coefficient::zero();
    for (sizes, orders) in orders {
        let batches = schedule.batches().binomial(sizes.len());
        let rows = sizes.into_iter().fold(batches, |ways, size| {
            ways.mul(&schedule.batch().falling(size))
        });
        ways = ways.add(&rows.mul(&Coefficient::from_integer(orders)));
    }
    let orderings = schedule.train().falling(present.len());
    // If N is a number, so is the denominator; if N is a symbol, the denominator is a product of factors N - j.
    match orderings.recip() {
        Some(reciprocal) => ways.mul(&reciprocal),
        None => ways.mul(&Coefficient::over_falling_train(present.len())),
    }
}
