//! How trials are divided into chunks that fit into a device's memory.

use super::{MEASURES, Plan};
use crate::DeviceError;
use crate::emit::{Rule, Shape};
use crate::landscape::Number;
use diagram_runtime::draws::Way;

/// How many blocks of threads there are at most for each multiprocessor.
const RESIDENT: usize = 8;
/// How many threads that do a trial each there are at most for each multiprocessor.
const RESIDENT_THREADS: usize = 2048;

/// The samples that the trials of a chunk visit in one step together, unless some would have nothing to do. By the computed bounds of an H100 as many gradients of the small convolutional network take
/// 25 ms or more, so that a launch of one step is about as short as launches are.
const SAMPLES: usize = 1 << 22;

/// How a chunk of trials is divided on a device.
#[derive(Clone, Copy)]
pub(super) struct Division {
    /// The trials of a chunk.
    pub(super) trials: usize,
    /// The blocks of threads of the kernels, and the scratch memory of each.
    pub(super) grid: usize,
    pub(super) scratch_bytes: usize,
    /// The words of signs of each worker.
    pub(super) sign_words: usize,
    pub(super) workers: usize,
    /// The threads that draw, and the numbers that each marks.
    pub(super) drawing: usize,
    pub(super) marks: usize,
}

impl<T: Number> Plan<'_, T> {
    /// The bytes that lie on a device for a whole simulation.
    fn resident_bytes(&self) -> u64 {
        let population = self.simulation.population;
        let rates = self.starts.as_ref().map_or(0, Vec::len);
        let probe = usize::from(self.simulation.probe.is_some());
        let numbers = population.len() * population.width()
            + self.program.dimension * (1 + rates + probe)
            + self.metric.1.len()
            + self.program.stages.numbers.len();
        (numbers * size_of::<T>() + (self.program.stages.table.len() + 8) * 4) as u64
    }

    /// The samples that a trial visits in one step, at least one.
    fn samples_of_step(&self) -> usize {
        let schedule = self.simulation.schedule;
        let samples = match self.rule {
            Some(Rule::Sgd) => schedule.batch(),
            Some(Rule::Gdc) => schedule.train(),
            Some(Rule::Sde) => self.simulation.population.len(),
            None => 1,
        };
        samples.max(1)
    }

    /// The division of so many trials on the device with an index.
    ///
    /// # Errors
    /// [`DeviceError::OutOfMemory`] if there is no room for one.
    pub(super) fn division(&self, at: usize, trials: usize) -> Result<Division, DeviceError> {
        let (gpu, kernels) = (&*self.device.gpus[at], &self.kernels[at]);
        let (limit, resident) = (self.device.limit(gpu), self.resident_bytes());
        let points = self.simulation.population.len();
        let trains = self.simulation.schedule.train();
        let sign_words = match self.rule {
            Some(Rule::Sde) => points.div_ceil(64) * 2,
            _ => 0,
        };
        let orders = usize::from(self.shuffles());
        let per_trial = (self.program.dimension * size_of::<T>()
            + (trains * (1 + orders) + self.tests[1]) * 4
            + 2 * 8
            + MEASURES * 8) as u64;
        let marks = match self.way {
            Way::Insertion => 0,
            Way::Exchange | Way::Repetition => points,
        };
        let scratch_bytes = kernels
            .iter()
            .map(|kernel| kernel.shape.scratch_bytes())
            .max()
            .unwrap_or(0);
        let (worker_threads, most) = match kernels[0].shape {
            Shape::Blocks { .. } => (1, gpu.processors * RESIDENT),
            Shape::Threads { threads, .. } => (
                threads as usize,
                gpu.processors * RESIDENT_THREADS / threads as usize,
            ),
        };
        let of_block = (scratch_bytes + sign_words * 4 * worker_threads) as u64;
        let of_drawing = (marks * 4) as u64;
        let least = resident + per_trial + of_block + of_drawing;
        if least > limit {
            return Err(DeviceError::OutOfMemory {
                needed: least,
                free: limit,
            });
        }
        let free = limit - least;
        // A quarter of what is free for scratch memory, and another one for drawing, at least for one block and one thread.
        let in_quarter = |bytes: u64, most: usize| {
            (free / 4)
                .checked_div(bytes)
                .map_or(most, |more| (more as usize + 1).min(most))
        };
        let grid = in_quarter(of_block, most.min(trials.div_ceil(worker_threads)));
        let drawing = in_quarter(of_drawing, trials.min(gpu.processors * RESIDENT_THREADS));
        let workers = grid * worker_threads;
        let at_once = (SAMPLES / self.samples_of_step()).max(workers);
        let used = of_block * (grid as u64 - 1) + of_drawing * (drawing as u64 - 1);
        let more = (free - used) / per_trial;
        Ok(Division {
            trials: trials
                .min(usize::try_from(more).unwrap_or(trials).saturating_add(1))
                .min(at_once),
            grid,
            scratch_bytes,
            sign_words,
            workers,
            drawing,
            marks,
        })
    }
}
