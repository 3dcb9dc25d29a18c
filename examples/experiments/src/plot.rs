//! Plots of measured bands and predicted curves, of lines, and of scattered points, as SVG.

use std::error::Error;
use std::ops::Range;

use plotters::chart::SeriesLabelStyle;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::full_palette::{
    BLUE_700, GREEN_700, GREY_300, GREY_700, ORANGE_800, PINK_500, PURPLE,
};

pub use plotters::chart::SeriesLabelPosition;

use diagrams::runtime::warning::Warning;

use crate::curve::Point;
use crate::table;

/// The colours of curves, in order. They repeat if there are more curves.
pub const COLORS: [RGBColor; 6] = [ORANGE_800, BLUE_700, GREEN_700, PURPLE, PINK_500, BLACK];

/// The length of a dash and of the space behind it, in pixels.
const DASH: u32 = 5;

/// The number of intervals between the learning rates at which a curve is evaluated.
const GRID: usize = 200;

/// The error that a plot cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a plot: {0}")]
pub struct PlotError(String);

/// An SVG file of the given width and height in pixels, in which `draw` draws on white.
///
/// # Errors
/// [`PlotError`] if drawing fails.
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

/// A plot of a measured band over learning rates, with predicted curves.
pub struct BandPlot<'a> {
    /// The headline.
    pub title: String,
    /// The quantity on the vertical axis.
    pub label: String,
    /// The measured points, ascending. Those without a band are not drawn.
    pub points: &'a [Point],
    /// The predicted curves.
    pub curves: Vec<Curve<'a>>,
    /// The place of the legend.
    pub legend: SeriesLabelPosition,
    /// What to know about the predictions, in small letters above the headline.
    pub warnings: &'a [Warning],
}

/// A predicted curve. Where its value is NaN, nothing is drawn.
pub struct Curve<'a> {
    /// The name.
    pub name: String,
    /// The value as a function of ηT.
    pub at: Box<dyn Fn(f64) -> f64 + 'a>,
    /// The ηT from which on the curve is not to be trusted. From there on it is drawn faded.
    pub trustworthy_up_to: f64,
}

impl BandPlot<'_> {
    /// The plot as an SVG file of 900 by 600 pixels.
    ///
    /// # Errors
    /// [`PlotError`] if drawing fails.
    pub fn svg(&self) -> Result<String, PlotError> {
        svg((900, 600), |root| self.draw(root))
    }

    /// Draws the plot on an area, which may be a part of a larger picture.
    ///
    /// # Errors
    /// An error of the drawing library.
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
            .map(|curve| {
                let eta_ts = (0..=GRID).map(|at| most * at as f64 / GRID as f64);
                eta_ts.map(|eta_t| (eta_t, (curve.at)(eta_t))).collect()
            })
            .collect();
        let heights = heights(&measured, &curves);
        let mut area = root.clone();
        for warning in self.warnings {
            area = area.titled(&format!("warning: {warning}"), ("sans-serif", 12))?;
        }
        let mut chart = ChartBuilder::on(&area)
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
        for (at, (points, curve)) in curves.iter().zip(&self.curves).enumerate() {
            let color = COLORS[at % COLORS.len()];
            let faded = color.mix(0.3).stroke_width(2);
            let trusted = points.partition_point(|(eta_t, _)| *eta_t <= curve.trustworthy_up_to);
            if trusted < points.len() {
                // The parts meet in a point.
                for part in visible(&points[trusted.saturating_sub(1)..], &heights) {
                    chart.draw_series(LineSeries::new(part, faded))?;
                }
            }
            for (part, visible) in visible(&points[..trusted], &heights)
                .into_iter()
                .enumerate()
            {
                let drawn = chart.draw_series(LineSeries::new(visible, color.stroke_width(2)))?;
                if part == 0 {
                    drawn.label(&curve.name).legend(move |(x, y)| {
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
        legend(chart.configure_series_labels(), self.legend.clone())
    }
}

/// Draws the legend.
fn legend<'a>(
    mut labels: SeriesLabelStyle<
        'a,
        '_,
        SVGBackend<'a>,
        Cartesian2d<RangedCoordf64, RangedCoordf64>,
    >,
    position: SeriesLabelPosition,
) -> Result<(), Box<dyn Error>> {
    labels
        .position(position)
        .background_style(WHITE.mix(0.8))
        .border_style(GREY_300)
        .draw()?;
    Ok(())
}

fn mean(point: &Point) -> f64 {
    point.measured.mean
}

/// The range of the vertical axis. It contains the whole band, and the curves as far as they are within the height of the band above and below it.
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

/// The least and the greatest of the numbers.
fn extent(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
        (low.min(number), high.max(number))
    })
}

