//! The options of the command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use diagram_experiments::chosen::{LandscapeOptions, WeightOptions};
use diagram_experiments::device::DeviceOption;
use diagram_experiments::own_data::DataOptions;
use diagrams::calculus::measure::Measure;
use diagrams::calculus::spacetime::Shuffle;

/// Predict the learning curve of SGD by diagrams, measure it by many small training runs, and judge the prediction by the measurement.
#[derive(Parser)]
#[command(
    name = "learning_curve",
    version,
    after_help = "Exit status: 0, whatever the verdict is; 2 after an error; 130 after Ctrl-C, a termination or a hangup, when the results are those of the trials that had finished.\n\nExamples:\n  learning_curve --trials 10000 --out results\n  learning_curve --optimizer \"momentum: 9/10, schedule: cosine\"\n  learning_curve --data images.npz --scale 1/255"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) landscape: LandscapeOptions,

    #[command(flatten)]
    pub(crate) data: DataOptions,

    /// Number of datapoints in the population. Those with classes are taken one of each class in turn.
    #[arg(long, value_name = "n", default_value_t = 256)]
    pub(crate) population: usize,

    /// Number of training points, which are drawn from the population with replacement.
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

    /// Options of an optimizer, as in a declaration: "momentum: 9/10, nesterov, schedule: cosine, average: tail(5)", "sam: 1/2" and others. Learning rates are then in units of ηR with its total
    /// step R, of which ηT is the case of SGD.
    #[arg(long, value_name = "OPTIONS")]
    pub(crate) optimizer: Option<String>,

    /// Draw every batch from the training set with replacement, for as many updates.
    #[arg(long)]
    pub(crate) replacement: bool,

    /// Highest power of η in the predictions; all lower orders are predicted, too.
    #[arg(long, value_name = "d", default_value_t = 3)]
    pub(crate) order: usize,

    /// Largest learning rate, as ηT: the learning rate times the number of updates.
    #[arg(
        long,
        value_name = "ηT",
        default_value_t = 2.5,
        allow_negative_numbers = true
    )]
    pub(crate) eta_max: f64,

    /// Number of learning rates to measure at, evenly spaced up to the largest.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) points: usize,

    /// Number of trials. Each has a training set of its own, and is run at every learning rate.
    #[arg(long, value_name = "COUNT", default_value_t = 1500)]
    pub(crate) trials: usize,

    /// Seed of the initial weights and of all random draws.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// Measure to predict, whose expectation over training runs is estimated.
    #[arg(long, value_enum, default_value_t = MeasureName::TestLoss)]
    pub(crate) measure: MeasureName,

    /// Floating point precision of values and training runs.
    #[arg(long, value_enum, default_value_t = PrecisionName::Single)]
    pub(crate) precision: PrecisionName,

    /// Limit for the work of the values, in evaluations of the loss of one datapoint. If it is exceeded, costly values are estimated with a standard
    /// error.
    #[arg(long, value_name = "EVALUATIONS", allow_negative_numbers = true)]
    pub(crate) budget: Option<f64>,

    /// Whether what diagrams explain of each training run's outcome is subtracted from it where that makes the standard error smaller.
    #[arg(long, value_enum, value_name = "on|off", hide_possible_values = true, default_value_t = Switch::On)]
    pub(crate) control_variates: Switch,

    #[command(flatten)]
    pub(crate) device: DeviceOption,

    /// Number of threads; 0 for one on each core. Results do not depend on it.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) threads: usize,

    /// Folder for the plot (SVG) and the results (CSV, JSON), which must not be in it yet. Without it, a new folder in the current one, named
    /// `learning_curve-out`, with a number if that exists.
    #[arg(long, value_name = "DIR", value_parser = diagram_experiments::options::path)]
    pub(crate) out: Option<PathBuf>,

    /// File for the mean over all trials of the weights at which they end at the largest learning rate, as a start for --theta. Its ending decides the format
    /// of a network's weights: .safetensors, .npy or .raw. It must not be there yet.
    #[arg(long, value_name = "FILE", value_parser = diagram_experiments::options::path)]
    pub(crate) mean_weights: Option<PathBuf>,

    /// Folder for the weights at which each trial ends at the largest learning rate, a file for each: `trial_0.safetensors` and so on. It must not be there
    /// yet.
    #[arg(long, value_name = "DIR", value_parser = diagram_experiments::options::path)]
    pub(crate) final_weights: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) weights: WeightOptions,
}

/// What is on or off.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

impl Switch {
    pub(crate) fn is_on(self) -> bool {
        self == Switch::On
    }
}

/// The name of a way to shuffle on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ShuffleName {
    /// Once, so that all epochs have the same batches.
    Never,
    /// Before every epoch, uniformly at random.
    EachEpoch,
}

/// The name of a measure on the command line.
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

/// The name of a precision on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PrecisionName {
    /// 32-bit floats, of which twice as many fit into a SIMD register.
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
