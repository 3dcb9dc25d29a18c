//! The seconds of one block of a step, measured by running the code that executes plans.

use std::ops::Range;
use std::time::{Duration, Instant};

use diagram_calculus::plan::{Kind, Step};

use super::blocks::{LINEAR_BLOCK, PAIR_BLOCK};
use super::pending::PendingStep;
use super::tile::Scope;
use super::{Executor, ExecutorError};
use crate::derivatives::Derivatives;
use crate::scalar::Element;
use crate::table::Table;

/// The highest rank of a placeholder table.
pub(crate) const HIGHEST_RANK: usize = 2;
/// The time after which no further repetition is begun.
const PATIENCE: Duration = Duration::from_millis(8);
/// The largest number of repetitions.
const REPEATS: usize = 6;
/// The seconds above which a block is cut to fewer samples.
const LONGEST_BLOCK: f64 = 0.02;

/// Returns the index of the placeholder table of the given kind and rank.
pub(crate) fn table_of(kind: Kind, rank: usize) -> usize {
    let first = match kind {
        Kind::Scalar => 0,
        Kind::Vector => HIGHEST_RANK + 1,
    };
    first + rank.min(HIGHEST_RANK)
}

/// The seconds that one tuple of samples takes on one thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds {
    /// The seconds while the other threads are idle.
    pub(crate) alone: f64,
    /// The seconds while all threads do the same.
    pub(crate) beside: f64,
}

/// An executor over a few samples with placeholder tables, on which steps are timed.
pub(crate) struct Stopwatch<'a, T> {
    executor: Executor<'a, T>,
}

impl<'a, T: Element> Stopwatch<'a, T> {
    /// A stopwatch on the first samples of `derivatives`.
    pub(crate) fn new(derivatives: &'a dyn Derivatives<T>) -> Result<Self, ExecutorError> {
        let n = derivatives.samples().min(LINEAR_BLOCK);
        let mut executor = Executor::new(derivatives, 0..n)?;
        for rank in 0..=HIGHEST_RANK {
            let side = if rank <= 1 { n } else { n.min(PAIR_BLOCK) };
            for (kind, width) in [(Kind::Scalar, 1), (Kind::Vector, derivatives.dimension())] {
                let mut table = Table::zeros(vec![0..side; rank], width);
                // The numbers are not 0, so that steps compute with ordinary numbers.
                table.data_mut().fill(T::constant(1.0 / 64.0));
                executor.store(table_of(kind, rank), table);
            }
        }
        Ok(Stopwatch { executor })
    }

    /// Returns the time of one tuple of samples of a step that has at most two loops and reads the placeholder tables.
    pub(crate) fn seconds(&self, step: &Step) -> Result<Seconds, ExecutorError> {
        if let Step::Loss { .. } = step {
            let n = self.executor.samples.len();
            let alone = least(|| {
                let mut losses = vec![T::constant(0.0); n];
                self.executor.derivatives.losses(0..n, &mut losses)?;
                Ok(())
            })?;
            // The losses are computed by a single thread.
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

    /// Returns the seconds of adding one vector of a partial result to the result.
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

    /// Returns the range of samples of each axis of a block.
    fn ranges(&self, axes: usize) -> Vec<Range<usize>> {
        let n = self.executor.samples.len();
        let side = if axes <= 1 { n } else { n.min(PAIR_BLOCK) };
        vec![0..side; axes]
    }

    /// Executes a step on one block.
    fn block(&self, step: &PendingStep, ranges: &[Range<usize>]) -> Result<(), ExecutorError> {
        let tables = Scope::new(&self.executor).run(step, ranges)?;
        std::hint::black_box(&tables);
        Ok(())
    }
}

/// Returns the axis along which a block can be cut without leaving SIMD lanes unused.
fn outer_axis(step: &Step) -> usize {
    match step {
        Step::Pass {
            sample: 0, axes, ..
        } => axes - 1,
        _ => 0,
    }
}

/// Converts a step to the form that is executed, with all of its outputs.
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

/// Returns the seconds of the first access to a byte of memory that the process did not have before.
pub(crate) fn fresh_byte() -> f64 {
    // The allocator of glibc serves requests above 32 MiB from new memory.
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

/// Returns the least seconds of a few runs: other activity of the machine makes a run slower, never faster.
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