/// The parts of a curve that lie within the range of the vertical axis.
fn visible(curve: &[(f64, f64)], heights: &Range<f64>) -> Vec<Vec<(f64, f64)>> {
    curve
        .split(|(_, height)| !heights.contains(height))
        .filter(|stretch| !stretch.is_empty())
        .map(<[_]>::to_vec)
        .collect()
}

/// A plot of lines and of marked points.
#[derive(Default)]
pub struct LinePlot {
    /// The headline.
    pub title: String,
    /// The quantity on the horizontal axis.
    pub x: String,
    /// The quantity on the vertical axis.
    pub y: String,
    /// Whether the horizontal axis is logarithmic.
    pub logarithmic: bool,
    /// The largest range that the vertical axis may show. An empty range is no limit.
    pub heights: Range<f64>,
    /// The lines. There is a legend if any of them has a name.
    pub lines: Vec<MarkedLine>,
    /// The place of the legend; `None` for the upper left corner.
    pub legend: Option<SeriesLabelPosition>,
}

/// Points from left to right, which are drawn as a line or as marks.
#[derive(Default)]
pub struct MarkedLine {
    name: Option<String>,
    points: Vec<(f64, f64)>,
    marked: bool,
    dashed: bool,
    /// The index of its colour; `None` if it follows from its place among the lines.
    color: Option<usize>,
    /// The lower and the upper end of an interval at each point.
    errors: Vec<(f64, f64)>,
}

impl MarkedLine {
    /// A line through points, with a name for the legend.
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        MarkedLine {
            name: Some(name.into()),
            ..MarkedLine::unnamed(points)
        }
    }

    /// A line through points without a name. All such lines have the same colour.
    pub fn unnamed(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        MarkedLine {
            points: points.into_iter().collect(),
            ..MarkedLine::default()
        }
    }

    /// Draws marks at the points in place of a line through them.
    #[must_use]
    pub fn marked(mut self) -> Self {
        self.marked = true;
        self
    }

    /// Draws dashes in place of a whole line.
    #[must_use]
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    /// Chooses one of [`COLORS`] by its index, so that lines that belong together look alike.
    #[must_use]
    pub fn in_color(mut self, color: usize) -> Self {
        self.color = Some(color);
        self
    }

    /// Adds an interval at each point, given by its lower and its upper end.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.errors = errors.into_iter().collect();
        self
    }
}

impl LinePlot {
    /// The plot as an SVG file of 900 by 600 pixels.
    ///
    /// # Errors
    /// [`PlotError`] if drawing fails.
    pub fn svg(&self) -> Result<String, PlotError> {
        svg((900, 600), |root| self.draw(root))
    }

    /// The coordinate of x on the horizontal axis.
    fn place(&self, x: f64) -> f64 {
        if self.logarithmic { x.log10() } else { x }
    }

