//! The memory that a schedule takes, found before anything is done.

use std::collections::HashMap;

use diagram_steps::{Operand, PassOutput, QuantityId, Step};

use super::boxes;
use super::schedule::{Action, Job, Schedule};
use crate::derivatives::DeviceDerivatives;
use crate::emit::Task;
use crate::gpu::Gpu;
use crate::landscape::Number;

/// The lists of rows that tuples of one box need at most, in bytes each: of datapoints and each direction, or of both factors, and of sums.
const LIST: usize = 4;

/// Sizes of what is computed, in bytes.
struct Sizes {
    n: usize,
    dimension: usize,
    number: usize,
}

impl Sizes {
    fn rows(&self, count: usize) -> usize {
        count * self.dimension * self.number
    }

    fn sums(&self, count: usize) -> usize {
        count * self.dimension * 8
    }

    /// A table with so many axes.
    fn table(&self, is_vector: bool, rank: usize) -> usize {
        let entries = self.n.saturating_pow(rank as u32);
        if is_vector {
            self.rows(entries)
        } else {
            entries * 8
        }
    }

    /// Sums of `count` rows or numbers in blocks, and where they go. There are at most as many sums as rows.
    fn reduction(&self, count: usize, is_vector: bool) -> usize {
        let width = if is_vector { self.dimension } else { 1 };
        2 * count * width * 8 + count * LIST
    }

    /// A pass over so many tuples: lists, rows of all outputs, and the sums of one output after the other.
    fn pass(&self, tuples: usize, directions: usize, outputs: usize) -> usize {
        tuples * (1 + directions) * LIST
            + self.rows(tuples) * outputs
            + self.reduction(tuples, true)
    }
}

/// An upper bound of the memory that a schedule takes on a device beside what is there for kernels, in bytes.
pub(super) fn needed<T: Number>(
    derivatives: &DeviceDerivatives<T>,
    gpu: &Gpu,
    n: usize,
    schedule: &Schedule<'_>,
) -> u64 {
    let (resident, keeps) = derivatives.resident_bytes(gpu);
    let all = derivatives.samples.len() * derivatives.samples.width() * size_of::<T>();
    let datapoints = if keeps { 0 } else { all as u64 };
    let sizes = Sizes {
        n,
        dimension: derivatives.theta.len(),
        number: size_of::<T>(),
    };
    let mut tables: HashMap<QuantityId, usize> = HashMap::new();
    let mut most = 0;
    for action in &schedule.actions {
        let own = match action {
            // Losses need no more than a number for each sample, and go through the processor.
            Action::Losses { keep, .. } => {
                tables.extend(keep.map(|keep| (keep, sizes.table(false, 1))));
                0
            }
            Action::Once(_) => 0,
            Action::Linear(job) => {
                add(&mut tables, job, schedule, &sizes);
                let jobs = std::slice::from_ref(job);
                linear(job, &sizes) + most_scratch(derivatives, gpu, jobs, schedule)
            }
            Action::Sweep { jobs, streams } => {
                for job in jobs {
                    add(&mut tables, job, schedule, &sizes);
                }
                sweep(jobs, *streams, schedule, &sizes)
                    + most_scratch(derivatives, gpu, jobs, schedule)
            }
            Action::Forget(quantity) => {
                tables.remove(quantity);
                0
            }
        };
        most = most.max(tables.values().sum::<usize>() + own);
    }
    resident + datapoints + most as u64
}

/// Adds the tables that a job writes and what it reads without sample axes.
fn add(
    tables: &mut HashMap<QuantityId, usize>,
    job: &Job<'_>,
    schedule: &Schedule<'_>,
    sizes: &Sizes,
) {
    let written = job.outputs.iter().map(|output| output.quantity);
    for quantity in written.chain(schedule.tables(job)) {
        let shape = schedule.shapes[&quantity];
        tables.insert(quantity, sizes.table(shape.is_vector, shape.rank));
    }
}

fn linear(job: &Job<'_>, sizes: &Sizes) -> usize {
    match job.step {
        Step::Pass {
            directions,
            outputs,
            ..
        } => {
            let chunk = boxes::chunk(sizes.rows(1), 1).min(sizes.n);
            sizes.pass(chunk, directions.len(), outputs.len()) + sizes.sums(outputs.len())
        }
        Step::Mean { .. } => sizes.reduction(sizes.n, true),
        _ => sizes.n * (8 + 2 * LIST) + sizes.reduction(sizes.n, false),
    }
}

fn sweep(jobs: &[Job<'_>], streams: bool, schedule: &Schedule<'_>, sizes: &Sizes) -> usize {
    let side = boxes::side(sizes.rows(1)).min(sizes.n);
    // Tiles of both orders stay as long as a box.
    let tiles = schedule.streams_of(jobs).into_iter().map(|stream| {
        let stream = &schedule.streams[stream];
        let (directions, outputs) = (stream.pass.directions.len(), stream.pass.outputs.len());
        let pairs = side * side;
        let samples = if stream.axes == 3 {
            boxes::chunk(sizes.rows(1), pairs)
        } else {
            1
        };
        2 * outputs * (sizes.rows(pairs) + sizes.sums(pairs))
            + sizes.pass(pairs * samples, directions, outputs)
    });
    let own = jobs.iter().map(|job| match job.step {
        Step::Pass {
            directions,
            outputs,
            ..
        } if job.stream.is_none() => {
            let tuples = if streams {
                side * side
            } else {
                side * boxes::chunk(sizes.rows(1), side)
            };
            sizes.pass(tuples, directions.len(), outputs.len())
                + 2 * sizes.sums(side * outputs.len())
        }
        // Their sums are those of tiles.
        Step::Pass { .. } => 0,
        Step::Mean { .. } => sizes.reduction(side * side, true),
        _ => {
            let tuples = if streams {
                side * side
            } else {
                boxes::largest(sizes.n, job.axes)
            };
            tuples * (8 + 2 * LIST) + 2 * sizes.reduction(tuples, false)
        }
    });
    tiles.sum::<usize>() + own.sum::<usize>()
}

/// The scratch memory of the kernel of a pass, for a grid that is as large as any.
fn scratch<T: Number>(
    derivatives: &DeviceDerivatives<T>,
    gpu: &Gpu,
    directions: &[Operand],
    outputs: &[PassOutput],
) -> usize {
    let task = Task::pass(
        directions.len(),
        outputs.iter().map(|output| &*output.powers),
    );
    let kernel = derivatives.kernel(gpu, &task);
    kernel.shape.scratch_bytes() * DeviceDerivatives::<T>::grid(gpu, usize::MAX)
}

/// The most scratch memory of the passes of jobs, and of the streams that they read.
fn most_scratch<T: Number>(
    derivatives: &DeviceDerivatives<T>,
    gpu: &Gpu,
    jobs: &[Job<'_>],
    schedule: &Schedule<'_>,
) -> usize {
    let own = jobs.iter().filter_map(|job| match job.step {
        Step::Pass {
            directions,
            outputs,
            ..
        } => Some((&directions[..], &outputs[..])),
        _ => None,
    });
    let streams = schedule.streams_of(jobs).into_iter().map(|stream| {
        let pass = &schedule.streams[stream].pass;
        (pass.directions, pass.outputs)
    });
    own.chain(streams)
        .map(|(directions, outputs)| scratch(derivatives, gpu, directions, outputs))
        .max()
        .unwrap_or(0)
}
