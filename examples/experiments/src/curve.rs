//! Which predictions of a curve over learning rates lie inside the [band](crate::band) of its measurement.
//!
//! Where a prediction has a standard error of its own, the two are added in squares. A few units of rounding are added to the band, lest at
//! very small learning rates, where the band is narrow, rounding be taken for a wrong prediction.

use std::fmt;

use diagrams::runtime::series::Prediction;
use serde::Serialize;

use crate::band::Mean;

/// Roundings allowed for. With its default settings, `learning_curve` differs by three between single and double precision.
pub const ROUNDINGS: f64 = 16.0;

/// Where a prediction lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// Inside the band.
    Inside,
    /// Outside the band.
    Outside,
    /// There is no band: trials diverged, or fewer than two finished.
    NotMeasured,
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

/// One learning rate.
#[derive(Clone, Debug)]
pub struct Point {
    /// In units of ηT.
    pub eta_t: f64,
    /// What was measured.
    pub measured: Mean,
    /// Half the width of the band, without the predictions' own errors; NaN if not measured.
    pub half_band: f64,
    /// Of orders 1, 2, ...
    pub predictions: Vec<Prediction>,
    /// Of the same orders.
    pub placements: Vec<Placement>,
}

impl Point {
    /// Compares. The band holds together with others, `together` in all; `rounding` is relative to the larger of the mean and 1.
    pub fn new(
        eta_t: f64,
        measured: Mean,
        predictions: Vec<Prediction>,
        together: usize,
        rounding: f64,
    ) -> Self {
        let quantile = measured.quantile(together);
        let rounding = rounding * measured.mean.abs().max(1.0);
        let half_band = |standard_error: f64| quantile * standard_error + rounding;
        let placements = predictions
            .iter()
            .map(|prediction| {
                let error = measured.standard_error.hypot(prediction.standard_error);
                let distance = (prediction.value - measured.mean).abs();
                if !half_band(error).is_finite() {
                    Placement::NotMeasured
                } else if distance <= half_band(error) {
                    Placement::Inside
                } else {
                    Placement::Outside
                }
            })
            .collect();
        Point {
            eta_t,
            measured,
            half_band: half_band(measured.standard_error),
            predictions,
            placements,
        }
    }

    /// Where the prediction of an order, from 1, lies.
    pub fn placement(&self, order: usize) -> Placement {
        self.placements
            .get(order - 1)
            .copied()
            .unwrap_or(Placement::NotMeasured)
    }
}

/// How many learning rates, from the least, have the prediction of this order inside the band.
pub fn agreement(points: &[Point], order: usize) -> usize {
    points
        .iter()
        .take_while(|point| point.placement(order) == Placement::Inside)
        .count()
}

/// The largest ηT up to which the prediction of this order is inside the band at every learning rate; 0 if it is at none.
pub fn agreement_eta_t(points: &[Point], order: usize) -> f64 {
    let inside = &points[..agreement(points, order)];
    inside.last().map_or(0.0, |point| point.eta_t)
}

/// How far the prediction of an order agrees, in words.
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

/// A learning rate as one reads it.
pub fn short(eta_t: f64) -> String {
    if eta_t != 0.0 && eta_t < 1e-3 {
        return format!("{eta_t:.3e}");
    }
    let text = format!("{eta_t:.6}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}
