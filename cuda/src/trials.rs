//! Trials of simulations on devices.
//!
//! A block of trials is as large as the landscape asks for, whatever the device, and is run in as many chunks as its memory asks for; what a trial gives does not depend on it.

mod chunk;
mod division;

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};

use diagram_runtime::draws::{self, Way};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::simulate::{
    Control, Optimizer, Outcome, RanBlock, RunBlock, Shuffle, Simulation, TestPoints, TrialBlock,
    TrialRunner, flow_ends,
};

use crate::emit::{self, Float, Kernel, Metric, Rule, TrialTask};
use crate::landscape::Number;
use crate::program::Program;
use crate::{Device, DeviceError};
use chunk::Place;

/// The trials of a block where a block of threads does a trial, and where a thread does.
const TRIALS_BY_BLOCKS: usize = 1 << 12;
const TRIALS_BY_THREADS: usize = 1 << 16;

/// Runs trials on one device or several.
pub(crate) struct DeviceTrials {
    pub(crate) program: Arc<Program>,
    pub(crate) device: Device,
}

impl<T: Number> TrialRunner<T> for DeviceTrials {
    fn with_blocks(
        &self,
        simulation: &Simulation<'_, T>,
        control: Control<'_>,
        kept: &[usize],
        fold: &mut dyn FnMut(usize, &RunBlock<'_>),
    ) -> Result<(), DeviceError> {
        let plan = Plan::new(self, simulation, control, kept)?;
        if control.cancelled() {
            return Ok(());
        }
        let blocks = simulation.trials.div_ceil(plan.block);
        fold(blocks, &|block| {
            // Blocks go to the devices in turn.
            let at = block % self.device.gpus.len();
            plan.run(at, block)
        });
        Ok(())
    }
}

/// What is the same for all trials of a simulation.
struct Plan<'a, T: Number> {
    program: &'a Program,
    device: &'a Device,
    simulation: &'a Simulation<'a, T>,
    control: Control<'a>,
    kept: &'a [usize],
    /// The trials of a block.
    block: usize,
    /// The rule of steps; none where trials end at weights that are known.
    rule: Option<Rule>,
    metric: (Metric, Vec<T>),
    /// The weights at which trials begin at each learning rate, if they are not θ0.
    starts: Option<Vec<Vec<T>>>,
    /// The number of steps.
    steps: usize,
    /// The numbers of test points of a trial, and of those that it draws.
    tests: [usize; 2],
    way: Way,
    /// The kernels `steps` and `measure` for each device.
    kernels: Vec<[Kernel; 2]>,
    /// What lies on each device, once it is needed.
    places: Vec<Mutex<Option<Place<T>>>>,
    /// The steps and the points of a launch that takes as long as one should.
    pace: [AtomicUsize; 2],
}

impl<'a, T: Number> Plan<'a, T> {
    fn new(
        trials: &'a DeviceTrials,
        simulation: &'a Simulation<'a, T>,
        control: Control<'a>,
        kept: &'a [usize],
    ) -> Result<Self, DeviceError> {
        let schedule = simulation.schedule;
        let (rule, steps) = match &simulation.optimizer {
            Optimizer::Rule(update) if !update.is_sgd() => {
                let what = format!(
                    "{} does not run on devices; choose the device cpu",
                    simulation.optimizer
                );
                return Err(DeviceError::Unsupported { what });
            }
            Optimizer::Sgd | Optimizer::Rule(_) => (Some(Rule::Sgd), schedule.steps()),
            Optimizer::Gdc => (Some(Rule::Gdc), schedule.epochs()),
            &Optimizer::Sde { substeps } => {
                (Some(Rule::Sde), schedule.steps().saturating_mul(substeps))
            }
            Optimizer::Ode => (None, 0),
        };
        if rule == Some(Rule::Sgd) && schedule.has_replacement() {
            return Err(DeviceError::Unsupported {
                what: "training points are not drawn with replacement on devices; choose the device cpu".into(),
            });
        }
        let points = simulation.population.len();
        let test = match simulation.test_points {
            TestPoints::None => [0, 0],
            TestPoints::All => [points, 0],
            TestPoints::Subset(count) => [count, count],
        };
        // Kernels count in 32-bit numbers with a sign.
        let measured = test[0].saturating_add(schedule.train());
        for (what, count) in [
            ("steps", steps),
            ("datapoints", points),
            ("training and test points", measured),
        ] {
            if count > i32::MAX as usize {
                return Err(DeviceError::Unsupported {
                    what: format!(
                        "{count} {what} are more than devices count; choose fewer, or the device cpu"
                    ),
                });
            }
        }
        let starts = match simulation.optimizer {
            Optimizer::Ode => {
                let ends = flow_ends(simulation, control)?;
                let round = |end: Vec<f64>| end.into_iter().map(T::rounded).collect();
                Some(ends.into_iter().map(round).collect())
            }
            _ => None,
        };
        let program = &*trials.program;
        let float = Float::of::<T>();
        let metric = metric(simulation.landscape.learning_rate(), program.dimension);
        let device = &trials.device;
        let kernels = device.gpus.iter().map(|gpu| {
            let steps = TrialTask::Steps(rule.unwrap_or(Rule::Sgd), metric.0);
            [steps, TrialTask::Measure]
                .map(|task| emit::trial_kernel(program, float, task, gpu.shared_memory))
        });
        Ok(Plan {
            program,
            device,
            simulation,
            control,
            kept,
            kernels: kernels.collect(),
            block: if emit::trials_by_threads(program, float).is_some() {
                TRIALS_BY_THREADS
            } else {
                TRIALS_BY_BLOCKS
            },
            rule,
            metric,
            starts,
            steps,
            tests: test,
            way: draws::way(test[1] as u32, points as u32),
            places: device.gpus.iter().map(|_| Mutex::new(None)).collect(),
            pace: [AtomicUsize::new(1), AtomicUsize::new(16)],
        })
    }

