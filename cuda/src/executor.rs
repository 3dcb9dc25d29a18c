//! Plans on devices: all steps of a plan, executed on tables that stay on the device.
//!
//! Every device has all tables over one sample: what is computed of single samples is computed on each of them, which is faster than to move it. Boxes of tuples of several samples are shared,
//! and their sums are added up by the processor, in double precision and in the order of the boxes. So the same bits come out for any number of devices.

mod boxes;
mod memory;
mod schedule;
mod scope;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use diagram_kernels::derivatives::{Derivatives, StepExecutor};
use diagram_steps::{Operand, QuantityId, Step};

use crate::DeviceError;
use crate::derivatives::{DeviceDerivatives, on_each};
use crate::gpu::{Buffer, Gpu};
use crate::landscape::Number;
use boxes::Ranges;
use schedule::{Action, Job, Output, Schedule, TableShape};
use scope::{Scope, Stored};

impl<T: Number> StepExecutor<T> for DeviceDerivatives<T> {
    fn execute(
        &self,
        samples: Range<usize>,
        steps: &[Step],
        wanted: &[QuantityId],
    ) -> Result<Option<Vec<Vec<T>>>, DeviceError> {
        let Some(schedule) = Schedule::of(steps, wanted) else {
            return Ok(None);
        };
        // Rows of tables are counted in 32 bits.
        if samples.len().saturating_pow(2) > i32::MAX as usize
            && schedule.shapes.values().any(|shape| shape.rank > 1)
        {
            return Ok(None);
        }
        for gpu in &self.device.gpus {
            let needed = memory::needed(self, gpu, samples.len(), &schedule);
            let limit = self.limit(gpu);
            if needed > limit {
                return Err(DeviceError::OutOfMemory {
                    needed,
                    free: limit,
                });
            }
        }
        let mut execution = Execution::new(self, samples, &schedule)?;
        for action in &schedule.actions {
            execution.act(action)?;
        }
        for gpu in &self.device.gpus {
            gpu.finish("the steps of a plan")?;
        }
        let value = |quantity| {
            let known: &Vec<f64> = &execution.known[quantity];
            known.iter().map(|&number| T::rounded(number)).collect()
        };
        Ok(Some(wanted.iter().map(value).collect()))
    }
}

/// What an execution has on a device.
struct OnGpu<T> {
    tables: HashMap<QuantityId, Stored<T>>,
    /// All datapoints.
    datapoints: Arc<Buffer<T>>,
}

/// The execution of a schedule.
struct Execution<'a, T: Number> {
    derivatives: &'a DeviceDerivatives<T>,
    samples: Range<usize>,
    schedule: &'a Schedule<'a>,
    /// The quantities without sample axes, of which the numbers of vectors are rounded.
    known: HashMap<QuantityId, Vec<f64>>,
    gpus: Vec<Mutex<OnGpu<T>>>,
}

/// A table of sums on the processor, to which those of boxes are added.
struct Sums {
    kept: Vec<usize>,
    width: usize,
    numbers: Vec<f64>,
}

impl Sums {
    /// Adds the sums of a box.
    fn add(&mut self, n: usize, ranges: &[Range<usize>], part: &[f64]) {
        let width = self.width;
        let mut rows = vec![0];
        for &axis in &self.kept {
            let range = &ranges[axis];
            rows = rows
                .iter()
                .flat_map(|&before| range.clone().map(move |at| before * n + at))
                .collect();
        }
        for (row, part) in rows.into_iter().zip(part.chunks_exact(width)) {
            for (sum, number) in self.numbers[row * width..].iter_mut().zip(part) {
                *sum += number;
            }
        }
    }
}

impl<'a, T: Number> Execution<'a, T> {
    fn new(
        derivatives: &'a DeviceDerivatives<T>,
        samples: Range<usize>,
        schedule: &'a Schedule<'a>,
    ) -> Result<Self, DeviceError> {
        let on_gpu = |at: usize| {
            let gpu = &*derivatives.device.gpus[at];
            let datapoints = if let Some(kept) = &derivatives.place(at)?.samples {
                kept.clone()
            } else {
                let all = derivatives.samples.rows(0..derivatives.samples.len());
                Arc::new(gpu.upload(all)?)
            };
            Ok(Mutex::new(OnGpu {
                tables: HashMap::new(),
                datapoints,
            }))
        };
        Ok(Execution {
            derivatives,
            samples,
            schedule,
            known: HashMap::new(),
            gpus: (0..derivatives.device.gpus.len())
                .map(on_gpu)
                .collect::<Result<_, DeviceError>>()?,
        })
    }

