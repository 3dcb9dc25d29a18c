//! Trials on a device: their memory, and the launches of kernels.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use diagram_runtime::draws;
use diagram_runtime::simulate::{Optimizer, Simulation};

use super::division::Division;
use super::{MEASURES, Plan};
use crate::DeviceError;
use crate::emit::{self, Kernel, Rule, Shape};
use crate::gpu::{Buffer, Gpu};
use crate::landscape::Number;
use crate::module::{Arguments, Loaded};

/// A launch is made shorter or longer if it took more or less than these seconds.
const LAUNCH_SECONDS: [f64; 2] = [0.02, 0.06];

/// The threads of a block that draws.
const DRAWING_THREADS: usize = 64;

/// What lies on a device as long as a simulation runs.
pub(super) struct Place<T> {
    population: Buffer<T>,
    theta0: Buffer<T>,
    starts: Vec<Buffer<T>>,
    probe: Option<Buffer<T>>,
    metric: Buffer<T>,
    key: Buffer<u32>,
    table: Buffer<u32>,
    numbers: Buffer<T>,
    draw: Arc<Loaded>,
    begin: Arc<Loaded>,
    steps: Arc<Loaded>,
    measure: Arc<Loaded>,
}

/// What lies on a device of a chunk of trials.
pub(super) struct Chunk<'p, T> {
    gpu: &'p Gpu,
    kernels: &'p [Kernel; 2],
    place: &'p Place<T>,
    division: Division,
    pub(super) trials: usize,
    scratch: Buffer<u8>,
    signs: Buffer<u32>,
    weights: Buffer<T>,
    train: Buffer<u32>,
    test: Buffer<u32>,
    order: Option<Buffer<u32>>,
    drawn: Buffer<u64>,
    positions: Buffer<u64>,
    pub(super) measures: Buffer<f64>,
    /// The number of the first trial's stream.
    stream: u64,
}

