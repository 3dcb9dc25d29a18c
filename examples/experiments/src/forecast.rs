//! How long values will take, which is said before they are computed if it is more than a minute.

use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::program::Program;
use diagrams::runtime::values::{Arithmetic, Strategy, TimeForecast, ValueError};

use crate::page::duration;
use crate::terminal::complain;

/// Work that is certainly done in less than a minute, in evaluations of one sample's loss. That of more is predicted first.
const QUICK: f64 = 1e5;
/// Seconds from which on the time is said.
const MINUTE: f64 = 60.0;

/// Predicts the time of values, from unit costs that are measured now; `None` if it is certainly short.
///
/// # Errors
/// As [`Strategy::predict`].
pub fn of_values<T: Arithmetic>(
    strategy: &Strategy,
    program: &dyn Program,
    derivatives: &dyn Derivatives<T>,
) -> Result<Option<TimeForecast>, ValueError> {
    (strategy.sample_evaluations > QUICK)
        .then(|| strategy.predict(program, derivatives))
        .transpose()
}

/// Says how long the work will take, on standard error, if it is more than a minute.
pub fn announce(seconds: f64) {
    if seconds > MINUTE {
        complain(&format!("this will take about {}", duration(seconds)));
    }
}
