//! Values of diagrams, computed from data: exact averages over a finite population, or unbiased estimates from a sample.

mod arithmetic;
mod culprit;
mod display;
mod estimate;
mod saved;
mod strategy;
mod unit_costs;

use diagram_calculus::value_class::ValueClass;

use crate::derivatives::{Derivatives, TensorError};
use crate::executor::ExecutorError;
use crate::program::Program;
use crate::warning::Warning;

pub use arithmetic::Arithmetic;
pub use culprit::Culprit;
pub use saved::SavedError;
pub use strategy::{Averages, PlanShare, Strategy};
pub use unit_costs::{NotMeasured, TimeForecast, UnitCosts};

/// The interpretation of a finite data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The empirical distribution *is* the distribution. Values are averages over all tuples of data points (V-statistics), and they are exact.
    Population,
    /// The data *are* the training set, as in finite sums: N is their number. Values are averages over tuples of *distinct* data points, and they are exact. The value of a class with more parts than
    /// there are data points is 0, since it has no such tuples.
    ///
    /// With sampling with replacement, with one pass or with fresh shuffles, the [train loss](diagram_calculus::measure::Measure::TrainLoss) at N data points is then the expectation over batches alone:
    /// what optimization theory calls the expected objective. Batches that are given are assigned to the data points at random.
    Finite,
    /// The data are independent draws from an unknown distribution. Values are averages over tuples of *distinct* data points (U-statistics), and
    /// they are unbiased.
    ///
    /// The data are cut into consecutive blocks. The estimate is the mean of the estimates of the blocks, and its standard error comes from their
    /// spread. The order of the data must be exchangeable, so sorted data have to be shuffled first.
    Sample {
        /// The number of blocks, at least 2.
        blocks: usize,
    },
}

/// The method by which derivatives are contracted with directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Derivatives are computed along the directions, by forward and reverse mode; no tensor of derivatives is stored.
    Passes,
    /// The derivatives of each sample are computed once as [explicit tensors](crate::derivatives::ExplicitTensors), with which the plan is then
    /// executed.
    Tensors,
    /// The derivatives of each sample are computed once as explicit tensors, and the moments of these tensors over the samples are contracted. Every
    /// value takes a single loop over the samples. This is available only for programs with a [`contraction`](Program::contraction), as compiled
    /// predictors have.
    Contraction,
}

/// The options of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The interpretation of the data.
    pub reading: Reading,
    /// The method by which derivatives are contracted. The results of the methods differ by rounding.
    ///
    /// If it is `None`, the method with the fewest operations according to the cost model is chosen among those whose tensors fit the memory limit of
    /// 64 MiB. The choice does not depend on the machine unless [`Options::seconds`] is given. [`Values::method`] reports it.
    pub method: Option<Method>,
    /// The largest allowed work, in evaluations of one sample's loss; `None` if there is no bound.
    ///
    /// If the work exceeds it, fewer tuples are averaged over, by [`Method::Passes`], but for a finite reading, of which exceeding the budget is an error. A sample reading then uses more and smaller blocks. A
    /// population reading keeps exact the values that take one loop over the data; it estimates the others from samples that are drawn from the
    /// population, and reports their standard errors. If another method is asked for, exceeding the budget is an error.
    pub budget: Option<f64>,
    /// The largest allowed time in seconds on the threads of the current rayon pool; `None` if there is no bound.
    ///
    /// Unit costs are measured first and turn the time into a budget. The results then depend on the speed of the machine at that moment.
    /// [`Values::budget`] reports the budget that, given to [`Options::with_budget`], reproduces them.
    pub seconds: Option<f64>,
    /// The seed of the draws that a population reading makes within a budget.
    pub seed: u64,
}

impl Options {
    /// The options for exact averages over the data.
    pub fn population() -> Self {
        Options {
            reading: Reading::Population,
            method: None,
            budget: None,
            seconds: None,
            seed: 0,
        }
    }

    /// The options for exact averages over tuples of distinct data, which are the training set.
    pub fn finite() -> Self {
        Options {
            reading: Reading::Finite,
            ..Options::population()
        }
    }

    /// The options for unbiased estimates from the given number of blocks of data, at least 2.
    pub fn sample(blocks: usize) -> Self {
        Options {
            reading: Reading::Sample { blocks },
            ..Options::population()
        }
    }