    fn act(&mut self, action: &Action<'a>) -> Result<(), DeviceError> {
        match action {
            Action::Losses { keep, mean } => self.losses(*keep, *mean),
            Action::Once(step) => {
                self.once(step);
                Ok(())
            }
            Action::Linear(job) => self.linear(job),
            Action::Sweep { jobs, streams } => self.sweep(jobs, *streams),
            Action::Forget(quantity) => {
                for on_gpu in &mut self.gpus {
                    let on_gpu = on_gpu.get_mut().unwrap_or_else(PoisonError::into_inner);
                    on_gpu.tables.remove(quantity);
                }
                Ok(())
            }
        }
    }

    fn losses(
        &mut self,
        keep: Option<QuantityId>,
        mean: Option<QuantityId>,
    ) -> Result<(), DeviceError> {
        let mut losses = vec![T::default(); self.samples.len()];
        self.derivatives.losses(self.samples.clone(), &mut losses)?;
        let losses: Vec<f64> = losses.into_iter().map(T::wide).collect();
        if let Some(mean) = mean {
            let sum: f64 = losses.iter().sum();
            self.store(mean, vec![sum / self.samples.len() as f64])?;
        }
        match keep {
            Some(keep) => self.store(keep, losses),
            None => Ok(()),
        }
    }

    /// A step without loops, on the processor.
    fn once(&mut self, step: &Step) {
        let of = |operand: &Operand| &self.known[&operand.quantity];
        let (quantity, value) = match step {
            Step::Dot {
                left,
                right,
                quantity,
                ..
            } => {
                let terms = of(left).iter().zip(of(right));
                (quantity, terms.map(|(a, b)| a * b).sum())
            }
            Step::Product {
                factors, quantity, ..
            } => (
                quantity,
                factors.iter().map(|factor| of(factor)[0]).product(),
            ),
            _ => unreachable!("other steps have loops"),
        };
        self.known.insert(*quantity, vec![value]);
    }

    /// Keeps a table: on the processor if it has no sample axes, on every device if it has.
    fn store(&mut self, quantity: QuantityId, numbers: Vec<f64>) -> Result<(), DeviceError> {
        let TableShape { is_vector, rank } = self.schedule.shapes[&quantity];
        let rounded = || numbers.iter().map(|&number| T::rounded(number));
        if rank == 0 {
            let known = if is_vector {
                rounded().map(T::wide).collect()
            } else {
                numbers
            };
            self.known.insert(quantity, known);
            return Ok(());
        }
        for (gpu, on_gpu) in self.derivatives.device.gpus.iter().zip(&mut self.gpus) {
            let stored = if is_vector {
                Stored::Vectors(gpu.upload(&rounded().collect::<Vec<T>>())?)
            } else {
                Stored::Numbers(gpu.upload(&numbers)?)
            };
            let on_gpu = on_gpu.get_mut().unwrap_or_else(PoisonError::into_inner);
            on_gpu.tables.insert(quantity, stored);
        }
        Ok(())
    }

