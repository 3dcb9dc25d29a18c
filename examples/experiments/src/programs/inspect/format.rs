//! The formats of the report.

mod csv;
mod html;
mod latex;
mod text;

pub(crate) use csv::csv;
pub(crate) use html::html;
pub(crate) use latex::latex;
pub(crate) use text::text;

use super::error::InspectError;
use super::report::Report;

/// The report as a JSON object.
pub(crate) fn json(report: &Report) -> Result<String, InspectError> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}
