//! Measured times of the operations of a plan, and the times of whole plans that follow from them.

use diagram_calculus::plan::{Kind, Operand, PassOutput, Plan, Step};

use crate::derivatives::Derivatives;
use crate::executor::{self, ExecutorError, HIGHEST_RANK, Seconds, Stopwatch, table_of};
use crate::scalar::Element;

/// The time in seconds of each kind of operation that a plan needs, on one thread and on all threads of the current rayon pool.
///
/// Every kind of operation is run a few times on one block of samples, by the code that evaluates plans. The times differ from one measurement to the
/// next. No result depends on them unless [`Options::within`](super::Options::within) asks for it.
#[derive(Clone, Debug)]
pub struct UnitCosts {
    threads: usize,
    /// The bytes of a vector of P numbers.
    vector_bytes: usize,
    /// A step of each kind, which reads placeholder tables, and its time for one tuple of samples.
    kinds: Vec<(Step, Seconds)>,
    /// The seconds of adding a vector to a result.
    merge: f64,
    /// The seconds of the first access to a byte of memory that is new to the process.
    fresh_byte: f64,
}

/// The bytes of results above which the results are taken to need memory that is new to the process, because allocators give large amounts of memory
/// back to the operating system. It is an estimate.
const GIVEN_BACK: f64 = (32 << 20) as f64;

/// The time that a plan takes, predicted from measured unit costs.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeForecast {
    /// The seconds of each step, in the order of the plan; 0 for steps that are not demanded.
    pub steps: Vec<f64>,
    /// The seconds by the number of nested loops over samples: the number at index k grows as n^k. Besides those of the steps they contain the
    /// seconds of obtaining memory and of computing explicit tensors.
    pub by_loops: Vec<f64>,
}

impl TimeForecast {
    /// A forecast of 0 seconds.
    pub(super) fn nothing(plan: &Plan) -> Self {
        TimeForecast {
            steps: vec![0.0; plan.steps.len()],
            by_loops: vec![0.0; 3],
        }
    }

    /// Adds `times` repetitions of another forecast of the same plan.
    pub(super) fn add(&mut self, other: &TimeForecast, times: f64) {
        let loops = self.by_loops.len().max(other.by_loops.len());
        self.by_loops.resize(loops, 0.0);
        for (sum, seconds) in self.by_loops.iter_mut().zip(&other.by_loops) {
            *sum += times * seconds;
        }
        for (sum, seconds) in self.steps.iter_mut().zip(&other.steps) {
            *sum += times * seconds;
        }
    }

    /// Returns the seconds of the whole evaluation.
    pub fn total(&self) -> f64 {
        self.by_loops.iter().sum()
    }

    /// Returns the seconds of the part that grows at most linearly in the number n of samples.
    pub fn linear(&self) -> f64 {
        self.by_loops.iter().take(2).sum()
    }

    /// Returns the seconds of the part that loops over tuples of two or more samples.
    pub fn pairs(&self) -> f64 {
        self.by_loops.iter().skip(2).sum()
    }
}

/// A plan needs an operation whose time was not measured, because the times were measured for another plan or another demand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time of step {step} has not been measured; measure with this plan and demand")]
pub struct NotMeasured {
    /// The index of the step in the plan.
    pub step: usize,
}

impl UnitCosts {
    /// Returns the number of threads for which the times were measured.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Predicts the time of the demanded quantities of `plan` on a number of samples.
    ///
    /// # Errors
    /// [`NotMeasured`] if the times were measured for another plan or demand.
    ///
    /// # Panics
    /// If `demand` has fewer entries than the plan has quantities.
    pub fn predict(
        &self,
        plan: &Plan,
        demand: &[bool],
        samples: usize,
    ) -> Result<TimeForecast, NotMeasured> {
        let mut steps = vec![];
        let mut by_loops = vec![0.0; 3];
        let rows = plan
            .quantities
            .iter()
            .zip(demand)
            .filter(|(q, demanded)| **demanded && q.kind == Kind::Vector && q.rank == 1);
        let fresh = (rows.count() * samples * self.vector_bytes) as f64;
        if fresh > GIVEN_BACK {
            // The blocks have results of the same total size, which are then added up to tables.
            by_loops[1] += 2.0 * fresh * self.fresh_byte;
        }
        for (at, step) in plan.steps.iter().enumerate() {
            if !step.is_demanded(demand) {
                steps.push(0.0);
                continue;
            }
            let seconds = self
                .step(plan, step, demand, samples)
                .ok_or(NotMeasured { step: at })?;
            let loops = loops(plan, step);
            if by_loops.len() <= loops {
                by_loops.resize(loops + 1, 0.0);
            }
            by_loops[loops] += seconds;
            steps.push(seconds);
        }
        Ok(TimeForecast { steps, by_loops })
    }