    /// Sets the method by which derivatives are contracted.
    #[must_use]
    pub fn by(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Bounds the work, in evaluations of one sample's loss, and sets the seed; see [`Options::budget`].
    #[must_use]
    pub fn with_budget(mut self, sample_evaluations: f64, seed: u64) -> Self {
        self.budget = Some(sample_evaluations);
        self.seed = seed;
        self
    }

    /// Bounds the time, in seconds, and sets the seed; see [`Options::seconds`].
    #[must_use]
    pub fn within(mut self, seconds: f64, seed: u64) -> Self {
        self.seconds = Some(seconds);
        self.seed = seed;
        self
    }
}

/// The reason why values cannot be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ValueError {
    /// There are no data.
    #[error("the data set is empty")]
    Empty,
    /// There are fewer than two blocks, which give no standard error.
    #[error("a sample reading needs at least 2 blocks, not {0}")]
    TooFewBlocks(usize),
    /// A block has fewer data points than a class has parts.
    #[error(
        "{samples} data points in {blocks} blocks leave {each} a block, but a diagram here ties {parts} distinct data points; use fewer blocks or more data"
    )]
    TooFewSamples {
        /// The number of data points.
        samples: usize,
        /// The number of blocks.
        blocks: usize,
        /// The number of data points in the smallest block.
        each: usize,
        /// The largest number of parts among the requested classes.
        parts: usize,
    },
    /// Even the cheapest evaluation that the options allow costs more than the budget.
    #[error(
        "a budget of {budget} sample evaluations is too small: the least possible here is {}", least.ceil()
    )]
    Budget {
        /// The budget as given, or as it follows from the time.
        budget: f64,
        /// The smallest budget that suffices. If even the part of a population's values that is linear in the number of samples exceeds the budget,
        /// it is the work of that part, to which the work of draws has to be added.
        least: f64,
    },
    /// A value is NaN or infinite, or undefined in exact arithmetic.
    #[error("the value of {class} is not finite: {}", why(*culprit))]
    NotFinite {
        /// The class of the value.
        class: ValueClass,
        /// The datapoint at fault, if its loss or its gradient is not finite.
        culprit: Option<Culprit>,
    },
    /// A value was asked for that was not evaluated.
    #[error("the value of {class} has not been evaluated")]
    Missing {
        /// The class of the value.
        class: ValueClass,
    },
    /// A step of the plan could not be executed.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// [`Method::Contraction`] was asked for, but the program has no contraction plan.
    #[error("no contraction is planned for this program: only compiled predictors have one")]
    NoContraction,
    /// Explicit tensors were asked for, and they are too large or could not be computed.
    #[error(transparent)]
    Tensors(#[from] TensorError),
}

/// The value of one class: one number for a scalar class, P numbers for a displacement.
#[derive(Clone, Debug, PartialEq)]
pub struct Value<T> {
    /// The class; its `Display` implementation gives the compact notation.
    pub class: ValueClass,
    /// The exact value, or its estimate.
    ///
    /// It does not contain η: the [series](crate::series::Series) multiplies it by η to the power of the order. If the derivatives are those [of a
    /// learning rate](crate::learning_rate::LearningRate::on), it contains the matrix M once for each edge. The components of a displacement are
    /// those of θ.
    pub estimate: Vec<T>,
    /// The standard error of each number; 0 for exact values.
    pub standard_error: Vec<f64>,
    /// The independent estimates whose mean is `estimate`, indexed `[block][component]`. The list is empty for exact values.
    pub replicates: Vec<Vec<f64>>,
}

/// The values of some classes at one weight vector θ0.
#[derive(Clone, Debug, PartialEq)]
pub struct Values<T> {
    /// The values of the requested classes, in the order in which they were requested.
    pub entries: Vec<Value<T>>,
    /// The number of data points.
    pub samples: usize,
    /// The method by which derivatives were contracted.
    pub method: Method,
    /// The budget, in evaluations of one sample's loss, whether it was given or follows from a time; `None` if the work was not bounded.
    pub budget: Option<f64>,
    /// What to know about the values, and about what is predicted from them.
    pub warnings: Vec<Warning>,
}

impl<T> Values<T> {
    /// Returns the value of a class.
    ///
    /// # Errors
    /// [`ValueError::Missing`] if the class was not requested.
    pub fn get(&self, class: &ValueClass) -> Result<&Value<T>, ValueError> {
        self.entries
            .iter()
            .find(|v| v.class == *class)
            .ok_or_else(|| ValueError::Missing {
                class: class.clone(),
            })
    }
}

/// The reason why a value is not finite, or the likeliest one.
fn why(culprit: Option<Culprit>) -> String {
    culprit.map_or_else(
        || "are the weights or the data too large?".into(),
        |culprit| culprit.to_string(),
    )
}

/// Evaluates the requested classes of `program` on all samples of `derivatives`. It is [`Strategy::choose`] followed by [`Strategy::evaluate`].
///
/// # Errors
/// Those of the two functions. No values are returned if one of them cannot be computed.
pub fn evaluate<T: Arithmetic>(
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
    options: &Options,
) -> Result<Values<T>, ValueError> {
    let strategy = Strategy::choose(program, derivatives, options)?;
    strategy.evaluate(program, derivatives, options.seed)
}
