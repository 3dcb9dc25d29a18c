//! Which predictions of a curve over learning rates lie inside the [band](crate::band) of its measurement.
//!
//! If a prediction has a standard error of its own, its square is added to the square of the measurement's, and the degrees of freedom are those of both together. A few units of rounding are added to the
//! band, because at very small learning rates the band is so narrow that rounding would otherwise count as a wrong prediction.

use std::fmt;

use diagrams::runtime::series::Prediction;
use serde::Serialize;

use crate::band::Mean;

/// The number of units of rounding, relative to the larger of the mean and 1, that are added to half a band.
pub const ROUNDINGS: f64 = 16.0;

/// Whether a prediction lies inside a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The prediction is inside the band.
    Inside,
    /// The prediction is outside the band.
    Outside,
    /// There is no band, because trials diverged or fewer than two finished.
    NotMeasured,
}

impl Placement {
    /// Compares a prediction with a measurement. The band is simultaneous over `together` intervals. `rounding` is added to half of it, times the larger of the mean and 1.
    pub fn of(prediction: &Prediction, measured: &Mean, together: usize, rounding: f64) -> Self {
        let half_band =
            measured.half_band_beside(prediction, together) + rounding_of(measured, rounding);
        let distance = (prediction.value - measured.mean).abs();
        if !half_band.is_finite() {
            Placement::NotMeasured
        } else if distance <= half_band {
            Placement::Inside
        } else {
            Placement::Outside
        }
    }
}

fn rounding_of(measured: &Mean, rounding: f64) -> f64 {
    rounding * measured.mean.abs().max(1.0)
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Placement::Inside => "inside",
            Placement::Outside => "outside",
            Placement::NotMeasured => "not-measured",
        })
    }
}

/// What was measured and predicted at one learning rate.
#[derive(Clone, Debug)]
pub struct Point {
    /// The learning rate times the number of updates, ηT.
    pub eta_t: f64,
    /// The measured mean.
    pub measured: Mean,
    /// Half the width of the band, without the standard errors of the predictions; NaN if there is no band.
    pub half_band: f64,
    /// The predictions of orders 1, 2 and so on.
    pub predictions: Vec<Prediction>,
    /// Whether the prediction of each order is inside the band.
    pub placements: Vec<Placement>,
}

impl Point {
    /// Compares predictions with a measurement. The band is simultaneous over `together` intervals. `rounding` is added to half of it, times the
    /// larger of the mean and 1.
    pub fn new(
        eta_t: f64,
        measured: Mean,
        predictions: Vec<Prediction>,
        together: usize,
        rounding: f64,
    ) -> Self {
        let place = |prediction| Placement::of(prediction, &measured, together, rounding);
        let placements = predictions.iter().map(place).collect();
        Point {
            eta_t,
            measured,
            half_band: measured.half_band(together) + rounding_of(&measured, rounding),
            predictions,
            placements,
        }
    }

    /// Whether the prediction of an order lies inside the band. Orders count from 1; one that was not predicted counts as not measured.
    pub fn placement(&self, order: usize) -> Placement {
        self.placements
            .get(order - 1)
            .copied()
            .unwrap_or(Placement::NotMeasured)
    }
}

/// The number of learning rates, from the least on, before the first at which the prediction of this order is not inside the band.
pub fn agreement(points: &[Point], order: usize) -> usize {
    points
        .iter()
        .take_while(|point| point.placement(order) == Placement::Inside)
        .count()
}

/// The largest ηT such that the prediction of this order is inside the band there and at every smaller learning rate; 0 if there is none.
pub fn agreement_eta_t(points: &[Point], order: usize) -> f64 {
    let inside = &points[..agreement(points, order)];
    inside.last().map_or(0.0, |point| point.eta_t)
}

/// The largest ηT such that the prediction of this order misses at most this part of the measured change there and at every smaller learning rate, whatever the true mean in the band is; `None` if that
/// cannot be said of the least learning rate. `start` is the value at η = 0.
pub fn accurate_up_to(points: &[Point], order: usize, start: f64, part: f64) -> Option<f64> {
    let is_accurate = |point: &&Point| {
        let Some(prediction) = point.predictions.get(order - 1) else {
            return false;
        };
        let most = (prediction.value - point.measured.mean).abs() + point.half_band;
        most <= part * (point.measured.mean - start).abs()
    };
    let accurate = points.iter().take_while(is_accurate);
    accurate.last().map(|point| point.eta_t)
}

/// A sentence that says up to which ηT each order misses at most this part of the measured change.
pub fn accuracy_sentence(accurate_up_to: &[Option<f64>], part: f64) -> String {
    let each = (1..).zip(accurate_up_to).map(|(order, eta_t)| {
        let eta_t = eta_t.map_or_else(
            || "nowhere".into(),
            |eta_t| format!("up to ηT = {}", short(eta_t)),
        );
        format!("order {order} {eta_t}")
    });
    let each: Vec<String> = each.collect();
    format!(
        "at most {:.0}% of the measured change is missed, wherever in its band the mean is: {}",
        100.0 * part,
        each.join(", ")
    )
}

/// A sentence that says up to which ηT the prediction of an order is inside the band, and from which on it is outside.
pub fn sentence(points: &[Point], order: usize) -> String {
    if points
        .iter()
        .all(|point| point.placement(order) == Placement::NotMeasured)
    {
        return format!("order {order} could not be judged at any ηT");
    }
    let agreement = agreement(points, order);
    let band = "the simultaneous 95% band";
    let inside = match (points[..agreement].last(), points.get(agreement)) {
        (Some(last), None) => {
            return format!(
                "order {order} is inside {band} for every ηT up to {}, the largest measured",
                short(last.eta_t)
            );
        }
        (Some(last), Some(_)) => {
            format!("is inside {band} for every ηT up to {}", short(last.eta_t))
        }
        (None, Some(first)) if first.placement(order) == Placement::Outside => {
            format!("is outside {band} already at ηT = {}", short(first.eta_t))
        }
        (None, _) => format!("is not judged at the least ηT against {band}"),
    };
    let outside = points
        .iter()
        .rev()
        .take_while(|point| point.placement(order) == Placement::Outside)
        .last();
    match outside {
        Some(first) => format!(
            "order {order} {inside}, and excluded from ηT = {} on",
            short(first.eta_t)
        ),
        None => format!("order {order} {inside}"),
    }
}

/// A learning rate as text with at most six decimals, or in scientific notation if it is below 0.001.
pub fn short(eta_t: f64) -> String {
    if eta_t != 0.0 && eta_t < 1e-3 {
        return format!("{eta_t:.3e}");
    }
    let text = format!("{eta_t:.6}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}
