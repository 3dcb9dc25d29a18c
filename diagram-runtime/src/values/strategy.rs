//! What to average over, and by which method: decided by the cost model before anything is computed.

use std::time::Instant;

use diagram_calculus::plan::{Blueprint, ContractionPlan, Work};

use super::unit_costs::measure;
use super::{Arithmetic, Method, Options, Reading, TimeForecast, ValueError, Values};
use crate::contraction::Contraction;
use crate::derivatives::{COST_PARAMETERS, Derivatives, ExplicitTensors};
use crate::executor::ExecutorError;
use crate::program::Program;
use crate::scalar::Element;

/// Blocks of draws when a population's costly values are estimated: enough for a standard error with a tenth of relative error
/// (about `1/√(2·blocks)`) without making the blocks small.
const BUDGET_BLOCKS: usize = 32;
/// Largest tensors, all together, in bytes.
pub(super) const DENSE_LIMIT: usize = 64 << 20;
/// Samples whose tensors are made to see how long that takes.
const TRIED: usize = 64;

/// How values are going to be computed: what [`evaluate`](super::evaluate) decides first.
///
/// Decided from numbers of operations, the same on every machine, unless the options bound the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// How derivatives are contracted.
    pub method: Method,
    /// The budget in evaluations of one sample's loss, also where it came from a time.
    pub budget: Option<f64>,
    /// The work by the cost model, in evaluations of one sample's loss.
    pub sample_evaluations: f64,
    /// Which averages, of which classes.
    pub shares: Vec<PlanShare>,
}

/// The share of a plan's values that are averaged over the same tuples.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanShare {
    /// Indices of the requested classes.
    pub classes: Vec<usize>,
    /// The tuples.
    pub averages: Averages,
}

/// Tuples to average over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Averages {
    /// All tuples of all data.
    Exact,
    /// In so many blocks of the data, all tuples of distinct points.
    Blocks(usize),
    /// In so many blocks of points drawn from the data, all tuples of distinct draws.
    Draws {
        /// Number of blocks.
        blocks: usize,
        /// Draws in a block.
        size: usize,
    },
}

impl Strategy {
    /// Decides. Measures times if, and only if, the options bound the time.
    ///
    /// # Errors
    /// [`ValueError`]: no data, too few blocks, or a budget that nothing fits.
    pub fn choose<T: Arithmetic>(
        program: &dyn Program,
        derivatives: &dyn Derivatives<T>,
        options: &Options,
    ) -> Result<Strategy, ValueError> {
        T::choose(program, derivatives, options)
    }

    /// Computes the values; `seed` is that of the draws, if there are any.
    ///
    /// # Errors
    /// [`ValueError`]; nothing partial is returned.
    pub fn evaluate<T: Arithmetic>(
        &self,
        program: &dyn Program,
        derivatives: &dyn Derivatives<T>,
        seed: u64,
    ) -> Result<Values<T>, ValueError> {
        T::evaluate(self, program, derivatives, seed)
    }

    /// How long [`Strategy::evaluate`] takes, from unit costs measured now.
    ///
    /// # Errors
    /// [`ExecutorError::NoSamples`] if there are no data, [`TensorError`](crate::derivatives::TensorError) if the tensors are too large.
    pub fn predict<T: Arithmetic>(
        &self,
        program: &dyn Program,
        derivatives: &dyn Derivatives<T>,
    ) -> Result<TimeForecast, ValueError> {
        T::predict(self, program, derivatives)
    }
}

