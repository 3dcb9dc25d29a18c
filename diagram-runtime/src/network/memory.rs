//! What one run through a network leaves behind for the next at the same sample and weights along other directions.

use super::scratch::{self, grown};
use crate::scalar::Scalar;

/// Activations and adjoints. Once they are [known](Memory::is_known), their values without derivatives stay, and a further run computes only
/// the rest.
pub struct Memory<A: Scalar> {
    /// Activations and adjoints as the network lays them out.
    numbers: Vec<A>,
    /// Values of adjoints that the run overwrites and a further run needs.
    overwritten: Vec<A::Base>,
    known: bool,
}

impl<A: Scalar> Memory<A> {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Memory {
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

    /// Room for a run, of the given sizes: for activations and adjoints, and for adjoints that are overwritten. From now on they are known.
    pub(crate) fn learn(&mut self, sizes: [usize; 2]) -> (&mut [A], &mut [A::Base]) {
        self.known = true;
        let [numbers, overwritten] = sizes;
        (
            grown(&mut self.numbers, numbers),
            grown(&mut self.overwritten, overwritten),
        )
    }
}

impl<A: Scalar> Default for Memory<A> {
    fn default() -> Self {
        Memory::new()
    }
}

impl<A: Scalar> Drop for Memory<A> {
    fn drop(&mut self) {
        scratch::give(std::mem::take(&mut self.numbers));
        scratch::give(std::mem::take(&mut self.overwritten));
    }
}
