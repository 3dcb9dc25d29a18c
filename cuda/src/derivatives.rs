//! The derivatives of a landscape at one weight vector, computed on devices.
//!
//! Samples are divided into blocks of a fixed size. Sums are taken within a block in the order of the samples, and over blocks in their order, in double
//! precision; so the same bits come out for any number of devices, any memory limit and any run.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use diagram_kernels::derivatives::{DerivativeOutput, Derivatives, Direction, Pass, StepExecutor};
use diagram_kernels::samples::Samples;

use crate::emit::{self, Float, Kernel, Shape, Task};
use crate::gpu::{Buffer, Gpu};
use crate::landscape::Number;
use crate::module::Arguments;
use crate::program::Program;
use crate::tables::{self, Sum};
use crate::{Device, DeviceError};

/// The number of samples of a block.
const BLOCK: usize = 64;

/// The most samples of one launch, so that it does not take long.
const LAUNCH: usize = 1 << 14;

/// How many blocks of threads of a kernel with scratch memory there are for each multiprocessor.
const RESIDENT: usize = 4;

/// The derivatives of a landscape at a weight vector θ for some samples, on one device or several.
pub(crate) struct DeviceDerivatives<T: Number> {
    pub(crate) program: Arc<Program>,
    pub(crate) theta: Vec<T>,
    pub(crate) samples: Samples<T>,
    pub(crate) device: Device,
    /// What lies on each device, once it is needed.
    places: Vec<Mutex<Option<Arc<Place<T>>>>>,
}

/// What lies on a device as long as the derivatives exist.
pub(crate) struct Place<T> {
    pub(crate) theta: Buffer<T>,
    table: Buffer<u32>,
    numbers: Buffer<T>,
    /// All samples, if they take no more than a quarter of the memory.
    pub(crate) samples: Option<Arc<Buffer<T>>>,
}

impl<T: Number> Place<T> {
    /// The arguments of a kernel of the program after the datapoints and how many there are.
    pub(crate) fn rest(
        &self,
        arguments: Arguments,
        gpu: &Gpu,
        kernel: &Kernel,
        scratch: Option<&Buffer<u8>>,
    ) -> Arguments {
        match kernel.shape {
            Shape::Threads { .. } => arguments,
            Shape::Blocks { .. } => arguments
                .buffer(&self.table, gpu)
                .buffer(&self.numbers, gpu)
                .optional(scratch, gpu),
        }
    }
}

/// One output of a pass on the host.
struct Output<'a, T> {
    rows: Option<&'a mut [T]>,
    total: Option<Vec<f64>>,
}

/// What a device gives for a part of the samples, for each output.
struct Part<T> {
    rows: Vec<Option<Vec<T>>>,
    /// The sums of blocks, one after the other.
    sums: Vec<Option<Vec<f64>>>,
}

impl<T: Number> DeviceDerivatives<T> {
    /// Weights and samples fit the program.
    pub(crate) fn new(
        program: Arc<Program>,
        theta: Vec<T>,
        samples: Samples<T>,
        device: Device,
    ) -> Self {
        let places = device.gpus.iter().map(|_| Mutex::new(None)).collect();
        DeviceDerivatives {
            program,
            theta,
            samples,
            device,
            places,
        }
    }

    pub(crate) fn limit(&self, gpu: &Gpu) -> u64 {
        self.device.limit(gpu)
    }

    /// What lies on a device always, in bytes, and with the samples.
    pub(crate) fn resident_bytes(&self, gpu: &Gpu) -> (u64, bool) {
        let number = size_of::<T>() as u64;
        let stages = &self.program.stages;
        // No buffer is empty.
        let fixed = (self.theta.len() + stages.numbers.len().max(1)) as u64 * number
            + stages.table.len().max(1) as u64 * 4;
        let samples = (self.samples.len() * self.samples.width()) as u64 * number;
        let keeps = samples <= self.limit(gpu) / 4;
        (fixed + if keeps { samples } else { 0 }, keeps)
    }

