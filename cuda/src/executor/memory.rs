//! The memory that a schedule takes, found before anything is done.

use std::collections::HashMap;

use diagram_steps::{Operand, PassOutput, QuantityId, Step};

use super::boxes;
use super::schedule::{Action, Job, MOST_AXES, Output, Pass, Schedule, Stream};
use super::scope::BLOCK;
use crate::derivatives::DeviceDerivatives;
use crate::emit::Task;
use crate::gpu::Gpu;
use crate::landscape::Number;

/// An entry of a list of rows, in bytes.
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

    fn width(&self, is_vector: bool) -> usize {
        if is_vector { self.dimension } else { 1 }
    }

    fn sums(&self, count: usize, is_vector: bool) -> usize {
        count * self.width(is_vector) * 8
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

    /// What is needed to add up `summed` rows or numbers for each of `groups` sums: their order, and sums of blocks.
    fn adding(&self, groups: usize, summed: usize, is_vector: bool) -> usize {
        groups * summed * LIST + self.sums(groups * summed.div_ceil(BLOCK), is_vector)
    }

    /// The lists of a pass over so many tuples.
    fn lists(tuples: usize, directions: &[Operand]) -> usize {
        tuples * (1 + directions.len()) * LIST
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
            // They go through the processor. Datapoints that are not kept are copied for them once more.
            Action::Losses { keep, .. } => {
                tables.extend(keep.map(|keep| (keep, sizes.table(false, 1))));
                sizes.n * size_of::<T>()
                    + datapoints as usize
                    + scratch(derivatives, gpu, &Task::Loss, n)
            }
            Action::Once(_) => 0,
            Action::Linear(job) => {
                add(&mut tables, job, schedule, &sizes);
                let jobs = std::slice::from_ref(job);
                linear(job, &sizes) + most_scratch(derivatives, gpu, (jobs, n), schedule)
            }
            Action::Sweep { jobs, streams } => {
                for job in jobs {
                    add(&mut tables, job, schedule, &sizes);
                }
                sweep(jobs, *streams, schedule, &sizes)
                    + most_scratch(
                        derivatives,
                        gpu,
                        (jobs, n.saturating_pow(MOST_AXES as u32)),
                        schedule,
                    )
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
    // Outputs that keep the samples are tables.
    let means: Vec<&Output> = job
        .outputs
        .iter()
        .filter(|output| output.kept.is_empty())
        .collect();
    let own = match job.step {
        Step::Pass { directions, .. } => {
            let chunk = boxes::chunk(sizes.rows(1), 1).min(sizes.n);
            let sums = sums_on_box(&means, &[chunk], &[chunk], true, sizes);
            let rows = sizes.rows(chunk) * means.len();
            sums.and(rows + Sizes::lists(chunk, directions))
        }
        step => numbers_on_box(step, &means, &[sizes.n], sizes),
    };
    own.kept + own.meanwhile
}

/// What steps need on a box beside tables: what they give, which is there until the box is done, and what they need meanwhile.
#[derive(Clone, Copy, Default)]
struct OnBox {
    kept: usize,
    meanwhile: usize,
}

impl OnBox {
    /// With so many bytes more meanwhile.
    fn and(self, meanwhile: usize) -> OnBox {
        OnBox {
            meanwhile: self.meanwhile + meanwhile,
            ..self
        }
    }

    /// One after the other.
    fn then(self, next: OnBox) -> OnBox {
        OnBox {
            kept: self.kept + next.kept,
            meanwhile: self.meanwhile.max(next.meanwhile),
        }
    }
}

fn sweep(jobs: &[Job<'_>], streams: bool, schedule: &Schedule<'_>, sizes: &Sizes) -> usize {
    let side = boxes::side(sizes.rows(1)).min(sizes.n);
    // Two blocks of samples are a box in both orders.
    let orders = if streams && side < sizes.n { 2 } else { 1 };
    let own = jobs
        .iter()
        .map(|job| job_on_box(job, streams, side, sizes))
        .fold(OnBox::default(), OnBox::then);
    // Tiles stay as long as the box, and may be asked for while something else is computed.
    let tiles = schedule.streams_of(jobs).into_iter().map(|stream| {
        let tile = tile_on_box(&schedule.streams[stream], side, sizes);
        orders * tile.kept + tile.meanwhile
    });
    orders * own.kept + own.meanwhile + tiles.sum::<usize>()
}

fn job_on_box(job: &Job<'_>, streams: bool, side: usize, sizes: &Sizes) -> OnBox {
    let outputs: Vec<&Output> = job.outputs.iter().collect();
    match job.step {
        // Their sums are those of tiles.
        Step::Pass { .. } if job.stream.is_some() => OnBox::default(),
        Step::Pass {
            sample, directions, ..
        } => {
            let mut extents = vec![side; 2];
            if !streams {
                extents[*sample] = sizes.n;
            }
            let chunk = boxes::chunk(sizes.rows(1), side);
            pass_on_box((directions, *sample, chunk), &outputs, &extents, sizes)
        }
        step if streams => numbers_on_box(step, &outputs, &[side; 2], sizes),
        step => numbers_on_box(step, &outputs, &boxes::largest(sizes.n, job.axes), sizes),
    }
}

/// A mean of vectors that there are, or of numbers for each tuple of a box.
fn numbers_on_box(step: &Step, outputs: &[&Output], extents: &[usize], sizes: &Sizes) -> OnBox {
    let is_vector = matches!(step, Step::Mean { .. });
    let sums = sums_on_box(outputs, extents, extents, is_vector, sizes);
    if is_vector {
        return sums;
    }
    let tuples: usize = extents.iter().product();
    sums.and(tuples * (8 + 2 * LIST))
}

/// Sums of outputs over the axes of a box that they do not keep. They are taken one after the other, over parts with the extents `part`.
fn sums_on_box(
    outputs: &[&Output],
    extents: &[usize],
    part: &[usize],
    is_vector: bool,
    sizes: &Sizes,
) -> OnBox {
    let of = |output: &&Output| {
        let groups = |extents: &[usize]| -> usize {
            output.kept.iter().map(|&axis| extents[axis]).product()
        };
        let summed = part.iter().product::<usize>() / groups(part).max(1);
        OnBox {
            kept: sizes.sums(groups(extents), is_vector),
            meanwhile: sizes.adding(groups(part), summed, is_vector),
        }
    };
    outputs.iter().map(of).fold(OnBox::default(), OnBox::then)
}

/// A pass on a box, of whose samples on the axis `sample` a chunk is differentiated at once, where all outputs are summed.
fn pass_on_box(
    (directions, sample, chunk): (&[Operand], usize, usize),
    outputs: &[&Output],
    extents: &[usize],
    sizes: &Sizes,
) -> OnBox {
    let mut part = extents.to_vec();
    part[sample] = part[sample].min(chunk);
    let tuples = part.iter().product();
    let rows = sizes.rows(tuples) * outputs.len();
    let sums = sums_on_box(outputs, extents, &part, true, sizes);
    sums.and(rows + Sizes::lists(tuples, directions))
}

/// The outputs of a stream on a block of pairs.
fn tile_on_box(stream: &Stream<'_>, side: usize, sizes: &Sizes) -> OnBox {
    let Pass {
        sample,
        directions,
        written,
        ..
    } = &stream.pass;
    let (vectors, summed): (Vec<&Output>, Vec<&Output>) =
        written.iter().partition(|output| output.kept.len() == 2);
    let pairs = side * side;
    let rows = sizes.rows(pairs) * vectors.len();
    if stream.axes == 2 {
        let sums = sums_on_box(&summed, &[side; 2], &[side; 2], true, sizes);
        let others = sizes.rows(pairs) * summed.len() + Sizes::lists(pairs, directions);
        return OnBox {
            kept: sums.kept + rows,
            ..sums.and(others)
        };
    }
    // Sums over the third axis, of which vectors are made in the end.
    let mut extents = vec![side; 2];
    extents.insert(*sample, sizes.n);
    let chunk = boxes::chunk(sizes.rows(1), pairs);
    let pass = pass_on_box((directions, *sample, chunk), &vectors, &extents, sizes);
    OnBox {
        kept: rows,
        meanwhile: pass.kept + pass.meanwhile,
    }
}

/// The scratch memory of a kernel for so many tuples.
fn scratch<T: Number>(
    derivatives: &DeviceDerivatives<T>,
    gpu: &Gpu,
    task: &Task,
    tuples: usize,
) -> usize {
    let kernel = derivatives.kernel(gpu, task);
    kernel.shape.scratch_bytes() * DeviceDerivatives::<T>::grid(gpu, tuples)
}

/// The most scratch memory of the passes of jobs, over so many tuples at most, and of the streams that they read.
fn most_scratch<T: Number>(
    derivatives: &DeviceDerivatives<T>,
    gpu: &Gpu,
    (jobs, tuples): (&[Job<'_>], usize),
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
    let task = |directions: &[Operand], outputs: &[PassOutput]| {
        let powers = outputs.iter().map(|output| &*output.powers);
        Task::pass(directions.len(), powers)
    };
    own.chain(streams)
        .map(|(directions, outputs)| scratch(derivatives, gpu, &task(directions, outputs), tuples))
        .max()
        .unwrap_or(0)
}
