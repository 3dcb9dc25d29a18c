//! Medians and ranges.

use serde::Serialize;

/// Over rounds or slices.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Spread {
    /// Of at least one number.
    pub(crate) fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Spread {
            median: numbers[numbers.len() / 2],
            least: numbers[0],
            greatest: numbers[numbers.len() - 1],
        }
    }
}
