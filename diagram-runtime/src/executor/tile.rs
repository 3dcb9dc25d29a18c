//! The execution of a step on one box of samples.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use diagram_algebra::dot::dot;
use diagram_calculus::plan::Operand;

use super::pending::{PendingStep, StepKind, StepOutput};
use super::{Executor, ExecutorError};
use crate::derivatives::{DIRECTIONS_PER_CALL, DerivativeOutput, Direction, Pass};
use crate::scalar::Element;
use crate::table::{Table, for_each_tuple};

/// The quantity of a stream's output, and the block of samples that it is computed for.
type BlockKey = (usize, Vec<Range<usize>>);

/// The execution of steps on one box of samples, with the blocks of streams that they have computed so far.
pub(super) struct Scope<'m, 'a, T> {
    executor: &'m Executor<'a, T>,
    streamed: HashMap<BlockKey, Rc<Table<T>>>,
}

/// A stored table, or a block of a stream.
enum OperandTable<'m, T> {
    Stored(&'m Table<T>),
    Streamed(Rc<Table<T>>),
}

impl<T> OperandTable<'_, T> {
    fn table(&self) -> &Table<T> {
        match self {
            OperandTable::Stored(table) => table,
            OperandTable::Streamed(table) => table,
        }
    }
}

/// The memory for the results of the passes of a call, one pass after the other.
struct Places<'t, T> {
    /// The number of numbers that one pass writes.
    row: usize,
    /// The powers of the derivative.
    powers: &'t [u8],
    /// Whether the derivative of each sample is kept; otherwise they are summed.
    kept: bool,
    /// The memory for the passes whose outputs have not been returned yet.
    numbers: &'t mut [T],
}

impl<'t, T> Places<'t, T> {
    /// Returns the output of the next pass.
    fn next(&mut self) -> DerivativeOutput<'t, T> {
        let (next, rest) = std::mem::take(&mut self.numbers).split_at_mut(self.row);
        self.numbers = rest;
        let (per_sample, sum) = if self.kept {
            (Some(next), None)
        } else {
            (None, Some(next))
        };
        DerivativeOutput {
            powers: self.powers,
            per_sample,
            sum,
        }
    }
}

/// Returns the rows of a direction for the samples of a block, or nothing if the direction is the same for all of them.
fn gather<T: Element>(
    source: &OperandTable<'_, T>,
    operand: &Operand,
    tuple: &[usize],
    sample: usize,
    block: &Range<usize>,
) -> Vec<T> {
    let mut rows = vec![];
    if operand.axes.contains(&sample) {
        for s in block.clone() {
            let at = operand
                .axes
                .iter()
                .map(|&a| if a == sample { s } else { tuple[a] });
            rows.extend_from_slice(source.table().row(at));
        }
    }
    rows
}

/// Transposes a table, in which passes write the axis of the differentiated samples last, to the order of its axes.
fn put_in_order<T: Element>(table: &mut Table<T>, output: &StepOutput, sample: usize) {
    let axis = output
        .kept
        .iter()
        .position(|&a| a == sample)
        .expect("called for outputs that keep it");
    let ranges = table.ranges().to_vec();
    let mut as_written = ranges.clone();
    let samples = as_written.remove(axis);
    as_written.push(samples);
    let mut written = Table::zeros(as_written, table.width());
    written.data_mut().clone_from_slice(table.data());
    for_each_tuple(&ranges, |tuple| {
        let mut from = tuple.to_vec();
        let sample = from.remove(axis);
        from.push(sample);
        let row = table.row_mut(tuple.iter().copied());
        row.clone_from_slice(written.row(from));
    });
}

impl<'m, 'a, T: Element> Scope<'m, 'a, T> {
    pub(super) fn new(executor: &'m Executor<'a, T>) -> Self {
        Scope {
            executor,
            streamed: HashMap::new(),
        }
    }

