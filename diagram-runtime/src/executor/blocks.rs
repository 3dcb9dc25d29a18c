//! The execution of steps on blocks of samples, in parallel, with results that are added in a fixed order.

use std::ops::Range;

use rayon::prelude::*;

use super::pending::{PendingStep, StepOutput};
use super::tile::Scope;
use super::{Executor, ExecutorError};
use crate::derivatives::DIRECTIONS_PER_CALL;
use crate::fuse::Fuse;
use crate::scalar::Element;
use crate::table::Table;

/// The number of samples in a block of a step with one loop: a few times the number of lanes of a vector.
pub(super) const LINEAR_BLOCK: usize = 64;
/// The side of a square block of pairs in a sweep over streams: a multiple of the number of lanes of every instruction set.
pub(super) const PAIR_BLOCK: usize = 16;
/// The least number of blocks whose results are held at the same time. A larger number lets threads wait for each other less often; a smaller number
/// keeps the results in the cache until they are added.
const BLOCKS_IN_FLIGHT: usize = 16;

impl<T: Element> Executor<'_, T> {
    /// Executes all deferred steps in one sweep over pairs.
    pub(super) fn flush(&mut self) -> Result<(), ExecutorError> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            Ok(())
        } else {
            self.run(&pending)
        }
    }

    /// Executes steps, and stores their results. Steps that are executed together are deferred ones, which run over the same boxes of pairs.
    pub(super) fn run(&mut self, steps: &[PendingStep]) -> Result<(), ExecutorError> {
        let n = self.samples.len();
        let streamed = steps
            .iter()
            .any(|s| self.reads_stream(s) || s.stream.is_some());
        let mut results: Vec<Vec<Table<T>>> = steps
            .iter()
            .map(|step| {
                step.outputs
                    .iter()
                    .map(|o| self.zeros(step, o, |_| 0..n))
                    .collect()
            })
            .collect();
        let boxes = if streamed {
            pair_boxes(n)
        } else {
            self.outer_boxes(&steps[0])
        };
        let fuse = Fuse::default();
        for chunk in boxes.chunks(in_flight(rayon::current_num_threads())) {
            let partials: Vec<_> = chunk
                .par_iter()
                .map(|ranges_of_one| {
                    let Some(_guard) = fuse.guard() else {
                        return Ok(vec![]);
                    };
                    let mut scope = Scope::new(self);
                    let mut partials = vec![];
                    for (at, step) in steps.iter().enumerate() {
                        for ranges in ranges_of_one {
                            partials.push((at, scope.run(step, &self.extend(step, ranges))?));
                        }
                    }
                    Ok(partials)
                })
                .collect::<Result<_, ExecutorError>>()?;
            for (at, results) in results.iter_mut().enumerate() {
                for (o, result) in results.iter_mut().enumerate() {
                    let of_output = partials.iter().flatten().filter(|(step, _)| *step == at);
                    let parts: Vec<&Table<T>> = of_output.map(|(_, tables)| &tables[o]).collect();
                    result.add_all(&parts);
                }
            }
        }
        for (step, tables) in steps.iter().zip(results) {
            for (output, mut table) in step.outputs.iter().zip(tables) {
                let averaged = step.axes - output.kept.len();
                if averaged > 0 {
                    table.divide((n as f64).powi(averaged as i32));
                }
                self.store(output.quantity, table);
            }
        }
        Ok(())
    }

    /// A table of zeros for an output, whose axis a has the given range of samples.
    pub(super) fn zeros(
        &self,
        step: &PendingStep,
        output: &StepOutput,
        range: impl Fn(usize) -> Range<usize>,
    ) -> Table<T> {
        let width = if step.is_scalar() {
            1
        } else {
            self.derivatives.dimension()
        };
        Table::zeros(output.kept.iter().map(|&a| range(a)).collect(), width)
    }

    /// Returns the range of each loop axis of a step. A box gives the ranges of the first axes; the others run over all samples.
    fn extend(&self, step: &PendingStep, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        let all = 0..self.samples.len();
        ranges
            .iter()
            .cloned()
            .chain(std::iter::repeat(all))
            .take(step.axes)
            .collect()
    }

    /// Returns the boxes of a step that reads no stream: blocks of its outermost axis.
    fn outer_boxes(&self, step: &PendingStep) -> Vec<Vec<Vec<Range<usize>>>> {
        if step.axes == 0 {
            return vec![vec![vec![]]];
        }
        // With two or more loops, a block has as many values of the outermost axis as sets of directions fit in one call for derivatives.
        let size = if step.axes == 1 {
            LINEAR_BLOCK
        } else {
            DIRECTIONS_PER_CALL
        };
        blocks(self.samples.len(), size)
            .map(|block| vec![vec![block]])
            .collect()
    }
}

/// Returns the ranges of at most `size` samples into which n samples are cut.
fn blocks(n: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n.div_ceil(size)).map(move |b| b * size..n.min((b + 1) * size))
}

/// Returns all unordered pairs of blocks, each in both orders. One thread processes both, because steps often read a stream and its transpose.
fn pair_boxes(n: usize) -> Vec<Vec<Vec<Range<usize>>>> {
    let blocks: Vec<_> = blocks(n, PAIR_BLOCK).collect();
    let mut boxes = vec![];
    for i in 0..blocks.len() {
        boxes.push(vec![vec![blocks[i].clone(), blocks[i].clone()]]);
        for j in i + 1..blocks.len() {
            let (a, b) = (blocks[i].clone(), blocks[j].clone());
            boxes.push(vec![vec![a.clone(), b.clone()], vec![b, a]]);
        }
    }
    boxes
}

/// Returns the number of blocks whose results are held at the same time. The results do not depend on it, because they are added in the order of the
/// boxes.
fn in_flight(threads: usize) -> usize {
    BLOCKS_IN_FLIGHT.max(2 * threads)
}

/// Returns the number of boxes into which a step with `loops` loops over n samples is cut. Each box is processed by one thread.
pub(crate) fn boxes(n: usize, loops: usize, streamed: bool) -> usize {
    match loops {
        0 => 1,
        1 => n.div_ceil(LINEAR_BLOCK),
        _ if streamed => {
            let side = n.div_ceil(PAIR_BLOCK);
            side * (side + 1) / 2
        }
        _ => n.div_ceil(DIRECTIONS_PER_CALL),
    }
}

/// The rounds in which boxes are processed, at most one on each thread in each round.
pub(crate) struct Rounds {
    /// The number of rounds in which all threads have a box.
    pub(crate) full: usize,
    /// The number of rounds in which some threads have none.
    pub(crate) partial: usize,
}

/// Returns the number of rounds in which `boxes` boxes are processed.
pub(crate) fn rounds(boxes: usize, threads: usize) -> Rounds {
    let mut rounds = Rounds {
        full: 0,
        partial: 0,
    };
    let mut left = boxes;
    while left > 0 {
        let now = left.min(in_flight(threads));
        rounds.full += now / threads;
        rounds.partial += usize::from(!now.is_multiple_of(threads));
        left -= now;
    }
    rounds
}

/// Returns how many entries of partial results are added to a result over `rank` samples.
pub(crate) fn merged_entries(n: usize, rank: usize, boxes: usize, streamed: bool) -> f64 {
    if streamed {
        // Each box of pairs gives a block of each axis of the result.
        let pairs = n.div_ceil(PAIR_BLOCK).pow(2);
        pairs as f64 * (PAIR_BLOCK as f64).powi(rank as i32)
    } else {
        (n as f64).powi(rank as i32).max(boxes as f64)
    }
}
