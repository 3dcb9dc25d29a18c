//! The choice of the method and of the tuples to average over, which the cost model makes before anything is computed.

use std::time::Instant;

use diagram_calculus::plan::{Blueprint, ContractionPlan, Work};

use super::unit_costs::measure;
use super::{Method, Options, Reading, TimeForecast, ValueError};
use crate::contraction::Contraction;
use crate::derivatives::{COST_PARAMETERS, Derivatives, ExplicitTensors};
use crate::executor::ExecutorError;
use crate::program::Program;
use crate::scalar::Element;
use crate::tensors::TensorError;

/// The number of blocks of draws from which the costly values of a population are estimated. The relative error of their standard error is about
/// `1/√(2·blocks)`, an eighth.
const BUDGET_BLOCKS: usize = 32;
/// The largest allowed memory of all tensors together, in bytes.
pub(super) const TENSOR_BYTES_LIMIT: usize = 64 << 20;
/// The largest number of samples whose tensors are computed to measure how long that takes.
const TRIED: usize = 64;

/// The method and the averages by which values are computed. [`evaluate`](super::evaluate) chooses it before it computes anything.
///
/// The choice depends on numbers of operations alone, and is the same on every machine, unless the options bound the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// The method by which derivatives are contracted.
    pub method: Method,
    /// The budget, in evaluations of one sample's loss, whether it was given or follows from a time; `None` if the work is not bounded.
    pub budget: Option<f64>,
    /// The work according to the cost model, in evaluations of one sample's loss.
    pub sample_evaluations: f64,
    /// The averages to compute; each requested class is in one share.
    pub shares: Vec<PlanShare>,
}

/// The requested classes whose values are averages over the same tuples.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanShare {
    /// The indices of the classes among the requested ones.
    pub classes: Vec<usize>,
    /// The tuples that are averaged over.
    pub averages: Averages,
}

/// The tuples of samples over which values are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Averages {
    /// All tuples of all data.
    Exact,
    /// The data are cut into the given number of blocks; in each block, all tuples of distinct data points.
    Blocks(usize),
    /// All tuples of distinct points.
    Distinct,
    /// Blocks of points are drawn from the data; in each block, all tuples of distinct draws.
    Draws {
        /// The number of blocks.
        blocks: usize,
        /// The number of draws in each block.
        size: usize,
    },
}

/// Implements [`Strategy::choose`].
pub(super) fn choose<T: Element>(
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
    options: &Options,
) -> Result<Strategy, ValueError> {
    let blueprint = program.blueprint();
    let model = CostModel {
        blueprint,
        contraction: program.contraction(),
        samples: derivatives.samples(),
        dimension: derivatives.dimension(),
        flops_of_evaluation: flops_of_evaluation(derivatives),
    };
    if model.samples == 0 {
        return Err(ValueError::Empty);
    }
    let whole = PlanShare {
        classes: (0..blueprint.requested).collect(),
        averages: match options.reading {
            Reading::Population => Averages::Exact,
            Reading::Finite => Averages::Distinct,
            Reading::Sample { blocks } if blocks < 2 => {
                return Err(ValueError::TooFewBlocks(blocks));
            }
            Reading::Sample { blocks } => Averages::Blocks(blocks),
        },
    };
    let budget = match options.seconds {
        None => options.budget,
        Some(seconds) => {
            let affordable = seconds * model.rate(derivatives, &whole)?;
            Some(options.budget.map_or(affordable, |b| b.min(affordable)))
        }
    };
    let method = match options.method {
        Some(method) => method,
        None => model.least_work(&whole, size_of::<T>()),
    };
    let work = model
        .work(method, &whole)
        .ok_or(ValueError::NoContraction)?;
    let Some(budget) = budget.filter(|&budget| work > budget) else {
        return Ok(Strategy {
            method,
            budget,
            sample_evaluations: work,
            shares: vec![whole],
        });
    };
    // Tuples of distinct points are not drawn: what is exact is asked for.
    if whole.averages == Averages::Distinct
        || options
            .method
            .is_some_and(|method| method != Method::Passes)
    {
        return Err(ValueError::Budget {
            budget,
            least: work,
        });
    }
    // What does not fit the budget is computed by passes on fewer tuples. The tensors of draws would be contracted too few times to be worth
    // computing.
    let shares = match whole.averages {
        Averages::Blocks(blocks) => vec![model.smaller_blocks(&whole, blocks, budget)?],
        _ => model.linear_part_and_draws(&whole, budget)?,
    };
    Ok(Strategy {
        method: Method::Passes,
        budget: Some(budget),
        sample_evaluations: shares.iter().map(|share| model.passes(share)).sum(),
        shares,
    })
}

