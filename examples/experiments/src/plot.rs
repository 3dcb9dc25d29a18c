//! Pictures of measured bands and predicted curves.

use std::error::Error;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::full_palette::{BLUE_700, GREEN_700, GREY_300, GREY_700, ORANGE_800, PURPLE};

pub use plotters::chart::SeriesLabelPosition;

use crate::curve::Point;

/// Colours of curves, in order.
pub const COLORS: [RGBColor; 4] = [ORANGE_800, BLUE_700, GREEN_700, PURPLE];

/// Learning rates in a curve.
const GRID: usize = 200;

/// A plot that cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a plot: {0}")]
pub struct PlotError(String);

/// An SVG file of this many pixels in which something is drawn, on white.
///
/// # Errors
/// [`PlotError`].
pub fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn Error>>,
) -> Result<String, PlotError> {
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
    let drawn = root
        .fill(&WHITE)
        .map_err(Into::into)
        .and_then(|()| draw(&root))
        .and_then(|()| Ok(root.present()?));
    drawn.map_err(|error| PlotError(error.to_string()))?;
    drop(root);
    Ok(text)
}

/// A measured band over learning rates, with predicted curves.
pub struct BandPlot<'a> {
    /// Headline.
    pub title: String,
    /// What the vertical axis shows.
    pub label: String,
    /// What was measured; points without a band are left out.
    pub points: &'a [Point],
    /// Names of the predicted curves, and their values at ηT.
    pub curves: Vec<Curve<'a>>,
    /// Where the names stand.
    pub legend: SeriesLabelPosition,
}

/// A curve: its name, and its value at ηT.
pub type Curve<'a> = (String, Box<dyn Fn(f64) -> f64 + 'a>);

impl BandPlot<'_> {
    /// As an SVG file of 900 by 600 pixels.
    ///
    /// # Errors
    /// [`PlotError`].
    pub fn svg(&self) -> Result<String, PlotError> {
        svg((900, 600), |root| self.draw(root))
    }

    /// Draws it on a part of a larger picture.
    ///
    /// # Errors
    /// Those of drawing.
    pub fn draw(&self, root: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn Error>> {
        let measured: Vec<&Point> = self
            .points
            .iter()
            .filter(|point| point.half_band.is_finite())
            .collect();
        let most = self.points.last().map_or(1.0, |point| point.eta_t);
        let curves: Vec<Vec<(f64, f64)>> = self
            .curves
            .iter()
            .map(|(_, curve)| {
                let eta_ts = (0..=GRID).map(|at| most * at as f64 / GRID as f64);
                eta_ts.map(|eta_t| (eta_t, curve(eta_t))).collect()
            })
            .collect();
        let heights = heights(&measured, &curves);
        let mut chart = ChartBuilder::on(root)
            .caption(&self.title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(45)
            .y_label_area_size(75)
            .build_cartesian_2d(0.0..most, heights.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc("learning rate times updates, ηT")
            .y_desc(&self.label)
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
        for (at, (curve, (name, _))) in curves.iter().zip(&self.curves).enumerate() {
            let color = COLORS[at % COLORS.len()];
            for (part, visible) in visible(curve, &heights).into_iter().enumerate() {
                let drawn = chart.draw_series(LineSeries::new(visible, color.stroke_width(2)))?;
                if part == 0 {
                    drawn.label(name).legend(move |(x, y)| {
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
            .position(self.legend.clone())
            .background_style(WHITE.mix(0.8))
            .border_style(GREY_300)
            .draw()?;
        Ok(())
    }
}

fn mean(point: &Point) -> f64 {
    point.measured.mean
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

/// Many lines of one kind.
pub struct LinePlot {
    /// Headline.
    pub title: String,
    /// What the horizontal axis shows.
    pub x: String,
    /// What the vertical axis shows.
    pub y: String,
    /// What of it is shown at most.
    pub heights: Range<f64>,
    /// Points from left to right.
    pub lines: Vec<Vec<(f64, f64)>>,
}

impl LinePlot {
    /// As an SVG file of 900 by 600 pixels.
    ///
    /// # Errors
    /// [`PlotError`].
    pub fn svg(&self) -> Result<String, PlotError> {
        svg((900, 600), |root| self.draw(root))
    }

    fn draw(&self, root: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn Error>> {
        let points = || self.lines.iter().flatten();
        let (_, most) = extent(points().map(|(x, _)| *x));
        let (low, high) = extent(points().map(|(_, y)| *y));
        let margin = 0.05 * (high - low).max(f64::MIN_POSITIVE);
        let low = (low - margin).max(self.heights.start);
        let high = (high + margin).min(self.heights.end);
        let heights = if low < high {
            low..high
        } else {
            self.heights.clone()
        };
        let most = if most.is_finite() { most } else { 1.0 };
        let mut chart = ChartBuilder::on(root)
            .caption(&self.title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(45)
            .y_label_area_size(75)
            .build_cartesian_2d(0.0..most, heights.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(&self.x)
            .y_desc(&self.y)
            .draw()?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (most, 0.0)], GREY_700))?;
        for line in &self.lines {
            for visible in visible(line, &heights) {
                chart.draw_series(LineSeries::new(visible, BLUE_700.stroke_width(2)))?;
            }
        }
        Ok(())
    }
}
