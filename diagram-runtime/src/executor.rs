//! Execution of the steps of a plan on the derivatives of samples, for generated code and for the interpreter.
//!
//! Tables over one sample axis are stored. A table of vectors over *pairs* of samples is stored only if it is small. Otherwise its pass becomes a
//! *stream*: the steps that read it are collected until one of their results is needed, and then a single sweep over blocks of pairs computes the
//! vectors and runs all of these steps.
//!
//! The work is cut into blocks whose size does not depend on the number of threads, and partial results are added in the order of the blocks. The
//! results are therefore the same bits on any number of threads.

mod blocks;
mod pending;
mod recorder;
#[cfg(test)]
mod tests;
mod tile;
mod timing;

use std::ops::Range;

use diagram_calculus::plan::{Operand, PassOutput, QuantityId};

use crate::derivatives::Derivatives;
use crate::device::DeviceError;
use crate::scalar::Element;
use crate::table::Table;

pub(crate) use blocks::{boxes, merged_entries, rounds};
use pending::{PendingStep, StepOutput};
pub(crate) use recorder::Recorder;
pub(crate) use timing::{HIGHEST_RANK, Seconds, Stopwatch, fresh_byte, table_of};

/// An executor of the steps of a plan: see [`Step`](diagram_calculus::plan::Step). The steps may come in any order in which quantities are written
/// before they are read.
///
/// Generated code and the interpreter access executors only through this trait, so that they do not depend on the number type in which an executor
/// computes. A step may be deferred; an error in its execution is then returned by a later call.
pub trait Execute {
    /// Computes the losses of the samples as the quantity `keep`, and their mean as the quantity `mean`.
    ///
    /// # Errors
    /// [`ExecutorError::Device`].
    fn losses(
        &mut self,
        keep: Option<QuantityId>,
        mean: Option<QuantityId>,
    ) -> Result<(), ExecutorError>;

    /// Computes derivatives of the losses of the samples on loop axis `sample`, contracted with `directions`, for all tuples of `axes` samples. An
    /// output is a vector of P numbers for each tuple, or the mean of these vectors over axis `sample`.
    ///
    /// # Errors
    /// [`ExecutorError::TooLarge`] if an output is a table of vectors over three or more samples that is too large to be stored;
    /// [`ExecutorError::Missing`] if a direction is not computed yet; [`ExecutorError::Device`].
    fn pass(
        &mut self,
        axes: usize,
        sample: usize,
        directions: &[Operand],
        outputs: &[PassOutput],
    ) -> Result<(), ExecutorError>;

    /// Computes the average of a vector quantity, which has `rank` sample axes, over all of these axes but those `kept`.
    ///
    /// # Errors
    /// [`ExecutorError::Missing`] if the operand is not computed yet; [`ExecutorError::Device`] if a deferred pass fails.
    fn mean(
        &mut self,
        operand: QuantityId,
        rank: usize,
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError>;

    /// Computes the dot products of two vector quantities for all tuples of `axes` samples, averaged over all loop axes but those `kept`.
    ///
    /// # Errors
    /// [`ExecutorError::Missing`] if an operand is not computed yet; [`ExecutorError::Device`] if a deferred pass fails.
    fn dot(
        &mut self,
        axes: usize,
        left: &Operand,
        right: &Operand,
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError>;

    /// Computes the products of scalar quantities for all tuples of `axes` samples, averaged over all loop axes but those `kept`.
    ///
    /// # Errors
    /// [`ExecutorError::Missing`] if a factor is not computed yet; [`ExecutorError::Device`] if a deferred pass fails.
    fn product(
        &mut self,
        axes: usize,
        factors: &[Operand],
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError>;
}

/// The reason why a step cannot be executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecutorError {
    /// A table of vectors over three or more samples is too large to be stored.
    #[error(
        "a table of vectors over {rank} samples needs {bytes} bytes, more than the limit of {limit}; evaluate fewer samples at a time (a `sample` reading with more blocks, or a budget)"
    )]
    TooLarge {
        /// The number of sample axes of the table.
        rank: usize,
        /// The bytes that the table needs.
        bytes: usize,
        /// The largest allowed number of bytes, [`PAIR_TABLE_LIMIT`].
        limit: usize,
    },
    /// The derivatives cannot be computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// There are no samples to average over.
    #[error("there are no samples")]
    NoSamples,
    /// A quantity is read that no step has written, because the steps come in the wrong order.
    #[error("quantity {0} is read before it is computed")]
    Missing(usize),
}

