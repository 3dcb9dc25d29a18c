//! The options of the command line.

use std::str::FromStr;

use clap::{Parser, ValueEnum};
use diagram_experiments::chosen::{LandscapeOptions, WeightOptions};
use diagram_experiments::device::DeviceOption;
use diagram_experiments::own_data::DataOptions;
use diagrams::calculus::spacetime::Shuffle;
use diagrams::runtime::simulate::TestPoints;

/// Measure how many small training runs this machine completes in a second.
#[derive(Parser)]
#[command(
    name = "throughput",
    version,
    after_help = "Exit status: 0; 2 after an error, with nothing on standard output.\n\nExamples:\n  throughput --train 20 --batch 5 --test-points 30 --seconds 5 --format json"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) landscape: LandscapeOptions,

    #[command(flatten)]
    pub(crate) weights: WeightOptions,

    #[command(flatten)]
    pub(crate) data: DataOptions,

    /// Number of datapoints in the population. Those with classes are taken one of each class in turn.
    #[arg(long, value_name = "n", default_value_t = 2000)]
    pub(crate) population: usize,

    /// Number of training points of a trial, which are drawn from the population with replacement.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) train: usize,

    /// Number of training points in a batch, a divisor of N.
    #[arg(long, value_name = "B", default_value_t = 1)]
    pub(crate) batch: usize,

    /// Number of epochs. There are T = E N / B updates.
    #[arg(long, value_name = "E", default_value_t = 1)]
    pub(crate) epochs: usize,

    /// When the training points are shuffled and divided into batches.
    #[arg(long, value_enum, default_value_t = ShuffleName::Never)]
    pub(crate) shuffle: ShuffleName,

    /// Run gradient descent in place of SGD, for this number of updates, each with all training points.
    #[arg(long, value_name = "T", conflicts_with_all = ["batch", "epochs", "shuffle"])]
    pub(crate) steps: Option<usize>,

    /// Learning rates, separated by commas. Each trial is run at all of them.
    #[arg(
        long,
        value_name = "η",
        value_delimiter = ',',
        default_values_t = [0.1],
        allow_negative_numbers = true
    )]
    pub(crate) eta: Vec<f64>,

    /// Number of datapoints at which the test loss of a trial is measured: 0, a number from 2 on, which each trial draws for itself, or `all` of the
    /// population.
    #[arg(long, value_name = "K", default_value = "0")]
    pub(crate) test_points: TestPointsName,

    /// Floating point precision.
    #[arg(long, value_enum, default_value_t = PrecisionName::F32)]
    pub(crate) precision: PrecisionName,

    #[command(flatten)]
    pub(crate) device: DeviceOption,

    /// Number of threads; 0 for one on each core.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) threads: usize,

    /// Repeat the measurement on 1, 2, 4, … threads and on all. It takes about --seconds for each number of threads.
    #[arg(long)]
    pub(crate) scaling: bool,

    /// Length of the measurement in seconds, after a warm-up.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 5.0,
        allow_negative_numbers = true
    )]
    pub(crate) seconds: f64,

    /// Seed of the initial weights and of all random draws.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// Format of the output.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// The name of a way to shuffle on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ShuffleName {
    /// Once, so that all epochs have the same batches.
    Never,
    /// Before every epoch, uniformly at random.
    EachEpoch,
}

/// The name of a precision on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PrecisionName {
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

/// The name of a format on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object.
    Json,
    /// Lines of text.
    Table,
}

/// A number of test points or `all` on the command line.
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

/// The name of a way to shuffle, as on the command line.
pub(crate) fn shuffle_name(shuffle: Shuffle) -> &'static str {
    match shuffle {
        Shuffle::Never => "never",
        Shuffle::EachEpoch => "each-epoch",
    }
}
