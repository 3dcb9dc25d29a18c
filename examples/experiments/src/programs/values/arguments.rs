//! The options of the command line.

use clap::{Parser, ValueEnum};
use diagram_experiments::chosen::{LandscapeOptions, WeightOptions};
use diagram_experiments::device::DeviceOption;
use diagram_experiments::own_data::DataOptions;
use diagrams::calculus::enumerate::count_diagrams;
use diagrams::runtime::values::{Method, Options, Reading};

/// The largest number of diagrams up to the order; higher orders are refused.
const MOST_DIAGRAMS: u128 = 1000;

/// The number of blocks of a sample without --blocks.
const BLOCKS: usize = 16;

/// Print the values of diagrams that the test loss and the generalization gap need up to an order.
#[derive(Parser)]
#[command(
    name = "values",
    version,
    after_help = "Exit status: 0; 2 after an error, with nothing on standard output.\n\nExamples:\n  values --landscape fashion-lenet --images 256 --order 3 --format json\n  values --images 256 --order 4 --plan"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) landscape: LandscapeOptions,

    #[command(flatten)]
    pub(crate) data: DataOptions,

    /// Number of datapoints: the first training images, the first of a file, or standard normals for gaussian-fit, linear-screw and mean-estimation.
    #[arg(long, value_name = "K", default_value_t = 256)]
    pub(crate) images: usize,

    #[command(flatten)]
    pub(crate) weights: WeightOptions,

    /// Seed of the standard normal weights and datapoints, and of the samples that are drawn for a limited budget.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// Largest number of edges of a diagram, which is the highest power of η.
    #[arg(long, value_name = "d", default_value_t = 3)]
    pub(crate) order: usize,

    /// Whether the datapoints are the population or a sample from it.
    #[arg(long, value_enum, default_value_t = ReadingName::Population)]
    pub(crate) reading: ReadingName,

    /// Number of blocks of a sample, at least 2, whose spread gives the standard errors. The datapoints must be in random order.
    ///
    /// It is 16 without this option, which is for --reading sample alone.
    #[arg(long, value_name = "COUNT")]
    pub(crate) blocks: Option<usize>,

    /// Limit for the work, in evaluations of the loss of one datapoint. If it is exceeded, costly values are estimated with a standard error.
    #[arg(long, value_name = "EVALUATIONS")]
    pub(crate) budget: Option<f64>,

    /// Limit for the time, in seconds. Measured times of operations turn it into a budget, which is printed on standard error and repeats the run as
    /// --budget.
    #[arg(long, value_name = "SECONDS", conflicts_with = "budget")]
    pub(crate) seconds: Option<f64>,

    /// How derivatives are contracted. Without it, the cost model chooses the method of less work. The results of different methods differ by
    /// rounding.
    #[arg(long, value_enum)]
    pub(crate) method: Option<MethodName>,

    /// Compute the values even if the cost model predicts more than an hour.
    #[arg(long, conflicts_with = "plan")]
    pub(crate) long: bool,

    /// Print the steps of the plan with the time that the cost model predicts for each, and compute no values.
    #[arg(long)]
    pub(crate) plan: bool,

    /// Format of the output.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) device: DeviceOption,

    /// Number of threads; 0 for one on each core. Results do not depend on it.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) threads: usize,
}

/// The name of a reading of the datapoints on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ReadingName {
    /// The datapoints are the whole distribution, and averages over all tuples of them are exact.
    Population,
    /// The datapoints are draws from the distribution, and averages over tuples of distinct ones are unbiased estimates with standard errors.
    Sample,
    /// The datapoints are the training set, and averages over tuples of distinct ones are exact.
    Finite,
}

/// The name of a method on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MethodName {
    /// By forward and reverse passes along directions.
    Passes,
    /// By explicit tensors, which is possible for landscapes with few weights.
    #[value(alias = "dense")]
    Tensors,
}

/// The name of a format on the command line.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A JSON array of objects.
    Json,
    /// Aligned columns.
    Table,
}

impl Arguments {
    /// The options of the evaluation.
    pub(crate) fn options(&self) -> Options {
        Options {
            reading: match self.reading {
                ReadingName::Population => Reading::Population,
                ReadingName::Finite => Reading::Finite,
                ReadingName::Sample => Reading::Sample {
                    blocks: self.blocks.unwrap_or(BLOCKS),
                },
            },
            method: self.method.map(|method| match method {
                MethodName::Passes => Method::Passes,
                MethodName::Tensors => Method::Tensors,
            }),
            budget: self.budget,
            seconds: self.seconds,
            seed: self.seed,
        }
    }
}

/// Refuses numbers that the parser of the command line accepts but that are out of range.
pub(crate) fn check(arguments: &Arguments) -> Result<(), String> {
    let sizes = [
        ("--images", arguments.images, 1, 10_000_000),
        (
            "--blocks",
            arguments.blocks.unwrap_or(BLOCKS),
            2,
            10_000_000,
        ),
        (
            "--threads",
            arguments.threads,
            0,
            diagram_experiments::options::MOST_THREADS,
        ),
    ];
    for (name, size, least, most) in sizes {
        if !(least..=most).contains(&size) {
            return Err(format!("{name} {size}: must be from {least} to {most}"));
        }
    }
    if arguments.blocks.is_some() && matches!(arguments.reading, ReadingName::Population) {
        return Err("--blocks: a population is read whole; blocks are for --reading sample".into());
    }
    if let Some(budget) = arguments.budget
        && !(budget.is_finite() && budget > 0.0)
    {
        return Err(format!("--budget {budget}: must be positive and finite"));
    }
    if let Some(seconds) = arguments.seconds
        && !(seconds.is_finite() && seconds > 0.0)
    {
        return Err(format!("--seconds {seconds}: must be positive and finite"));
    }
    check_order(arguments.order)
}

/// Refuses orders with too many diagrams.
fn check_order(order: usize) -> Result<(), String> {
    let mut total = 0;
    for edges in 0..=order {
        total += count_diagrams(edges)
            .ok_or_else(|| format!("--order {order}: more diagrams than can be listed"))?;
        if total > MOST_DIAGRAMS {
            return Err(format!(
                "--order {order}: there are {total} diagrams up to order {edges} already; at most {MOST_DIAGRAMS} are affordable here"
            ));
        }
    }
    Ok(())
}
