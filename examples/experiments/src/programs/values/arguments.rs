//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use diagrams::calculus::enumerate::count_diagrams;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::values::{Method, Options, Reading};

/// Orders with more diagrams than this in all are refused.
const MOST_DIAGRAMS: u128 = 1000;

/// Print the values of all diagrams that test loss and generalization gap need.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Loss landscape, one of fashion-logistic, fashion-lenet, cifar-logistic, cifar-lenet, gaussian-fit, linear-screw, mean-estimation.
    #[arg(long, value_name = "NAME", default_value_t = Named::FashionLeNet)]
    pub(crate) landscape: Named,

    /// Folder with the official files of Fashion-MNIST (IDX) or CIFAR-10 (binary); without it a sample of Fashion-MNIST inside the library.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Datapoints: the first so many training images.
    #[arg(long, value_name = "K", default_value_t = 256)]
    pub(crate) images: usize,

    /// File of weights, 64-bit floats in little-endian order; without it standard normals (0 for gaussian-fit, linear-screw and mean-estimation).
    #[arg(long, value_name = "FILE")]
    pub(crate) theta: Option<PathBuf>,

    /// What standard normal weights (and the data of those three) follow from, and the draws if --budget asks for them.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Highest number of edges of a diagram.
    #[arg(long, value_name = "d", default_value_t = 3)]
    pub(crate) order: usize,

    /// What the datapoints stand for.
    #[arg(long, value_enum, default_value_t = ReadingName::Population)]
    pub(crate) reading: ReadingName,

    /// Blocks of a sample reading, at least 2: standard errors come from their spread. The datapoints must be in random order.
    #[arg(long, value_name = "COUNT", default_value_t = 16)]
    pub(crate) blocks: usize,

    /// Work allowed, in evaluations of one datapoint's loss; costly values are then estimated with a standard error.
    #[arg(long, value_name = "EVALUATIONS")]
    pub(crate) budget: Option<f64>,

    /// Time allowed, in seconds: measured unit costs turn it into a budget, which standard error names, so that --budget can repeat the run.
    #[arg(long, value_name = "SECONDS", conflicts_with = "budget")]
    pub(crate) seconds: Option<f64>,

    /// How derivatives are contracted; without it, by the one of less work. Results differ by rounding.
    #[arg(long, value_enum)]
    pub(crate) method: Option<MethodName>,

    /// Print the plan's steps with the time that the cost model gives each, and compute nothing.
    #[arg(long)]
    pub(crate) plan: bool,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    /// Threads; 0 for one on each core. Results do not depend on them.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) threads: usize,
}

/// What the datapoints stand for.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ReadingName {
    /// The datapoints are the distribution: exact averages over all tuples of them.
    Population,
    /// The datapoints are draws from the distribution: unbiased averages over distinct tuples, with standard errors.
    Sample,
}

/// How derivatives are contracted.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MethodName {
    /// By forward and reverse runs along directions.
    Passes,
    /// By explicit tensors, for landscapes of few weights.
    Dense,
}

/// What is printed.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A JSON array of objects.
    Json,
    /// Aligned columns.
    Table,
}

impl Arguments {
    /// How to evaluate.
    pub(crate) fn options(&self) -> Options {
        Options {
            reading: match self.reading {
                ReadingName::Population => Reading::Population,
                ReadingName::Sample => Reading::Sample {
                    blocks: self.blocks,
                },
            },
            method: self.method.map(|method| match method {
                MethodName::Passes => Method::Passes,
                MethodName::Dense => Method::Dense,
            }),
            budget: self.budget,
            seconds: self.seconds,
            seed: self.seed,
        }
    }
}

/// What the parser lets through although it makes no sense.
pub(crate) fn check(arguments: &Arguments) -> Result<(), String> {
    let sizes = [
        ("--images", arguments.images, 1, 10_000_000),
        ("--blocks", arguments.blocks, 2, 10_000_000),
        ("--threads", arguments.threads, 0, 4096),
    ];
    for (name, size, least, most) in sizes {
        if !(least..=most).contains(&size) {
            return Err(format!("{name} {size}: must be from {least} to {most}"));
        }
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
