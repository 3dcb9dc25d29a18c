//! Power series compared with measured means, from many starts. A start is a landscape with initial weights.

use diagrams::runtime::series::Prediction;

use crate::approximants;
use crate::band::Mean;
use crate::curve::{Point, ROUNDINGS, accurate_up_to, agreement_eta_t, short};
use crate::error::ExperimentError;
use crate::learned::Learned;
use crate::plot::{BandPlot, Curve, LinePlot, MarkedLine, SeriesLabelPosition};
use crate::report::{Figure, Verdict};
use crate::table::{Entry, Table};

/// The predictions and measurements of one start, with a band that is simultaneous over all learning rates of all starts.
pub struct Judged<'a> {
    /// The name of the start.
    pub name: String,
    /// The predicted series and the measured means.
    pub learned: &'a Learned,
    /// One point for each learning rate, with predictions of orders 1, 2 and so on.
    pub points: Vec<Point>,
    /// The number of updates T.
    steps: usize,
    /// The lowest order that is shown.
    lowest: usize,
}

impl<'a> Judged<'a> {
    /// Judges starts, each given by its name, its learning rates in units of ηT, and its series in η with the measured means. T is `steps`. Orders
    /// below `lowest` are not shown. `unit` is the unit of rounding of the floating point type in which losses were computed.
    pub fn all(
        starts: impl Iterator<Item = (String, &'a [f64], &'a Learned)> + Clone,
        steps: usize,
        lowest: usize,
        unit: f64,
    ) -> Vec<Self> {
        let together = starts.clone().map(|(_, eta_ts, _)| eta_ts.len()).sum();
        let each = |(name, eta_ts, learned): (String, &[f64], &'a Learned)| {
            let point = |(&eta_t, &mean): (&f64, &Mean)| {
                let at = |order| Prediction::exact(learned.at(order, eta_t / steps as f64));
                let predictions = (1..learned.series.len()).map(at).collect();
                Point::new(eta_t, mean, predictions, together, ROUNDINGS * unit)
            };
            Judged {
                name,
                points: eta_ts.iter().zip(&learned.means).map(point).collect(),
                learned,
                steps,
                lowest,
            }
        };
        starts.map(each).collect()
    }

    /// The orders of the predictions that are shown.
    pub fn orders(&self) -> std::ops::Range<usize> {
        self.lowest..self.learned.series.len()
    }

    /// The largest ηT such that the prediction of this order is inside the band there and at every smaller learning rate; 0 if there is none.
    pub fn agreement(&self, order: usize) -> f64 {
        agreement_eta_t(&self.points, order)
    }

    /// The largest ηT such that the prediction of this order misses at most this part of what training changes, whatever the mean in its band is, there and at every smaller learning rate; 0 if there is
    /// none.
    pub fn accurate_up_to(&self, order: usize, part: f64) -> f64 {
        accurate_up_to(&self.points, order, self.learned.at(0, 0.0), part).unwrap_or(0.0)
    }

    /// The learning rate η for a given ηT.
    pub fn eta(&self, eta_t: f64) -> f64 {
        eta_t / self.steps as f64
    }

    /// The ηT of a given learning rate η.
    pub fn eta_t(&self, eta: f64) -> f64 {
        eta * self.steps as f64
    }

    /// The point at a learning rate of the sweep, in units of ηT; `None` if it is not one of them.
    pub fn at(&self, eta_t: f64) -> Option<&Point> {
        self.points.iter().find(|point| point.eta_t == eta_t)
    }

    /// The difference between the prediction of an order and the measured mean, and half the band, both divided by the absolute change of the mean in
    /// training.
    pub fn relative_error(&self, order: usize, eta_t: f64) -> Option<(f64, f64)> {
        let point = self.at(eta_t)?;
        let change = (point.measured.mean - self.learned.at(0, 0.0)).abs();
        let error = point.predictions.get(order - 1)?.value - point.measured.mean;
        Some((error / change, point.half_band / change))
    }

