//! A learning curve from many initial weights: what a predictor says, and what training runs give.

use std::ops::RangeInclusive;

use diagrams::calculus::coefficient::Parameters;
use diagrams::calculus::measure::Measure;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::predictor::Predictor;
use diagrams::runtime::scalar::Element;
use diagrams::runtime::series::{Prediction, Series};
use diagrams::runtime::simulate::{Schedule, TestPoints};
use diagrams::runtime::values::Options;
use serde::{Deserialize, Serialize};

use crate::band::Mean;
use crate::curve::{Point, agreement_eta_t};
use crate::error::ExperimentError;
use crate::experiment::{Finished, Settings};
use crate::progress::Progress;
use crate::report::Figure;
use crate::table::Table;
use crate::trials::{Start, Trials};

/// How much is run, the same for all initial weights.
#[derive(Clone, Debug, Serialize)]
pub struct Size {
    /// Datapoints of the population.
    pub datapoints: usize,
    /// Training runs.
    pub trials: usize,
    /// Test points of a run; without, all of the population.
    pub test_points: Option<usize>,
    /// Learning rates in units of ηT, ascending.
    pub eta_ts: Vec<f64>,
}

/// Which initial weights.
#[derive(Clone, Debug, Serialize)]
pub struct Initialization {
    /// Their number.
    pub initialization: u64,
    /// How much is run.
    pub size: Size,
}

/// A power series, and what was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learned {
    /// Coefficients of η^0, η^1, ...
    pub series: Vec<f64>,
    /// At each learning rate.
    pub means: Vec<Mean>,
}

/// What is predicted and measured.
pub struct Question {
    /// On which landscape.
    pub landscape: Named,
    /// Of which weights.
    pub measure: Measure,
    /// After which updates.
    pub schedule: Schedule,
    /// The same for the predictor.
    pub parameters: Parameters,
}

impl Size {
    /// These sizes for each of so many initial weights.
    pub fn for_each(&self, initializations: RangeInclusive<u64>) -> Vec<Initialization> {
        let each = |initialization| Initialization {
            initialization,
            size: self.clone(),
        };
        initializations.map(each).collect()
    }
}

impl Question {
    /// Predicts by `P` and measures.
    ///
    /// # Errors
    /// [`ExperimentError`].
    pub fn answer<P: Predictor>(
        &self,
        cell: &Initialization,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Learned, ExperimentError> {
        let size = &cell.size;
        let start = Start::new(
            self.landscape,
            settings,
            size.datapoints,
            cell.initialization,
        )?;
        let local = self.landscape.local(&start.theta0, &start.population)?;
        let values = progress.spinning("values", || P::values(&*local, &Options::population()))?;
        let series: Series<f32> = P::series(&values, &self.parameters)?;
        let trials = Trials {
            start: &start,
            schedule: self.schedule,
            eta_ts: &size.eta_ts,
            count: size.trials,
            seed: settings.seed,
            test_points: size.test_points.map_or(TestPoints::All, TestPoints::Subset),
            train_loss: self.measure == Measure::GeneralizationGap,
        };
        Ok(Learned {
            series: numbers(&series),
            means: trials.means(self.measure, progress)?,
        })
    }
}

/// The coefficients of a series that is one number at each learning rate.
pub fn numbers(series: &Series<f32>) -> Vec<f64> {
    let coefficients = series.coefficients.iter();
    coefficients.map(|number| number[0].to_f64()).collect()
}

/// A power series at a learning rate, up to an order.
pub fn series_at(series: &[f64], order: usize, eta: f64) -> f64 {
    let known = &series[..series.len().min(order + 1)];
    known.iter().rev().fold(0.0, |sum, c| sum * eta + c)
}

/// All learning rates of some initial weights, judged by a band that holds together with those of all others.
pub struct Judged<'a> {
    /// Which initial weights.
    pub cell: &'a Initialization,
    /// What was predicted and measured.
    pub learned: &'a Learned,
    /// Orders 1, 2, ... at each learning rate.
    pub points: Vec<Point>,
    steps: usize,
}

