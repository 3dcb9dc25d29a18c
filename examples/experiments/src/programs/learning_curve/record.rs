//! The results as CSV and JSON.

use diagram_experiments::band::CONFIDENCE;
use diagram_experiments::curve::Placement;
use diagrams::runtime::data::Standardization;
use diagrams::runtime::initialization::Initialization;
use diagrams::runtime::warning::Warning;
use serde::Serialize;

use super::arguments::{Arguments, name};
use super::measure::Measured;
use super::predict::Predicted;
use super::setup::Setup;
use super::verdict::{ACCURACIES, Judged};

/// The JSON object.
#[derive(Serialize)]
struct Record<'a> {
    program: &'static str,
    version: &'static str,
    arguments: Given<'a>,
    /// What values and training runs were computed on.
    device: &'a str,
    /// The number of updates T.
    steps: usize,
    /// The total step R, in units of which learning rates are given as `eta_T`; T for SGD.
    total_step: f64,
    weights: usize,
    /// The means and standard deviations that the features were standardized by, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    standardization: Option<&'a Standardization>,
    /// What to know about the predictions.
    #[serde(skip_serializing_if = "<[Warning]>::is_empty")]
    warnings: &'a [Warning],
    values: Vec<ValueRecord<'a>>,
    /// The coefficients of η^0, η^1 and so on.
    series: Vec<f64>,
    /// The ηT up to which the size of the last term lets trust each order from 1 on; null where nothing says it, or without a limit.
    #[serde(rename = "trustworthy_up_to_eta_T")]
    trustworthy_up_to_eta_t: Vec<Option<f64>>,
    accuracy: Vec<AccuracyRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pade: Option<PadeRecord>,
    trials: Trials,
    band: Band,
    curve: Vec<PointRecord>,
    verdict: &'a [String],
}

/// The options of the command line.
#[derive(Serialize)]
struct Given<'a> {
    /// Missing where a network is declared.
    landscape: Option<&'static str>,
    network: Option<&'a str>,
    data: Option<&'a std::path::Path>,
    label: Option<&'a str>,
    scale: Option<f64>,
    standardize: bool,
    population: usize,
    train: usize,
    batch: usize,
    epochs: usize,
    shuffle: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    optimizer: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    replacement: bool,
    order: usize,
    eta_max: f64,
    points: usize,
    trials: usize,
    seed: u64,
    measure: String,
    control_variates: bool,
    precision: String,
    budget: Option<f64>,
    theta: Option<&'a std::path::Path>,
    initialization: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_weights: Option<&'a std::path::Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    final_weights: Option<&'a std::path::Path>,
}

#[derive(Serialize)]
struct ValueRecord<'a> {
    diagram: &'a str,
    order: usize,
    coefficient: &'a str,
    coefficient_at_sizes: f64,
    value: f64,
    standard_error: f64,
}

#[derive(Serialize)]
struct Trials {
    requested: usize,
    finished: usize,
    value_seconds: f64,
    simulation_seconds: f64,
    trial_steps_per_second: f64,
    /// How many times smaller control variates make the standard error, at each learning rate; missing without them.
    #[serde(skip_serializing_if = "<[f64]>::is_empty")]
    control_variates_gain: Vec<f64>,
}

#[derive(Serialize)]
struct Band {
    confidence: f64,
    simultaneous_over: usize,
    /// The number that is added to half the band, times the larger of the mean and 1.
    rounding: f64,
    method: &'static str,
}

#[derive(Serialize)]
struct PointRecord {
    #[serde(rename = "eta_T")]
    eta_t: f64,
    eta: f64,
    /// The measured mean. This and the next two numbers are null if there is no band.
    mean: Option<f64>,
    standard_error: Option<f64>,
    half_band: Option<f64>,
    finite_trials: usize,
    diverged: usize,
    predictions: Vec<PredictionRecord>,
    /// Null without an approximant, and from its pole on.
    pade: Option<ApproximantRecord>,
}

