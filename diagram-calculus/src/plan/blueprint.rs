//! Plans of values together with the coarser partitions that their unbiased estimates need.

use super::Plan;
use crate::value_class::ValueClass;

/// The weight of an average over all tuples of samples in an unbiased estimate: see [`Blueprint::unbiased`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The index of the class that is averaged over all tuples (a V-statistic).
    pub class: usize,
    /// The number of parts of the coarser partition.
    pub parts: usize,
    /// The value of the Möbius function of the partition lattice, summed over isomorphic coarsenings.
    pub moebius: i64,
}

/// A plan for some requested classes, extended by all their coarsenings.
///
/// The *population* reading needs only the requested classes. The *sample* reading combines averages over all tuples for the coarser partitions into
/// averages over tuples of distinct samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blueprint {
    /// The plan, with the requested classes first, then the coarsenings that only the sample reading needs.
    pub plan: Plan,
    /// The number of requested classes.
    pub requested: usize,
    /// For each requested class π the corrections of its U-statistic, which is `Σ moebius · n^parts · V / (n (n-1) … (n-|π|+1))` with V the averages
    /// over all tuples of n samples.
    pub unbiased: Vec<Vec<Correction>>,
}

impl Blueprint {
    /// Plans the given classes. A class that occurs several times is computed once.
    pub fn new(requested: &[ValueClass]) -> Blueprint {
        let mut classes = requested.to_vec();
        let unbiased = requested
            .iter()
            .map(|class| {
                class
                    .coarsenings()
                    .into_iter()
                    .map(|coarsening| {
                        let at = classes
                            .iter()
                            .position(|c| *c == coarsening.class)
                            .unwrap_or_else(|| {
                                classes.push(coarsening.class.clone());
                                classes.len() - 1
                            });
                        Correction {
                            class: at,
                            parts: coarsening.parts,
                            moebius: coarsening.moebius,
                        }
                    })
                    .collect()
            })
            .collect();
        Blueprint {
            plan: Plan::new(&classes),
            requested: requested.len(),
            unbiased,
        }
    }
}
