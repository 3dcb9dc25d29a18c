//! In which order steps are executed, found before any of them is.
//!
//! Vectors over pairs of samples are never stored whole. A pass that computes them is a *stream*, of which tiles are computed where steps need them: those steps wait until one of their results is
//! needed, and then all of them run together over the tiles.

use std::collections::{BTreeSet, HashMap};

use diagram_steps::{Operand, PassOutput, QuantityId, Step};

use crate::emit::Task;

/// The most axes of a step that are looped over.
pub(super) const MOST_AXES: usize = 3;

/// The entries of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TableShape {
    /// Whether the entries are vectors of P numbers; otherwise they are numbers.
    pub(super) is_vector: bool,
    /// The number of sample axes.
    pub(super) rank: usize,
}

/// What a step writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) quantity: QuantityId,
    /// The axes of the loops that the table has, in ascending order; it is the average over the others.
    pub(super) kept: Vec<usize>,
}

/// A step that is executed over boxes of tuples, with those of its outputs that are wanted then.
#[derive(Clone, Debug)]
pub(super) struct Job<'a> {
    pub(super) step: &'a Step,
    pub(super) axes: usize,
    pub(super) outputs: Vec<Output>,
    /// The stream whose pass this is.
    pub(super) stream: Option<usize>,
}

/// Derivatives that are computed together.
#[derive(Clone, Debug)]
pub(super) struct Pass<'a> {
    /// The loop axis of the differentiated samples.
    pub(super) sample: usize,
    pub(super) directions: &'a [Operand],
    pub(super) outputs: &'a [PassOutput],
    /// What the outputs are, in their order.
    pub(super) written: Vec<Output>,
}

/// A pass whose vectors over pairs are computed in tiles.
#[derive(Clone, Debug)]
pub(super) struct Stream<'a> {
    /// The number of loops.
    pub(super) axes: usize,
    pub(super) pass: Pass<'a>,
}