    /// Returns the outputs of a step on a box of samples, *summed* over the axes that they do not keep.
    pub(super) fn run(
        &mut self,
        step: &PendingStep,
        ranges: &[Range<usize>],
    ) -> Result<Vec<Table<T>>, ExecutorError> {
        match &step.kind {
            StepKind::Pass { .. } => match step.stream {
                None => self.pass_on(step, ranges),
                Some(stream) => {
                    let mut tables = vec![];
                    for output in &step.outputs {
                        tables.push((*self.streamed(stream, output.quantity, ranges)?).clone());
                    }
                    Ok(tables)
                }
            },
            StepKind::Mean { operand } => {
                let source = self.source(operand, ranges)?;
                let mut out = self
                    .executor
                    .zeros(step, &step.outputs[0], |a| ranges[a].clone());
                let kept = &step.outputs[0].kept;
                for_each_tuple(ranges, |tuple| {
                    let from = source.table().row(tuple.iter().copied());
                    for (to, x) in out
                        .row_mut(kept.iter().map(|&a| tuple[a]))
                        .iter_mut()
                        .zip(from)
                    {
                        *to += x.clone();
                    }
                });
                Ok(vec![out])
            }
            StepKind::Dot { left, right } => {
                let (l, r) = (self.source(left, ranges)?, self.source(right, ranges)?);
                Ok(self.scalars(step, ranges, |tuple| {
                    let row = |source: &OperandTable<'_, T>, operand: &Operand| {
                        source
                            .table()
                            .offset(operand.axes.iter().map(|&a| tuple[a]))
                    };
                    let (a, b) = (row(&l, left), row(&r, right));
                    let width = l.table().width();
                    dot(
                        &l.table().data()[a..a + width],
                        &r.table().data()[b..b + width],
                    )
                }))
            }
            StepKind::Product { factors } => {
                let sources = factors
                    .iter()
                    .map(|f| self.source(f, ranges))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(self.scalars(step, ranges, |tuple| {
                    let mut product = T::constant(1.0);
                    for (source, factor) in sources.iter().zip(factors) {
                        let row = source.table().row(factor.axes.iter().map(|&a| tuple[a]));
                        product = product * row[0].clone();
                    }
                    product
                }))
            }
        }
    }

    /// Returns the sums of a number over a box of samples as a table of the step's only output.
    fn scalars(
        &self,
        step: &PendingStep,
        ranges: &[Range<usize>],
        value: impl Fn(&[usize]) -> T,
    ) -> Vec<Table<T>> {
        let output = &step.outputs[0];
        let mut out = self.executor.zeros(step, output, |a| ranges[a].clone());
        for_each_tuple(ranges, |tuple| {
            out.row_mut(output.kept.iter().map(|&a| tuple[a]))[0] += value(tuple);
        });
        vec![out]
    }

    /// Computes the outputs of a pass on a box of samples.
    fn pass_on(
        &mut self,
        step: &PendingStep,
        ranges: &[Range<usize>],
    ) -> Result<Vec<Table<T>>, ExecutorError> {
        let StepKind::Pass { sample, directions } = &step.kind else {
            unreachable!("called for passes only")
        };
        let sample = *sample;
        let sources = directions
            .iter()
            .map(|d| self.source(d, ranges))
            .collect::<Result<Vec<_>, _>>()?;
        let executor = self.executor;
        let dimension = executor.derivatives.dimension();
        let block = ranges[sample].clone();
        let mut tables: Vec<Table<T>> = step
            .outputs
            .iter()
            .map(|o| executor.zeros(step, o, |a| ranges[a].clone()))
            .collect();
        let mut outer = ranges.to_vec();
        outer[sample] = block.start..block.start + 1;
        let mut tuples = vec![];
        for_each_tuple(&outer, |tuple| tuples.push(tuple.to_vec()));
        let shared = directions.iter().all(|d| !d.axes.contains(&sample));
        let together = if shared { DIRECTIONS_PER_CALL } else { 1 };
        // The results are written in the order of the tuples. A table whose last axis is not that of the differentiated samples is transposed
        // afterwards.
        let mut places: Vec<_> = step
            .outputs
            .iter()
            .zip(&mut tables)
            .map(|(output, table)| Places {
                row: dimension
                    * if output.kept.contains(&sample) {
                        block.len()
                    } else {
                        1
                    },
                powers: &output.powers,
                kept: output.kept.contains(&sample),
                numbers: table.data_mut(),
            })
            .collect();
        for tuples in tuples.chunks(together) {
            let gathered: Vec<Vec<Vec<T>>> = tuples
                .iter()
                .map(|tuple| {
                    sources
                        .iter()
                        .zip(directions)
                        .map(|(source, operand)| gather(source, operand, tuple, sample, &block))
                        .collect()
                })
                .collect();
            let passes = tuples
                .iter()
                .zip(&gathered)
                .map(|(tuple, gathered)| Pass {
                    directions: sources
                        .iter()
                        .zip(directions)
                        .zip(gathered)
                        .map(|((source, operand), rows)| {
                            if operand.axes.contains(&sample) {
                                Direction::PerSample(rows)
                            } else {
                                let at = operand.axes.iter().map(|&a| tuple[a]);
                                Direction::Shared(source.table().row(at))
                            }
                        })
                        .collect(),
                    outputs: places.iter_mut().map(Places::next).collect(),
                })
                .collect();
            let first = executor.samples.start;
            let samples = first + block.start..first + block.end;
            executor.derivatives.passes(samples, passes)?;
        }
        for (output, table) in step.outputs.iter().zip(&mut tables) {
            if output.kept.contains(&sample) && output.kept.last() != Some(&sample) {
                put_in_order(table, output, sample);
            }
        }
        Ok(tables)
    }

    /// Returns the stored table of an operand, or the block of its stream.
    fn source(
        &mut self,
        operand: &Operand,
        ranges: &[Range<usize>],
    ) -> Result<OperandTable<'m, T>, ExecutorError> {
        let executor = self.executor;
        match executor.stream_of(operand.quantity) {
            None => executor.table(operand.quantity).map(OperandTable::Stored),
            Some(stream) => {
                let block: Vec<_> = operand.axes.iter().map(|&a| ranges[a].clone()).collect();
                self.streamed(stream, operand.quantity, &block)
                    .map(OperandTable::Streamed)
            }
        }
    }

    /// Returns an output of a stream on a block of pairs. All outputs of the stream are computed together.
    fn streamed(
        &mut self,
        stream: usize,
        quantity: usize,
        block: &[Range<usize>],
    ) -> Result<Rc<Table<T>>, ExecutorError> {
        let key = (quantity, block.to_vec());
        if !self.streamed.contains_key(&key) {
            let executor = self.executor;
            let step = &executor.streams[stream].step;
            let n = executor.samples.len();
            let mut ranges = block.to_vec();
            // A stream with three loops averages over the samples that it differentiates, so that this loop runs over all samples.
            let averaged = step.axes - block.len();
            if let (StepKind::Pass { sample, .. }, 1) = (&step.kind, averaged) {
                ranges.insert(*sample, 0..n);
            }
            for (output, mut table) in step.outputs.iter().zip(self.pass_on(step, &ranges)?) {
                if averaged > 0 {
                    table.divide(n as f64);
                }
                self.streamed
                    .insert((output.quantity, block.to_vec()), Rc::new(table));
            }
        }
        Ok(Rc::clone(&self.streamed[&key]))
    }
}