impl<'a> Judged<'a> {
    /// Those of all initial weights, after so many updates.
    pub fn all(finished: &'a [Finished<Initialization, Learned>], steps: usize) -> Vec<Self> {
        let together = finished.iter().map(|f| f.cell.size.eta_ts.len()).sum();
        let each = |finished: &'a Finished<Initialization, Learned>| {
            let learned = &finished.outcome;
            let rates = finished.cell.size.eta_ts.iter().zip(&learned.means);
            let point = |(&eta_t, &mean): (&f64, &Mean)| {
                let at = |order| Prediction {
                    value: series_at(&learned.series, order, eta_t / steps as f64),
                    standard_error: 0.0,
                };
                let predictions = (1..learned.series.len()).map(at).collect();
                Point::new(eta_t, mean, predictions, together, Start::rounding())
            };
            Judged {
                cell: &finished.cell,
                learned,
                points: rates.map(point).collect(),
                steps,
            }
        };
        finished.iter().map(each).collect()
    }

    /// The largest ηT up to which an order is inside the band.
    pub fn agreement(&self, order: usize) -> f64 {
        agreement_eta_t(&self.points, order)
    }

    /// What is measured at the initial weights.
    pub fn initial(&self) -> f64 {
        self.learned.series.first().copied().unwrap_or(f64::NAN)
    }

    /// The measurement at a learning rate of the sweep.
    pub fn at(&self, eta_t: f64) -> Option<&Point> {
        self.points.iter().find(|point| point.eta_t == eta_t)
    }

    /// How far an order is from the measured mean, in units of what training changed, and half the band in the same units.
    pub fn relative_error(&self, order: usize, eta_t: f64) -> Option<(f64, f64)> {
        let point = self.at(eta_t)?;
        let change = (point.measured.mean - self.initial()).abs();
        let error = point.predictions.get(order - 1)?.value - point.measured.mean;
        Some((error / change, point.half_band / change))
    }

    /// The predicted curve of an order, for a plot.
    pub fn curve(&self, order: usize) -> crate::plot::Curve<'_> {
        let eta = move |eta_t: f64| eta_t / self.steps as f64;
        (
            format!("predicted, order {order}"),
            Box::new(move |eta_t| series_at(&self.learned.series, order, eta(eta_t))),
        )
    }
}

/// All points, one row each.
pub fn points_table(judged: &[Judged<'_>]) -> Table {
    let orders = judged.first().map_or(0, |j| j.learned.series.len() - 1);
    let mut columns: Vec<String> = [
        "initialization",
        "ηT",
        "mean",
        "standard error",
        "half band",
        "trials",
        "diverged",
    ]
    .map(String::from)
    .to_vec();
    for order in 1..=orders {
        columns.push(format!("order {order}"));
        columns.push(format!("order {order} inside"));
    }
    let mut table = Table::new(
        "points",
        "Every learning rate of every initialization",
        columns,
    );
    for one in judged {
        for point in &one.points {
            let measured = point.measured;
            let mut row = vec![
                one.cell.initialization.into(),
                point.eta_t.into(),
                measured.mean.into(),
                measured.standard_error.into(),
                point.half_band.into(),
                measured.trials.into(),
                measured.diverged.into(),
            ];
            for order in 1..=orders {
                row.push(point.predictions[order - 1].value.into());
                row.push(point.placement(order).to_string().into());
            }
            table.row(row);
        }
    }
    table
}

/// The relative error of an order over learning rates, a line for each of the initial weights.
///
/// # Errors
/// [`ExperimentError::Plot`].
pub fn error_figure(
    name: &str,
    caption: String,
    judged: &[Judged<'_>],
    order: usize,
) -> Result<Figure, ExperimentError> {
    let line = |one: &Judged<'_>| {
        let points = one.points.iter().filter_map(|point| {
            let (error, _) = one.relative_error(order, point.eta_t)?;
            error.is_finite().then_some((point.eta_t, error))
        });
        points.collect()
    };
    let lines = judged.iter().map(line).collect();
    Ok(Figure {
        name: name.into(),
        caption,
        svg: crate::plot::LinePlot {
            title: format!("order {order} minus measured, over the change from the start"),
            x: "learning rate times updates, ηT".into(),
            y: "relative error".into(),
            heights: -0.5..0.5,
            lines,
        }
        .svg()?,
    })
}
