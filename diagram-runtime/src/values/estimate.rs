//! V-statistics over all tuples, U-statistics over distinct tuples, and their standard errors.

use std::ops::Range;

use diagram_calculus::plan::{Blueprint, ContractionPlan, QuantityId};
use num_bigint::BigInt;
use num_rational::BigRational;

use super::strategy::{
    Averages, PlanShare, TENSOR_BYTES_LIMIT, check_moments, highest_derivative, max_parts,
};
use super::{Culprit, Method, Strategy, Value, ValueError, Values};
use crate::contraction::Contraction;
use crate::derivatives::{Derivatives, ExplicitTensors};
use crate::draws::Stream;
use crate::executor::{Executor, ExecutorError, Recorder};
use crate::program::Program;
use crate::scalar::Element;
use crate::warning::Warning;

/// Computes the values by the given strategy. `seed` is the seed of the draws, if the strategy makes any.
pub(super) fn evaluate<T: Element>(
    strategy: &Strategy,
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
    seed: u64,
) -> Result<Values<T>, ValueError> {
    let entries = match strategy.method {
        Method::Passes => shares(
            program,
            &AverageSource::Steps(derivatives),
            &strategy.shares,
            seed,
        )?,
        Method::Tensors => {
            let order = highest_derivative(program.blueprint(), &strategy.shares);
            let tensors = ExplicitTensors::new(derivatives, order, TENSOR_BYTES_LIMIT)?;
            shares(
                program,
                &AverageSource::Steps(&tensors),
                &strategy.shares,
                seed,
            )?
        }
        Method::Contraction => {
            let plan = program.contraction().ok_or(ValueError::NoContraction)?;
            check_moments(plan, program.blueprint(), &strategy.shares, derivatives)?;
            let order = highest_derivative(program.blueprint(), &strategy.shares);
            let tensors = ExplicitTensors::new(derivatives, order, TENSOR_BYTES_LIMIT)?;
            let source = AverageSource::Contraction(plan, &tensors);
            shares(program, &source, &strategy.shares, seed)?
        }
    };
    if let Some(value) = entries
        .iter()
        .find(|value| !value.estimate.iter().all(Element::is_finite))
    {
        let class = value.class.clone();
        let culprit = Culprit::find(derivatives);
        return Err(ValueError::NotFinite { class, culprit });
    }
    Ok(Values {
        warnings: Warning::about_values(derivatives.is_piecewise(), &entries),
        entries,
        samples: derivatives.samples(),
        method: strategy.method,
        budget: strategy.budget,
    })
}

