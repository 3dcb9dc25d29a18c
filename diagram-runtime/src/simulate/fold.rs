//! Trials folded into whatever is wanted of them.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Control, Outcome};

/// Consecutive trials that were run side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialBlock {
    /// The first trial's number.
    pub first: usize,
    /// For each learning rate, in the given order, what each trial measured.
    pub outcomes: Vec<Vec<Outcome>>,
}

impl TrialBlock {
    /// The trials' numbers.
    pub fn trials(&self) -> Range<usize> {
        self.first..self.first + self.outcomes.first().map_or(0, Vec::len)
    }
}

/// All trials of a simulation, to be run block by block.
pub trait Blocks: Sync {
    /// How many blocks there are.
    fn count(&self) -> usize;
    /// Runs a block below `count`; `None` if cancelled.
    fn run(&self, block: usize) -> Option<TrialBlock>;
}

/// Folds the blocks that finish, `None` if none does.
pub(super) fn fold<A: Send>(
    blocks: &dyn Blocks,
    control: Control<'_>,
    of: &(impl Fn(TrialBlock) -> A + Sync),
    merge: &(impl Fn(A, A) -> A + Sync),
) -> Option<A> {
    let finished = AtomicUsize::new(0);
    let leaf = |block| {
        let block = blocks.run(block)?;
        let count = block.trials().len();
        (control.progress)(finished.fetch_add(count, Ordering::Relaxed) + count);
        Some(of(block))
    };
    tree(0..blocks.count(), control, &leaf, merge)
}

/// Merges neighbours along a tree that depends on the number of blocks alone, for the same bits on any number of threads. A thread holds one
/// value for each level of the tree.
fn tree<A: Send>(
    blocks: Range<usize>,
    control: Control<'_>,
    leaf: &(impl Fn(usize) -> Option<A> + Sync),
    merge: &(impl Fn(A, A) -> A + Sync),
) -> Option<A> {
    if blocks.is_empty() || control.cancelled() {
        return None;
    }
    if blocks.len() == 1 {
        return leaf(blocks.start);
    }
    let middle = blocks.start + blocks.len() / 2;
    match rayon::join(
        || tree(blocks.start..middle, control, leaf, merge),
        || tree(middle..blocks.end, control, leaf, merge),
    ) {
        (Some(left), Some(right)) => Some(merge(left, right)),
        (left, right) => left.or(right),
    }
}