    /// Gives the scope on a device to a function. What jobs read without sample axes is brought there before.
    fn on_device<R>(
        &self,
        at: usize,
        jobs: &[Job<'a>],
        run: impl FnOnce(Scope<'_, T>) -> Result<R, DeviceError>,
    ) -> Result<R, DeviceError> {
        let gpu = &*self.derivatives.device.gpus[at];
        let _work = gpu.work.lock().unwrap_or_else(PoisonError::into_inner);
        let place = self.derivatives.place(at)?;
        let mut on_gpu = self.gpus[at].lock().unwrap_or_else(PoisonError::into_inner);
        let OnGpu { tables, datapoints } = &mut *on_gpu;
        for quantity in jobs.iter().flat_map(|job| self.schedule.tables(job)) {
            let Some(numbers) = self.known.get(&quantity) else {
                continue;
            };
            if let Entry::Vacant(missing) = tables.entry(quantity) {
                missing.insert(if self.schedule.shapes[&quantity].is_vector {
                    let rounded: Vec<T> = numbers.iter().map(|&x| T::rounded(x)).collect();
                    Stored::Vectors(gpu.upload(&rounded)?)
                } else {
                    Stored::Numbers(gpu.upload(numbers)?)
                });
            }
        }
        let scope = Scope::new(
            self.derivatives,
            gpu,
            (&place, datapoints),
            self.samples.clone(),
            self.schedule,
            tables,
        );
        run(scope)
    }

    fn linear(&mut self, job: &Job<'a>) -> Result<(), DeviceError> {
        let devices = self.gpus.len();
        let one = std::slice::from_ref(job);
        let results = on_each(devices, |at| {
            self.on_device(at, one, |mut scope| {
                let (tables, sums) = scope.linear(job)?;
                let gpu = scope.gpu;
                let sums = sums.into_iter().map(|sums| match sums {
                    // All devices have the same.
                    Some(sums) if at == 0 => download(gpu, &sums).map(Some),
                    _ => Ok(None),
                });
                Ok((tables, sums.collect::<Result<Vec<_>, _>>()?))
            })
        });
        let n = self.samples.len() as f64;
        for (at, result) in results.into_iter().enumerate() {
            let (tables, sums) = result?;
            let on_gpu = self.gpus[at]
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            for (output, table) in job.outputs.iter().zip(tables) {
                if let Some(table) = table {
                    on_gpu.tables.insert(output.quantity, table);
                }
            }
            for (output, sums) in job.outputs.iter().zip(sums) {
                if let Some(sums) = sums {
                    let mean = sums.into_iter().map(|sum| sum / n).collect();
                    self.store(output.quantity, mean)?;
                }
            }
        }
        Ok(())
    }

    fn sweep(&mut self, jobs: &[Job<'a>], streams: bool) -> Result<(), DeviceError> {
        let n = self.samples.len();
        let dimension = self.derivatives.theta.len();
        let mut sums: Vec<Vec<Sums>> = jobs
            .iter()
            .map(|job| {
                let of = |output: &Output| {
                    let is_vector = self.schedule.shapes[&output.quantity].is_vector;
                    let width = if is_vector { dimension } else { 1 };
                    Sums {
                        kept: output.kept.clone(),
                        width,
                        numbers: vec![0.0; n.pow(output.kept.len() as u32) * width],
                    }
                };
                job.outputs.iter().map(of).collect()
            })
            .collect();
        let row_bytes = dimension * size_of::<T>();
        let boxes = boxes_of(jobs, streams, n, row_bytes);
        // In rounds, so that what the devices return does not grow with the number of boxes.
        for round in boxes.chunks(self.gpus.len()) {
            let results = on_each(round.len(), |at| {
                self.on_device(at, jobs, |mut scope| {
                    let mut parts = vec![];
                    for (index, job) in jobs.iter().enumerate() {
                        for ranges in &round[at] {
                            parts.push((index, ranges, scope.run(job, ranges)?));
                        }
                    }
                    // They are waited for when all are under way.
                    let numbers = parts.into_iter().map(|(index, ranges, parts)| {
                        let parts = parts.iter().map(|part| download(scope.gpu, part));
                        Ok((index, ranges, parts.collect::<Result<Vec<_>, _>>()?))
                    });
                    numbers.collect::<Result<Vec<_>, DeviceError>>()
                })
            });
            for result in results {
                for (index, ranges, parts) in result? {
                    for (sums, part) in sums[index].iter_mut().zip(parts) {
                        sums.add(n, ranges, &part);
                    }
                }
            }
        }
        for (job, sums) in jobs.iter().zip(sums) {
            for (output, sums) in job.outputs.iter().zip(sums) {
                let tuples = (n as f64).powi((job.axes - output.kept.len()) as i32);
                let means = sums.numbers.into_iter().map(|sum| sum / tuples).collect();
                self.store(output.quantity, means)?;
            }
        }
        Ok(())
    }
}

/// The boxes of a sweep.
fn boxes_of(jobs: &[Job<'_>], streams: bool, n: usize, row_bytes: usize) -> Vec<Vec<Ranges>> {
    match jobs {
        _ if streams => boxes::pairs(n, boxes::side(row_bytes)),
        [
            Job {
                step: Step::Pass { sample, .. },
                ..
            },
        ] => boxes::strips(n, *sample, boxes::side(row_bytes)),
        [job, ..] => boxes::numbers(n, job.axes),
        [] => vec![],
    }
}

fn download(gpu: &Gpu, numbers: &Buffer<f64>) -> Result<Vec<f64>, DeviceError> {
    let mut copy = vec![0.0; numbers.len()];
    gpu.download(numbers, &mut copy)?;
    Ok(copy)
}
