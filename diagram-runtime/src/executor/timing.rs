//! Seconds of one block of a step, measured on the code that runs it.

use std::ops::Range;
use std::time::{Duration, Instant};

use diagram_calculus::plan::{Kind, Step};

use super::blocks::{LINEAR_BLOCK, PAIR_BLOCK, PendingStep};
use super::tile::Scope;
use super::{Executor, ExecutorError};
use crate::derivatives::Derivatives;
use crate::scalar::Element;
use crate::table::Table;

/// Highest rank of a table that is made up.
pub(crate) const HIGHEST_RANK: usize = 2;
/// Repetitions stop after this.
const PATIENCE: Duration = Duration::from_millis(8);
/// Repetitions, the first one to warm up.
const REPEATS: usize = 6;
/// A block that would take longer than this is cut.
const LONGEST_BLOCK: f64 = 0.02;

/// The made-up table of this kind and rank.
pub(crate) fn table_of(kind: Kind, rank: usize) -> usize {
    let first = match kind {
        Kind::Scalar => 0,
        Kind::Vector => HIGHEST_RANK + 1,
    };
    first + rank.min(HIGHEST_RANK)
}

/// What one tuple of samples costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds {
    /// While the other threads have nothing to do.
    pub(crate) alone: f64,
    /// While all threads do the same: of one thread.
    pub(crate) beside: f64,
}

/// An executor over a few samples, with made-up tables for steps to read.
pub(crate) struct Stopwatch<'a, T> {
    executor: Executor<'a, T>,
}

impl<'a, T: Element> Stopwatch<'a, T> {
    /// On the first samples.
    pub(crate) fn new(derivatives: &'a dyn Derivatives<T>) -> Result<Self, ExecutorError> {
        let n = derivatives.samples().min(LINEAR_BLOCK);
        let mut executor = Executor::new(derivatives, 0..n)?;
        for rank in 0..=HIGHEST_RANK {
            let side = if rank <= 1 { n } else { n.min(PAIR_BLOCK) };
            for (kind, width) in [(Kind::Scalar, 1), (Kind::Vector, derivatives.dimension())] {
                let mut table = Table::zeros(vec![0..side; rank], width);
                // Memory of zeros alone may not exist yet.
                table.data_mut().fill(T::constant(1.0 / 64.0));
                executor.store(table_of(kind, rank), table);
            }
        }
        Ok(Stopwatch { executor })
    }

    /// The time of one tuple of samples of a step with at most two loops that reads the made-up tables.
    pub(crate) fn seconds(&self, step: &Step) -> Result<Seconds, ExecutorError> {
        if let Step::Loss { .. } = step {
            let n = self.executor.samples.len();
            let alone = least(|| {
                let mut losses = vec![T::constant(0.0); n];
                self.executor.derivatives.losses(0..n, &mut losses)?;
                Ok(())
            })?;
            // One thread computes the losses.
            return Ok(Seconds {
                alone: alone / n as f64,
                beside: alone / n as f64,
            });
        }
        let pending = pending(step);
        let mut ranges = self.ranges(pending.axes);
        if pending.axes == 2 {
            let outer = outer_axis(step);
            let all = ranges[outer].len();
            ranges[outer] = 0..1;
            let one = timed(|| self.block(&pending, &ranges))?;
            let affordable = (LONGEST_BLOCK / one.max(1e-9)) as usize;
            ranges[outer] = 0..all.min(affordable.max(1));
        }
        let tuples: f64 = ranges.iter().map(|range| range.len() as f64).product();
        let alone = least(|| self.block(&pending, &ranges))?;
        let beside = if rayon::current_num_threads() > 1 {
            least(|| {
                let each = rayon::broadcast(|_| self.block(&pending, &ranges));
                each.into_iter().collect()
            })?
        } else {
            alone
        };
        Ok(Seconds {
            alone: alone / tuples,
            beside: beside / tuples,
        })
    }

    /// The time of adding a vector of a block's result to the result of all.
    pub(crate) fn merge(&self) -> Result<f64, ExecutorError> {
        let part = self.executor.table(table_of(Kind::Vector, 1))?;
        let mut all = part.clone();
        let seconds = least(|| {
            all.add_all(&[part]);
            std::hint::black_box(&all);
            Ok(())
        })?;
        Ok(seconds / part.ranges()[0].len() as f64)
    }

    fn ranges(&self, axes: usize) -> Vec<Range<usize>> {
        let n = self.executor.samples.len();
        let side = if axes <= 1 { n } else { n.min(PAIR_BLOCK) };
        vec![0..side; axes]
    }

    fn block(&self, step: &PendingStep, ranges: &[Range<usize>]) -> Result<(), ExecutorError> {
        let tables = Scope::new(&self.executor).run(step, ranges)?;
        std::hint::black_box(&tables);
        Ok(())
    }
}

/// The axis along which a block can be cut without leaving lanes empty.
fn outer_axis(step: &Step) -> usize {
    match step {
        Step::Pass {
            sample: 0, axes, ..
        } => axes - 1,
        _ => 0,
    }
}

fn pending(step: &Step) -> PendingStep {
    match step {
        Step::Loss { .. } => unreachable!("losses are no block of a step"),
        Step::Pass {
            axes,
            sample,
            directions,
            outputs,
        } => {
            let outputs: Vec<_> = outputs.iter().collect();
            PendingStep::pass(*axes, *sample, directions, &outputs)
        }
        Step::Mean {
            operand,
            kept,
            quantity,
        } => PendingStep::mean(
            *operand,
            *operand - table_of(Kind::Vector, 0),
            kept,
            *quantity,
        ),
        Step::Dot {
            axes,
            left,
            right,
            kept,
            quantity,
        } => PendingStep::dot(*axes, left, right, kept, *quantity),
        Step::Product {
            axes,
            factors,
            kept,
            quantity,
        } => PendingStep::product(*axes, factors, kept, *quantity),
    }
}

/// The time of touching a byte of memory that the process did not have before.
pub(crate) fn fresh_byte() -> f64 {
    // More than any allocator keeps.
    const BYTES: usize = 33 << 20;
    const PAGE: usize = 4096;
    let start = Instant::now();
    let mut memory = vec![0_u8; BYTES];
    for byte in memory.iter_mut().step_by(PAGE) {
        *byte = std::hint::black_box(1);
    }
    std::hint::black_box(&memory);
    start.elapsed().as_secs_f64() / BYTES as f64
}

/// The least of a few times in seconds: what slows a run down is not the run.
fn least(mut run: impl FnMut() -> Result<(), ExecutorError>) -> Result<f64, ExecutorError> {
    let start = Instant::now();
    let mut least = f64::INFINITY;
    for _ in 0..REPEATS {
        least = least.min(timed(&mut run)?);
        if start.elapsed() > PATIENCE {
            break;
        }
    }
    Ok(least)
}

fn timed(mut run: impl FnMut() -> Result<(), ExecutorError>) -> Result<f64, ExecutorError> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed().as_secs_f64())
}