    /// The Padé approximant of the series with a numerator of degree 0 as a curve. A series of order 1 has none but itself, and neither has one whose term of
    /// order 1 is 0.
    fn approximant(&self) -> Option<Curve<'_>> {
        let highest = self.learned.series.len() - 1;
        let degrees = [0, highest.checked_sub(1)?];
        let pade = self.learned.pade(degrees);
        let pade = pade.filter(|_| degrees[1] > 0 && self.lowest == 1)?;
        Some(Curve {
            name: format!("Padé approximant {}", approximants::name(degrees)),
            at: Box::new(move |eta_t| {
                let prediction = pade.at(self.eta(eta_t));
                prediction.map_or(f64::NAN, |prediction| prediction.value)
            }),
            trustworthy_up_to: f64::INFINITY,
        })
    }

    /// Plots the band and the predictions, with an approximant of the highest order, up to the learning rate `most`, in units of ηT.
    ///
    /// # Errors
    /// [`ExperimentError::Plot`] if the plot cannot be drawn.
    pub fn figure(
        &self,
        name: &str,
        title: &str,
        quantity: &str,
        most: f64,
        legend: SeriesLabelPosition,
    ) -> Result<Figure, ExperimentError> {
        let (plot, caption) = self.panel(title, quantity, most, legend);
        Ok(Figure {
            name: name.into(),
            caption,
            svg: plot.svg()?,
        })
    }

    /// The plot of [`Judged::figure`] with its caption, for a figure of several plots.
    pub fn panel(
        &self,
        title: &str,
        quantity: &str,
        most: f64,
        legend: SeriesLabelPosition,
    ) -> (BandPlot<'_>, String) {
        let shown = self.points.iter().take_while(|point| point.eta_t <= most);
        let points = &self.points[..shown.count()];
        let reach = points.last().map_or(0.0, |point| point.eta_t);
        let steps = self.steps as f64;
        let curve = |order: usize| Curve {
            name: format!("predicted, order {order}"),
            at: Box::new(move |eta_t| self.learned.at(order, eta_t / steps)),
            trustworthy_up_to: self.learned.trustworthy_up_to(order) * steps,
        };
        let inside = self.orders().map(|order| {
            let reached = self.agreement(order).min(reach);
            format!("order {order} up to ηT = {}", short(reached))
        });
        let plot = BandPlot {
            title: format!("{title}, {}", self.name),
            label: quantity.into(),
            points,
            curves: self.orders().map(curve).chain(self.approximant()).collect(),
            legend,
            // Built-in landscapes are smooth.
            warnings: &[],
        };
        let caption = format!(
            "{}, {}. Inside the band: {}.",
            quantity,
            self.name,
            inside.collect::<Vec<_>>().join(", ")
        );
        (plot, caption)
    }
}

/// The part of what training changes that a prediction which agrees may miss.
pub const AGREES: f64 = 0.1;
/// A smaller part, which is reported beside it.
const CLOSELY: f64 = 0.05;

