//! Coarser partitions and their Möbius numbers, from which unbiased estimates of values are made.

use super::ValueClass;
use crate::partitions::restricted_growth_strings;
use std::collections::BTreeMap;

/// A class with some of its parts merged, and its weight in the Möbius inversion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Coarsening {
    /// The coarser class.
    pub class: ValueClass,
    /// The sum of μ(π, σ) over the partitions σ ≥ π that give this class.
    pub moebius: i64,
    /// The number of parts of the coarser class.
    pub parts: usize,
}

impl ValueClass {
    /// All classes that arise from this one by merging parts, including this one. Those with the most parts come first, and classes with the same number
    /// of parts are sorted.
    ///
    /// Let `V_σ` be the average over all tuples with one of n datapoints for each part of σ, in which datapoints may repeat. The average over tuples of
    /// *distinct* datapoints is then
    ///
    /// ```text
    /// U_π = Σ_{σ ≥ π} μ(π, σ) n^|σ| V_σ / (n (n-1) … (n-|π|+1))
    /// ```
    ///
    /// where μ is the Möbius function of the partition lattice, the product of (-1)^(k-1) (k-1)! over the blocks of σ, each of which is a union of k
    /// blocks of π. Partitions with the same class have the same `V`, so that their μ are added here. A class whose μ add up to 0 is kept.
    pub fn coarsenings(&self) -> Vec<Coarsening> {
        let neighbours: Vec<Vec<usize>> = (0..self.nodes())
            .map(|node| self.neighbours(node).collect())
            .collect();
        let mut sums: BTreeMap<ValueClass, i64> = BTreeMap::new();
        for joined in restricted_growth_strings(self.parts()) {
            let parts: Vec<u8> = self.parts.iter().map(|&p| joined[usize::from(p)]).collect();
            let class = Self::canonical(&neighbours, &parts, self.open());
            *sums.entry(class).or_default() += moebius(&joined);
        }
        let mut coarsenings: Vec<Coarsening> = sums
            .into_iter()
            .map(|(class, moebius)| Coarsening {
                parts: class.parts(),
                class,
                moebius,
            })
            .collect();
        // The sort is stable, so that classes with the same number of parts remain sorted.
        coarsenings.sort_by_key(|coarsening| std::cmp::Reverse(coarsening.parts));
        coarsenings
    }
}

/// The value μ(π, σ) for the finest partition π and the partition σ with this restricted growth string.
fn moebius(partition: &[u8]) -> i64 {
    let mut sizes = vec![0_i64; partition.len()];
    let mut product = 1;
    for &block in partition {
        // The k-th element of a block contributes the factor -(k-1) for k > 1.
        let size = &mut sizes[usize::from(block)];
        if *size > 0 {
            product *= -*size;
        }
        *size += 1;
    }
    product
}
