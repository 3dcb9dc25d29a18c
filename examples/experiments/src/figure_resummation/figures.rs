//! The pictures.

use diagrams::prelude::*;
use diagrams::runtime::values::Method;

use super::curves::{Curve, measured, sweep};
use super::verdicts::list;
use super::{Compared, ETA, ETA_T, Fixed, LENGTHS, PLAIN, Plain, Runs, landscape, population};
use crate::error::ExperimentError;
use crate::experiment::Finished;
use crate::plot::{COLORS, LinePlot, MarkedLine, SeriesLabelPosition};
use crate::report::Figure;

/// The colour of what is exact and of the training runs: the last one, black.
const INK: usize = COLORS.len() - 1;

/// A line of a curve over the lengths of a sweep, in units that may depend on the learning rate.
fn line(
    finished: &[Finished<Runs, Compared>],
    fixed: Fixed,
    curve: &Curve,
    unit: impl Fn(&Runs) -> f64,
) -> MarkedLine {
    let points = sweep(finished, fixed).map(|f| {
        (
            f.cell.updates as f64,
            (curve.of)(&f.outcome) / unit(&f.cell),
        )
    });
    MarkedLine::new(curve.to_string(), points)
}

/// The means of the runs of a sweep with their bands.
fn means(
    finished: &[Finished<Runs, Compared>],
    fixed: Fixed,
    unit: impl Fn(&Runs) -> f64,
) -> MarkedLine {
    let runs = measured(finished).into_iter();
    let points: Vec<(f64, f64, f64)> = runs
        .filter(|run| run.cell.fixed == fixed)
        .map(|run| {
            let unit = unit(run.cell);
            let updates = run.cell.updates as f64;
            (updates, run.mean.mean / unit, run.half_band / unit)
        })
        .collect();
    MarkedLine::new(
        "training runs, 95% band",
        points.iter().map(|&(t, mean, _)| (t, mean)),
    )
    .marked()
    .with_errors(
        points
            .iter()
            .map(|&(_, mean, half)| (mean - half, mean + half)),
    )
    .in_color(INK)
}

/// The lines of the exact loss, of the re-summed predictions and of the continuum limit.
fn lines(
    finished: &[Finished<Runs, Compared>],
    fixed: Fixed,
    unit: impl Fn(&Runs) -> f64,
) -> Vec<MarkedLine> {
    let curves = Curve::resummed().chain([Curve::continuum()]).enumerate();
    let colored = curves.map(|(at, curve)| line(finished, fixed, &curve, &unit).in_color(at));
    let exact = line(finished, fixed, &Curve::exact(), &unit).in_color(INK);
    colored.chain([exact]).collect()
}

/// The picture of all lengths at one learning rate.
pub(super) fn lengths_figure(
    finished: &[Finished<Runs, Compared>],
) -> Result<Figure, ExperimentError> {
    let one = |_: &Runs| 1.0;
    let mut lines = lines(finished, Fixed::Eta, one);
    lines.extend(series_lines()?);
    lines.push(means(finished, Fixed::Eta, one));
    let most = sweep(finished, Fixed::Eta).map(|f| f.outcome.exact);
    let most = most.fold(0.0, f64::max);
    let plot = LinePlot {
        title: format!("one weight near a minimum, η = {ETA}, Hessian 1"),
        x: "updates T".into(),
        y: "expected test loss above the minimum".into(),
        logarithmic: true,
        heights: -0.1 * most..1.5 * most,
        lines,
        legend: Some(SeriesLabelPosition::LowerRight),
    };
    Ok(Figure {
        name: "figure_resummation".into(),
        caption: format!(
            "Test loss after T updates at η = {ETA} from the minimum: exact, re-summed for a finite number of steps and in the limit of many small ones, measured, \
             and the power series of Theorem 1, which leave the page. Gradient descent stays at 0."
        ),
        svg: plot.svg()?,
    })
}

/// Dashed lines of the power series at one learning rate, up to where the highest one has left the page for good.
fn series_lines() -> Result<Vec<MarkedLine>, ExperimentError> {
    let (landscape, population) = (landscape()?, population()?);
    let local = landscape.local(&[0.0], &population)?;
    let values = Plain::values(&*local, &Options::population().by(Method::Passes))?;
    let mut points = vec![vec![]; PLAIN.len()];
    for updates in LENGTHS[0]..=100 {
        let series = Plain::series(&values, &Plain::parameters(updates)?)?;
        for (points, order) in points.iter_mut().zip(PLAIN) {
            points.push((updates as f64, series.truncate(order).at(ETA).value));
        }
    }
    let curves = Curve::plain().zip(points).enumerate();
    let line = |(at, (curve, points)): (usize, (Curve, Vec<(f64, f64)>))| {
        // The colours are those of the re-summed predictions of the same orders.
        MarkedLine::new(curve.to_string(), points)
            .dashed()
            .in_color(at)
    };
    Ok(curves.map(line).collect())
}

/// The picture of ever more steps in the same time.
pub(super) fn divisions_figure(
    finished: &[Finished<Runs, Compared>],
) -> Result<Figure, ExperimentError> {
    let unit = |cell: &Runs| cell.eta;
    let mut lines = lines(finished, Fixed::EtaT, unit);
    lines.push(means(finished, Fixed::EtaT, unit));
    let last = sweep(finished, Fixed::EtaT).last();
    let plain = last.map(|f| f.outcome.plain.iter().map(|plain| plain / f.cell.eta));
    let plain = plain.map_or(String::new(), |plain| {
        list(plain.map(|plain| format!("{plain:.2}")))
    });
    let plot = LinePlot {
        title: format!("one weight near a minimum, ηT = {ETA_T}, Hessian 1"),
        x: "updates T".into(),
        y: "expected test loss above the minimum, over η".into(),
        logarithmic: true,
        lines,
        legend: Some(SeriesLabelPosition::UpperRight),
        ..LinePlot::default()
    };
    Ok(Figure {
        name: "figure_resummation_limit".into(),
        caption: format!(
            "Test loss over η after T updates at ηT = {ETA_T} from the minimum. Every re-summed order tends to the exact limit as T diverges; the power series \
             of orders {} tend to {plain}, off the page.",
            list(PLAIN),
        ),
        svg: plot.svg()?,
    })
}

/// The picture of how errors fall at fixed ηT.
pub(super) fn errors_figure(
    finished: &[Finished<Runs, Compared>],
) -> Result<Figure, ExperimentError> {
    let curves = Curve::resummed().chain([Curve::continuum()]);
    let line = |curve: Curve| {
        let points = sweep(finished, Fixed::EtaT).map(|f| {
            let error = f.outcome.error((curve.of)(&f.outcome)).abs();
            (f.cell.updates as f64, error.log10())
        });
        MarkedLine::new(curve.to_string(), points.collect::<Vec<_>>())
    };
    let plot = LinePlot {
        title: format!("error relative to the exact loss, ηT = {ETA_T}"),
        x: "updates T".into(),
        y: "decimal logarithm of the error".into(),
        logarithmic: true,
        lines: curves.map(line).collect(),
        legend: Some(SeriesLabelPosition::LowerLeft),
        ..LinePlot::default()
    };
    Ok(Figure {
        name: "figure_resummation_errors".into(),
        caption: "How the errors fall with T at fixed ηT: as 1/T, and as 1/T² for order 6, which has all of the second power of η, until they meet \
            rounding."
            .into(),
        svg: plot.svg()?,
    })
}