    /// What lies on a device, which is copied there the first time.
    pub(crate) fn place(&self, at: usize) -> Result<Arc<Place<T>>, DeviceError> {
        let mut place = self.places[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = &*place {
            return Ok(made.clone());
        }
        let gpu = &self.device.gpus[at];
        let stages = &self.program.stages;
        let numbers: Vec<T> = stages.numbers.iter().map(|&x| T::rounded(x)).collect();
        let (_, keeps) = self.resident_bytes(gpu);
        let all = self.samples.rows(0..self.samples.len());
        let samples = keeps.then(|| gpu.upload(all)).transpose()?;
        let made = Arc::new(Place {
            theta: gpu.upload(&self.theta)?,
            table: gpu.upload(&stages.table)?,
            numbers: gpu.upload(&numbers)?,
            samples: samples.map(Arc::new),
        });
        *place = Some(made.clone());
        Ok(made)
    }

    pub(crate) fn kernel(&self, gpu: &Gpu, task: &Task) -> Kernel {
        emit::kernel(&self.program, Float::of::<T>(), task, gpu.shared_memory)
    }

    /// How many samples fit at once, if each takes so many numbers beside its datapoint, and the rest so many bytes.
    ///
    /// The grid of a kernel of blocks, which has scratch memory for each, is the second number.
    fn capacity(
        &self,
        gpu: &Gpu,
        kernel: &Kernel,
        (per_sample, others): (usize, u64),
        samples: usize,
    ) -> Result<(usize, usize), DeviceError> {
        let limit = self.limit(gpu);
        let (resident, keeps) = self.resident_bytes(gpu);
        let datapoint = if keeps { 0 } else { self.samples.width() };
        let per_sample = ((per_sample + datapoint) * size_of::<T>()) as u64;
        let scratch = kernel.shape.scratch_bytes() as u64;
        let least = resident + others + per_sample + scratch;
        if least > limit {
            return Err(DeviceError::OutOfMemory {
                needed: least,
                free: limit,
            });
        }
        let free = limit - resident - others;
        // Half of what is free for scratch memory, at least for one block.
        let most = Self::grid(gpu, samples) as u64;
        let grid = match scratch {
            0 => most,
            _ => (free / 2 / scratch).clamp(1, most),
        };
        let left = free - grid * scratch;
        let count = (left / per_sample.max(1)).clamp(1, LAUNCH as u64) as usize;
        let grid = if scratch == 0 { count } else { grid as usize };
        Ok((count.min(samples.max(1)), grid))
    }

    /// Launches a kernel of the program for samples, of which `datapoints` are on the device.
    pub(crate) fn launch(
        gpu: &Gpu,
        kernel: &Kernel,
        grid: usize,
        samples: usize,
        arguments: Arguments,
    ) -> Result<(), DeviceError> {
        let loaded = gpu.load(kernel)?;
        let (blocks, threads, shared) = match kernel.shape {
            Shape::Threads {
                threads,
                shared_bytes,
            } => (samples.div_ceil(threads as usize), threads, shared_bytes),
            Shape::Blocks {
                threads,
                shared_bytes,
                ..
            } => (samples.min(grid), threads, shared_bytes),
        };
        // SAFETY: the callers give the arguments that `Kernel` says, with buffers for so many samples and scratch memory for so many blocks.
        unsafe { gpu.launch(&loaded, (blocks as u32, 1), threads, shared, arguments) }
    }

    /// The first arguments of every kernel of the program.
    fn first_arguments(
        &self,
        gpu: &Gpu,
        place: &Place<T>,
        kernel: &Kernel,
        samples: Range<usize>,
        copied: &mut Option<Buffer<T>>,
        scratch: Option<&Buffer<u8>>,
    ) -> Result<Arguments, DeviceError> {
        let arguments = Arguments::default().buffer(&place.theta, gpu);
        let arguments = if let Some(all) = &place.samples {
            arguments.part(all, samples.start * self.samples.width(), gpu)
        } else {
            // What was copied before is given back first.
            *copied = None;
            let rows = gpu.upload(self.samples.rows(samples.clone()))?;
            arguments.buffer(copied.insert(rows), gpu)
        };
        let arguments = arguments.int(samples.len());
        Ok(place.rest(arguments, gpu, kernel, scratch))
    }

    /// The grid of a kernel of blocks for so many samples.
    pub(crate) fn grid(gpu: &Gpu, samples: usize) -> usize {
        (gpu.processors * RESIDENT).min(samples.max(1))
    }

    pub(crate) fn scratch(
        gpu: &Gpu,
        kernel: &Kernel,
        grid: usize,
    ) -> Result<Option<Buffer<u8>>, DeviceError> {
        match kernel.shape {
            Shape::Blocks { scratch_bytes, .. } if scratch_bytes > 0 => {
                Ok(Some(gpu.allocate(scratch_bytes * grid)?))
            }
            _ => Ok(None),
        }
    }

    fn losses_on(&self, at: usize, samples: Range<usize>) -> Result<Vec<T>, DeviceError> {
        let gpu = &*self.device.gpus[at];
        let _work = gpu.work.lock().unwrap_or_else(PoisonError::into_inner);
        let kernel = self.kernel(gpu, &Task::Loss);
        let (count, grid) = self.capacity(gpu, &kernel, (1, 0), samples.len())?;
        let place = self.place(at)?;
        let scratch = Self::scratch(gpu, &kernel, grid)?;
        let out: Buffer<T> = gpu.allocate(count)?;
        let mut copied = None;
        let mut losses = vec![T::default(); samples.len()];
        for (chunk, losses) in chunks(samples, count).zip(losses.chunks_mut(count)) {
            let arguments = self.first_arguments(
                gpu,
                &place,
                &kernel,
                chunk.clone(),
                &mut copied,
                scratch.as_ref(),
            )?;
            Self::launch(gpu, &kernel, grid, chunk.len(), arguments.buffer(&out, gpu))?;
            gpu.download(&out, losses)?;
        }
        let penalty = self.program.penalty(|at| self.theta[at].wide());
        if penalty != 0.0 {
            for loss in &mut losses {
                *loss = T::rounded(loss.wide() + penalty);
            }
        }
        Ok(losses)
    }

    /// A pass over samples, the first of which is the first one of a block. Directions are given for the samples of the call, of which the range is a part.
    fn pass_on(
        &self,
        at: usize,
        samples: Range<usize>,
        first_of_call: usize,
        directions: &[Direction<'_, T>],
        task: &Task,
        wanted: &[(bool, bool)],
    ) -> Result<Part<T>, DeviceError> {
        let gpu = &*self.device.gpus[at];
        let _work = gpu.work.lock().unwrap_or_else(PoisonError::into_inner);
        let dimension = self.theta.len();
        let kernel = self.kernel(gpu, task);
        let shared = directions.iter().filter(|u| u.is_shared()).count();
        let summed = wanted.iter().filter(|(_, sum)| *sum).count();
        let rows_of_sample = (directions.len() - shared + wanted.len()) * dimension;
        // Sums of all blocks of a launch.
        let sums_bytes = |blocks: usize| (summed * blocks * dimension * 8) as u64;
        let shared_bytes = (shared * dimension * size_of::<T>()) as u64;
        let capacity = |blocks| {
            let others = shared_bytes + sums_bytes(blocks);
            self.capacity(gpu, &kernel, (rows_of_sample, others), samples.len())
        };
        let (mut count, mut grid) = capacity(1)?;
        if count > BLOCK && summed > 0 {
            // Sums of more blocks leave room for fewer samples.
            let blocks = count.div_ceil(BLOCK);
            (count, grid) = capacity(blocks).or_else(|_| capacity(1))?;
            count = count.min(blocks * BLOCK);
        }
        if count > BLOCK {
            count -= count % BLOCK;
        }
        let blocks = count.div_ceil(BLOCK);
        let place = self.place(at)?;
        let scratch = Self::scratch(gpu, &kernel, grid)?;
        let shared_directions = directions
            .iter()
            .map(|direction| match direction {
                Direction::Shared(u) => gpu.upload(u).map(Some),
                Direction::PerSample(_) => Ok(None),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let outputs = wanted
            .iter()
            .map(|_| gpu.allocate::<T>(count * dimension))
            .collect::<Result<Vec<_>, _>>()?;
        let mut part = Part {
            rows: wanted
                .iter()
                .map(|(kept, _)| kept.then(|| Vec::with_capacity(samples.len() * dimension)))
                .collect(),
            sums: wanted.iter().map(|(_, sum)| sum.then(Vec::new)).collect(),
        };
        let mut copied = None;
        let mut row = vec![
            T::default();
            if wanted.iter().any(|w| w.0) {
                count * dimension
            } else {
                0
            }
        ];
        // Samples for which there is no room at once are parts of a block, whose sums go on.
        for unit in chunks(samples, blocks * BLOCK) {
            let blocks = unit.len().div_ceil(BLOCK);
            let sums = wanted
                .iter()
                .map(|(_, sum)| {
                    sum.then(|| gpu.zeros::<f64>(blocks * dimension))
                        .transpose()
                })
                .collect::<Result<Vec<_>, _>>()?;
            for chunk in chunks(unit, count) {
                let own = directions
                    .iter()
                    .map(|direction| match direction {
                        Direction::Shared(_) => Ok(None),
                        Direction::PerSample(rows) => {
                            let from = (chunk.start - first_of_call) * dimension;
                            let rows = &rows[from..from + chunk.len() * dimension];
                            gpu.upload(rows).map(Some)
                        }
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                let mut arguments = self.first_arguments(
                    gpu,
                    &place,
                    &kernel,
                    chunk.clone(),
                    &mut copied,
                    scratch.as_ref(),
                )?;
                arguments = arguments.nothing();
                for (shared, own) in shared_directions.iter().zip(&own) {
                    arguments = match (shared, own) {
                        (Some(shared), _) => arguments.buffer(shared, gpu).int(0),
                        (None, Some(own)) => arguments.buffer(own, gpu).int(dimension),
                        (None, None) => unreachable!("a direction is of one kind"),
                    };
                }
                for output in &outputs {
                    arguments = arguments.buffer(output, gpu);
                }
                Self::launch(gpu, &kernel, grid, chunk.len(), arguments)?;
                for (at, output) in outputs.iter().enumerate() {
                    if let Some(sums) = &sums[at] {
                        let rows = Sum {
                            groups: 1,
                            summed: chunk.len(),
                            of_block: BLOCK,
                            width: dimension,
                            goes_on: true,
                        };
                        tables::add_rows(gpu, output, None, rows, sums)?;
                    }
                    if let Some(rows) = &mut part.rows[at] {
                        let row = &mut row[..chunk.len() * dimension];
                        gpu.download(output, row)?;
                        rows.extend_from_slice(row);
                    }
                }
            }
            for (sums, all) in sums.iter().zip(&mut part.sums) {
                if let (Some(sums), Some(all)) = (sums, all) {
                    let before = all.len();
                    all.resize(before + blocks * dimension, 0.0);
                    gpu.download(sums, &mut all[before..])?;
                }
            }
        }
        // What is left of the work fails here, if it does.
        gpu.finish("derivatives")?;
        Ok(part)
    }

    fn one_pass(&self, samples: Range<usize>, pass: Pass<'_, T>) -> Result<(), DeviceError> {
        let dimension = self.theta.len();
        let Pass {
            directions,
            outputs,
        } = pass;
        if !Task::has_room(directions.len(), outputs.len()) {
            return Err(DeviceError::Unsupported {
                what: format!(
                    "a pass along {} directions with {} outputs is more than devices compute; choose the device cpu",
                    directions.len(),
                    outputs.len()
                ),
            });
        }
        let task = Task::pass(directions.len(), outputs.iter().map(|output| output.powers));
        let wanted: Vec<(bool, bool)> = outputs
            .iter()
            .map(|output| (output.per_sample.is_some(), output.sum.is_some()))
            .collect();
        let mut kept: Vec<Output<'_, T>> = vec![];
        let mut sums = vec![];
        for DerivativeOutput {
            per_sample, sum, ..
        } in outputs
        {
            kept.push(Output {
                rows: per_sample,
                total: sum.is_some().then(|| vec![0.0; dimension]),
            });
            sums.push(sum);
        }
        let first = samples.start;
        let run = |at: usize, part: Range<usize>| {
            self.pass_on(at, part, first, &directions, &task, &wanted)
        };
        self.share(samples, run, |range: Range<usize>, part: Part<T>| {
            for ((output, rows), sums) in kept.iter_mut().zip(part.rows).zip(part.sums) {
                if let (Some(to), Some(rows)) = (&mut output.rows, rows) {
                    let from = (range.start - first) * dimension;
                    to[from..from + rows.len()].clone_from_slice(&rows);
                }
                if let (Some(total), Some(sums)) = (&mut output.total, sums) {
                    for block in sums.chunks_exact(dimension) {
                        for (total, sum) in total.iter_mut().zip(block) {
                            *total += sum;
                        }
                    }
                }
            }
        })?;
        for (output, sum) in kept.iter().zip(sums) {
            if let (Some(total), Some(sum)) = (&output.total, sum) {
                for (to, &total) in sum.iter_mut().zip(total) {
                    *to = T::rounded(to.wide() + total);
                }
            }
        }
        Ok(())
    }

    /// Divides samples among the devices, whole blocks to each, and gives what they return in the order of the samples.
    fn share<R: Send>(
        &self,
        samples: Range<usize>,
        run: impl Fn(usize, Range<usize>) -> Result<R, DeviceError> + Sync,
        mut take: impl FnMut(Range<usize>, R),
    ) -> Result<(), DeviceError> {
        let devices = self.device.gpus.len();
        // In rounds, so that what the devices return does not grow with the number of samples.
        let of_device = samples
            .len()
            .div_ceil(devices)
            .next_multiple_of(BLOCK)
            .clamp(BLOCK, ROUND);
        let mut parts = chunks(samples, of_device).peekable();
        while parts.peek().is_some() {
            let round: Vec<Range<usize>> = parts.by_ref().take(devices).collect();
            let results = on_each(round.len(), |at| run(at, round[at].clone()));
            for (part, result) in round.into_iter().zip(results) {
                take(part, result?);
            }
        }
        Ok(())
    }
}

/// Runs a function for each of so many devices, side by side if there are several.
pub(crate) fn on_each<R: Send>(
    devices: usize,
    run: impl Fn(usize) -> Result<R, DeviceError> + Sync,
) -> Vec<Result<R, DeviceError>> {
    if devices == 1 {
        return vec![run(0)];
    }
    std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..devices)
            .map(|at| scope.spawn(move || run(at)))
            .collect();
        let joined = threads.into_iter().map(|thread| {
            let ended = thread.join();
            ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        joined.collect()
    })
}

/// The most samples of a device in one round.
const ROUND: usize = 64 * BLOCK;

/// Consecutive parts of a range with so many members; the last one may have fewer.
pub(crate) fn chunks(range: Range<usize>, count: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range
        .step_by(count.max(1))
        .map(move |start| start..end.min(start + count.max(1)))
}

impl<T: Number> Derivatives<T> for DeviceDerivatives<T> {
    fn samples(&self) -> usize {
        self.samples.len()
    }

    fn dimension(&self) -> usize {
        self.theta.len()
    }

    fn gradient_flops(&self) -> Option<f64> {
        self.program.gradient_flops
    }

    fn is_piecewise(&self) -> bool {
        self.program.is_piecewise
    }

    fn step_executor(&self) -> Option<&dyn StepExecutor<T>> {
        Some(self)
    }

    fn losses(&self, samples: Range<usize>, out: &mut [T]) -> Result<(), DeviceError> {
        let first = samples.start;
        let run = |at: usize, part: Range<usize>| self.losses_on(at, part);
        self.share(samples, run, |part: Range<usize>, losses: Vec<T>| {
            out[part.start - first..part.end - first].clone_from_slice(&losses);
        })
    }

    fn passes(&self, samples: Range<usize>, passes: Vec<Pass<'_, T>>) -> Result<(), DeviceError> {
        for pass in passes {
            self.one_pass(samples.clone(), pass)?;
        }
        Ok(())
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_> {
        Box::new(DeviceDerivatives::new(
            self.program.clone(),
            self.theta.clone(),
            self.samples.select(indices),
            self.device.clone(),
        ))
    }
}