#[derive(Serialize)]
struct PredictionRecord {
    order: usize,
    value: f64,
    standard_error: f64,
    /// Missing if the prediction is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    degrees_of_freedom: Option<usize>,
    verdict: Placement,
    /// Whether the size of the last term says that the prediction is not to be trusted.
    beyond_trust: bool,
}

#[derive(Serialize)]
struct ApproximantRecord {
    value: f64,
    standard_error: f64,
    verdict: Placement,
}

/// Where predictions are as accurate as this.
#[derive(Serialize)]
struct AccuracyRecord {
    /// The part of the measured change that is missed at most, wherever in its band the mean is.
    part_missed: f64,
    /// The largest measured ηT up to which each order from 1 on is; null where it cannot be said of any.
    #[serde(rename = "up_to_eta_T")]
    up_to_eta_t: Vec<Option<f64>>,
}

/// The Padé approximant of the series.
#[derive(Serialize)]
struct PadeRecord {
    /// The degrees of numerator and denominator.
    degrees: [usize; 2],
    /// The least ηT at which the denominator is 0, if there is one.
    #[serde(rename = "pole_eta_T")]
    pole_eta_t: Option<f64>,
}

/// All results as a JSON object.
pub(crate) fn json(
    arguments: &Arguments,
    setup: &Setup,
    predicted: &Predicted,
    trials: &Measured,
    judged: &Judged,
) -> Result<String, String> {
    let values = predicted.rows.iter().map(|row| ValueRecord {
        diagram: &row.diagram,
        order: row.order,
        coefficient: &row.formula,
        coefficient_at_sizes: row.coefficient,
        value: row.value.value,
        standard_error: row.value.standard_error,
    });
    let record = Record {
        program: "learning_curve",
        version: env!("CARGO_PKG_VERSION"),
        arguments: given(arguments),
        device: setup.place.name(),
        steps: setup.schedule.steps(),
        total_step: setup.total_step,
        weights: setup.theta0.len(),
        standardization: setup.standardization.as_ref(),
        warnings: &predicted.series.warnings,
        values: values.collect(),
        series: predicted.series.coefficients.iter().map(|c| c[0]).collect(),
        trustworthy_up_to_eta_t: judged.trustworthy_up_to.clone(),
        accuracy: ACCURACIES
            .into_iter()
            .zip(&judged.accurate_up_to)
            .map(|(part_missed, up_to)| AccuracyRecord {
                part_missed,
                up_to_eta_t: up_to.clone(),
            })
            .collect(),
        pade: predicted.pade.as_ref().map(|pade| PadeRecord {
            degrees: pade.degrees(),
            pole_eta_t: pade.pole().map(|eta| eta * setup.total_step),
        }),
        trials: Trials {
            requested: setup.trials,
            finished: trials.finished,
            value_seconds: predicted.seconds,
            simulation_seconds: trials.seconds,
            trial_steps_per_second: trials.steps_per_second(setup),
            control_variates_gain: trials.gains.clone(),
        },
        band: Band {
            confidence: CONFIDENCE,
            simultaneous_over: setup.eta_ts.len(),
            rounding: setup.rounding,
            method: "Bonferroni-adjusted Student's t",
        },
        curve: curve(setup, judged),
        verdict: &judged.sentences,
    };
    let text = serde_json::to_string_pretty(&record).map_err(|e| e.to_string())?;
    Ok(text + "\n")
}

fn given(arguments: &Arguments) -> Given<'_> {
    Given {
        landscape: match arguments.landscape.network {
            Some(_) => None,
            None => Some(arguments.landscape.landscape.name()),
        },
        network: arguments.landscape.network.as_deref(),
        data: arguments.data.data.as_deref(),
        label: arguments.data.label.as_deref(),
        scale: arguments.data.scale,
        standardize: arguments.data.standardize,
        population: arguments.population,
        train: arguments.train,
        batch: arguments.batch,
        epochs: arguments.epochs,
        shuffle: name(&arguments.shuffle),
        optimizer: arguments.optimizer.as_deref(),
        replacement: arguments.replacement,
        order: arguments.order,
        eta_max: arguments.eta_max,
        points: arguments.points,
        trials: arguments.trials,
        seed: arguments.seed,
        measure: name(&arguments.measure),
        control_variates: arguments.control_variates.is_on(),
        precision: name(&arguments.precision),
        budget: arguments.budget,
        theta: arguments.weights.theta.as_deref(),
        initialization: arguments.weights.initialization.map(Initialization::name),
        mean_weights: arguments.mean_weights.as_deref(),
        final_weights: arguments.final_weights.as_deref(),
    }
}