/// The largest error of an order at a learning rate among all starts, and half the band there, both relative to what training changes.
fn worst_error(judged: &[Judged<'_>], order: usize, eta_t: f64) -> (f64, f64) {
    let errors = judged
        .iter()
        .filter_map(|one| one.relative_error(order, eta_t));
    errors.fold((0.0f64, 0.0), |worst, error| {
        if error.0.abs() > worst.0.abs() {
            error
        } else {
            worst
        }
    })
}

/// Whether the prediction of an order misses at most [`AGREES`] of what training changes up to the ηT of the claim, from every start. Unlike a band, this does not depend on the number of trials.
pub fn accuracy(claim: &str, judged: &[Judged<'_>], order: usize, claimed: f64) -> Verdict {
    let reached = |part: f64| {
        let mut reached: Vec<f64> = judged
            .iter()
            .map(|one| one.accurate_up_to(order, part))
            .collect();
        reached.sort_by(f64::total_cmp);
        reached
    };
    let words = |part: f64| {
        let reached = reached(part);
        let [least, median] =
            [0, reached.len() / 2].map(|at| reached.get(at).copied().unwrap_or(0.0));
        format!(
            "at most {:.0}% up to ηT = {} from the worst of {} starts and {} in the median",
            100.0 * part,
            short(least),
            judged.len(),
            short(median)
        )
    };
    let (worst, band) = worst_error(judged, order, claimed);
    Verdict::new(
        claim,
        format!(
            "of what training changes order {order} misses {}, {}; at ηT = {} at most {:.1}% (half band {:.1}%)",
            words(AGREES),
            words(CLOSELY),
            short(claimed),
            100.0 * worst.abs(),
            100.0 * band,
        ),
        reached(AGREES)
            .first()
            .is_some_and(|least| *least >= claimed),
    )
}

/// Whether the prediction of an order is inside the band up to the ηT of the claim, from every start.
pub fn agreement(claim: &str, judged: &[Judged<'_>], order: usize, claimed: f64) -> Verdict {
    let reached: Vec<f64> = judged.iter().map(|one| one.agreement(order)).collect();
    let least = reached.iter().copied().fold(f64::INFINITY, f64::min);
    let most = reached.iter().copied().fold(0.0, f64::max);
    let through = reached.iter().filter(|reached| **reached >= claimed);
    let (worst, band) = worst_error(judged, order, claimed);
    Verdict::new(
        claim,
        format!(
            "order {order} is inside the simultaneous 95% band through ηT = {} from {} of {} starts; up to ηT = {} from the worst, {} from \
             the best. At ηT = {} it misses what training changes by at most {:.1}% of it (half band {:.1}%)",
            short(claimed),
            through.count(),
            judged.len(),
            short(least),
            short(most),
            short(claimed),
            100.0 * worst.abs(),
            100.0 * band,
        ),
        least >= claimed,
    )
}

/// A table with a row for each start: up to which ηT each order agrees, and what was measured and predicted at one learning rate.
pub fn summary(judged: &[Judged<'_>], quantity: &str, eta_t: f64) -> Table {
    let at = short(eta_t);
    let orders = judged.first().map_or(0..0, Judged::orders);
    let mut columns = vec!["start".to_string()];
    columns.extend(
        orders
            .clone()
            .map(|order| format!("order {order} up to ηT")),
    );
    columns.push("measured".into());
    columns.push("half band".into());
    columns.extend(orders.clone().map(|order| format!("order {order}")));
    columns.push("relative error".into());
    columns.extend([CLOSELY, AGREES].map(|part| format!("at most {:.0}% up to ηT", 100.0 * part)));
    let caption = format!(
        "The largest ηT up to which each order stays inside the band; {quantity} at ηT = {at}, the error of the highest order relative to \
         what training changed, and the largest ηT up to which that error is at most what the last columns say, wherever in its band the mean is"
    );
    let mut table = Table::new("summary", caption, columns);
    for one in judged {
        let point = one.at(eta_t);
        let highest = one.learned.series.len() - 1;
        let mut row: Vec<Entry> = vec![one.name.clone().into()];
        row.extend(one.orders().map(|order| one.agreement(order).into()));
        row.push(point.map(|point| point.measured.mean).into());
        row.push(point.map(|point| point.half_band).into());
        row.extend(
            one.orders()
                .map(|order| point.map(|point| point.predictions[order - 1].value).into()),
        );
        let error = one.relative_error(highest, eta_t);
        row.push(error.map(|(error, _)| error).into());
        row.extend([CLOSELY, AGREES].map(|part| one.accurate_up_to(highest, part).into()));
        table.row(row);
    }
    table
}

/// A table with a row for each learning rate of each start.
pub fn points(judged: &[Judged<'_>]) -> Table {
    let orders = judged.first().map_or(0..0, Judged::orders);
    let mut columns: Vec<String> = [
        "start",
        "ηT",
        "mean",
        "standard error",
        "half band",
        "trials",
        "diverged",
    ]
    .map(String::from)
    .to_vec();
    for order in orders {
        columns.push(format!("order {order}"));
        columns.push(format!("order {order} is"));
    }
    let mut table = Table::new("points", "Every learning rate from every start", columns);
    for one in judged {
        for point in &one.points {
            let measured = point.measured;
            let mut row: Vec<Entry> = vec![
                one.name.clone().into(),
                point.eta_t.into(),
                measured.mean.into(),
                measured.standard_error.into(),
                point.half_band.into(),
                measured.trials.into(),
                measured.diverged.into(),
            ];
            for order in one.orders() {
                row.push(point.predictions[order - 1].value.into());
                row.push(point.placement(order).to_string().into());
            }
            table.row(row);
        }
    }
    table
}

/// The number of starts from which the prediction of an order surely misses more than [`AGREES`] of what training changes at a learning rate, in units of ηT.
pub fn inaccurate(judged: &[Judged<'_>], order: usize, eta_t: f64) -> usize {
    let errors = judged
        .iter()
        .filter_map(|one| one.relative_error(order, eta_t));
    errors
        .filter(|(error, half_band)| error.abs() - half_band > AGREES)
        .count()
}

/// The number of starts from which the prediction of an order is at most this far from the measured mean at a learning rate, in units of ηT.
pub fn within(judged: &[Judged<'_>], order: usize, eta_t: f64, distance: f64) -> usize {
    let points = judged.iter().filter_map(|one| one.at(eta_t));
    points
        .filter(|point| {
            let prediction = point.predictions.get(order - 1);
            prediction.is_some_and(|prediction| {
                (prediction.value - point.measured.mean).abs() <= distance
            })
        })
        .count()
}

/// Plots the relative error of the highest order over learning rates, with a line for each start.
///
/// # Errors
/// [`ExperimentError::Plot`] if the plot cannot be drawn.
pub fn errors(name: &str, judged: &[Judged<'_>]) -> Result<Figure, ExperimentError> {
    let highest = judged.first().map_or(0, |one| one.learned.series.len() - 1);
    let line = |one: &Judged<'_>| {
        let points = one.points.iter().filter_map(|point| {
            let (error, _) = one.relative_error(highest, point.eta_t)?;
            error.is_finite().then_some((point.eta_t, error))
        });
        MarkedLine::unnamed(points)
    };
    let plot = LinePlot {
        title: format!("order {highest} minus measured, relative to what training changed"),
        x: "learning rate times updates, ηT".into(),
        y: "relative error".into(),
        heights: -0.5..0.5,
        lines: judged.iter().map(line).collect(),
        ..LinePlot::default()
    };
    Ok(Figure {
        name: name.into(),
        caption: format!(
            "Order {highest} from every start: its distance from the measured mean, relative to what training changed."
        ),
        svg: plot.svg()?,
    })
}
