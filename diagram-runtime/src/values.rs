//! Values of diagrams, read off data: exact averages over a finite population, or unbiased estimates from a sample.

mod arithmetic;
mod estimate;
mod strategy;
mod unit_costs;

use diagram_calculus::value_class::ValueClass;

use crate::derivatives::{Derivatives, TensorError};
use crate::executor::ExecutorError;
use crate::program::Program;

pub use arithmetic::Arithmetic;
pub use strategy::{Averages, PlanShare, Strategy};
pub use unit_costs::{NotMeasured, TimeForecast, UnitCosts};

/// What a finite data set stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The empirical distribution *is* the distribution: plain averages over all tuples of data points, exact.
    Population,
    /// The data are independent draws from an unknown distribution: averages over tuples of *distinct* data points, unbiased. The data are
    /// cut into independent blocks; the estimate is the mean of the blocks' estimates and the standard error comes from their spread.
    /// The order of the data must be exchangeable (shuffle data that are sorted).
    Sample {
        /// Number of blocks, at least 2.
        blocks: usize,
    },
}

/// How derivatives are contracted with directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// By forward and reverse runs along the directions; no derivative is ever held.
    Passes,
    /// The tensors of each sample are made once and contracted: see [`Dense`](crate::derivatives::ExplicitTensors).
    Dense,
    /// The tensors of each sample are made once, and their moments over the samples are contracted: one loop over the samples for any value. Only
    /// for programs with a [`contraction`](Program::contraction), as compiled predictors are.
    Contraction,
}

/// How to evaluate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What the data stand for.
    pub reading: Reading,
    /// How derivatives are contracted. Results of them differ by rounding. If `None`, that of the least work by the cost model, in numbers of
    /// operations: the choice is always the same for the same work, and [`Values::method`] says it.
    pub method: Option<Method>,
    /// Derivative work allowed, in evaluations of one sample's loss. Values that cost more than one loop over the data are then
    /// estimated: a sample reading uses smaller blocks, a population reading draws samples from the population (and reports their
    /// standard error).
    pub budget: Option<f64>,
    /// Time allowed, in seconds, on the threads of the current rayon pool; unit costs that are measured first turn it into a budget. Results then
    /// depend on the machine's speed at that moment: [`Values::budget`] says what to give to [`Options::with_budget`] to get the same again.
    pub seconds: Option<f64>,
    /// Seed of those draws.
    pub seed: u64,
}

impl Options {
    /// Exact averages over the data.
    pub fn population() -> Self {
        Options {
            reading: Reading::Population,
            method: None,
            budget: None,
            seconds: None,
            seed: 0,
        }
    }

    /// Unbiased estimates from the given number of blocks of data.
    pub fn sample(blocks: usize) -> Self {
        Options {
            reading: Reading::Sample { blocks },
            ..Options::population()
        }
    }

    /// Contracts derivatives in this way.
    #[must_use]
    pub fn by(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Bounds the work, in evaluations of one sample's loss; see [`Options::budget`].
    #[must_use]
    pub fn with_budget(mut self, sample_evaluations: f64, seed: u64) -> Self {
        self.budget = Some(sample_evaluations);
        self.seed = seed;
        self
    }

    /// Bounds the time; see [`Options::seconds`].
    #[must_use]
    pub fn within(mut self, seconds: f64, seed: u64) -> Self {
        self.seconds = Some(seconds);
        self.seed = seed;
        self
    }
}

/// The values cannot be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ValueError {
    /// No data.
    #[error("the data set is empty")]
    Empty,
    /// Fewer than two blocks give no standard error.
    #[error("a sample reading needs at least 2 blocks, not {0}")]
    TooFewBlocks(usize),
    /// A block has fewer data points than a diagram has parts.
    #[error(
        "{samples} data points in {blocks} blocks leave {each} a block, but a diagram here ties {parts} distinct data points; use fewer blocks or more data"
    )]
    TooFewSamples {
        /// Data points.
        samples: usize,
        /// Blocks.
        blocks: usize,
        /// Data points in the smallest block.
        each: usize,
        /// Most parts of a requested class.
        parts: usize,
    },
    /// Even the smallest evaluation costs more than the budget.
    #[error(
        "a budget of {budget} sample evaluations is too small: the least possible here is {}", least.ceil()
    )]
    Budget {
        /// As given.
        budget: f64,
        /// What would do.
        least: f64,
    },
    /// A value is NaN or infinite (or leaves the rationals, in exact arithmetic).
    #[error("the value of {class} is not finite; are the weights or the data too large?")]
    NotFinite {
        /// Compact notation.
        class: ValueClass,
    },
    /// A value that was asked for was never evaluated.
    #[error("the value of {class} has not been evaluated")]
    Missing {
        /// Compact notation.
        class: ValueClass,
    },
    /// A step failed.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// A contraction was asked for of a program that has none planned.
    #[error("no contraction is planned for this program: only compiled predictors have one")]
    NoContraction,
    /// Explicit tensors were asked for and are too large.
    #[error(transparent)]
    Dense(#[from] TensorError),
}

/// The value of one class: one number for a scalar class, P for a displacement.
#[derive(Clone, Debug, PartialEq)]
pub struct Value<T> {
    /// Whose value; compact notation through `Display`.
    pub class: ValueClass,
    /// The value, or its estimate. Carries no η: the series supplies `η^order`. It carries the matrix M, once for each edge, if the derivatives are
    /// those [of a learning rate](crate::learning_rate::LearningRate::on); components of a displacement are those of θ.
    pub estimate: Vec<T>,
    /// Standard error of each number: 0 for exact values.
    pub standard_error: Vec<f64>,
    /// The independent estimates whose mean `estimate` is, `[block][component]`; empty for exact values.
    pub replicates: Vec<Vec<f64>>,
}

/// The values of some classes at one weight θ0.
#[derive(Clone, Debug, PartialEq)]
pub struct Values<T> {
    /// One for each requested class, in the order requested.
    pub entries: Vec<Value<T>>,
    /// Number of data points.
    pub samples: usize,
    /// How derivatives were contracted.
    pub method: Method,
    /// The budget in evaluations of one sample's loss, also where it came from a time.
    pub budget: Option<f64>,
}

impl<T> Values<T> {
    /// The value of a class.
    ///
    /// # Errors
    /// [`ValueError::Missing`] if it was not requested.
    pub fn get(&self, class: &ValueClass) -> Result<&Value<T>, ValueError> {
        self.entries
            .iter()
            .find(|v| v.class == *class)
            .ok_or_else(|| ValueError::Missing {
                class: class.clone(),
            })
    }
}

/// Evaluates the requested classes of `program` on all samples of `derivatives`.
///
/// # Errors
/// [`ValueError`]; nothing partial is returned.
pub fn evaluate<T: Arithmetic>(
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
    options: &Options,
) -> Result<Values<T>, ValueError> {
    let strategy = Strategy::choose(program, derivatives, options)?;
    strategy.evaluate(program, derivatives, options.seed)
}