/// The points of the curve.
fn curve(setup: &Setup, judged: &Judged) -> Vec<PointRecord> {
    let finite = |number: f64| number.is_finite().then_some(number);
    judged
        .points
        .iter()
        .zip(&judged.pade)
        .map(|(point, pade)| {
            let half_band = finite(point.half_band);
            let measured = point.measured;
            let if_measured = |number| half_band.and(finite(number));
            PointRecord {
                eta_t: point.eta_t,
                eta: setup.eta(point.eta_t),
                mean: if_measured(measured.mean),
                standard_error: if_measured(measured.standard_error),
                half_band,
                finite_trials: measured.trials,
                diverged: measured.diverged,
                predictions: point
                    .predictions
                    .iter()
                    .zip(&point.placements)
                    .enumerate()
                    .map(|(at, (prediction, &verdict))| PredictionRecord {
                        order: at + 1,
                        value: prediction.value,
                        standard_error: prediction.standard_error,
                        degrees_of_freedom: prediction.degrees_of_freedom,
                        verdict,
                        beyond_trust: judged.is_beyond(at + 1, point.eta_t),
                    })
                    .collect(),
                pade: pade.map(|(prediction, verdict)| ApproximantRecord {
                    value: prediction.value,
                    standard_error: prediction.standard_error,
                    verdict,
                }),
            }
        })
        .collect()
}

/// The curve as CSV, with a row for each learning rate. If there are warnings, the last column has them.
pub(crate) fn csv(setup: &Setup, predicted: &Predicted, judged: &Judged) -> Result<String, String> {
    let warnings: Vec<String> = predicted
        .series
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut writer = csv::Writer::from_writer(vec![]);
    let mut head: Vec<String> = [
        "eta_T",
        "eta",
        "mean",
        "standard_error",
        "half_band",
        "finite_trials",
        "diverged",
    ]
    .map(String::from)
    .to_vec();
    for order in 1..=setup.order {
        for what in ["", "_standard_error", "_verdict", "_beyond_trust"] {
            head.push(format!("order_{order}{what}"));
        }
    }
    if predicted.pade.is_some() {
        head.extend(["pade", "pade_standard_error", "pade_verdict"].map(String::from));
    }
    if !warnings.is_empty() {
        head.push("warnings".into());
    }
    writer.write_record(&head).map_err(|e| e.to_string())?;
    let number = |number: Option<f64>| number.map_or_else(String::new, |x| x.to_string());
    for point in curve(setup, judged) {
        let mut line = vec![
            point.eta_t.to_string(),
            point.eta.to_string(),
            number(point.mean),
            number(point.standard_error),
            number(point.half_band),
            point.finite_trials.to_string(),
            point.diverged.to_string(),
        ];
        for prediction in &point.predictions {
            line.push(prediction.value.to_string());
            line.push(prediction.standard_error.to_string());
            line.push(prediction.verdict.to_string());
            line.push(prediction.beyond_trust.to_string());
        }
        if predicted.pade.is_some() {
            // Nothing from the pole on.
            let nothing = || [const { String::new() }; 3];
            line.extend(point.pade.map_or_else(nothing, |pade| {
                let numbers = [pade.value, pade.standard_error].map(|x| x.to_string());
                let [value, error] = numbers;
                [value, error, pade.verdict.to_string()]
            }));
        }
        if !warnings.is_empty() {
            line.push(warnings.join("; "));
        }
        writer.write_record(&line).map_err(|e| e.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}