impl<T: Number> Plan<'_, T> {
    /// Copies to the device with an index what lies there as long as the simulation runs.
    pub(super) fn place(&self, at: usize) -> Result<Place<T>, DeviceError> {
        let (gpu, [steps, measure]) = (&*self.device.gpus[at], &self.kernels[at]);
        let Simulation {
            population,
            theta0,
            probe,
            seed,
            ..
        } = self.simulation;
        let stages = &self.program.stages;
        let numbers: Vec<T> = stages.numbers.iter().map(|&x| T::rounded(x)).collect();
        let starts = self.starts.iter().flatten();
        Ok(Place {
            population: gpu.upload(population.rows(0..population.len()))?,
            theta0: gpu.upload(theta0)?,
            starts: starts
                .map(|start| gpu.upload(start))
                .collect::<Result<_, _>>()?,
            probe: probe.map(|probe| gpu.upload(probe)).transpose()?,
            metric: gpu.upload(&self.metric.1)?,
            key: gpu.upload(&draws::key(*seed))?,
            table: gpu.upload(&stages.table)?,
            numbers: gpu.upload(&numbers)?,
            draw: gpu.load(&emit::draw_kernel("draw"))?,
            begin: gpu.load(&emit::draw_kernel("begin"))?,
            steps: gpu.load(steps)?,
            measure: gpu.load(measure)?,
        })
    }

    /// Makes room for trials and draws their training sets and test points.
    pub(super) fn chunk<'p>(
        &'p self,
        at: usize,
        place: &'p Place<T>,
        division: Division,
        first: usize,
        trials: usize,
    ) -> Result<Chunk<'p, T>, DeviceError> {
        let gpu = &*self.device.gpus[at];
        let trains = self.simulation.schedule.train();
        let order = self.shuffles().then(|| gpu.allocate(trials * trains));
        let chunk = Chunk {
            gpu,
            kernels: &self.kernels[at],
            place,
            division,
            trials,
            scratch: gpu.allocate(division.scratch_bytes * division.grid)?,
            signs: gpu.allocate(division.sign_words * division.workers)?,
            weights: gpu.allocate(trials * self.program.dimension)?,
            train: gpu.allocate(trials * trains)?,
            test: gpu.allocate(trials * self.tests[1])?,
            order: order.transpose()?,
            drawn: gpu.allocate(trials)?,
            positions: gpu.allocate(trials)?,
            measures: gpu.allocate(trials * MEASURES)?,
            // Stream 0 is not that of a trial.
            stream: first as u64 + 1,
        };
        let marks: Buffer<u32> = gpu.zeros(division.marks * division.drawing)?;
        // Each thread has marks of its own, so there are no more threads than those.
        let threads = division.drawing.min(DRAWING_THREADS);
        let blocks = division.drawing / threads;
        let arguments = Arguments::default()
            .buffer(&place.key, gpu)
            .halves(chunk.stream)
            .int(trials)
            .int(self.simulation.population.len())
            .int(trains)
            .buffer(&chunk.train, gpu)
            .int(self.tests[1])
            .buffer(&chunk.test, gpu)
            .int(self.way as usize)
            .buffer(&marks, gpu)
            .buffer(&chunk.drawn, gpu);
        // SAFETY: the arguments are those of `draw`, with memory for so many trials, and marks for so many threads.
        unsafe { launch_draws(gpu, &place.draw, (blocks, threads), arguments)? };
        Ok(chunk)
    }

    /// Takes all steps at a learning rate. The result is false if the simulation is cancelled.
    pub(super) fn descend(&self, chunk: &Chunk<'_, T>, rate: usize) -> Result<bool, DeviceError> {
        let (gpu, place) = (chunk.gpu, chunk.place);
        chunk.begin(self.simulation.schedule.train())?;
        let (eta, schedule) = (self.simulation.etas[rate], self.simulation.schedule);
        let trains = schedule.train() as f64;
        let start = place.starts.get(rate).unwrap_or(&place.theta0);
        self.in_launches(gpu, &self.pace[0], self.steps, &|first, after| {
            let arguments = chunk
                .first_arguments()
                .buffer(&chunk.weights, gpu)
                .buffer(start, gpu)
                .buffer(&place.metric, gpu)
                .int(chunk.trials)
                .int(first)
                .int(after)
                .buffer(&place.key, gpu)
                .halves(chunk.stream)
                .buffer(&chunk.positions, gpu);
            let of_training_set = |arguments: Arguments| {
                let arguments = arguments.buffer(&chunk.train, gpu);
                let arguments = arguments.optional(chunk.order.as_ref(), gpu);
                arguments.int(schedule.train())
            };
            let arguments = match (self.rule, &self.simulation.optimizer) {
                (Some(Rule::Gdc), _) => of_training_set(arguments)
                    .number::<T>(eta / trains)
                    .number::<T>(eta * (trains - 1.0) / (2.0 * trains)),
                (Some(Rule::Sde), &Optimizer::Sde { substeps }) => {
                    let points = self.simulation.population.len();
                    let length = 1.0 / substeps as f64;
                    let noise = (length / (points as f64 * schedule.batch() as f64)).sqrt();
                    arguments
                        .buffer(&chunk.signs, gpu)
                        .int(points)
                        .number::<f64>(-eta * length / points as f64)
                        .number::<f64>(eta * noise)
                }
                _ => of_training_set(arguments)
                    .int(schedule.batch())
                    .number::<T>(eta / schedule.batch() as f64),
            };
            // SAFETY: the arguments are those of the kernel, with memory for so many trials and scratch memory for so many blocks.
            unsafe { chunk.launch(0, &place.steps, arguments) }
        })
    }

    /// Measures losses and displacements. The result is false if the simulation is cancelled.
    pub(super) fn measure(&self, chunk: &Chunk<'_, T>) -> Result<bool, DeviceError> {
        let (gpu, place) = (chunk.gpu, chunk.place);
        let trains = if self.simulation.train_loss {
            self.simulation.schedule.train()
        } else {
            0
        };
        let points = self.tests[0] + trains;
        self.in_launches(gpu, &self.pace[1], points, &|first, after| {
            let arguments = chunk
                .first_arguments()
                .buffer(&chunk.weights, gpu)
                .buffer(&place.theta0, gpu)
                .optional(place.probe.as_ref(), gpu)
                .int(chunk.trials)
                .int(first)
                .int(after)
                .optional((self.tests[1] > 0).then_some(&chunk.test), gpu)
                .int(self.tests[0])
                .buffer(&chunk.train, gpu)
                .buffer(&chunk.measures, gpu);
            // SAFETY: the arguments are those of the kernel, with memory for so many trials and scratch memory for so many blocks.
            unsafe { chunk.launch(1, &place.measure, arguments) }
        })
    }

    /// Launches a kernel for parts of a number of steps one after the other, at least once. The result is false if the simulation is cancelled.
    fn in_launches(
        &self,
        gpu: &Gpu,
        pace: &AtomicUsize,
        all: usize,
        launch: &dyn Fn(usize, usize) -> Result<(), DeviceError>,
    ) -> Result<bool, DeviceError> {
        let mut first = 0;
        loop {
            if self.control.cancelled() {
                return Ok(false);
            }
            let count = pace.load(Ordering::Relaxed);
            let after = all.min(first + count);
            let start = Instant::now();
            launch(first, after)?;
            gpu.finish("running trials")?;
            let seconds = start.elapsed().as_secs_f64();
            if seconds < LAUNCH_SECONDS[0] && after - first == count {
                pace.store((count * 2).min(i32::MAX as usize), Ordering::Relaxed);
            } else if seconds > LAUNCH_SECONDS[1] {
                pace.store((count / 2).max(1), Ordering::Relaxed);
            }
            first = after;
            if first >= all {
                return Ok(true);
            }
        }
    }
}