/// Implements [`Strategy::predict`].
pub(super) fn forecast<T: Element>(
    strategy: &Strategy,
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
) -> Result<TimeForecast, ValueError> {
    let blueprint = program.blueprint();
    match strategy.method {
        Method::Passes => Ok(predict(blueprint, derivatives, &strategy.shares)?),
        Method::Tensors => {
            let n = derivatives.samples();
            let tried: Vec<usize> = (0..n.min(TRIED)).collect();
            let few = derivatives.select(&tried);
            let order = highest_derivative(blueprint, &strategy.shares);
            let start = Instant::now();
            let tensors = ExplicitTensors::new(&*few, order, TENSOR_BYTES_LIMIT)?;
            let making = start.elapsed().as_secs_f64();
            // The measured samples are repeated until there are as many as in the data, so that tables have their final size.
            let all: Vec<usize> = (0..n).map(|i| i % tried.len()).collect();
            let mut prediction = predict(blueprint, &*tensors.select(&all), &strategy.shares)?;
            // Each block of tensors is computed by a single thread.
            let blocks = n.div_ceil(TRIED) as f64;
            prediction.by_loops[1] +=
                making * (blocks / rayon::current_num_threads() as f64).max(1.0);
            Ok(prediction)
        }
        Method::Contraction => forecast_contraction(strategy, program, derivatives),
    }
}

/// Implements [`Strategy::predict`] for [`Method::Contraction`].
fn forecast_contraction<T: Element>(
    strategy: &Strategy,
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
) -> Result<TimeForecast, ValueError> {
    let blueprint = program.blueprint();
    let plan = program.contraction().ok_or(ValueError::NoContraction)?;
    check_moments(plan, blueprint, &strategy.shares, derivatives)?;
    let n = derivatives.samples();
    let tried = n.min(TRIED);
    let few = derivatives.select(&(0..tried).collect::<Vec<usize>>());
    let order = highest_derivative(blueprint, &strategy.shares);
    let mut forecast = TimeForecast::nothing(&blueprint.plan);
    let start = Instant::now();
    let tensors = ExplicitTensors::new(&*few, order, TENSOR_BYTES_LIMIT)?;
    forecast.by_loops[1] += start.elapsed().as_secs_f64() * n as f64 / tried as f64;
    for share in &strategy.shares {
        let classes = share.averaged(blueprint);
        let (blocks, size) = share.blocks(n);
        let start = Instant::now();
        let wanted = classes.iter().copied();
        let contraction = Contraction::new(plan, wanted, derivatives.dimension());
        let moments = contraction.moments(&tensors, 0..tried);
        let moments_end = start.elapsed().as_secs_f64();
        std::hint::black_box(contraction.values(moments, &classes));
        let blocks = blocks as f64;
        forecast.by_loops[1] += moments_end * blocks * size as f64 / tried as f64;
        forecast.by_loops[0] += (start.elapsed().as_secs_f64() - moments_end) * blocks;
    }
    Ok(forecast)
}

