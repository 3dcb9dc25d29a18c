//! The cases of a file, as they are written there.

use std::collections::BTreeMap;

use diagrams::runtime::exact::Exact;
use num_rational::BigRational;
use serde::Deserialize;

/// The largest number of characters of a number.
const LONGEST_NUMBER: usize = 1000;

/// A case of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub name: String,
    pub order: usize,
    /// None if every point of the run is a new one.
    pub train_points: Option<usize>,
    pub batch_size: usize,
    /// None if batches are drawn.
    pub batches: Option<Vec<Vec<usize>>>,
    pub landscape: LandscapeDescription,
    pub series: BTreeMap<String, Reference>,
    /// The number of updates, in files of optimizers.
    #[serde(default)]
    pub updates: Option<usize>,
    /// How batches are chosen, in files of optimizers.
    #[serde(default)]
    pub sampling: Option<SamplingName>,
    /// What an update does, in files of optimizers.
    #[serde(default)]
    pub optimizer: Option<OptimizerDescription>,
    #[serde(default)]
    pub noise_per: Option<NoiseName>,
}

/// A polynomial loss for each datapoint, and the initial weights, as rational numbers in text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LandscapeDescription {
    pub dimension: usize,
    pub theta0: Vec<String>,
    #[serde(default)]
    pub datapoints: Vec<Vec<Monomial>>,
    /// With noise, the losses of each datapoint for each value of the noise, in place of `datapoints`.
    #[serde(default)]
    pub noisy_datapoints: Vec<Vec<Vec<Monomial>>>,
    /// With noise, the loss of each datapoint that test loss and train loss measure.
    #[serde(default)]
    pub measured_datapoints: Vec<Vec<Monomial>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Monomial {
    pub exponents: Vec<u32>,
    pub coefficient: String,
}

/// The coefficients of η^0, η^1 and so on: a list of numbers, or a list for each component of a vector, or for each entry of a matrix.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Reference {
    Scalar(Vec<String>),
    Vector(Vec<Vec<String>>),
    Matrix(Vec<Vec<Vec<String>>>),
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum SamplingName {
    Given,
    WithReplacement,
    ShuffledEachEpoch,
    Fresh,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum NoiseName {
    Slot,
    Update,
}

/// What an update does, as in the documentation of the format.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OptimizerDescription {
    pub sam_radius: Option<String>,
    pub sam_group: Option<usize>,
    pub weight_decay: Option<String>,
    #[serde(default)]
    pub decoupled: bool,
    pub decay_mask: Option<Vec<u8>>,
    pub hessian_lambda: Option<String>,
    pub momentum: Option<OneOrMany>,
    pub dampening: Option<String>,
    #[serde(default)]
    pub nesterov: bool,
    pub learning_rate_multipliers: Option<Vec<String>>,
    pub averaging: Option<AveragingDescription>,
    pub kernel: Option<KernelDescription>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AveragingDescription {
    Tail(usize),
    Ema(String),
    Weights(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KernelDescription {
    pub a: Vec<Vec<String>>,
    pub r: Vec<String>,
}

/// Reads a rational number.
pub(super) fn rational(text: &str) -> Result<Exact, String> {
    fraction(text).map(Exact::from)
}

pub(super) fn fraction(text: &str) -> Result<BigRational, String> {
    let malformed = || format!("{text:?} is not a rational number such as \"-3/2\"");
    if text.len() > LONGEST_NUMBER {
        return Err(format!("a number has {} digits", text.len()));
    }
    // A zero denominator is refused here, because the parser of rationals panics on it.
    if text
        .split_once('/')
        .is_some_and(|(_, denominator)| denominator.trim_start_matches('0').is_empty())
    {
        return Err(malformed());
    }
    text.parse::<BigRational>().map_err(|_| malformed())
}
