//! The plot: the measured band, and a predicted curve for each order.

use diagram_experiments::plot::{BandPlot, Curve, SeriesLabelPosition};
use diagrams::calculus::measure::Measure;

use super::predict::Predicted;
use super::setup::Setup;
use super::table;
use super::verdict::Judged;

/// The plot as an SVG file.
pub(crate) fn svg(setup: &Setup, predicted: &Predicted, judged: &Judged) -> Result<String, String> {
    let schedule = setup.schedule;
    let optimizer = setup
        .other
        .as_ref()
        .map_or_else(String::new, |other| format!(", {}", other.text));
    let title = format!(
        "{}: {} after {} updates, N = {}, B = {}, E = {}{optimizer}",
        setup.landscape,
        setup.measure,
        schedule.steps(),
        schedule.train(),
        schedule.batch(),
        schedule.epochs()
    );
    let curve = |order: usize| {
        let series = predicted.series.truncate(order);
        Curve {
            name: format!("predicted, order {order}"),
            at: Box::new(move |eta_t| series.at(setup.eta(eta_t)).value),
            trustworthy_up_to: judged.trustworthy_up_to[order - 1].unwrap_or(f64::INFINITY),
        }
    };
    let mut curves: Vec<Curve<'_>> = (1..=setup.order).map(curve).collect();
    curves.extend(predicted.pade.as_ref().map(|pade| Curve {
        name: format!("Padé approximant {}", table::degrees(pade)),
        at: Box::new(move |eta_t| {
            let prediction = pade.at(setup.eta(eta_t));
            prediction.map_or(f64::NAN, |prediction| prediction.value)
        }),
        trustworthy_up_to: f64::INFINITY,
    }));
    let plot = BandPlot {
        title,
        label: label(setup.measure),
        points: &judged.points,
        curves,
        legend: SeriesLabelPosition::LowerLeft,
        warnings: &predicted.series.warnings,
    };
    plot.svg().map_err(|e| e.to_string())
}

fn label(measure: Measure) -> String {
    match measure {
        Measure::Displacement => "displacement along the initial descent direction".into(),
        _ => format!("expected {measure}"),
    }
}
