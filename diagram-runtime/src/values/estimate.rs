//! V-statistics over all tuples, U-statistics over distinct tuples, and their standard errors.

use std::ops::Range;

use diagram_calculus::plan::Blueprint;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Options, Value, ValueError, Values};
use crate::derivatives::Derivatives;
use crate::machine::Machine;
use crate::program::Program;
use crate::scalar::Element;

/// Blocks of draws when a population's costly values are estimated: enough for a standard error with a tenth of relative error
/// (about `1/√(2·blocks)`) without making the blocks small.
const BUDGET_BLOCKS: usize = 32;

pub(super) fn population<P: Program, T: Element, D: Derivatives<T> + ?Sized>(
    program: &P,
    derivatives: &D,
    options: &Options,
) -> Result<Values<T>, ValueError> {
    let blueprint = program.blueprint();
    let n = derivatives.samples();
    let all: Vec<usize> = (0..blueprint.requested).collect();
    let affordable = |classes: &[usize]| {
        let demand = blueprint.plan.demand(classes.iter().copied());
        let cost = blueprint
            .plan
            .cost_of(&demand, n, derivatives.dimension())
            .sample_evaluations;
        (options.budget.is_none_or(|budget| cost <= budget), cost)
    };
    let (exact, drawn) = if affordable(&all).0 {
        (all.clone(), vec![])
    } else {
        all.iter()
            .partition(|&&class| blueprint.plan.degree(class) <= 1)
    };
    let (fits, linear_cost) = affordable(&exact);
    if let (false, Some(budget)) = (fits, options.budget) {
        return Err(ValueError::Budget {
            budget,
            least: linear_cost,
        });
    }
    let mut entries: Vec<Option<Value<T>>> = all.iter().map(|_| None).collect();
    for (&class, estimate) in exact
        .iter()
        .zip(averages(program, derivatives, 0..n, &exact)?)
    {
        let standard_error = vec![0.0; estimate.len()];
        entries[class] = Some(value(blueprint, class, estimate, standard_error, vec![]));
    }
    if let (false, Some(budget)) = (drawn.is_empty(), options.budget) {
        let size = block_size(
            blueprint,
            &drawn,
            derivatives.dimension(),
            (budget - linear_cost) / BUDGET_BLOCKS as f64,
        )
        .map_err(|least| ValueError::Budget {
            budget,
            least: linear_cost + least * BUDGET_BLOCKS as f64,
        })?;
        let size = size.min(n.div_ceil(2).max(max_parts(blueprint, &drawn)));
        let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
        let draws: Vec<usize> = (0..BUDGET_BLOCKS * size)
            .map(|_| rng.random_range(0..n))
            .collect();
        let selected = derivatives.select(&draws);
        for (class, estimated) in
            drawn
                .iter()
                .zip(unbiased(program, &*selected, BUDGET_BLOCKS, &drawn)?)
        {
            entries[*class] = Some(estimated);
        }
    }
    Ok(Values {
        entries: entries.into_iter().flatten().collect(),
        samples: n,
    })
}

pub(super) fn sample<P: Program, T: Element, D: Derivatives<T> + ?Sized>(
    program: &P,
    derivatives: &D,
    blocks: usize,
    options: &Options,
) -> Result<Values<T>, ValueError> {
    if blocks < 2 {
        return Err(ValueError::TooFewBlocks(blocks));
    }
    let blueprint = program.blueprint();
    let n = derivatives.samples();
    let all: Vec<usize> = (0..blueprint.requested).collect();
    let blocks = match options.budget {
        None => blocks,
        Some(budget) => {
            // The cost of all blocks falls as they get smaller, down to the linear part.
            let parts = max_parts(blueprint, &all);
            let demand = coarsening_demand(blueprint, &all);
            let cost = |blocks: usize| {
                let each =
                    blueprint
                        .plan
                        .cost_of(&demand, n.div_ceil(blocks), derivatives.dimension());
                each.sample_evaluations * blocks as f64
            };
            let most = (n / parts).max(blocks);
            (blocks..=most)
                .find(|&k| cost(k) <= budget)
                .ok_or_else(|| ValueError::Budget {
                    budget,
                    least: cost(most),
                })?
        }
    };
    let entries = unbiased(program, derivatives, blocks, &all)?;
    Ok(Values {
        entries,
        samples: n,
    })
}

/// The means of the unbiased estimates of the blocks, with standard errors.
fn unbiased<P: Program, T: Element, D: Derivatives<T> + ?Sized>(
    program: &P,
    derivatives: &D,
    blocks: usize,
    classes: &[usize],
) -> Result<Vec<Value<T>>, ValueError> {
    let blueprint = program.blueprint();
    let n = derivatives.samples();
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
    // estimates[class][block][component]
    let mut estimates: Vec<Vec<Vec<T>>> = vec![vec![]; classes.len()];
    for block in 0..blocks {
        let range = block * n / blocks..(block + 1) * n / blocks;
        let size = range.len();
        let averages = averages(program, derivatives, range, &needed)?;
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

/// Averages over all tuples of the samples in `range`, for the plan's classes with the given indices.
fn averages<P: Program, T: Element, D: Derivatives<T> + ?Sized>(
    program: &P,
    derivatives: &D,
    range: Range<usize>,
    classes: &[usize],
) -> Result<Vec<Vec<T>>, ValueError> {
    let plan = &program.blueprint().plan;
    let mut machine =
        Machine::new(derivatives, range)?.with_demand(plan.demand(classes.iter().copied()));
    program.execute(&mut machine)?;
    classes
        .iter()
        .map(|&class| Ok(machine.value(plan.outputs[class])?))
        .collect()
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

/// The largest block whose unbiased estimates cost at most `budget`; an error carries the least cost.
fn block_size(
    blueprint: &Blueprint,
    classes: &[usize],
    dimension: usize,
    budget: f64,
) -> Result<usize, f64> {
    let demand = coarsening_demand(blueprint, classes);
    let cost = |size: usize| {
        blueprint
            .plan
            .cost_of(&demand, size, dimension)
            .sample_evaluations
    };
    let least = max_parts(blueprint, classes);
    if cost(least) > budget {
        return Err(cost(least));
    }
    let mut size = least;
    while cost(size + 1) <= budget {
        size += 1;
    }
    Ok(size)
}

fn coarsening_demand(blueprint: &Blueprint, classes: &[usize]) -> Vec<bool> {
    blueprint.plan.demand(
        classes
            .iter()
            .flat_map(|&c| blueprint.unbiased[c].iter().map(|k| k.class)),
    )
}

fn max_parts(blueprint: &Blueprint, classes: &[usize]) -> usize {
    classes
        .iter()
        .map(|&c| blueprint.plan.classes[c].parts())
        .max()
        .unwrap_or(1)
}

/// n (n-1) … (n-k+1).
fn falling(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64).product()
}
