//! The text that the program prints.

use diagram_experiments::device::Place;
use diagrams::runtime::data::Standardization;
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::program::Program;
use diagrams::runtime::values::{
    Averages, Method, Options, Strategy, TimeForecast, ValueError, Values,
};
use serde::Serialize;

use super::arguments::Format;

/// The values with what else is known about them.
#[derive(Serialize)]
struct Record<'a> {
    /// The means and standard deviations that the features were standardized by, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    standardization: Option<&'a Standardization>,
    /// What the values were computed on, if it is not the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(flatten)]
    values: &'a Values<f64>,
}

/// A plan with the times that the cost model predicts.
#[derive(Serialize)]
struct PlanRecord {
    steps: Vec<PlannedStep>,
    /// The numbers of values with their kinds of averages, and the method, in words.
    averages: String,
    seconds: f64,
    /// The work in evaluations of one sample's loss.
    sample_evaluations: f64,
}

/// A step of a plan in words, with its time.
#[derive(Serialize)]
struct PlannedStep {
    step: String,
    seconds: f64,
}

/// The values as a JSON array or, if there is something to be said about them, as an object with the array in it.
pub(crate) fn json(
    values: &Values<f64>,
    standardization: Option<&Standardization>,
    place: &Place,
) -> serde_json::Result<String> {
    let device = (!place.is_cpu()).then(|| place.name());
    let text = if standardization.is_none() && device.is_none() && values.warnings.is_empty() {
        serde_json::to_string_pretty(&values.entries)
    } else {
        serde_json::to_string_pretty(&Record {
            standardization,
            device,
            values,
        })
    };
    Ok(text? + "\n")
}

/// The steps of the plan with the times that the cost model predicts.
pub(crate) fn plan(
    program: &Interpreted,
    derivatives: &dyn Derivatives<f64>,
    options: &Options,
    format: Format,
) -> Result<String, String> {
    let failed = |error: ValueError| error.to_string();
    let strategy = Strategy::choose(program, derivatives, options).map_err(failed)?;
    let prediction = strategy.predict(program, derivatives).map_err(failed)?;
    let plan = &program.blueprint().plan;
    if format == Format::Json {
        let steps = prediction.steps.iter().enumerate();
        let record = PlanRecord {
            steps: steps
                .filter(|(_, seconds)| **seconds > 0.0)
                .map(|(step, &seconds)| PlannedStep {
                    step: plan.describe(step),
                    seconds,
                })
                .collect(),
            averages: how(&strategy),
            seconds: prediction.total(),
            sample_evaluations: strategy.sample_evaluations,
        };
        let text = serde_json::to_string_pretty(&record).map_err(|e| e.to_string())?;
        return Ok(text + "\n");
    }
    let mut lines: Vec<String> = prediction
        .steps
        .iter()
        .enumerate()
        // A step without a predicted time is not needed for this reading of the data.
        .filter(|(_, seconds)| **seconds > 0.0)
        .map(|(step, seconds)| format!("{:>12.3} ms  {}\n", 1e3 * seconds, plan.describe(step)))
        .collect();
    lines.push(format!(
        "{}: {}\nas much as {:.0} losses\n",
        how(&strategy),
        predicted(&prediction),
        strategy.sample_evaluations
    ));
    Ok(lines.concat())
}

/// The numbers of values with their kinds of averages, and the method, in words.
pub(crate) fn how(strategy: &Strategy) -> String {
    let method = match strategy.method {
        Method::Passes => "passes",
        Method::Tensors => "explicit tensors",
        Method::Contraction => "contracted moments",
    };
    let averages: Vec<String> = strategy
        .shares
        .iter()
        .map(|part| {
            let count = part.classes.len();
            match part.averages {
                Averages::Exact => format!("{count} values over all tuples"),
                Averages::Distinct => format!("{count} values over tuples of distinct images"),
                Averages::Blocks(blocks) => format!("{count} values from {blocks} blocks"),
                Averages::Draws { blocks, size } => {
                    format!("{count} values from {blocks} x {size} draws")
                }
            }
        })
        .collect();
    format!("{} by {method}", averages.join(", "))
}

/// The predicted times in words.
pub(crate) fn predicted(forecast: &TimeForecast) -> String {
    format!(
        "predicted {:.3} s, {:.3} s for linear parts and {:.3} s for pairs",
        forecast.total(),
        forecast.linear(),
        forecast.pairs()
    )
}
