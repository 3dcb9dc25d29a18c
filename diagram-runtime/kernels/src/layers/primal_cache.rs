//! The primal cache: values that a run through a network keeps for further runs along other directions at the same sample and weights.

use super::scratch::{self, grown};
use crate::scalar::Scalar;

/// The activations and adjoints of a run through a network.
///
/// Once they are [known](PrimalCache::is_known), a further run at the same sample and weights leaves their primal values as they are and computes only
/// their derivatives.
pub struct PrimalCache<A: Scalar> {
    /// The activations and adjoints, in the order that the network chooses.
    numbers: Vec<A>,
    /// The primal values of adjoints that a run overwrites and a further run needs.
    overwritten: Vec<A::Base>,
    /// Whether a run has written the primal values of the present sample and weights.
    known: bool,
    /// Whether primal values are kept for further runs at all.
    kept: bool,
}

impl<A: Scalar> PrimalCache<A> {
    /// A cache in which no primal values are known. With `kept` false it never keeps any: for callers that make a single run at each sample.
    pub fn new(kept: bool) -> Self {
        PrimalCache {
            kept,
            numbers: scratch::take(),
            overwritten: scratch::take(),
            known: false,
        }
    }

    /// Whether the primal values at the present sample and weights are known from a run.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// Marks the primal values as unknown. The caller does this whenever the sample or the weights change.
    pub fn forget(&mut self) {
        self.known = false;
    }

    /// The memory for a run, of the given sizes: activations and adjoints, and the primal values of adjoints that are overwritten, which are none if the
    /// cache keeps no primal values. If it does keep them, they count as known from this call on.
    pub(crate) fn learn(&mut self, sizes: [usize; 2]) -> (&mut [A], &mut [A::Base]) {
        self.known = self.kept;
        let [numbers, mut overwritten] = sizes;
        if !self.kept {
            overwritten = 0;
        }
        (
            grown(&mut self.numbers, numbers),
            grown(&mut self.overwritten, overwritten),
        )
    }
}

impl<A: Scalar> Drop for PrimalCache<A> {
    fn drop(&mut self) {
        scratch::give(std::mem::take(&mut self.numbers));
        scratch::give(std::mem::take(&mut self.overwritten));
    }
}
