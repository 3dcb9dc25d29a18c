//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, ValueEnum};
use diagrams::calculus::spacetime::Shuffle;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::simulate::TestPoints;

/// Measure how fast very many small training runs go.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Loss landscape, one of fashion-logistic, fashion-lenet, cifar-logistic, cifar-lenet, gaussian-fit, linear-screw, mean-estimation.
    #[arg(long, value_name = "NAME", default_value_t = Named::FashionLeNet)]
    pub(crate) landscape: Named,

    /// Folder with the official files of Fashion-MNIST (IDX) or CIFAR-10 (binary); without it a sample of Fashion-MNIST inside the library.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Datapoints that make up the whole population (images: the first of a class-balanced order).
    #[arg(long, value_name = "n", default_value_t = 2000)]
    pub(crate) population: usize,

    /// Training points of a trial, drawn from the population with replacement.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) train: usize,

    /// Training points in a batch; divides N.
    #[arg(long, value_name = "B", default_value_t = 1)]
    pub(crate) batch: usize,

    /// Epochs; there are T = E N / B updates.
    #[arg(long, value_name = "E", default_value_t = 1)]
    pub(crate) epochs: usize,

    /// When batches are drawn anew.
    #[arg(long, value_enum, default_value_t = ShuffleName::Never)]
    pub(crate) shuffle: ShuffleName,

    /// Gradient descent instead: so many updates with all training points.
    #[arg(long, value_name = "T", conflicts_with_all = ["batch", "epochs", "shuffle"])]
    pub(crate) steps: Option<usize>,

    /// Learning rates, separated by commas; each trial runs at all of them.
    #[arg(
        long,
        value_name = "η",
        value_delimiter = ',',
        default_values_t = [0.1],
        allow_negative_numbers = true
    )]
    pub(crate) eta: Vec<f64>,

    /// Datapoints at which a trial's test loss is measured: 0, a number of its own from 2 on, or `all` of the population.
    #[arg(long, value_name = "K", default_value = "0")]
    pub(crate) test_points: TestPointsName,

    /// Arithmetic.
    #[arg(long, value_enum, default_value_t = PrecisionName::F32)]
    pub(crate) precision: PrecisionName,

    /// Threads; 0 for one on each core.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) threads: usize,

    /// Also measure on 1, 2, 4, … threads and on all in turn; takes --seconds for each number of threads.
    #[arg(long)]
    pub(crate) scaling: bool,

    /// Length of the measurement, after a warm-up.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 5.0,
        allow_negative_numbers = true
    )]
    pub(crate) seconds: f64,

    /// What initial weights and all draws follow from.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// When batches are drawn anew.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ShuffleName {
    /// The same batches every epoch.
    Never,
    /// A fresh uniform shuffle before every epoch.
    EachEpoch,
}

/// Arithmetic.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PrecisionName {
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

/// What is printed.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object.
    Json,
    /// Lines for a person.
    Table,
}

/// A number of test points, or all.
#[derive(Clone, Copy)]
pub(crate) struct TestPointsName(pub(crate) TestPoints);

impl FromStr for TestPointsName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(TestPointsName(match text {
            "all" => TestPoints::All,
            _ => match text.parse() {
                Ok(0) => TestPoints::None,
                Ok(count) => TestPoints::Subset(count),
                Err(_) => return Err("neither a number nor `all`".to_string()),
            },
        }))
    }
}

impl From<ShuffleName> for Shuffle {
    fn from(name: ShuffleName) -> Self {
        match name {
            ShuffleName::Never => Shuffle::Never,
            ShuffleName::EachEpoch => Shuffle::EachEpoch,
        }
    }
}

/// The name of a choice on the command line.
pub(crate) fn shuffle_name(shuffle: Shuffle) -> &'static str {
    match shuffle {
        Shuffle::Never => "never",
        Shuffle::EachEpoch => "each-epoch",
    }
}
