//! Figure 5 of the paper, left: noise moves the weights along the axis of the linear screw.

use diagram_cuda::OnDevice;
use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;
use diagrams::runtime::data::normal_quantiles;
use diagrams::runtime::simulate::Optimizer;
use serde::{Deserialize, Serialize};

use crate::band::{Mean, quantile};
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Scale, Settings};
use crate::fit::PolynomialFit;
use crate::plot::{LinePlot, MarkedLine};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::{self, Table};

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram entropic = root(c(a, b)) where a ~~ b;

    /// The displacement of Corollary 1: the covariance of the gradients is contracted with the third derivative of the loss.
    pub predictor Drift: displacement in OneEpoch = resummed { entropic };
}

/// The number of datapoints in the population, which has variance 1 up to rounding.
const DATAPOINTS: usize = 1000;
/// The displacement that the runs must exceed: five periods of 2π, rounded to 31. In the paper it is 10^1.5 approximately.
const FAR: f64 = 31.0;
/// The predicted number of turns of the screw, of 2π each, by the end of a run; it is larger than [`FAR`] by a margin.
const TURNS: f64 = 5.3;
/// The shares of the whole time at which z is measured.
const SHARES: [f64; 8] = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0];

/// Compares the predicted displacement z along the linear screw with training runs: over time, at several learning rates, and in the limit of small η
/// (Figure 5, left; Corollary 1).
pub struct Figure5Screw;

/// The training runs with one learning rate.
#[derive(Clone, Debug, Serialize)]
pub struct Runs {
    eta: f64,
    /// The numbers of updates of the runs, ascending.
    steps: Vec<usize>,
    trials: usize,
    datapoints: usize,
}

/// The displacement along z that was predicted and measured after each number of updates.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wound {
    predicted: Vec<f64>,
    measured: Vec<Mean>,
}

impl Experiment for Figure5Screw {
    const NAME: &'static str = "figure5_screw";
    const TITLE: &'static str = "Figure 5, left: a nonconservative entropic force";
    const CLAIM: &'static str = "On the linear screw, noise pushes the weight through a valley of minima for ever: to leading order in η with a \
        z-speed of η²/6 a step, at a rate of T and not T^(1/2), to a displacement of about 10^1.5, beyond five periods of 2π \
        (Corollary 1, section 5.4).";
    const VERSION: u32 = 1;

    type Cell = Runs;
    type Outcome = Wound;

    fn cells(&self, settings: &Settings) -> Vec<Runs> {
        let etas: &[f64] = match settings.scale {
            Scale::Quick => &[0.1, 0.05, 0.025],
            Scale::Full => &[0.1, 0.07, 0.05, 0.035, 0.025],
        };
        let runs = |&eta: &f64| {
            let whole = TURNS * std::f64::consts::TAU * 6.0 / (eta * eta);
            // All times are measured at the largest learning rate, and the end alone at the others.
            let shares = if eta == etas[0] {
                &SHARES[..]
            } else {
                &SHARES[SHARES.len() - 1..]
            };
            Runs {
                eta,
                steps: shares
                    .iter()
                    .map(|share| (share * whole) as usize)
                    .collect(),
                trials: settings.scale.choose(512, 16_384),
                datapoints: DATAPOINTS,
            }
        };
        etas.iter().map(runs).collect()
    }

