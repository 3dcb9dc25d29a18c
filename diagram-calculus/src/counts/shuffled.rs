//! A fresh uniform shuffle every epoch: expected counts.
//!
//! Nodes are put into epochs block by block, earliest first; a block is closed under nothing but must not hold a node whose child comes later.
//! Within an epoch all that matters is the weak order of the parts present by batch, whose distribution is known.

use std::collections::BTreeMap;

use super::Shape;
use super::orders::{composition, weak_orders};
use crate::coefficient::Coefficient;
use crate::spacetime::Schedule;

pub(super) fn embeddings(schedule: &Schedule, shape: &Shape) -> Coefficient {
    let nodes = shape.nodes();
    let full = (1usize << nodes) - 1;
    let weights: Vec<Coefficient> = (0..=full)
        .map(|block| epoch_weight(schedule, shape, block))
        .collect();
    let mut children = vec![0usize; nodes];
    for (child, parent) in shape.edges() {
        children[parent] |= 1 << child;
    }
    // chains[s]: the weighted ways to have the set s of nodes in the epochs so far, one entry for each number of (non-empty) epochs.
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
            // All non-empty subsets of the rest.
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
    total.mul(&schedule.train().falling(shape.parts))
}

/// The probability that the parts present in an epoch fall into batches in an order that its edges allow.
fn epoch_weight(schedule: &Schedule, shape: &Shape, block: usize) -> Coefficient {
    let inside = |node: usize| block >> node & 1 == 1;
    let mut present: Vec<usize> = (0..shape.nodes())
        .filter(|&v| inside(v))
        .map(|v| shape.part[v])
        .collect();
    present.sort_unstable();
    present.dedup();
    let rank_of = |ranks: &[usize], node: usize| {
        ranks[present
            .binary_search(&shape.part[node])
            .expect("the part of a node inside is present")]
    };
    // How many orders fill the batches with so many parts: the ways to fill them depend on nothing else.
    let mut orders: BTreeMap<Vec<usize>, u64> = BTreeMap::new();
    for (ranks, count) in weak_orders(present.len()) {
        let allowed = shape
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
    // As numbers the denominator is a number too; as a symbol it is a product of N - j.
    match orderings.recip() {
        Some(reciprocal) => ways.mul(&reciprocal),
        None => ways.mul(&Coefficient::over_falling_train(present.len())),
    }
}