/// Checks that the moments of a contraction fit the memory limit of explicit tensors.
pub(super) fn check_moments<T: Element>(
    plan: &ContractionPlan,
    blueprint: &Blueprint,
    shares: &[PlanShare],
    derivatives: &dyn Derivatives<T>,
) -> Result<(), TensorError> {
    let (dimension, samples) = (derivatives.dimension(), derivatives.samples());
    for share in shares {
        let numbers = share.moment_numbers(plan, blueprint, dimension, samples);
        let bytes = numbers * size_of::<T>() as f64;
        if bytes > TENSOR_BYTES_LIMIT as f64 {
            return Err(TensorError::MomentsTooLarge {
                dimension,
                bytes,
                limit: TENSOR_BYTES_LIMIT,
            });
        }
    }
    Ok(())
}

impl PlanShare {
    /// Returns the number of numbers in the moments of the share, for all blocks that are held at once, and in the intermediate tensors of these blocks.
    fn moment_numbers(
        &self,
        plan: &ContractionPlan,
        blueprint: &Blueprint,
        dimension: usize,
        samples: usize,
    ) -> f64 {
        let demand = plan.demand(self.averaged(blueprint));
        Contraction::memory(plan, &demand, dimension, samples)
    }

    /// Returns the classes that are averaged over all tuples of samples. Unbiased estimates need those of all coarser partitions.
    fn averaged(&self, blueprint: &Blueprint) -> Vec<usize> {
        let mut classes = match self.averages {
            Averages::Exact => self.classes.clone(),
            Averages::Blocks(_) | Averages::Draws { .. } | Averages::Distinct => self
                .classes
                .iter()
                .flat_map(|&c| blueprint.unbiased[c].iter().map(|k| k.class))
                .collect(),
        };
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// Returns which quantities of the plan are needed.
    fn demand(&self, blueprint: &Blueprint) -> Vec<bool> {
        blueprint.plan.demand(self.averaged(blueprint))
    }

    /// Returns the number of blocks, and the number of samples in the largest block.
    fn blocks(&self, samples: usize) -> (usize, usize) {
        match self.averages {
            Averages::Exact | Averages::Distinct => (1, samples),
            Averages::Blocks(blocks) => (blocks, samples.div_ceil(blocks)),
            Averages::Draws { blocks, size } => (blocks, size),
        }
    }
}

/// Predicts the time of the shares by passes, or by the contraction of explicit tensors if `derivatives` are such.
fn predict<T: Element>(
    blueprint: &Blueprint,
    derivatives: &dyn Derivatives<T>,
    shares: &[PlanShare],
) -> Result<TimeForecast, ExecutorError> {
    let mut all = TimeForecast::nothing(&blueprint.plan);
    for share in shares {
        let demand = share.demand(blueprint);
        let costs = measure(derivatives, &blueprint.plan, &demand)?;
        let (blocks, size) = share.blocks(derivatives.samples());
        let one = costs
            .predict(&blueprint.plan, &demand, size)
            .expect("measured for the same demand");
        all.add(&one, blocks as f64);
    }
    Ok(all)
}

/// Returns the highest order of a derivative that the shares need.
pub(super) fn highest_derivative(blueprint: &Blueprint, shares: &[PlanShare]) -> usize {
    shares
        .iter()
        .map(|share| blueprint.plan.highest_derivative(&share.demand(blueprint)))
        .max()
        .unwrap_or(0)
}

/// Returns the largest number of parts among the given classes. A block must have at least as many samples.
pub(super) fn max_parts(blueprint: &Blueprint, classes: &[usize]) -> usize {
    classes
        .iter()
        .map(|&c| blueprint.plan.classes[c].parts())
        .max()
        .unwrap_or(1)
}

/// Returns the number of floating point operations that the cost model counts as one evaluation of a loss.
///
/// The cost model assumes that a gradient is computed by reverse mode and counts a fixed number of evaluations for it. The operations of a gradient
/// are therefore divided by that number, even if the gradient is computed by forward mode, which costs more.
fn flops_of_evaluation<T>(derivatives: &dyn Derivatives<T>) -> f64 {
    // If the operations of a gradient are not known, a loss is taken to multiply and add each weight once, 2 P operations, and a gradient by forward
    // mode to take three times as many for each of the P weights.
    let p = derivatives.dimension() as f64;
    let gradient = derivatives.gradient_flops().unwrap_or(3.0 * p * 2.0 * p);
    let none: [&[u8]; 1] = [&[]];
    (gradient / Work::pass(&none).evaluations()).max(1.0)
}

/// The cost model of a program on some data. Work is measured in evaluations of one sample's loss.
struct CostModel<'b> {
    blueprint: &'b Blueprint,
    contraction: Option<&'b ContractionPlan>,
    samples: usize,
    dimension: usize,
    flops_of_evaluation: f64,
}