impl<T: Number> Chunk<'_, T> {
    /// Puts orders and streams back to where they were after the draws.
    fn begin(&self, trains: usize) -> Result<(), DeviceError> {
        let gpu = self.gpu;
        let blocks = self.trials.div_ceil(DRAWING_THREADS);
        let arguments = Arguments::default()
            .int(self.trials)
            .int(trains)
            .optional(self.order.as_ref(), gpu)
            .buffer(&self.drawn, gpu)
            .buffer(&self.positions, gpu);
        let begin = &self.place.begin;
        // SAFETY: the arguments are those of `begin`, with memory for so many trials.
        unsafe { launch_draws(gpu, begin, (blocks, DRAWING_THREADS), arguments) }
    }

    /// The first arguments of every kernel of the landscape.
    fn first_arguments(&self) -> Arguments {
        let (gpu, place) = (self.gpu, self.place);
        let arguments = Arguments::default().buffer(&place.population, gpu);
        match self.kernels[0].shape {
            Shape::Threads { .. } => arguments,
            Shape::Blocks { .. } => arguments
                .buffer(&place.table, gpu)
                .buffer(&place.numbers, gpu)
                .buffer(&self.scratch, gpu),
        }
    }

    /// Launches one of the two kernels of the landscape.
    ///
    /// # Safety
    /// The arguments are those of the kernel, with memory for the trials of the chunk.
    unsafe fn launch(
        &self,
        which: usize,
        loaded: &Loaded,
        arguments: Arguments,
    ) -> Result<(), DeviceError> {
        let (grid, threads, shared) = match self.kernels[which].shape {
            Shape::Blocks {
                threads,
                shared_bytes,
                ..
            } => (self.trials, threads, shared_bytes),
            Shape::Threads {
                threads,
                shared_bytes,
            } => (
                self.trials.div_ceil(threads as usize),
                threads,
                shared_bytes,
            ),
        };
        let grid = (grid.min(self.division.grid) as u32, 1);
        // SAFETY: as the caller says; the chunk has scratch memory and signs for so many blocks.
        unsafe { self.gpu.launch(loaded, grid, threads, shared, arguments) }
    }

    /// The final weights of the trials of a chunk, P numbers for each.
    pub(super) fn weights(&self, dimension: usize) -> Result<Vec<f64>, DeviceError> {
        let mut weights = vec![T::default(); self.trials * dimension];
        self.gpu.download(&self.weights, &mut weights)?;
        let wide = |at: usize| weights[at].wide();
        Ok(match self.kernels[0].shape {
            Shape::Blocks { .. } => (0..weights.len()).map(wide).collect(),
            // All trials' numbers of a weight are together there.
            Shape::Threads { .. } => (0..self.trials)
                .flat_map(|trial| (0..dimension).map(move |i| i * self.trials + trial))
                .map(wide)
                .collect(),
        })
    }
}

/// Launches the kernel `draw` or `begin` with so many blocks and threads.
///
/// # Safety
/// As [`Gpu::launch`].
unsafe fn launch_draws(
    gpu: &Gpu,
    kernel: &Loaded,
    (blocks, threads): (usize, usize),
    arguments: Arguments,
) -> Result<(), DeviceError> {
    let shared = threads * emit::STREAM_WORDS * 4;
    // SAFETY: as the caller says; each thread has memory for the words of its stream.
    unsafe {
        gpu.launch(
            kernel,
            (blocks as u32, 1),
            threads as u32,
            shared,
            arguments,
        )
    }
}