/// The source from which averages over all tuples of some samples are computed.
enum AverageSource<'a, T: Clone + 'static> {
    /// The steps of the program, executed on these derivatives.
    Steps(&'a dyn Derivatives<T>),
    /// Contractions of the moments of these tensors.
    Contraction(&'a ContractionPlan, &'a ExplicitTensors<'static, T>),
}

impl<T: Element> AverageSource<'_, T> {
    fn derivatives(&self) -> &dyn Derivatives<T> {
        match self {
            AverageSource::Steps(derivatives) => *derivatives,
            AverageSource::Contraction(_, tensors) => *tensors,
        }
    }
}

/// Returns the values of the classes of all shares, in the order of the classes.
fn shares<T: Element>(
    program: &dyn Program,
    source: &AverageSource<'_, T>,
    shares: &[PlanShare],
    seed: u64,
) -> Result<Vec<Value<T>>, ValueError> {
    let blueprint = program.blueprint();
    let n = source.derivatives().samples();
    let mut entries: Vec<Option<Value<T>>> = vec![None; blueprint.requested];
    for PlanShare { classes, averages } in shares {
        let values = match *averages {
            Averages::Exact => classes
                .iter()
                .zip(self::averages(program, source, 0..n, classes)?)
                .map(|(&class, estimate)| {
                    let standard_error = vec![0.0; estimate.len()];
                    value(blueprint, class, estimate, standard_error, vec![])
                })
                .collect(),
            Averages::Distinct => distinct(program, source, classes)?,
            Averages::Blocks(blocks) => unbiased(program, source, blocks, classes)?,
            Averages::Draws { blocks, size } => {
                let mut stream = Stream::new(seed, 0);
                let draws: Vec<usize> = (0..blocks * size).map(|_| stream.below(n)).collect();
                let drawn = source.derivatives().select(&draws);
                unbiased(program, &AverageSource::Steps(&*drawn), blocks, classes)?
            }
        };
        for (&class, value) in classes.iter().zip(values) {
            entries[class] = Some(value);
        }
    }
    Ok(entries.into_iter().flatten().collect())
}

/// Returns the mean of the unbiased estimates of the blocks for each class, with its standard error.
///
/// The estimate of a block follows from the averages over all tuples for all coarser partitions, by Möbius inversion over the lattice of partitions.
fn unbiased<T: Element>(
    program: &dyn Program,
    source: &AverageSource<'_, T>,
    blocks: usize,
    classes: &[usize],
) -> Result<Vec<Value<T>>, ValueError> {
    let blueprint = program.blueprint();
    let n = source.derivatives().samples();
    let parts = max_parts(blueprint, classes);
    if n / blocks < parts {
        return Err(ValueError::TooFewSamples {
            samples: n,
            blocks,
            each: n / blocks,
            parts,
        });
    }
    let mut needed: Vec<usize> = classes
        .iter()
        .flat_map(|&c| blueprint.unbiased[c].iter().map(|k| k.class))
        .collect();
    needed.sort_unstable();
    needed.dedup();
    // The indices are `estimates[class][block][component]`.
    let mut estimates: Vec<Vec<Vec<T>>> = vec![vec![]; classes.len()];
    for block in 0..blocks {
        let range = block * n / blocks..(block + 1) * n / blocks;
        let size = range.len();
        let averages = averages(program, source, range, &needed)?;
        for (&class, estimates) in classes.iter().zip(&mut estimates) {
            let mut total: Option<Vec<T>> = None;
            for correction in &blueprint.unbiased[class] {
                let at = needed
                    .binary_search(&correction.class)
                    .expect("collected above");
                let tuples = falling(size, blueprint.plan.classes[class].parts());
                let weight = correction.moebius as f64
                    * (size as f64).powi(correction.parts as i32)
                    / tuples;
                let weight = T::constant(weight);
                let sum = total.get_or_insert_with(|| vec![T::constant(0.0); averages[at].len()]);
                for (sum, x) in sum.iter_mut().zip(&averages[at]) {
                    *sum += weight.clone() * x.clone();
                }
            }
            estimates.push(total.unwrap_or_default());
        }
    }
    Ok(classes
        .iter()
        .zip(estimates)
        .map(|(&class, blocks)| mean_of_blocks(blueprint, class, &blocks))
        .collect())
}

/// Returns the averages over all tuples of distinct samples; 0 for classes with more parts than there are samples.
fn distinct<T: Element>(
    program: &dyn Program,
    source: &AverageSource<'_, T>,
    classes: &[usize],
) -> Result<Vec<Value<T>>, ValueError> {
    let blueprint = program.blueprint();
    let n = source.derivatives().samples();
    let mut needed: Vec<usize> = classes
        .iter()
        .flat_map(|&c| blueprint.unbiased[c].iter().map(|k| k.class))
        .collect();
    needed.sort_unstable();
    needed.dedup();
    let averages = averages(program, source, 0..n, &needed)?;
    let of_class = |&class: &usize| {
        let parts = blueprint.plan.classes[class].parts();
        let mut total: Option<Vec<T>> = None;
        for correction in &blueprint.unbiased[class] {
            let at = needed
                .binary_search(&correction.class)
                .expect("collected above");
            let sum = total.get_or_insert_with(|| vec![T::constant(0.0); averages[at].len()]);
            if parts > n {
                break;
            }
            let tuples: BigInt = (0..parts).map(|i| BigInt::from(n - i)).product();
            let weight = BigRational::new(
                BigInt::from(correction.moebius) * BigInt::from(n).pow(correction.parts as u32),
                tuples,
            );
            let weight = T::from_rational(&weight);
            for (sum, x) in sum.iter_mut().zip(&averages[at]) {
                *sum += weight.clone() * x.clone();
            }
        }
        let estimate = total.unwrap_or_default();
        let standard_error = vec![0.0; estimate.len()];
        value(blueprint, class, estimate, standard_error, vec![])
    };
    Ok(classes.iter().map(of_class).collect())
}

fn mean_of_blocks<T: Element>(blueprint: &Blueprint, class: usize, blocks: &[Vec<T>]) -> Value<T> {
    let count = blocks.len() as f64;
    let width = blocks[0].len();
    let mut mean = vec![];
    let mut standard_error = vec![];
    for component in 0..width {
        let mut sum = T::constant(0.0);
        for block in blocks {
            sum += block[component].clone();
        }
        let average = sum / T::constant(count);
        let center = average.to_f64();
        let squares: f64 = blocks
            .iter()
            .map(|b| (b[component].to_f64() - center).powi(2))
            .sum();
        standard_error.push((squares / (count - 1.0) / count).sqrt());
        mean.push(average);
    }
    let replicates = blocks
        .iter()
        .map(|b| b.iter().map(Element::to_f64).collect())
        .collect();
    value(blueprint, class, mean, standard_error, replicates)
}

/// Returns the averages over all tuples of the samples in `range`, for the classes of the plan with the given indices. Open indices are in the
/// coordinates of θ.
fn averages<T: Element>(
    program: &dyn Program,
    source: &AverageSource<'_, T>,
    range: Range<usize>,
    classes: &[usize],
) -> Result<Vec<Vec<T>>, ValueError> {
    let plan = &program.blueprint().plan;
    let mut averages = match source {
        AverageSource::Steps(derivatives) => {
            let demand = plan.demand(classes.iter().copied());
            let outputs: Vec<_> = classes.iter().map(|&class| plan.outputs[class]).collect();
            if let Some(averages) = on_device(program, *derivatives, &range, &demand, &outputs)? {
                averages
            } else {
                let mut executor = Executor::new(*derivatives, range)?.with_demand(demand);
                program.execute(&mut executor)?;
                outputs
                    .iter()
                    .map(|&output| executor.value(output))
                    .collect::<Result<_, _>>()?
            }
        }
        AverageSource::Contraction(plan, tensors) => {
            let wanted = classes.iter().copied();
            let contraction = Contraction::new(plan, wanted, tensors.dimension());
            contraction.values(contraction.moments(tensors, range), classes)
        }
    };
    if let Some(rate) = source.derivatives().learning_rate() {
        for (&class, average) in classes.iter().zip(&mut averages) {
            if plan.classes[class].open().is_some() {
                *average = rate.to_theta(average);
            }
        }
    }
    Ok(averages)
}

/// Returns the quantities that the program computes where the derivatives are, if there is an executor that executes all steps together.
fn on_device<T: Element>(
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
    samples: &Range<usize>,
    demand: &[bool],
    outputs: &[QuantityId],
) -> Result<Option<Vec<Vec<T>>>, ExecutorError> {
    let Some(executor) = derivatives.step_executor() else {
        return Ok(None);
    };
    if samples.is_empty() {
        return Err(ExecutorError::NoSamples);
    }
    let mut recorder = Recorder::new(demand.to_vec());
    program.execute(&mut recorder)?;
    Ok(executor.execute(samples.clone(), recorder.steps(), outputs)?)
}

fn value<T>(
    blueprint: &Blueprint,
    class: usize,
    estimate: Vec<T>,
    standard_error: Vec<f64>,
    replicates: Vec<Vec<f64>>,
) -> Value<T> {
    Value {
        class: blueprint.plan.classes[class].clone(),
        estimate,
        standard_error,
        replicates,
    }
}

/// Returns the falling factorial n (n-1) … (n-k+1).
fn falling(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64).product()
}
