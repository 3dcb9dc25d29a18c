//! The verdict: which predictions lie inside the band of the measurement.

use diagram_experiments::curve::{self, Placement, Point, short};
use diagrams::runtime::series::{Pade, Prediction, TRUSTED_PART};

use super::measure::Measured;
use super::predict::Predicted;
use super::setup::Setup;

/// The parts of the change that predictions are judged by.
pub(crate) const ACCURACIES: [f64; 2] = [0.05, 0.1];

/// The predictions and measurements at all learning rates, with the verdict.
pub(crate) struct Judged {
    pub(crate) points: Vec<Point>,
    /// What the Padé approximant predicts at each learning rate before its pole, and whether that lies inside the band.
    pub(crate) pade: Vec<Option<(Prediction, Placement)>>,
    /// The ηT up to which the prediction of each order from 1 on is to be trusted, where something says it.
    pub(crate) trustworthy_up_to: Vec<Option<f64>>,
    /// For each part of [`ACCURACIES`], the ηT up to which each order from 1 on misses at most that part of the measured change.
    pub(crate) accurate_up_to: [Vec<Option<f64>>; 2],
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
        let pade = points.iter().map(|point| {
            let prediction = predicted.pade.as_ref()?.at(setup.eta(point.eta_t))?;
            let together = setup.eta_ts.len();
            let placement = Placement::of(&prediction, &point.measured, together, setup.rounding);
            Some((prediction, placement))
        });
        let pade: Vec<_> = pade.collect();
        let orders = 1..=setup.order;
        let trustworthy_up_to: Vec<_> = orders
            .clone()
            .map(|order| predicted.trustworthy_up_to(order, setup))
            .collect();
        let start = predicted.at(0, 0.0).value;
        let accurate_up_to = ACCURACIES.map(|part| {
            let orders = orders.clone();
            orders
                .map(|order| curve::accurate_up_to(&points, order, start, part))
                .collect()
        });
        let mut sentences: Vec<String> = orders
            .map(|order| curve::sentence(&points, order))
            .collect();
        let accurate = accurate_up_to.iter().zip(ACCURACIES);
        sentences.extend(
            accurate.map(|(eta_ts, part): (&Vec<_>, _)| curve::accuracy_sentence(eta_ts, part)),
        );
        sentences.extend(not_measured(&points));
        sentences.extend(limits(setup, predicted, &trustworthy_up_to));
        Judged {
            points,
            pade,
            trustworthy_up_to,
            accurate_up_to,
            sentences,
        }
    }

    /// Whether the prediction of an order at a learning rate is beyond what is to be trusted.
    pub(crate) fn is_beyond(&self, order: usize, eta_t: f64) -> bool {
        self.trustworthy_up_to[order - 1].is_some_and(|most| eta_t > most)
    }

    /// The number of learning rates, from the least on, before the first at which the prediction of this order is not inside the band.
    pub(crate) fn agreement(&self, order: usize) -> usize {
        curve::agreement(&self.points, order)
    }
}

/// Sentences on where the highest order is not to be trusted any more, and on the pole of the approximant.
fn limits(setup: &Setup, predicted: &Predicted, trustworthy: &[Option<f64>]) -> Vec<String> {
    let order = setup.order;
    let largest = setup.eta_ts.last().copied().unwrap_or(0.0);
    let trusted = trustworthy.last().copied().flatten();
    let beyond = trusted.filter(|most| *most < largest).map(|most| {
        format!(
            "order {order} is trustworthy up to ηT = {most:.2}: beyond, its last term is more than {:.0}% of the predicted change, and what is missing may be as large",
            100.0 * TRUSTED_PART
        )
    });
    let pole = predicted.pade.as_ref().and_then(Pade::pole);
    let pole = pole.map(|eta| eta * setup.total_step);
    let pole = pole.filter(|pole| *pole <= largest).map(|pole| {
        format!("the Padé approximant has a pole at ηT = {pole:.2}, and says nothing from there on")
    });
    beyond.into_iter().chain(pole).collect()
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
