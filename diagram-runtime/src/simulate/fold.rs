//! The fold over the outcomes of trials.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Control;
use super::engine::RanBlock;
use crate::device::DeviceError;
use crate::fuse::Fuse;

/// A function that runs the block of trials with the given number. The result is `None` if the simulation is cancelled.
pub type RunBlock<'a> = dyn Fn(usize) -> Result<Option<RanBlock>, DeviceError> + Sync + 'a;

/// Folds the outcomes of the blocks that finish, of which there are at most `blocks`; the result is `None` if none does.
pub(super) fn fold<A: Send>(
    blocks: usize,
    run: &RunBlock<'_>,
    control: Control<'_>,
    of: &(impl Fn(RanBlock) -> A + Sync),
    merge: &(impl Fn(A, A) -> A + Sync),
) -> Result<Option<A>, DeviceError> {
    let finished = AtomicUsize::new(0);
    let fuse = Fuse::default();
    let leaf = |block| {
        let Some(_guard) = fuse.guard() else {
            return Ok(None);
        };
        let Some(block) = run(block)? else {
            return Ok(None);
        };
        let count = block.trials.trials().len();
        (control.progress)(finished.fetch_add(count, Ordering::Relaxed) + count);
        Ok(Some(of(block)))
    };
    tree(0..blocks, control, &leaf, merge)
}

/// Merges neighbouring values along a binary tree that depends only on the number of blocks, so that the result is the same bits on any number of
/// threads.
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