    fn run(
        &self,
        cell: &Runs,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Wound, ExperimentError> {
        let population: Samples<f64> = normal_quantiles(cell.datapoints);
        let (theta0, upward) = ([0.0; 3], [0.0, 0.0, 1.0]);
        let local = Named::LinearScrew
            .local(&theta0, &population)?
            .on(settings.place.device())?;
        let values = Drift::values(&*local, Modes::All)?;
        let mut wound = Wound {
            predicted: vec![],
            measured: vec![],
        };
        for &steps in &cell.steps {
            let course = Drift::course(&Drift::parameters(steps as u64)?)?;
            let predicted = values.curve(&course).at(cell.eta)?;
            wound.predicted.push(predicted.excess_vector()[2]);
            let simulation = Simulation {
                landscape: &Named::LinearScrew,
                theta0: &theta0,
                population: &population,
                schedule: Schedule::new(steps, 1, 1, Shuffle::Never)?,
                optimizer: Optimizer::Sgd,
                etas: vec![cell.eta],
                trials: cell.trials,
                // Runs of different lengths draw the same datapoints in their common updates.
                seed: settings.seed,
                probe: Some(&upward),
                test_points: TestPoints::None,
                train_loss: false,
            }
            .on(settings.place.device())?;
            let summary = progress.counting("runs", cell.trials, |control| {
                simulation.summarize_with(control)
            })?;
            wound
                .measured
                .push(Mean::of_rate(&summary.rates[0], Measure::Displacement)?);
        }
        Ok(wound)
    }

    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Runs, Wound>],
    ) -> Result<Report, ExperimentError> {
        let speeds: Vec<Speed> = finished.iter().map(Speed::new).collect();
        let mut figures = vec![speed_figure(&speeds)?];
        if let Some(shown) = finished.first() {
            figures.insert(0, path_figure(shown)?);
        }
        let population: Samples<f64> = normal_quantiles(DATAPOINTS);
        let leading = leading_order(&population)?;
        let mut verdicts = vec![prediction(leading), limit(&speeds), displacement(finished)];
        verdicts.extend(finished.first().map(linear));
        Ok(Report {
            verdicts,
            tables: vec![summary(&speeds), points(finished)],
            figures,
            remarks: vec![format!(
                "SGD with batch 1 on as many datapoints as updates, from a population of {DATAPOINTS} numbers that stand for a standard normal \
                 distribution (variance 1 to rounding); {} runs for each learning rate, intervals of 95% that hold together. The prediction is one \
                 diagram, evaluated once, at the initial weight. The scale is {}.",
                finished.first().map_or(0, |f| f.cell.trials),
                settings.scale,
            )],
        })
    }
}

/// The displacement z divided by the number of updates, in units of η², at one learning rate.
struct Speed {
    eta: f64,
    steps: usize,
    measured: f64,
    standard_error: f64,
    trials: usize,
    predicted: f64,
}

impl Speed {
    fn new(finished: &Finished<Runs, Wound>) -> Self {
        let Finished { cell, outcome, .. } = finished;
        let last = cell.steps.len() - 1;
        let unit = cell.eta * cell.eta * cell.steps[last] as f64;
        let measured = outcome.measured[last];
        Speed {
            eta: cell.eta,
            steps: cell.steps[last],
            // If runs diverged, the mean of the others does not estimate an expectation.
            measured: if measured.diverged == 0 {
                measured.mean / unit
            } else {
                f64::NAN
            },
            standard_error: measured.standard_error / unit,
            trials: measured.trials,
            predicted: outcome.predicted[last] / unit,
        }
    }

    fn half_band(&self, together: usize) -> f64 {
        quantile(self.trials, together) * self.standard_error
    }
}

/// The predicted speed for large T in the limit of small η, in units of η² for an update.
fn leading_order(population: &Samples<f64>) -> Result<f64, ExperimentError> {
    let local = Named::LinearScrew.local(&[0.0; 3], population)?;
    let values = Drift::values(&*local, Modes::All)?;
    // The speed is taken between 1000/η and 2000/η updates, when the transient, which lasts about 1/η updates, is over.
    let speed = |eta: f64| -> Result<f64, ExperimentError> {
        let steps = (1000.0 / eta) as u64;
        let course = Drift::course(&Drift::parameters(steps)?)?;
        let predicted = |course| -> Result<f64, ExperimentError> {
            Ok(values.continuum(course)?.at(eta)?.excess_vector()[2])
        };
        let longer = Drift::course(&Drift::parameters(2 * steps)?)?;
        Ok((predicted(&longer)? - predicted(&course)?) / (steps as f64 * eta * eta))
    };
    speed(1e-3)
}

