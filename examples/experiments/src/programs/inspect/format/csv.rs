//! The report as CSV, with a row for each coefficient.

use super::super::error::InspectError;
use super::super::report::{Entry, Report};

/// The names of the columns.
const HEADER: [&str; 9] = [
    "predictor",
    "kind",
    "name",
    "diagram",
    "order",
    "value",
    "coefficient",
    "exact",
    "float",
];

/// The rows of each predictor: its terms, then the values with the sums of their coefficients. `exact` and `float` are empty where sizes are open.
pub(crate) fn csv(report: &Report) -> Result<String, InspectError> {
    let mut writer = ::csv::Writer::from_writer(vec![]);
    writer.write_record(HEADER)?;
    for predicted in &report.predictors {
        for (kind, entries) in [("term", &predicted.terms), ("value", &predicted.values)] {
            for entry in entries {
                writer.write_record(record(&predicted.name, kind, entry))?;
            }
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| ::csv::Error::from(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn record(predictor: &str, kind: &str, entry: &Entry) -> [String; HEADER.len()] {
    let at = entry.at.as_ref();
    [
        predictor.into(),
        kind.into(),
        entry.name.clone().unwrap_or_default(),
        entry.diagram.clone(),
        entry.order.to_string(),
        entry.value.text.clone(),
        entry.coefficient.text.clone(),
        at.map(|number| number.exact.clone()).unwrap_or_default(),
        at.map(|number| number.float.to_string())
            .unwrap_or_default(),
    ]
}