    /// Runs the block of trials with a number. The result is `None` if the simulation is cancelled.
    fn run(&self, at: usize, block: usize) -> Result<Option<RanBlock>, DeviceError> {
        let gpu = &*self.device.gpus[at];
        let _work = gpu.work.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = self.places[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let first = block * self.block;
        let trials = self.block.min(self.simulation.trials - first);
        let division = self.division(at, trials)?;
        let place = match &mut *place {
            Some(made) => made,
            none => none.insert(self.place(at)?),
        };
        let rates = self.simulation.etas.len();
        let mut ran = RanBlock {
            trials: TrialBlock {
                first,
                outcomes: vec![vec![]; rates],
            },
            weights: vec![vec![]; self.kept.len()],
        };
        for from in (first..first + trials).step_by(division.trials) {
            let count = division.trials.min(first + trials - from);
            let chunk = self.chunk(at, place, division, from, count)?;
            for rate in 0..rates {
                if !self.descend(&chunk, rate)? || !self.measure(&chunk)? {
                    return Ok(None);
                }
                let mut measures = vec![0.0; count * MEASURES];
                gpu.download(&chunk.measures, &mut measures)?;
                let outcomes = measures.chunks_exact(MEASURES).map(|own| self.outcome(own));
                ran.trials.outcomes[rate].extend(outcomes);
                if self.kept.contains(&rate) {
                    let weights = chunk.weights(self.program.dimension)?;
                    for (to, _) in ran
                        .weights
                        .iter_mut()
                        .zip(self.kept)
                        .filter(|(_, kept)| **kept == rate)
                    {
                        to.extend_from_slice(&weights);
                    }
                }
            }
        }
        Ok(Some(ran))
    }

    /// Whether training sets are shuffled.
    fn shuffles(&self) -> bool {
        self.simulation.schedule.shuffle() == Shuffle::EachEpoch
            && matches!(self.rule, Some(Rule::Sgd | Rule::Gdc))
    }

    /// The outcome of a trial with these measures.
    fn outcome(&self, measures: &[f64]) -> Outcome {
        let &[sum, squares, train, displacement] = measures else {
            unreachable!("there are so many measures")
        };
        let mut outcome = Outcome::NOTHING;
        if self.tests[0] > 0 {
            let population = self.simulation.population.len();
            outcome.set_test_loss(self.tests[0], [sum, squares], population);
        }
        if self.simulation.train_loss {
            outcome.train_loss = train / self.simulation.schedule.train() as f64;
        }
        if self.simulation.probe.is_some() {
            outcome.displacement = displacement;
        }
        outcome
    }
}

/// The numbers of a trial that the kernel `measure` writes.
const MEASURES: usize = 4;

/// The matrix of a learning rate, as a kind and its numbers.
fn metric<T: Number>(rate: Option<&LearningRate<T>>, dimension: usize) -> (Metric, Vec<T>) {
    let Some(rate) = rate else {
        return (Metric::Scalar, vec![]);
    };
    if rate.is_diagonal() {
        let entries = (0..dimension).map(|i| rate.entry(i, i));
        return (Metric::Diagonal, entries.collect());
    }
    let entries = (0..dimension).flat_map(|i| (0..dimension).map(move |j| (i, j)));
    (
        Metric::Full,
        entries.map(|(i, j)| rate.entry(i, j)).collect(),
    )
}