/// Whether the predicted speed is η²/6.
fn prediction(leading: f64) -> Verdict {
    Verdict::new(
        "To leading order the predicted speed is η²/6",
        format!(
            "the diagram's integral over times gives {leading:.9} η² a step; 1/6 = {:.9}",
            1.0 / 6.0
        ),
        (6.0 * leading - 1.0).abs() < 1e-6,
    )
}

/// A polynomial in η through the measured speeds in units of η². Its value at 0 is their limit for small η.
fn extrapolated(speeds: &[Speed], degree: usize) -> PolynomialFit {
    let points = speeds
        .iter()
        .map(|speed| (speed.eta, speed.measured, speed.standard_error));
    PolynomialFit::through(&points.collect::<Vec<_>>(), degree)
}

/// The degree of that polynomial. Corrections of order η and of order η² are both significant at full scale.
const DEGREE: usize = 2;

/// Whether the measured speeds in units of η² tend to 1/6.
fn limit(speeds: &[Speed]) -> Verdict {
    let fit = extrapolated(speeds, DEGREE);
    let half = 1.96 * fit.standard_errors[0];
    let misfit = |degree| {
        let freedom = speeds.len().saturating_sub(degree + 1);
        let chi_square = extrapolated(speeds, degree).chi_square;
        format!("{chi_square:.1} with {freedom} degrees of freedom")
    };
    Verdict::new(
        "Measured speeds over η² tend to 1/6",
        format!(
            "a parabola through {} speeds meets η = 0 at {:.5} ± {half:.5} (95%), with a slope of {:.3} ± {:.3}; χ² is {}, for a line {}",
            speeds.len(),
            fit.coefficients[0],
            fit.coefficients[1],
            1.96 * fit.standard_errors[1],
            misfit(DEGREE),
            misfit(1),
        ),
        (fit.coefficients[0] - 1.0 / 6.0).abs() <= half,
    )
}

/// Whether every final displacement is larger than [`FAR`].
fn displacement(finished: &[Finished<Runs, Wound>]) -> Verdict {
    let ends = finished
        .iter()
        .filter_map(|f| f.outcome.measured.last().copied());
    let least = ends
        .clone()
        .map(|end| end.mean - end.half_band(finished.len()))
        .fold(f64::INFINITY, f64::min);
    let means: Vec<String> = ends
        .map(|end| format!("{:.2} ± {:.2}", end.mean, end.half_band(finished.len())))
        .collect();
    Verdict::new(
        "The displacement exceeds five periods of 2π, 31",
        format!("mean z at the end: {}", means.join(", ")),
        least > FAR,
    )
}

/// Whether the power with which z grows with T is closer to 1 than to 1/2.
fn linear(finished: &Finished<Runs, Wound>) -> Verdict {
    let Finished { cell, outcome, .. } = finished;
    let points: Vec<(f64, f64, f64)> = cell
        .steps
        .iter()
        .zip(&outcome.measured)
        .map(|(&steps, z)| ((steps as f64).ln(), z.mean.ln(), z.standard_error / z.mean))
        .collect();
    let line = PolynomialFit::through(&points, 1);
    let power = line.coefficients[1];
    Verdict::new(
        "z grows as T, not as T^(1/2)",
        format!(
            "at η = {}, z grows as T to the power {power:.3}, from T = {} to {}",
            cell.eta,
            cell.steps[0],
            cell.steps[cell.steps.len() - 1]
        ),
        (power - 1.0).abs() < (power - 0.5).abs(),
    )
}