/// The bytes of the largest table of vectors over two or more samples that is stored. Larger tables over pairs are streamed, and larger tables over
/// more samples are refused.
pub const PAIR_TABLE_LIMIT: usize = 32 << 20;

/// An executor for one range of samples, with the quantities that it has computed so far.
pub struct Executor<'a, T> {
    derivatives: &'a dyn Derivatives<T>,
    samples: Range<usize>,
    limit: usize,
    demand: Option<Vec<bool>>,
    tables: Vec<Option<Table<T>>>,
    streams: Vec<Stream>,
    pending: Vec<PendingStep>,
}

/// A pass over pairs of samples whose outputs are not stored, but computed block by block for the steps that read them.
struct Stream {
    step: PendingStep,
    /// The outputs that are tables over pairs.
    quantities: Vec<usize>,
}

/// Returns the quantities that the outputs are.
fn quantities(outputs: Vec<StepOutput>) -> Vec<usize> {
    outputs.into_iter().map(|o| o.quantity).collect()
}

impl<'a, T: Element> Executor<'a, T> {
    /// An executor over the given samples of `derivatives` that has computed nothing yet.
    ///
    /// # Errors
    /// [`ExecutorError::NoSamples`] if the range is empty.
    pub fn new(
        derivatives: &'a dyn Derivatives<T>,
        samples: Range<usize>,
    ) -> Result<Self, ExecutorError> {
        if samples.is_empty() {
            return Err(ExecutorError::NoSamples);
        }
        Ok(Executor {
            derivatives,
            samples,
            limit: PAIR_TABLE_LIMIT,
            demand: None,
            tables: vec![],
            streams: vec![],
            pending: vec![],
        })
    }

    /// Restricts the computation to the quantities marked in `demand` (see [`diagram_calculus::plan::Plan::demand`]). By default all are computed.
    #[must_use]
    pub fn with_demand(mut self, demand: Vec<bool>) -> Self {
        self.demand = Some(demand);
        self
    }

    /// Sets the bytes of the largest table over two or more samples that is stored.
    #[cfg(test)]
    fn with_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Returns the numbers of a quantity without sample axes: one for a scalar, P for a vector, in the coordinates of the derivatives. Deferred steps
    /// are executed first if the quantity is not computed yet.
    ///
    /// # Errors
    /// [`ExecutorError::Missing`] if no step computes the quantity; [`ExecutorError::Device`] if a deferred pass fails.
    pub fn value(&mut self, quantity: usize) -> Result<Vec<T>, ExecutorError> {
        if !self.is_stored(quantity) {
            self.flush()?;
        }
        let table = self.table(quantity)?;
        Ok(table.data().to_vec())
    }

    /// Returns whether a quantity is demanded.
    fn wants(&self, quantity: usize) -> bool {
        self.demand
            .as_ref()
            .is_none_or(|d| d.get(quantity).copied().unwrap_or(false))
    }

    /// Returns the bytes of a table of vectors over `rank` samples.
    fn vector_bytes(&self, rank: usize) -> usize {
        let entries = self.samples.len().saturating_pow(rank as u32);
        entries
            .saturating_mul(self.derivatives.dimension())
            .saturating_mul(size_of::<T>())
    }

    /// Returns whether a table of vectors over `rank` samples is not stored.
    fn is_too_large(&self, rank: usize) -> bool {
        rank >= 2 && self.vector_bytes(rank) > self.limit
    }

    /// Returns whether the step reads a quantity that is streamed.
    fn reads_stream(&self, step: &PendingStep) -> bool {
        step.reads().any(|q| self.stream_of(q).is_some())
    }

    /// Returns the index of the stream that computes a quantity.
    fn stream_of(&self, quantity: usize) -> Option<usize> {
        self.streams
            .iter()
            .position(|s| s.quantities.contains(&quantity))
    }

