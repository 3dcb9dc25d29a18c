//! The verdict: which predictions lie inside the band of the measurement.

use diagram_experiments::curve::{self, Point, short};

use super::measure::Measured;
use super::predict::Predicted;
use super::setup::Setup;

/// The predictions and measurements at all learning rates, with the verdict.
pub(crate) struct Judged {
    pub(crate) points: Vec<Point>,
    /// The verdict in words, with a sentence for each order.
    pub(crate) sentences: Vec<String>,
}

impl Judged {
    /// Compares the prediction with the measurement.
    pub(crate) fn new(setup: &Setup, predicted: &Predicted, measured: &Measured) -> Self {
        let points: Vec<Point> = setup
            .eta_ts
            .iter()
            .zip(&measured.rates)
            .map(|(&eta_t, &rate)| {
                let eta = setup.eta(eta_t);
                let predictions = (1..=setup.order).map(|order| predicted.at(order, eta));
                let together = setup.eta_ts.len();
                Point::new(eta_t, rate, predictions.collect(), together, setup.rounding)
            })
            .collect();
        let mut sentences: Vec<String> = (1..=setup.order)
            .map(|order| curve::sentence(&points, order))
            .collect();
        sentences.extend(not_measured(&points));
        Judged { points, sentences }
    }

    /// The number of learning rates, from the least on, before the first at which the prediction of this order is not inside the band.
    pub(crate) fn agreement(&self, order: usize) -> usize {
        curve::agreement(&self.points, order)
    }
}

/// A sentence on the learning rates without a band, if there are any.
fn not_measured(points: &[Point]) -> Option<String> {
    let finished = |point: &Point| point.measured.diverged + point.measured.trials;
    if points.iter().all(|point| finished(point) < 2) {
        return Some("not measured: fewer than two trials finished".into());
    }
    let missing: Vec<String> = points
        .iter()
        .filter(|point| point.half_band.is_nan())
        .map(|point| {
            format!(
                "ηT = {} ({} of {} trials diverged)",
                short(point.eta_t),
                point.measured.diverged,
                finished(point)
            )
        })
        .collect();
    (!missing.is_empty()).then(|| format!("not measured: {}", missing.join(", ")))
}