    /// Returns the seconds of a step; `None` if its kind was not measured.
    fn step(&self, plan: &Plan, step: &Step, demand: &[bool], samples: usize) -> Option<f64> {
        let kind = kind(plan, step, demand);
        let (_, seconds) = self.kinds.iter().find(|(known, _)| *known == kind)?;
        let loops = loops(plan, step);
        if let Step::Loss { .. } = step {
            return Some(seconds.alone * samples as f64);
        }
        let streamed = self.is_streamed(plan, step, demand, samples);
        let boxes = executor::boxes(samples, loops, streamed);
        let each = (samples as f64).powi(loops as i32) / boxes as f64;
        let rounds = executor::rounds(boxes, self.threads);
        let computing =
            each * (rounds.full as f64 * seconds.beside + rounds.partial as f64 * seconds.alone);
        // Only passes and means write vectors.
        let merged: f64 = match step {
            Step::Pass { outputs, .. } => outputs
                .iter()
                .filter(|o| demand[o.quantity])
                .map(|o| plan.quantities[o.quantity].rank)
                .filter(|&rank| !(streamed && rank >= 2))
                .map(|rank| executor::merged_entries(samples, rank, boxes, streamed))
                .sum(),
            Step::Mean { kept, .. } => {
                executor::merged_entries(samples, kept.len(), boxes, streamed)
            }
            _ => 0.0,
        };
        Some(computing + merged * self.merge)
    }

    /// Returns whether the step writes or reads a table of vectors over pairs of samples that is too large to be stored.
    fn is_streamed(&self, plan: &Plan, step: &Step, demand: &[bool], samples: usize) -> bool {
        let bytes = self.vector_bytes as f64 * (samples as f64).powi(2);
        bytes > executor::PAIR_TABLE_LIMIT as f64
            && step
                .reads()
                .into_iter()
                .chain(step.writes().into_iter().filter(|&q| demand[q]))
                .any(|q| plan.quantities[q].rank >= 2 && plan.quantities[q].kind == Kind::Vector)
    }
}

/// Implements [`UnitCosts::measure`].
pub(super) fn measure<T: Element>(
    derivatives: &dyn Derivatives<T>,
    plan: &Plan,
    demand: &[bool],
) -> Result<UnitCosts, ExecutorError> {
    let stopwatch = Stopwatch::new(derivatives)?;
    let mut kinds: Vec<(Step, Seconds)> = vec![];
    for step in plan.steps.iter().filter(|step| step.is_demanded(demand)) {
        let kind = kind(plan, step, demand);
        if !kinds.iter().any(|(known, _)| *known == kind) {
            let seconds = stopwatch.seconds(&kind)?;
            kinds.push((kind, seconds));
        }
    }
    Ok(UnitCosts {
        threads: rayon::current_num_threads(),
        vector_bytes: derivatives.dimension() * size_of::<T>(),
        kinds,
        merge: stopwatch.merge()?,
        fresh_byte: executor::fresh_byte(),
    })
}

/// Returns the number of nested loops over samples of a step. For a mean these are the axes of its operand.
fn loops(plan: &Plan, step: &Step) -> usize {
    match step {
        Step::Mean { operand, .. } => plan.quantities[*operand].rank,
        _ => step.axes(),
    }
}

/// Returns a representative of the steps that take the same time for each tuple of samples. It has at most two loops and reads the placeholder tables
/// of a [`Stopwatch`]. Steps of the same kind have equal representatives.
fn kind(plan: &Plan, step: &Step, demand: &[bool]) -> Step {
    let last = HIGHEST_RANK - 1;
    let table = |q: usize| table_of(plan.quantities[q].kind, plan.quantities[q].rank);
    let operand = |operand: &Operand, axis: &dyn Fn(usize) -> usize| Operand {
        quantity: table(operand.quantity),
        axes: operand
            .axes
            .iter()
            .take(HIGHEST_RANK)
            .map(|&a| axis(a))
            .collect(),
    };
    let fewer = |axes: &[usize]| {
        let mut axes: Vec<usize> = axes.iter().map(|&a| a.min(last)).collect();
        axes.dedup();
        axes
    };
    match step {
        Step::Loss { .. } => Step::Loss {
            keep: None,
            mean: None,
        },
        Step::Pass {
            axes,
            sample,
            directions,
            outputs,
        } => {
            let first = *axes > 1 && *sample < axes - 1;
            let own = if first {
                0
            } else {
                (*axes).min(HIGHEST_RANK) - 1
            };
            let axis = |a: usize| if a == *sample { own } else { last - own };
            Step::Pass {
                axes: (*axes).min(HIGHEST_RANK),
                sample: own,
                directions: directions.iter().map(|d| operand(d, &axis)).collect(),
                outputs: outputs
                    .iter()
                    .filter(|o| demand[o.quantity])
                    .map(|o| PassOutput {
                        powers: o.powers.clone(),
                        mean: o.mean,
                        quantity: 0,
                    })
                    .collect(),
            }
        }
        Step::Mean { operand, kept, .. } => Step::Mean {
            operand: table(*operand),
            kept: fewer(kept),
            quantity: 0,
        },
        Step::Dot {
            axes,
            left,
            right,
            kept,
            ..
        } => Step::Dot {
            axes: (*axes).min(HIGHEST_RANK),
            left: operand(left, &|a| a.min(last)),
            right: operand(right, &|a| a.min(last)),
            kept: fewer(kept),
            quantity: 0,
        },
        Step::Product {
            axes,
            factors,
            kept,
            ..
        } => Step::Product {
            axes: (*axes).min(HIGHEST_RANK),
            factors: factors
                .iter()
                .map(|f| operand(f, &|a| a.min(last)))
                .collect(),
            kept: fewer(kept),
            quantity: 0,
        },
    }
}
