//! Trials folded into whatever is wanted of them.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::engine::{Stopped, Trials};
use super::{Control, Outcome};
use crate::device::DeviceError;
use crate::scalar::Element;

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

/// Folds the blocks that finish, `None` if none does.
pub(super) fn fold<T: Element, A: Send>(
    trials: &Trials<'_, T>,
    control: Control<'_>,
    of: &(impl Fn(TrialBlock) -> A + Sync),
    merge: &(impl Fn(A, A) -> A + Sync),
) -> Result<Option<A>, DeviceError> {
    let finished = AtomicUsize::new(0);
    let leaf = |block| match trials.run(block) {
        Ok(block) => {
            let count = block.trials().len();
            (control.progress)(finished.fetch_add(count, Ordering::Relaxed) + count);
            Ok(Some(of(block)))
        }
        Err(Stopped::Cancelled) => Ok(None),
        Err(Stopped::Device(error)) => Err(error),
    };
    tree(0..trials.blocks(), control, &leaf, merge)
}

/// Merges neighbours along a tree that depends on the number of blocks alone, for the same bits on any number of threads. A thread holds one
/// value for each level of the tree.
fn tree<A: Send>(
    blocks: Range<usize>,
    control: Control<'_>,
    leaf: &(impl Fn(usize) -> Result<Option<A>, DeviceError> + Sync),
    merge: &(impl Fn(A, A) -> A + Sync),
) -> Result<Option<A>, DeviceError> {
    if blocks.is_empty() || control.cancelled() {
        return Ok(None);
    }
    if blocks.len() == 1 {
        return leaf(blocks.start);
    }
    let middle = blocks.start + blocks.len() / 2;
    let (left, right) = rayon::join(
        || tree(blocks.start..middle, control, leaf, merge),
        || tree(middle..blocks.end, control, leaf, merge),
    );
    Ok(match (left?, right?) {
        (Some(left), Some(right)) => Some(merge(left, right)),
        (left, right) => left.or(right),
    })
}
