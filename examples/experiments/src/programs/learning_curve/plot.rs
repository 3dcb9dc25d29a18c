//! The plot: the measured band, and a predicted curve for each order.

use diagram_experiments::plot::{BandPlot, Curve, SeriesLabelPosition};
use diagrams::calculus::measure::Measure;

use super::predict::Predicted;
use super::setup::Setup;
use super::verdict::Judged;

/// The plot as an SVG file.
pub(crate) fn svg(setup: &Setup, predicted: &Predicted, judged: &Judged) -> Result<String, String> {
    let schedule = setup.schedule;
    let title = format!(
        "{}: {} after {} updates, N = {}, B = {}, E = {}",
        setup.landscape,
        setup.measure,
        schedule.steps(),
        schedule.train(),
        schedule.batch(),
        schedule.epochs()
    );
    let curve = |order: usize| -> Curve<'_> {
        let series = predicted.series.truncate(order);
        (
            format!("predicted, order {order}"),
            Box::new(move |eta_t| series.at(setup.eta(eta_t)).value),
        )
    };
    let plot = BandPlot {
        title,
        label: label(setup.measure),
        points: &judged.points,
        curves: (1..=setup.order).map(curve).collect(),
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