    fn draw(&self, root: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn Error>> {
        let lines = &self.lines;
        let xs = lines
            .iter()
            .flat_map(|line| &line.points)
            .map(|&(x, _)| self.place(x));
        let (least, most) = extent(xs.filter(|x| x.is_finite()));
        let ys = lines.iter().flat_map(|line| &line.points).map(|&(_, y)| y);
        let ends = lines
            .iter()
            .flat_map(|line| &line.errors)
            .flat_map(|&(low, high)| [low, high]);
        let (low, high) = extent(ys.chain(ends).filter(|y| y.is_finite()));
        let heights = self.shown(low, high);
        let widths = if least < most {
            least..most
        } else {
            least - 1.0..least + 1.0
        };
        let mut chart = ChartBuilder::on(root)
            .caption(&self.title, ("sans-serif", 20))
            .margin(12)
            .margin_right(24)
            .x_label_area_size(45)
            .y_label_area_size(85)
            .build_cartesian_2d(widths.clone(), heights.clone())?;
        let power = |x: &f64| format!("10^{x}");
        let plain = |x: &f64| table::short(*x);
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(&self.x)
            .y_desc(&self.y)
            .x_label_formatter(if self.logarithmic { &power } else { &plain })
            .draw()?;
        if heights.contains(&0.0) {
            chart.draw_series(LineSeries::new(
                [(widths.start, 0.0), (widths.end, 0.0)],
                GREY_300,
            ))?;
        }
        for (at, line) in lines.iter().enumerate() {
            let color = match (line.color, &line.name) {
                (Some(color), _) => COLORS[color % COLORS.len()],
                (None, Some(_)) => COLORS[at % COLORS.len()],
                (None, None) => COLORS[1],
            };
            let points: Vec<(f64, f64)> = line
                .points
                .iter()
                .map(|&(x, y)| (self.place(x), y))
                .collect();
            for (&(x, _), &(low, high)) in points.iter().zip(&line.errors) {
                let (low, high) = (low.max(heights.start), high.min(heights.end));
                if low <= high {
                    chart.draw_series([PathElement::new(
                        [(x, low), (x, high)],
                        color.stroke_width(2),
                    )])?;
                }
            }
            if line.marked {
                let inside = points.iter().filter(|(_, y)| heights.contains(y));
                let drawn = chart
                    .draw_series(inside.map(|&point| Circle::new(point, 4, color.filled())))?;
                if let Some(name) = &line.name {
                    drawn
                        .label(name)
                        .legend(move |(x, y)| Circle::new((x + 10, y), 4, color.filled()));
                }
                continue;
            }
            let style = color.stroke_width(2);
            for (part, visible) in visible(&points, &heights).into_iter().enumerate() {
                let drawn = if line.dashed {
                    chart.draw_series(DashedLineSeries::new(visible, DASH, DASH, style))?
                } else {
                    chart.draw_series(LineSeries::new(visible, style))?
                };
                if let (0, Some(name)) = (part, &line.name) {
                    let ends = |(x, y)| [(x, y), (x + 20, y)];
                    if line.dashed {
                        drawn
                            .label(name)
                            .legend(move |at| DashedPathElement::new(ends(at), DASH, DASH, style));
                    } else {
                        drawn
                            .label(name)
                            .legend(move |at| PathElement::new(ends(at), style));
                    }
                }
            }
        }
        if lines.iter().any(|line| line.name.is_some()) {
            let position = self.legend.clone();
            legend(
                chart.configure_series_labels(),
                position.unwrap_or(SeriesLabelPosition::UpperLeft),
            )?;
        }
        Ok(())
    }

    /// The range of the vertical axis for points between `low` and `high`.
    fn shown(&self, low: f64, high: f64) -> Range<f64> {
        let margin = 0.05 * (high - low);
        let (mut start, mut end) = (low - margin, high + margin);
        if self.heights.start < self.heights.end {
            (start, end) = (start.max(self.heights.start), end.min(self.heights.end));
        }
        if start < end {
            start..end
        } else {
            low - 1.0..low + 1.0
        }
    }
}

/// A plot of points with intervals in both directions. Both axes have the same range.
pub struct ScatterPlot {
    /// The headline.
    pub title: String,
    /// The quantity on the horizontal axis.
    pub x: String,
    /// The quantity on the vertical axis.
    pub y: String,
    /// The groups, each with its name and its marks.
    pub groups: Vec<(String, Vec<Mark>)>,
}

/// The horizontal and the vertical value of a point, each with half the length of its interval.
pub type Mark = ((f64, f64), (f64, f64));

impl ScatterPlot {
    /// The plot as an SVG file of 700 by 700 pixels.
    ///
    /// # Errors
    /// [`PlotError`] if drawing fails.
    pub fn svg(&self) -> Result<String, PlotError> {
        svg((700, 700), |root| self.draw(root))
    }

    fn draw(&self, root: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn Error>> {
        let marks = self.groups.iter().flat_map(|(_, marks)| marks);
        let ends = marks.flat_map(|&((x, a), (y, b))| [x - a, x + a, y - b, y + b, 0.0]);
        let (low, high) = extent(ends.filter(|end| end.is_finite()));
        let margin = (0.05 * (high - low)).max(f64::MIN_POSITIVE);
        let both = if low < high {
            low - margin..high + margin
        } else {
            -1.0..1.0
        };
        let mut chart = ChartBuilder::on(root)
            .caption(&self.title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(45)
            .y_label_area_size(85)
            .build_cartesian_2d(both.clone(), both.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(&self.x)
            .y_desc(&self.y)
            .draw()?;
        let guides = [
            [(both.start, 0.0), (both.end, 0.0)],
            [(0.0, both.start), (0.0, both.end)],
            [(both.start, both.start), (both.end, both.end)],
        ];
        for guide in guides {
            chart.draw_series(LineSeries::new(guide, GREY_300.stroke_width(1)))?;
        }
        for (at, (name, marks)) in self.groups.iter().enumerate() {
            let color = COLORS[at % COLORS.len()];
            let crosses = marks
                .iter()
                .filter(|((x, _), (y, _))| x.is_finite() && y.is_finite())
                .flat_map(|&((x, a), (y, b))| {
                    [
                        PathElement::new([(x - a, y), (x + a, y)], color.stroke_width(1)),
                        PathElement::new([(x, y - b), (x, y + b)], color.stroke_width(1)),
                    ]
                });
            chart
                .draw_series(crosses)?
                .label(name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2))
                });
            let dots = marks
                .iter()
                .filter(|((x, _), (y, _))| x.is_finite() && y.is_finite());
            chart.draw_series(
                dots.map(|&((x, _), (y, _))| Circle::new((x, y), 3, color.filled())),
            )?;
        }
        legend(
            chart.configure_series_labels(),
            SeriesLabelPosition::UpperLeft,
        )
    }
}
