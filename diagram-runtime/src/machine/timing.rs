//! Seconds of one block of a step, measured on the code that runs it.

use std::ops::Range;
use std::time::{Duration, Instant};

use diagram_calculus::plan::{Kind, Step};

use super::blocks::{LINEAR_BLOCK, PAIR_BLOCK, Work};
use super::tile::Scope;
use super::{Machine, MachineError, Operand, Output};
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

/// A machine over a few samples, with made-up tables for steps to read.
pub(crate) struct Stopwatch<'a, T, D: ?Sized> {
    machine: Machine<'a, T, D>,
}

impl<'a, T: Element, D: Derivatives<T> + ?Sized> Stopwatch<'a, T, D> {
    /// On the first samples.
    pub(crate) fn new(derivatives: &'a D) -> Result<Self, MachineError> {
        let n = derivatives.samples().min(LINEAR_BLOCK);
        let mut machine = Machine::new(derivatives, 0..n)?;
        for rank in 0..=HIGHEST_RANK {
            let side = if rank <= 1 { n } else { n.min(PAIR_BLOCK) };
            for (kind, width) in [(Kind::Scalar, 1), (Kind::Vector, derivatives.dimension())] {
                let mut table = Table::zeros(vec![0..side; rank], width);
                // Memory of zeros alone may not exist yet.
                table.data_mut().fill(T::constant(1.0 / 64.0));
                machine.store(table_of(kind, rank), table);
            }
        }
        Ok(Stopwatch { machine })
    }

    /// The time of one tuple of samples of a step with at most two loops that reads the made-up tables.
    pub(crate) fn seconds(&self, step: &Step) -> Result<Seconds, MachineError> {
        if let Step::Loss { .. } = step {
            let n = self.machine.samples.len();
            let alone = least(|| {
                let mut losses = vec![T::constant(0.0); n];
                self.machine.derivatives.losses(0..n, &mut losses)?;
                Ok(())
            })?;
            // One thread computes the losses.
            return Ok(Seconds {
                alone: alone / n as f64,
                beside: alone / n as f64,
            });
        }
        let work = work_of(step);
        let mut ranges = self.ranges(work.axes);
        if work.axes == 2 {
            let outer = outer_axis(&work, step);
            let all = ranges[outer].len();
            ranges[outer] = 0..1;
            let one = timed(|| self.block(&work, &ranges))?;
            let affordable = (LONGEST_BLOCK / one.max(1e-9)) as usize;
            ranges[outer] = 0..all.min(affordable.max(1));
        }
        let tuples: f64 = ranges.iter().map(|range| range.len() as f64).product();
        let alone = least(|| self.block(&work, &ranges))?;
        let beside = if rayon::current_num_threads() > 1 {
            least(|| {
                let each = rayon::broadcast(|_| self.block(&work, &ranges));
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
    pub(crate) fn merge(&self) -> Result<f64, MachineError> {
        let part = self.machine.table(table_of(Kind::Vector, 1))?;
        let mut all = part.clone();
        let seconds = least(|| {
            all.add_all(&[part]);
            std::hint::black_box(&all);
            Ok(())
        })?;
        Ok(seconds / part.ranges()[0].len() as f64)
    }

    fn ranges(&self, axes: usize) -> Vec<Range<usize>> {
        let n = self.machine.samples.len();
        let side = if axes <= 1 { n } else { n.min(PAIR_BLOCK) };
        vec![0..side; axes]
    }

    fn block(&self, work: &Work, ranges: &[Range<usize>]) -> Result<(), MachineError> {
        let tables = Scope::new(&self.machine).run(work, ranges)?;
        std::hint::black_box(&tables);
        Ok(())
    }
}

/// The axis along which a block can be cut without leaving lanes empty.
fn outer_axis(work: &Work, step: &Step) -> usize {
    match step {
        Step::Pass { sample: 0, .. } => work.axes - 1,
        _ => 0,
    }
}

fn work_of(step: &Step) -> Work {
    match step {
        Step::Loss { .. } => unreachable!("losses are no block of a step"),
        Step::Pass {
            axes,
            sample,
            directions,
            outputs,
        } => {
            let directions: Vec<_> = directions.iter().map(Operand::from).collect();
            let outputs: Vec<_> = outputs.iter().map(Output::from).collect();
            let outputs: Vec<_> = outputs.iter().collect();
            Work::pass(*axes, *sample, &directions, &outputs)
        }
        Step::Mean {
            operand,
            kept,
            quantity,
        } => Work::mean(
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
        } => Work::dot(*axes, left.into(), right.into(), kept, *quantity),
        Step::Product {
            axes,
            factors,
            kept,
            quantity,
        } => {
            let factors: Vec<_> = factors.iter().map(Operand::from).collect();
            Work::product(*axes, &factors, kept, *quantity)
        }
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
fn least(mut run: impl FnMut() -> Result<(), MachineError>) -> Result<f64, MachineError> {
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

fn timed(mut run: impl FnMut() -> Result<(), MachineError>) -> Result<f64, MachineError> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed().as_secs_f64())
}
