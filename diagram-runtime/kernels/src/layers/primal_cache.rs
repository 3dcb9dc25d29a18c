//! The primal cache: what one run through a network leaves behind for the next at the same sample and weights along other directions.

use super::scratch::{self, grown};
use crate::scalar::Scalar;

/// Activations and adjoints. Once they are [known](PrimalCache::is_known), their values without derivatives stay, and a further run computes only
/// the rest.
pub struct PrimalCache<A: Scalar> {
    /// Activations and adjoints as the network lays them out.
    numbers: Vec<A>,
    /// Values of adjoints that the run overwrites and a further run needs.
    overwritten: Vec<A::Base>,
    known: bool,
    /// Whether there is a further run that reads what is kept.
    kept: bool,
}

impl<A: Scalar> PrimalCache<A> {
    /// Nothing is known yet. Primal parts are kept only if there are further runs that read them.
    pub fn new(kept: bool) -> Self {
        PrimalCache {
            kept,
            numbers: scratch::take(),
            overwritten: scratch::take(),
            known: false,
        }
    }

    /// Whether a run at this sample and these weights has been made.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// To be called when the sample or the weights change.
    pub fn forget(&mut self) {
        self.known = false;
    }

    /// Room for a run, of the given sizes: for activations and adjoints, and for adjoints that are overwritten (none if nothing is kept). From now
    /// on they are known.
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
