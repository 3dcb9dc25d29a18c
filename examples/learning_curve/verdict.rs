//! Which predictions lie inside the band of the measurement.
//!
//! The band is simultaneous: with probability at least 95% it holds the true means at *all* learning rates. Each of the k learning rates gets
//! an interval of level 1 - 0.05/k (Bonferroni; it holds whatever the dependence between learning rates, which share training sets), from
//! Student's t distribution. Where a prediction has a standard error of its own, the two are added in squares. A few units of rounding are added
//! to the band, lest at very small learning rates, where the band is narrow, rounding be taken for a wrong prediction.

use diagrams::runtime::series::Prediction;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::measure::{Measured, Rate};
use crate::predict::Predicted;
use crate::setup::Setup;

/// Probability that the band holds all true means.
pub(crate) const CONFIDENCE: f64 = 0.95;

/// Where a prediction lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// Inside the band.
    Inside,
    /// Outside the band.
    Outside,
    /// There is no band: trials diverged, or fewer than two finished.
    NotMeasured,
}

/// One learning rate.
pub(crate) struct Point {
    /// In units of ηT.
    pub(crate) eta_t: f64,
    /// η.
    pub(crate) eta: f64,
    /// What was measured.
    pub(crate) measured: Rate,
    /// Half the width of the band, without the predictions' own errors; NaN if not measured.
    pub(crate) half_band: f64,
    /// Of orders 1, 2, ...
    pub(crate) predictions: Vec<Prediction>,
    /// Of the same orders.
    pub(crate) verdicts: Vec<Verdict>,
}

/// All learning rates, and what follows.
pub(crate) struct Judged {
    pub(crate) points: Vec<Point>,
    /// In words.
    pub(crate) sentences: Vec<String>,
}

impl Judged {
    /// Compares.
    pub(crate) fn new(setup: &Setup, predicted: &Predicted, measured: &Measured) -> Self {
        let points: Vec<Point> = setup
            .eta_ts
            .iter()
            .zip(&measured.rates)
            .map(|(&eta_t, rate)| {
                let eta = setup.eta(eta_t);
                let predictions = (1..=setup.order).map(|order| predicted.at(order, eta));
                Point::new(setup, eta_t, *rate, predictions.collect())
            })
            .collect();
        let mut sentences: Vec<String> = (1..=setup.order)
            .map(|order| sentence(&points, order))
            .collect();
        sentences.extend(not_measured(&points));
        Judged { points, sentences }
    }

    /// How many learning rates, from the least, have the prediction of this order inside the band.
    pub(crate) fn agreement(&self, order: usize) -> usize {
        agreement(&self.points, order)
    }
}

impl Point {
    fn new(setup: &Setup, eta_t: f64, measured: Rate, predictions: Vec<Prediction>) -> Self {
        let estimate = measured.estimate;
        let quantile = match measured.diverged {
            0 => quantile(estimate.trials, setup.eta_ts.len()),
            _ => f64::NAN,
        };
        let rounding = setup.rounding * estimate.mean.abs().max(1.0);
        let half_band = |standard_error: f64| quantile * standard_error + rounding;
        let verdicts = predictions
            .iter()
            .map(|prediction| {
                let error = estimate.standard_error.hypot(prediction.standard_error);
                let distance = (prediction.value - estimate.mean).abs();
                if !half_band(error).is_finite() {
                    Verdict::NotMeasured
                } else if distance <= half_band(error) {
                    Verdict::Inside
                } else {
                    Verdict::Outside
                }
            })
            .collect();
        Point {
            eta_t,
            eta: setup.eta(eta_t),
            measured,
            half_band: half_band(estimate.standard_error),
            predictions,
            verdicts,
        }
    }

    fn verdict(&self, order: usize) -> Verdict {
        self.verdicts
            .get(order - 1)
            .copied()
            .unwrap_or(Verdict::NotMeasured)
    }
}

/// Of Student's t distribution, two-sided, for one of `count` intervals that hold together; NaN for fewer than two trials.
pub(crate) fn quantile(trials: usize, count: usize) -> f64 {
    let freedom = trials.saturating_sub(1) as f64;
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| {
        student.inverse_cdf(1.0 - (1.0 - CONFIDENCE) / (2.0 * count as f64))
    })
}

fn agreement(points: &[Point], order: usize) -> usize {
    points
        .iter()
        .take_while(|point| point.verdict(order) == Verdict::Inside)
        .count()
}

fn sentence(points: &[Point], order: usize) -> String {
    if points
        .iter()
        .all(|point| point.verdict(order) == Verdict::NotMeasured)
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
        (None, Some(first)) if first.verdict(order) == Verdict::Outside => {
            format!("is outside {band} already at ηT = {}", short(first.eta_t))
        }
        (None, _) => format!("is not judged at the least ηT against {band}"),
    };
    let outside = points
        .iter()
        .rev()
        .take_while(|point| point.verdict(order) == Verdict::Outside)
        .last();
    match outside {
        Some(first) => format!(
            "order {order} {inside}, and excluded from ηT = {} on",
            short(first.eta_t)
        ),
        None => format!("order {order} {inside}"),
    }
}

fn not_measured(points: &[Point]) -> Option<String> {
    let finished = |point: &Point| point.measured.diverged + point.measured.estimate.trials;
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

/// A learning rate as one reads it.
pub(crate) fn short(eta_t: f64) -> String {
    if eta_t < 1e-3 {
        return format!("{eta_t:.3e}");
    }
    let text = format!("{eta_t:.6}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}