fn summary(speeds: &[Speed]) -> Table {
    let mut table = Table::new(
        "summary",
        "Speed of z over η²: the limit of small η is predicted to be 1/6 = 0.16667",
        [
            "η",
            "T",
            "measured",
            "half band",
            "runs",
            "one diagram at this η",
        ],
    );
    for speed in speeds {
        table.row([
            speed.eta.into(),
            speed.steps.into(),
            speed.measured.into(),
            speed.half_band(speeds.len()).into(),
            speed.trials.into(),
            speed.predicted.into(),
        ]);
    }
    let fit = extrapolated(speeds, DEGREE);
    table.row([
        0.0.into(),
        table::Entry::Missing,
        fit.coefficients[0].into(),
        (1.96 * fit.standard_errors[0]).into(),
    ]);
    table
}

fn points(finished: &[Finished<Runs, Wound>]) -> Table {
    let mut table = Table::new(
        "points",
        "Every length of every learning rate",
        [
            "η",
            "T",
            "z",
            "standard error",
            "runs",
            "diverged",
            "predicted",
        ],
    );
    for Finished { cell, outcome, .. } in finished {
        for ((&steps, z), &predicted) in cell
            .steps
            .iter()
            .zip(&outcome.measured)
            .zip(&outcome.predicted)
        {
            table.row([
                cell.eta.into(),
                steps.into(),
                z.mean.into(),
                z.standard_error.into(),
                z.trials.into(),
                z.diverged.into(),
                predicted.into(),
            ]);
        }
    }
    table
}

fn path_figure(finished: &Finished<Runs, Wound>) -> Result<Figure, ExperimentError> {
    let Finished { cell, outcome, .. } = finished;
    let times = || cell.steps.iter().map(|&steps| steps as f64);
    let of_means = |shift: f64| {
        times().zip(
            outcome
                .measured
                .iter()
                .map(move |z| z.mean + shift * z.half_band(SHARES.len())),
        )
    };
    let plot = LinePlot {
        title: format!(
            "Linear screw, η = {}: displacement along the axis",
            cell.eta
        ),
        x: "updates T".into(),
        y: "mean z".into(),
        lines: vec![
            MarkedLine::new("measured", of_means(0.0))
                .marked()
                .with_errors(
                    of_means(-1.0)
                        .zip(of_means(1.0))
                        .map(|((_, low), (_, high))| (low, high)),
                ),
            MarkedLine::new(
                "predicted by one diagram",
                std::iter::once((0.0, 0.0)).chain(times().zip(outcome.predicted.iter().copied())),
            ),
            MarkedLine::new(
                "η² T / 6",
                [0.0, cell.steps[cell.steps.len() - 1] as f64]
                    .map(|t| (t, cell.eta * cell.eta * t / 6.0)),
            ),
        ],
        ..LinePlot::default()
    };
    Ok(Figure {
        name: "figure5_screw".into(),
        caption: "Mean displacement along the screw's axis against the number of updates, with 95% intervals, and its prediction from the initial weight alone.".into(),
        svg: plot.svg()?,
    })
}

fn speed_figure(speeds: &[Speed]) -> Result<Figure, ExperimentError> {
    let fit = extrapolated(speeds, DEGREE);
    let most = speeds.iter().map(|speed| speed.eta).fold(0.0, f64::max);
    let plot = LinePlot {
        title: "Linear screw: speed along the axis".into(),
        x: "learning rate η".into(),
        y: "speed over η²".into(),
        lines: vec![
            MarkedLine::new(
                "measured",
                speeds.iter().map(|speed| (speed.eta, speed.measured)),
            )
            .marked()
            .with_errors(speeds.iter().map(|speed| {
                let half = speed.half_band(speeds.len());
                (speed.measured - half, speed.measured + half)
            })),
            MarkedLine::new(
                "parabola through them",
                (0..=50).map(|at| {
                    let eta = most * f64::from(at) / 50.0;
                    (eta, fit.at(eta))
                }),
            ),
            MarkedLine::new("1/6", [0.0, most].map(|eta| (eta, 1.0 / 6.0))),
        ],
        ..LinePlot::default()
    };
    Ok(Figure {
        name: "figure5_screw_speed".into(),
        caption: "Speed along the axis over η² for several learning rates: the limit of small η is predicted to be 1/6.".into(),
        svg: plot.svg()?,
    })
}
