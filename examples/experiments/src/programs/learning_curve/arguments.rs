//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use diagrams::calculus::measure::Measure;
use diagrams::calculus::spacetime::Shuffle;
use diagrams::runtime::landscapes::Named;

/// Predict SGD's learning curve by diagrams, measure it by many small training runs, and judge the one by the other.
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
    #[arg(long, value_name = "n", default_value_t = 256)]
    pub(crate) population: usize,

    /// Training points, drawn from the population with replacement.
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

    /// Highest power of η in the predictions.
    #[arg(long, value_name = "d", default_value_t = 3)]
    pub(crate) order: usize,

    /// Largest learning rate, in units of ηT: learning rate times number of updates.
    #[arg(
        long,
        value_name = "ηT",
        default_value_t = 2.5,
        allow_negative_numbers = true
    )]
    pub(crate) eta_max: f64,

    /// Learning rates to measure at, evenly spaced up to the largest.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) points: usize,

    /// Independent training runs, each at every learning rate.
    #[arg(long, value_name = "COUNT", default_value_t = 1500)]
    pub(crate) trials: usize,

    /// What initial weights and all draws follow from.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,

    /// What to predict and measure; the displacement is along the initial descent direction of the population.
    #[arg(long, value_enum, default_value_t = MeasureName::TestLoss)]
    pub(crate) measure: MeasureName,

    /// Arithmetic of values and training runs.
    #[arg(long, value_enum, default_value_t = PrecisionName::Single)]
    pub(crate) precision: PrecisionName,

    /// Work allowed for the values, in evaluations of one datapoint's loss; costly values are then estimated with a standard error.
    #[arg(long, value_name = "EVALUATIONS", allow_negative_numbers = true)]
    pub(crate) budget: Option<f64>,

    /// Threads; 0 for one on each core. Results do not depend on them.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) threads: usize,

    /// Folder for the plot (SVG) and the results (CSV, JSON); must not hold them yet. Without it, a fresh `learning_curve-out` here.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// File of initial weights, 64-bit floats in little-endian order; without it standard normals (0 for gaussian-fit, linear-screw and mean-estimation).
    #[arg(long, value_name = "FILE")]
    pub(crate) theta: Option<PathBuf>,
}

/// When batches are drawn anew.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ShuffleName {
    /// The same batches every epoch.
    Never,
    /// A fresh uniform shuffle before every epoch.
    EachEpoch,
}

/// What is predicted and measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MeasureName {
    /// Mean loss over the population after training.
    TestLoss,
    /// Mean loss over the training set after training.
    TrainLoss,
    /// Test loss minus train loss.
    GeneralizationGap,
    /// Square of the test loss.
    SecondMoment,
    /// Change of the weights along the unit vector of the negative initial gradient of the test loss.
    Displacement,
}

/// Arithmetic.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PrecisionName {
    /// 32-bit floats, twice as fast.
    Single,
    /// 64-bit floats.
    Double,
}

impl From<ShuffleName> for Shuffle {
    fn from(name: ShuffleName) -> Self {
        match name {
            ShuffleName::Never => Shuffle::Never,
            ShuffleName::EachEpoch => Shuffle::EachEpoch,
        }
    }
}

impl From<MeasureName> for Measure {
    fn from(name: MeasureName) -> Self {
        match name {
            MeasureName::TestLoss => Measure::TestLoss,
            MeasureName::TrainLoss => Measure::TrainLoss,
            MeasureName::GeneralizationGap => Measure::GeneralizationGap,
            MeasureName::SecondMoment => Measure::SecondMoment,
            MeasureName::Displacement => Measure::Displacement,
        }
    }
}

/// The name of a choice on the command line.
pub(crate) fn name(choice: &impl ValueEnum) -> String {
    choice
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_string())
}
