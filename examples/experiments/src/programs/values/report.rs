//! The text that the program prints.

use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::program::Program;
use diagrams::runtime::values::{Averages, Method, Options, Strategy, TimeForecast, ValueError};
use serde::Serialize;

/// A value as it is printed.
#[derive(Serialize)]
pub(crate) struct Entry {
    /// The diagram in compact notation.
    pub(crate) diagram: String,
    pub(crate) value: f64,
    pub(crate) standard_error: f64,
}

/// The steps of the plan with the times that the cost model predicts.
pub(crate) fn plan(
    program: &Interpreted,
    derivatives: &dyn Derivatives<f64>,
    options: &Options,
) -> Result<String, ValueError> {
    let strategy = Strategy::choose(program, derivatives, options)?;
    let prediction = strategy.predict(program, derivatives)?;
    let plan = &program.blueprint().plan;
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

/// A table of the values in aligned columns.
pub(crate) fn table(entries: &[Entry]) -> String {
    let header = ["diagram", "value", "standard error"].map(str::to_string);
    let rows: Vec<[String; 3]> = std::iter::once(header)
        .chain(entries.iter().map(|entry| {
            let error = if entry.standard_error == 0.0 {
                "exact".to_string()
            } else {
                format!("{:.1e}", entry.standard_error)
            };
            [
                entry.diagram.clone(),
                format!("{:.16e}", entry.value),
                error,
            ]
        }))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [width(0), width(1)];
    let lines: Vec<String> = rows
        .iter()
        .map(|[diagram, value, error]| {
            let [first, second] = widths;
            format!("{diagram:<first$}  {value:>second$}  {error}\n")
        })
        .collect();
    lines.concat()
}
