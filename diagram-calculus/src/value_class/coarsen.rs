//! Coarser partitions and their Möbius numbers, which unbias values estimated from finitely many datapoints.

use super::ValueClass;
use crate::partitions::restricted_growth_strings;
use std::collections::BTreeMap;

/// A class with some of its parts joined, and with what weight it enters Möbius inversion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Coarsening {
    /// The coarser class.
    pub class: ValueClass,
    /// Σ μ(π, σ) over the partitions σ ≥ π that give this class.
    pub moebius: i64,
    /// Number of parts of the coarser class.
    pub parts: usize,
}

impl ValueClass {
    /// Every class that joining parts leads to, this one included: the finest first, then by class.
    ///
    /// Let `V_σ` be the average over all tuples of n datapoints (one for each part of σ, repetitions
    /// allowed). The average over tuples of *distinct* datapoints is then
    ///
    /// ```text
    /// U_π = Σ_{σ ≥ π} μ(π, σ) n^|σ| V_σ / (n (n-1) … (n-|π|+1))
    /// ```
    ///
    /// where μ is the Möbius function of the partition lattice: the product of (-1)^(k-1) (k-1)! over the blocks of
    /// σ, each made of k blocks of π. Partitions of the same class have the same `V`, so their μ are added up
    /// here; a class for which they cancel is kept, with 0.
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
        // Stable: within a number of parts the classes stay in order.
        coarsenings.sort_by_key(|coarsening| std::cmp::Reverse(coarsening.parts));
        coarsenings
    }
}

/// μ(finest, σ) for the partition σ with this restricted growth string.
fn moebius(partition: &[u8]) -> i64 {
    let mut sizes = vec![0_i64; partition.len()];
    let mut product = 1;
    for &block in partition {
        // The k-th element of a block, from k = 2 on, multiplies (k-2)! by -(k-1).
        let size = &mut sizes[usize::from(block)];
        if *size > 0 {
            product *= -*size;
        }
        *size += 1;
    }
    product
}
