//! One panic instead of one for each block.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Blows when a block of work that is guarded by it panics, for example in a user's loss. Rayon would run all other blocks before it hands the panic on, and each would panic and print the same
/// message; those that ask first are skipped.
#[derive(Default)]
pub(crate) struct Fuse(AtomicBool);

/// Blows the fuse if it is dropped by a panic.
pub(crate) struct Guard<'a>(&'a Fuse);

impl Fuse {
    /// Returns the guard of a block, or `None` if another block has panicked. What the block gives then is of no consequence.
    pub(crate) fn guard(&self) -> Option<Guard<'_>> {
        (!self.0.load(Ordering::Relaxed)).then_some(Guard(self))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.0.store(true, Ordering::Relaxed);
        }
    }
}