    /// Ensures that the quantities which a step reads are stored or streamed, by executing the deferred steps if they are not.
    fn await_inputs(&mut self, step: &PendingStep) -> Result<(), ExecutorError> {
        let available = |q| self.is_stored(q) || self.stream_of(q).is_some();
        if step.reads().all(available) {
            Ok(())
        } else {
            self.flush()
        }
    }

    fn is_stored(&self, quantity: usize) -> bool {
        self.tables.get(quantity).is_some_and(Option::is_some)
    }

    fn table(&self, quantity: usize) -> Result<&Table<T>, ExecutorError> {
        self.tables
            .get(quantity)
            .and_then(Option::as_ref)
            .ok_or(ExecutorError::Missing(quantity))
    }

    fn store(&mut self, quantity: usize, table: Table<T>) {
        if self.tables.len() <= quantity {
            self.tables.resize_with(quantity + 1, || None);
        }
        self.tables[quantity] = Some(table);
    }

    /// Executes a step, or defers it if it reads a stream.
    fn submit(&mut self, step: PendingStep) -> Result<(), ExecutorError> {
        self.await_inputs(&step)?;
        if self.reads_stream(&step) {
            self.pending.push(step);
            Ok(())
        } else {
            self.run(&[step])
        }
    }
}

impl<T: Element> Execute for Executor<'_, T> {
    fn losses(
        &mut self,
        keep: Option<QuantityId>,
        mean: Option<QuantityId>,
    ) -> Result<(), ExecutorError> {
        let wanted = [keep, mean].into_iter().flatten().any(|q| self.wants(q));
        if !wanted {
            return Ok(());
        }
        let mut table = Table::zeros(std::iter::once(0..self.samples.len()).collect(), 1);
        self.derivatives
            .losses(self.samples.clone(), table.data_mut())?;
        if let Some(q) = mean {
            let mut average = Table::zeros(vec![], 1);
            for x in table.data() {
                average.data_mut()[0] += x.clone();
            }
            average.divide(self.samples.len() as f64);
            self.store(q, average);
        }
        if let Some(q) = keep {
            self.store(q, table);
        }
        Ok(())
    }

    fn pass(
        &mut self,
        axes: usize,
        sample: usize,
        directions: &[Operand],
        outputs: &[PassOutput],
    ) -> Result<(), ExecutorError> {
        let outputs: Vec<_> = outputs.iter().filter(|o| self.wants(o.quantity)).collect();
        if outputs.is_empty() {
            return Ok(());
        }
        let mut step = PendingStep::pass(axes, sample, directions, &outputs);
        self.await_inputs(&step)?;
        let kept_pairs = outputs
            .iter()
            .any(|o| self.is_too_large(axes - usize::from(o.mean)));
        if !kept_pairs && !self.reads_stream(&step) {
            return self.run(&[step]);
        }
        for output in &outputs {
            let rank = axes - usize::from(output.mean);
            if rank >= 3 && self.is_too_large(rank) {
                let bytes = self.vector_bytes(rank);
                return Err(ExecutorError::TooLarge {
                    rank,
                    bytes,
                    limit: self.limit,
                });
            }
        }
        if kept_pairs {
            let (pairs, reduced) = step
                .outputs
                .iter()
                .cloned()
                .partition(|o: &StepOutput| o.kept.len() >= 2);
            self.streams.push(Stream {
                step: step.clone(),
                quantities: quantities(pairs),
            });
            // The outputs that the pass averages are summed during the sweep over the stream.
            step.outputs = reduced;
            step.stream = Some(self.streams.len() - 1);
        }
        if !step.outputs.is_empty() {
            self.pending.push(step);
        }
        Ok(())
    }

    fn mean(
        &mut self,
        operand: QuantityId,
        rank: usize,
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError> {
        if !self.wants(quantity) {
            return Ok(());
        }
        self.submit(PendingStep::mean(operand, rank, kept, quantity))
    }

    fn dot(
        &mut self,
        axes: usize,
        left: &Operand,
        right: &Operand,
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError> {
        if !self.wants(quantity) {
            return Ok(());
        }
        self.submit(PendingStep::dot(axes, left, right, kept, quantity))
    }

    fn product(
        &mut self,
        axes: usize,
        factors: &[Operand],
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError> {
        if !self.wants(quantity) {
            return Ok(());
        }
        self.submit(PendingStep::product(axes, factors, kept, quantity))
    }
}