/// What is done, one after the other.
#[derive(Clone, Debug)]
pub(super) enum Action<'a> {
    Losses {
        keep: Option<QuantityId>,
        mean: Option<QuantityId>,
    },
    /// A step without loops.
    Once(&'a Step),
    /// A step over all samples, which every device executes, so that its tables are on all of them.
    Linear(Job<'a>),
    /// Steps over all tuples of several samples, in boxes that devices share. With streams these are pairs of blocks.
    Sweep { jobs: Vec<Job<'a>>, streams: bool },
    /// A table that nothing reads any more.
    Forget(QuantityId),
}

/// The actions for some steps.
#[derive(Debug, Default)]
pub(super) struct Schedule<'a> {
    pub(super) actions: Vec<Action<'a>>,
    pub(super) streams: Vec<Stream<'a>>,
    pub(super) shapes: HashMap<QuantityId, TableShape>,
    /// The stream that computes a quantity.
    pub(super) stream_of: HashMap<QuantityId, usize>,
    /// The tables that are stored so far and not forgotten.
    live: BTreeSet<QuantityId>,
    /// Steps that wait for a stream.
    pending: Vec<Job<'a>>,
    /// The quantities that waiting steps write.
    awaited: Vec<QuantityId>,
}

/// What a step with so many loops writes.
fn outputs(step: &Step, axes: usize) -> Vec<Output> {
    match step {
        Step::Loss { keep, mean } => {
            let keep = keep.map(|quantity| Output {
                quantity,
                kept: vec![0],
            });
            let mean = mean.map(|quantity| Output {
                quantity,
                kept: vec![],
            });
            keep.into_iter().chain(mean).collect()
        }
        Step::Pass {
            sample, outputs, ..
        } => outputs
            .iter()
            .map(|output| Output {
                quantity: output.quantity,
                kept: (0..axes)
                    .filter(|axis| !(output.mean && axis == sample))
                    .collect(),
            })
            .collect(),
        Step::Mean { kept, quantity, .. }
        | Step::Dot { kept, quantity, .. }
        | Step::Product { kept, quantity, .. } => vec![Output {
            quantity: *quantity,
            kept: kept.clone(),
        }],
    }
}

impl<'a> Schedule<'a> {
    /// The actions for the steps, after which the quantities `wanted` are known; `None` if there are steps that are not executed on devices: those over four samples or more, vectors over three,
    /// loops over all samples of vectors over pairs, and passes with more outputs than a kernel has parameters.
    pub(super) fn of(steps: &'a [Step], wanted: &[QuantityId]) -> Option<Schedule<'a>> {
        let last = last_reads(steps, wanted);
        let mut schedule = Schedule::default();
        for (at, step) in steps.iter().enumerate() {
            schedule.add(step)?;
            if at + 1 == steps.len() {
                schedule.flush();
            }
            // Steps that wait read what was written before them.
            if schedule.pending.is_empty() {
                schedule.forget(|quantity| last.get(&quantity).is_none_or(|&last| last <= at));
            }
        }
        Some(schedule)
    }

    fn forget(&mut self, is_done: impl Fn(QuantityId) -> bool) {
        let done = self.live.extract_if(.., |&quantity| is_done(quantity));
        self.actions.extend(done.map(Action::Forget));
    }

    /// Whether an operand is a table of vectors over pairs.
    fn is_streamed(&self, operand: &Operand) -> bool {
        self.stream_of.contains_key(&operand.quantity)
    }

    fn add(&mut self, step: &'a Step) -> Option<()> {
        let axes = self.axes(step)?;
        if let Step::Pass {
            directions,
            outputs,
            ..
        } = step
            && !Task::has_room(directions.len(), outputs.len())
        {
            return None;
        }
        if step.reads().iter().any(|q| self.awaited.contains(q)) {
            self.flush();
        }
        let operands: Vec<&Operand> = match step {
            Step::Loss { .. } | Step::Mean { .. } => vec![],
            Step::Pass { directions, .. } => directions.iter().collect(),
            Step::Dot { left, right, .. } => vec![left, right],
            Step::Product { factors, .. } => factors.iter().collect(),
        };
        let streamed: Vec<&&Operand> = operands
            .iter()
            .filter(|operand| self.is_streamed(operand))
            .collect();
        let is_vector = matches!(step, Step::Pass { .. } | Step::Mean { .. });
        let outputs = outputs(step, axes);
        for Output { quantity, kept } in &outputs {
            let rank = kept.len();
            if rank > 2 {
                return None;
            }
            self.shapes
                .insert(*quantity, TableShape { is_vector, rank });
            // Vectors over pairs are never stored.
            if rank > 0 && !(is_vector && rank == 2) {
                self.live.insert(*quantity);
            }
        }
        let mut job = Job {
            step,
            axes,
            outputs,
            stream: None,
        };
        let reads_stream = !streamed.is_empty()
            || matches!(step, Step::Mean { operand, .. } if self.stream_of.contains_key(operand));
        if let Step::Loss { keep, mean } = step {
            let (keep, mean) = (*keep, *mean);
            self.actions.push(Action::Losses { keep, mean });
        } else if axes == 0 {
            self.actions.push(Action::Once(step));
        } else if axes == 1 {
            self.actions.push(Action::Linear(job));
        } else if let Step::Pass {
            sample,
            directions,
            outputs,
            ..
        } = step
        {
            // With three loops that over the differentiated samples is inside, over all of them.
            if axes == 3 && streamed.iter().any(|operand| operand.axes.contains(sample)) {
                return None;
            }
            if job.outputs.iter().any(|output| output.kept.len() == 2) {
                let stream = self.streams.len();
                let (pairs, reduced): (Vec<Output>, Vec<Output>) = job
                    .outputs
                    .iter()
                    .cloned()
                    .partition(|output| output.kept.len() == 2);
                self.streams.push(Stream {
                    axes,
                    pass: Pass {
                        sample: *sample,
                        directions,
                        outputs,
                        written: job.outputs,
                    },
                });
                self.stream_of
                    .extend(pairs.iter().map(|output| (output.quantity, stream)));
                job.outputs = reduced;
                job.stream = Some(stream);
                if !job.outputs.is_empty() {
                    self.wait(job);
                }
            } else if reads_stream {
                self.wait(job);
            } else {
                self.sweep(vec![job], false);
            }
        } else if reads_stream {
            if axes > 2 {
                return None;
            }
            self.wait(job);
        } else {
            self.sweep(vec![job], false);
        }
        Some(())
    }

    /// The number of loops of a step.
    fn axes(&self, step: &Step) -> Option<usize> {
        let axes = match step {
            Step::Mean { operand, .. } => self.shapes.get(operand)?.rank,
            step => step.axes(),
        };
        (axes <= MOST_AXES).then_some(axes)
    }

    fn wait(&mut self, job: Job<'a>) {
        self.awaited
            .extend(job.outputs.iter().map(|output| output.quantity));
        self.pending.push(job);
    }

    fn flush(&mut self) {
        let jobs = std::mem::take(&mut self.pending);
        self.awaited.clear();
        if !jobs.is_empty() {
            self.sweep(jobs, true);
        }
    }

    fn sweep(&mut self, jobs: Vec<Job<'a>>, streams: bool) {
        self.actions.push(Action::Sweep { jobs, streams });
    }

    /// The tables that a job reads, those from which the streams that it reads are computed among them.
    pub(super) fn tables(&self, job: &Job<'a>) -> Vec<QuantityId> {
        let mut tables = vec![];
        let mut left = job.step.reads();
        while let Some(quantity) = left.pop() {
            match self.stream_of.get(&quantity) {
                Some(&stream) => {
                    let directions = self.streams[stream].pass.directions.iter();
                    left.extend(directions.map(|operand| operand.quantity));
                }
                None => tables.push(quantity),
            }
        }
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// The streams that jobs read.
    pub(super) fn streams_of(&self, jobs: &[Job<'a>]) -> Vec<usize> {
        let mut streams: Vec<usize> = jobs.iter().filter_map(|job| job.stream).collect();
        let mut left: Vec<QuantityId> = jobs.iter().flat_map(|job| job.step.reads()).collect();
        while let Some(quantity) = left.pop() {
            if let Some(&stream) = self.stream_of.get(&quantity) {
                streams.push(stream);
                let directions = self.streams[stream].pass.directions.iter();
                left.extend(directions.map(|operand| operand.quantity));
            }
        }
        streams.sort_unstable();
        streams.dedup();
        streams
    }
}

/// The index of the last step for which each quantity is needed. What a stream reads is needed as long as what it computes.
fn last_reads(steps: &[Step], wanted: &[QuantityId]) -> HashMap<QuantityId, usize> {
    let mut last: HashMap<QuantityId, usize> = wanted
        .iter()
        .map(|&quantity| (quantity, steps.len()))
        .collect();
    for (at, step) in steps.iter().enumerate().rev() {
        let until = match step {
            Step::Pass { axes, outputs, .. } => outputs
                .iter()
                .filter(|output| axes - usize::from(output.mean) == 2)
                .filter_map(|output| last.get(&output.quantity).copied())
                .max()
                .map_or(at, |read| read.max(at)),
            _ => at,
        };
        for quantity in step.reads() {
            let entry = last.entry(quantity).or_insert(until);
            *entry = (*entry).max(until);
        }
    }
    last
}