impl CostModel<'_> {
    /// Returns the method with the least work among those whose tensors fit the memory limit.
    fn least_work(&self, share: &PlanShare, bytes_of_number: usize) -> Method {
        let fits = |method| {
            let numbers = match method {
                Method::Passes => return true,
                Method::Tensors => self.tensor_numbers(share),
                Method::Contraction => self.tensor_numbers(share) + self.moment_numbers(share),
            };
            self.dimension > 0 && numbers * bytes_of_number as f64 <= TENSOR_BYTES_LIMIT as f64
        };
        // Among methods with equal work the first one is chosen.
        let mut best = (Method::Passes, self.passes(share));
        for method in [Method::Tensors, Method::Contraction] {
            if let Some(work) = self.work(method, share)
                && work < best.1
                && fits(method)
            {
                best = (method, work);
            }
        }
        best.0
    }

    /// Returns the work of a share by the given method; `None` if the program has no plan for it.
    fn work(&self, method: Method, share: &PlanShare) -> Option<f64> {
        match method {
            Method::Passes => Some(self.passes(share)),
            Method::Tensors => Some(self.tensors(share)),
            Method::Contraction => self.contraction(share),
        }
    }

    /// Returns the work of a share by passes.
    fn passes(&self, part: &PlanShare) -> f64 {
        let (blocks, size) = part.blocks(self.samples);
        blocks as f64 * self.passes_on(&part.demand(self.blueprint), size)
    }

    /// Returns the work of the demanded quantities by passes, on a block of the given number of samples.
    fn passes_on(&self, demand: &[bool], samples: usize) -> f64 {
        let plan = &self.blueprint.plan;
        plan.cost(demand, samples, self.dimension, &COST_PARAMETERS)
            .sample_evaluations
    }

    /// Returns the work of a share by explicit tensors. The operations of the contractions are converted to evaluations.
    fn tensors(&self, part: &PlanShare) -> f64 {
        let plan = &self.blueprint.plan;
        let demand = part.demand(self.blueprint);
        let making = plan.tensors_cost(&demand, self.samples, self.dimension);
        let (blocks, size) = part.blocks(self.samples);
        let flops = plan.dense_contraction_flops(&demand, size, self.dimension, &COST_PARAMETERS);
        making.sample_evaluations + blocks as f64 * flops / self.flops_of_evaluation
    }

    /// Returns the work of a share by moments; `None` if the program has no contraction plan. The operations of the contractions are converted to
    /// evaluations.
    fn contraction(&self, share: &PlanShare) -> Option<f64> {
        let contraction = self.contraction?;
        let plan = &self.blueprint.plan;
        let demand = share.demand(self.blueprint);
        let making = plan.tensors_cost(&demand, self.samples, self.dimension);
        let demand = contraction.demand(share.averaged(self.blueprint));
        let (blocks, size) = share.blocks(self.samples);
        let flops = contraction.flops(&demand, size, self.dimension);
        Some(making.sample_evaluations + blocks as f64 * flops / self.flops_of_evaluation)
    }

    /// Returns [`PlanShare::moment_numbers`]; 0 if the program has no contraction plan.
    fn moment_numbers(&self, share: &PlanShare) -> f64 {
        self.contraction.map_or(0.0, |contraction| {
            share.moment_numbers(contraction, self.blueprint, self.dimension, self.samples)
        })
    }

    /// Returns the number of numbers in the explicit tensors that a share needs.
    fn tensor_numbers(&self, part: &PlanShare) -> f64 {
        let demand = part.demand(self.blueprint);
        let plan = &self.blueprint.plan;
        plan.tensors_cost(&demand, self.samples, self.dimension)
            .numbers
    }

    /// Returns the number of evaluations per second if a share is computed by passes.
    fn rate<T: Element>(
        &self,
        derivatives: &dyn Derivatives<T>,
        part: &PlanShare,
    ) -> Result<f64, ExecutorError> {
        let seconds = predict(self.blueprint, derivatives, std::slice::from_ref(part))?.total();
        Ok(self.passes(part) / seconds)
    }

    /// Returns the share with the fewest blocks, at least `blocks`, whose work fits the budget. The work falls as the blocks get smaller, down to the
    /// part that is linear in the number of samples.
    fn smaller_blocks(
        &self,
        whole: &PlanShare,
        blocks: usize,
        budget: f64,
    ) -> Result<PlanShare, ValueError> {
        let with = |blocks: usize| PlanShare {
            averages: Averages::Blocks(blocks),
            ..whole.clone()
        };
        let most = (self.samples / max_parts(self.blueprint, &whole.classes)).max(blocks);
        let demand = whole.demand(self.blueprint);
        let work =
            |blocks: usize| blocks as f64 * self.passes_on(&demand, self.samples.div_ceil(blocks));
        (blocks..=most)
            .find(|&blocks| work(blocks) <= budget)
            .map(with)
            .ok_or_else(|| ValueError::Budget {
                budget,
                least: work(most),
            })
    }

    /// Returns a share of exact values, for the classes that take one loop over the data, and a share of estimates from draws for the others.
    fn linear_part_and_draws(
        &self,
        whole: &PlanShare,
        budget: f64,
    ) -> Result<Vec<PlanShare>, ValueError> {
        let (linear, drawn): (Vec<usize>, Vec<usize>) = whole
            .classes
            .iter()
            .partition(|&&class| self.blueprint.plan.degree(class) <= 1);
        let exact = PlanShare {
            classes: linear,
            averages: Averages::Exact,
        };
        let linear = self.passes(&exact);
        if drawn.is_empty() || linear > budget {
            return Err(ValueError::Budget {
                budget,
                least: linear,
            });
        }
        let parts = max_parts(self.blueprint, &drawn);
        let size = self
            .block_size(&drawn, parts, (budget - linear) / BUDGET_BLOCKS as f64)
            .map_err(|least| ValueError::Budget {
                budget,
                least: linear + least * BUDGET_BLOCKS as f64,
            })?;
        let draws = PlanShare {
            averages: Averages::Draws {
                blocks: BUDGET_BLOCKS,
                size: size.min(self.samples.div_ceil(2).max(parts)),
            },
            classes: drawn,
        };
        Ok(vec![exact, draws])
    }

    /// Returns the size of the largest block, of at least `least` samples, whose unbiased estimates cost at most `budget`. If there is none, the
    /// error is the cost of the smallest block.
    fn block_size(&self, classes: &[usize], least: usize, budget: f64) -> Result<usize, f64> {
        let one = PlanShare {
            classes: classes.to_vec(),
            averages: Averages::Blocks(1),
        };
        let demand = one.demand(self.blueprint);
        let work = |size: usize| self.passes_on(&demand, size);
        if work(least) > budget {
            return Err(work(least));
        }
        // A block is not larger than the data.
        let most = self.samples.max(least);
        Ok((least..most)
            .take_while(|&size| work(size + 1) <= budget)
            .count()
            + least)
    }
}
