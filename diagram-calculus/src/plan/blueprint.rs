//! The plan of a set of values together with what unbiased estimates of them need.

use super::Plan;
use crate::value_class::ValueClass;

/// Weight of one average over all tuples in an unbiased estimate: see [`Blueprint::unbiased`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Index of the class averaged over all tuples (V-statistic).
    pub class: usize,
    /// Number of parts of the coarser partition.
    pub parts: usize,
    /// Möbius number of the partition lattice, added up over isomorphic coarsenings.
    pub moebius: i64,
}

/// A plan for some requested classes, extended by all their coarsenings.
///
/// The *population* reading needs the requested classes alone; the *sample* reading combines averages over all tuples
/// of the coarser partitions into averages over distinct tuples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blueprint {
    /// The plan: requested classes first, then the coarsenings that only the sample reading demands.
    pub plan: Plan,
    /// Number of requested classes.
    pub requested: usize,
    /// For each requested class π: with V the average over all tuples of n samples, the U-statistic is
    /// `Σ moebius · n^parts · V / falling(n, |π|)`.
    pub unbiased: Vec<Vec<Correction>>,
}

impl Blueprint {
    /// Plans the given classes; repeated ones are planned once each and share everything.
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
