//! The picture: the measured band, and one curve for each order.

use std::error::Error;
use std::ops::Range;

use diagrams::calculus::measure::Measure;
use plotters::prelude::*;
use plotters::style::full_palette::{BLUE_700, GREEN_700, GREY_300, GREY_700, ORANGE_800, PURPLE};

use crate::predict::Predicted;
use crate::setup::Setup;
use crate::verdict::{Judged, Point};

const SIZE: (u32, u32) = (900, 600);
/// Learning rates in a curve.
const GRID: usize = 200;
const COLORS: [RGBColor; 4] = [ORANGE_800, BLUE_700, GREEN_700, PURPLE];

/// An SVG file.
pub(crate) fn svg(setup: &Setup, predicted: &Predicted, judged: &Judged) -> Result<String, String> {
    let mut text = String::new();
    draw(&mut text, setup, predicted, judged).map_err(|e| format!("the plot: {e}"))?;
    Ok(text)
}

fn draw(
    text: &mut String,
    setup: &Setup,
    predicted: &Predicted,
    judged: &Judged,
) -> Result<(), Box<dyn Error>> {
    let measured: Vec<&Point> = judged
        .points
        .iter()
        .filter(|point| point.half_band.is_finite())
        .collect();
    let most = setup.eta_ts.last().copied().unwrap_or(1.0);
    let curves: Vec<Vec<(f64, f64)>> = (1..=setup.order)
        .map(|order| curve(setup, predicted, order, most))
        .collect();
    let heights = heights(&measured, &curves);
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
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
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(45)
        .y_label_area_size(75)
        .build_cartesian_2d(0.0..most, heights.clone())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("learning rate times updates, ηT")
        .y_desc(label(setup.measure))
        .draw()?;
    let upper = measured.iter().map(|p| (p.eta_t, mean(p) + p.half_band));
    let lower = measured.iter().map(|p| (p.eta_t, mean(p) - p.half_band));
    chart
        .draw_series([Polygon::new(
            upper.chain(lower.rev()).collect::<Vec<_>>(),
            GREY_300.filled(),
        )])?
        .label("measured, simultaneous 95% band")
        .legend(|(x, y)| Rectangle::new([(x, y - 5), (x + 20, y + 5)], GREY_300.filled()));
    for (at, curve) in curves.iter().enumerate() {
        let color = COLORS[at % COLORS.len()];
        for (part, visible) in visible(curve, &heights).into_iter().enumerate() {
            let drawn = chart.draw_series(LineSeries::new(visible, color.stroke_width(2)))?;
            if part == 0 {
                drawn
                    .label(format!("predicted, order {}", at + 1))
                    .legend(move |(x, y)| {
                        PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2))
                    });
            }
        }
    }
    chart
        .draw_series(
            measured
                .iter()
                .map(|p| Circle::new((p.eta_t, mean(p)), 3, GREY_700.filled())),
        )?
        .label("measured mean")
        .legend(|(x, y)| Circle::new((x + 10, y), 3, GREY_700.filled()));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(GREY_300)
        .draw()?;
    root.present()?;
    Ok(())
}

fn mean(point: &Point) -> f64 {
    point.measured.estimate.mean
}

fn label(measure: Measure) -> String {
    match measure {
        Measure::Displacement => "displacement along the initial descent direction".into(),
        _ => format!("expected {measure}"),
    }
}

fn curve(setup: &Setup, predicted: &Predicted, order: usize, most: f64) -> Vec<(f64, f64)> {
    let series = predicted.series.truncate(order);
    (0..=GRID)
        .map(|at| {
            let eta_t = most * at as f64 / GRID as f64;
            (eta_t, series.at(setup.eta(eta_t)).value)
        })
        .collect()
}

/// What the vertical axis shows: the whole band, and of the curves what lies within as much again on either side.
fn heights(measured: &[&Point], curves: &[Vec<(f64, f64)>]) -> Range<f64> {
    let start = curves.first().and_then(|curve| curve.first());
    let band = measured
        .iter()
        .flat_map(|p| [mean(p) - p.half_band, mean(p) + p.half_band])
        .chain(start.map(|(_, height)| *height))
        .filter(|height| height.is_finite());
    let (mut low, mut high) = extent(band);
    let lines = curves.iter().flatten().map(|(_, height)| *height);
    let (least, most) = extent(lines.filter(|height| height.is_finite()));
    if measured.is_empty() {
        (low, high) = (least, most);
    } else {
        let span = high - low;
        (low, high) = (
            low.min(least.max(low - span)),
            high.max(most.min(high + span)),
        );
    }
    let margin = 0.05 * (high - low);
    if margin.is_finite() && margin > 0.0 {
        low - margin..high + margin
    } else {
        let center = if low.is_finite() { low } else { 0.0 };
        center - 1.0..center + 1.0
    }
}

fn extent(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
        (low.min(number), high.max(number))
    })
}

/// The stretches of a curve that lie in the picture.
fn visible(curve: &[(f64, f64)], heights: &Range<f64>) -> Vec<Vec<(f64, f64)>> {
    curve
        .split(|(_, height)| !heights.contains(height))
        .filter(|stretch| !stretch.is_empty())
        .map(<[_]>::to_vec)
        .collect()
}