/// See [`Strategy::choose`].
pub(super) fn choose<T: Element>(
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
    options: &Options,
) -> Result<Strategy, ValueError> {
    let blueprint = program.blueprint();
    let model = Model {
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
    if options
        .method
        .is_some_and(|method| method != Method::Passes)
    {
        return Err(ValueError::Budget {
            budget,
            least: work,
        });
    }
    // What does not fit is subsampled, by passes: tensors of draws would be used too little.
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

/// See [`Strategy::predict`].
pub(super) fn forecast<T: Element>(
    strategy: &Strategy,
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
) -> Result<TimeForecast, ValueError> {
    let blueprint = program.blueprint();
    match strategy.method {
        Method::Passes => Ok(predict(blueprint, derivatives, &strategy.shares)?),
        Method::Dense => {
            let n = derivatives.samples();
            let tried: Vec<usize> = (0..n.min(TRIED)).collect();
            let few = derivatives.select(&tried);
            let order = highest_derivative(blueprint, &strategy.shares);
            let start = Instant::now();
            let dense = ExplicitTensors::new(&*few, order, DENSE_LIMIT)?;
            let making = start.elapsed().as_secs_f64();
            // The tried samples stand for all, so that tables are as large as they will be.
            let all: Vec<usize> = (0..n).map(|i| i % tried.len()).collect();
            let mut prediction = predict(blueprint, &*dense.select(&all), &strategy.shares)?;
            // One thread makes a block of tensors.
            let blocks = n.div_ceil(TRIED) as f64;
            prediction.by_loops[1] +=
                making * (blocks / rayon::current_num_threads() as f64).max(1.0);
            Ok(prediction)
        }
        Method::Contraction => forecast_contraction(strategy, program, derivatives),
    }
}

fn forecast_contraction<T: Element>(
    strategy: &Strategy,
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
) -> Result<TimeForecast, ValueError> {
    let blueprint = program.blueprint();
    let plan = program.contraction().ok_or(ValueError::NoContraction)?;
    let n = derivatives.samples();
    let tried = n.min(TRIED);
    let few = derivatives.select(&(0..tried).collect::<Vec<usize>>());
    let order = highest_derivative(blueprint, &strategy.shares);
    let mut forecast = TimeForecast::nothing(&blueprint.plan);
    let start = Instant::now();
    let tensors = ExplicitTensors::new(&*few, order, DENSE_LIMIT)?;
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

impl PlanShare {
    /// Which classes are averaged over all tuples of samples: unbiased estimates need the coarser partitions.
    fn averaged(&self, blueprint: &Blueprint) -> Vec<usize> {
        let mut classes = match self.averages {
            Averages::Exact => self.classes.clone(),
            Averages::Blocks(_) | Averages::Draws { .. } => self
                .classes
                .iter()
                .flat_map(|&c| blueprint.unbiased[c].iter().map(|k| k.class))
                .collect(),
        };
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// Which of the plan's quantities are needed.
    fn demand(&self, blueprint: &Blueprint) -> Vec<bool> {
        blueprint.plan.demand(self.averaged(blueprint))
    }

    /// How many blocks, and the most samples in one.
    fn blocks(&self, samples: usize) -> (usize, usize) {
        match self.averages {
            Averages::Exact => (1, samples),
            Averages::Blocks(blocks) => (blocks, samples.div_ceil(blocks)),
            Averages::Draws { blocks, size } => (blocks, size),
        }
    }
}

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

pub(super) fn highest_derivative(blueprint: &Blueprint, shares: &[PlanShare]) -> usize {
    shares
        .iter()
        .map(|share| blueprint.plan.highest_derivative(&share.demand(blueprint)))
        .max()
        .unwrap_or(0)
}

/// The most parts of the partition of any of the classes: a block must have as many samples.
pub(super) fn max_parts(blueprint: &Blueprint, classes: &[usize]) -> usize {
    classes
        .iter()
        .map(|&c| blueprint.plan.classes[c].parts())
        .max()
        .unwrap_or(1)
}

/// Floating point operations that the model counts as one evaluation of a loss.
///
/// A gradient by forward mode costs more evaluations than the model, which thinks of reverse mode, counts for it.
fn flops_of_evaluation<T>(derivatives: &dyn Derivatives<T>) -> f64 {
    // At the least a loss multiplies each weight and adds it, and a gradient by forward mode does three times that for each weight.
    let p = derivatives.dimension() as f64;
    let gradient = derivatives.gradient_flops().unwrap_or(3.0 * p * 2.0 * p);
    let none: [&[u8]; 1] = [&[]];
    (gradient / Work::pass(&none).evaluations()).max(1.0)
}

/// Work in evaluations of one sample's loss.
struct Model<'b> {
    blueprint: &'b Blueprint,
    contraction: Option<&'b ContractionPlan>,
    samples: usize,
    dimension: usize,
    flops_of_evaluation: f64,
}

impl Model<'_> {
    /// The method of the least work among those whose tensors fit.
    fn least_work(&self, share: &PlanShare, bytes_of_number: usize) -> Method {
        let fits = |method| {
            let numbers = match method {
                Method::Passes => return true,
                Method::Dense => self.tensor_numbers(share),
                Method::Contraction => self.tensor_numbers(share) + self.moment_numbers(share),
            };
            self.dimension > 0 && numbers * bytes_of_number as f64 <= DENSE_LIMIT as f64
        };
        // Of equals the first.
        let mut best = (Method::Passes, self.passes(share));
        for method in [Method::Dense, Method::Contraction] {
            if let Some(work) = self.work(method, share)
                && work < best.1
                && fits(method)
            {
                best = (method, work);
            }
        }
        best.0
    }

    /// The work of a share by a method; `None` if it is not planned.
    fn work(&self, method: Method, share: &PlanShare) -> Option<f64> {
        match method {
            Method::Passes => Some(self.passes(share)),
            Method::Dense => Some(self.dense(share)),
            Method::Contraction => self.contraction(share),
        }
    }

    /// The derivative work of a part by passes.
    fn passes(&self, part: &PlanShare) -> f64 {
        let (blocks, size) = part.blocks(self.samples);
        blocks as f64 * self.passes_on(&part.demand(self.blueprint), size)
    }

    fn passes_on(&self, demand: &[bool], samples: usize) -> f64 {
        let plan = &self.blueprint.plan;
        plan.cost(demand, samples, self.dimension, &COST_PARAMETERS)
            .sample_evaluations
    }

    /// The work of a part by tensors, their contractions in as many evaluations as have the same operations.
    fn dense(&self, part: &PlanShare) -> f64 {
        let plan = &self.blueprint.plan;
        let demand = part.demand(self.blueprint);
        let making = plan.tensors_cost(&demand, self.samples, self.dimension);
        let (blocks, size) = part.blocks(self.samples);
        let flops = plan.dense_contraction_flops(&demand, size, self.dimension, &COST_PARAMETERS);
        making.sample_evaluations + blocks as f64 * flops / self.flops_of_evaluation
    }

    /// The work of a share by moments, their contractions in as many evaluations as have the same operations.
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

    /// Numbers of the moments of a share, of as many blocks as there are at once, and of the largest block's tensors.
    fn moment_numbers(&self, share: &PlanShare) -> f64 {
        self.contraction.map_or(0.0, |contraction| {
            let demand = contraction.demand(share.averaged(self.blueprint));
            Contraction::memory(contraction, &demand, self.dimension, self.samples)
        })
    }

    fn tensor_numbers(&self, part: &PlanShare) -> f64 {
        let demand = part.demand(self.blueprint);
        let plan = &self.blueprint.plan;
        plan.tensors_cost(&demand, self.samples, self.dimension)
            .numbers
    }

    /// Evaluations a second, if they are those of a part by passes.
    fn rate<T: Element>(
        &self,
        derivatives: &dyn Derivatives<T>,
        part: &PlanShare,
    ) -> Result<f64, ExecutorError> {
        let seconds = predict(self.blueprint, derivatives, std::slice::from_ref(part))?.total();
        Ok(self.passes(part) / seconds)
    }

    /// The fewest blocks, at least so many, whose work fits: it falls as they get smaller, down to the linear part.
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

    /// Exact values where one loop over the data gives them; the others from draws.
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

    /// The largest block, of at least so many samples, whose unbiased estimates cost at most `budget`; an error carries the least cost.
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
        // No larger than is of use.
        let most = self.samples.max(least);
        Ok((least..most)
            .take_while(|&size| work(size + 1) <= budget)
            .count()
            + least)
    }
}
