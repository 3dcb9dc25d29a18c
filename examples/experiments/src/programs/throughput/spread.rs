//! Medians and ranges.

use serde::Serialize;

/// The median and the range of a rate over rounds or slices.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Spread {
    /// The median and the range of the numbers, of which there must be at least one.
    pub(crate) fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Spread {
            median: numbers[numbers.len() / 2],
            least: numbers[0],
            greatest: numbers[numbers.len() - 1],
        }
    }
}
