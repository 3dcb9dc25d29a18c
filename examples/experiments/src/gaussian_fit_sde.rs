//! Section 5.3 of the paper: SGD compared with a stochastic differential equation (SDE).

use diagram_cuda::OnDevice;
use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;
use diagrams::runtime::data::normal_quantiles;
use diagrams::runtime::resummed::ResummedValues;
use diagrams::runtime::simulate::Optimizer;
use diagrams::runtime::values::Method;
use serde::{Deserialize, Serialize};

use crate::band::{Mean, quantile};
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::plot::{LinePlot, MarkedLine};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::Table;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    /// The power series of Theorem 1 to order 3.
    pub predictor Plain: test_loss in OneEpoch = all(edges <= 3);
    /// SGD, with discrete updates and all cumulants of the noise that occur up to five edges.
    pub predictor Sgd: test_loss in OneEpoch = resummed all(edges <= 5);
    pub predictor SgdToOrder3: test_loss in OneEpoch = resummed all(edges <= 3);
    /// The SDE, if it is evaluated in continuous time. Its noise is Gaussian, so that it has the covariance of the gradients and no higher cumulant.
    pub predictor Sde: test_loss in OneEpoch = resummed all(edges <= 5) where !non_gaussian;
    pub predictor SdeToOrder3: test_loss in OneEpoch = resummed all(edges <= 3) where !non_gaussian;
}

/// The numbers of updates T and of training points N.
const STEPS: usize = 4;
/// The learning rates. At η = 0.2 one of eight million runs of the SDE diverged, so that its expected loss may not exist.
const ETAS: [f64; 3] = [0.05, 0.1, 0.15];
/// The number of datapoints in the population. All predictions use the moments of these numbers.
///
/// The leading difference between SGD and SDE is `η³ T (½ C H² - S J / 6)`: a term from discrete time minus one from the skewness S of the gradients.
/// For a normal distribution the two nearly cancel, as 1/16 - 1/12. A population of few numbers has lighter tails, so that the first term is larger
/// than the second. With many numbers the loss of the SDE has such heavy tails that rare runs dominate its mean.
const DATAPOINTS: usize = 20;
/// The number of Euler–Maruyama steps for each update of SGD.
const SUBSTEPS: usize = 64;
/// The number of standard errors from which on a difference counts as significant.
const SURE: f64 = 5.0;
/// What is said to be measured if there is no difference to judge.
const NOTHING: &str = "runs diverged at every learning rate";

/// Compares the predicted difference between the expected test losses of SGD and of the SDE with the same covariance with training runs, on the
/// Gaussian fit (section 5.3; Corollary 3).
pub struct GaussianFitSde;

/// The training runs of one optimizer at all learning rates.
#[derive(Clone, Debug, Serialize)]
pub struct Runs {
    optimizer: String,
    etas: Vec<f64>,
    trials: usize,
    datapoints: usize,
}

/// The test losses that were predicted and measured at each learning rate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// The re-summed prediction with up to 3 edges.
    order3: Vec<f64>,
    /// The re-summed prediction with up to 5 edges.
    order5: Vec<f64>,
    /// The power series of Theorem 1 for SGD.
    plain: Vec<f64>,
    measured: Vec<Mean>,
}

impl Experiment for GaussianFitSde {
    const NAME: &'static str = "gaussian_fit_sde";
    const TITLE: &'static str =
        "Section 5.3: SGD differs from the stochastic differential equation";
    const CLAIM: &'static str = "Fitting the width of a Gaussian, SGD's expected test loss differs from that of the SDE with the same covariance, by \
        the discreteness of time and by the skewness of the noise (Corollary 3, section 5.3).";
    const VERSION: u32 = 1;

    type Cell = Runs;
    type Outcome = Compared;

    fn cells(&self, settings: &Settings) -> Vec<Runs> {
        let runs = |optimizer: Optimizer, trials| Runs {
            optimizer: optimizer.to_string(),
            etas: ETAS.to_vec(),
            trials,
            datapoints: DATAPOINTS,
        };
        // A run of SGD takes much less time than one of the SDE, and the flow is the same in every run.
        vec![
            runs(Optimizer::Sgd, settings.scale.choose(4_000_000, 32_000_000)),
            runs(
                Optimizer::Sde { substeps: SUBSTEPS },
                settings.scale.choose(1_000_000, 8_000_000),
            ),
            runs(Optimizer::Ode, 2),
        ]
    }

    fn run(
        &self,
        cell: &Runs,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Compared, ExperimentError> {
        let optimizer: Optimizer = cell.optimizer.parse()?;
        let population: Samples<f64> = normal_quantiles(cell.datapoints);
        let local = Named::GaussianFit
            .local(&[0.0], &population)?
            .on(settings.place.device())?;
        // Methods differ by rounding. This one is fixed, so that cells that are kept on disk stay valid.
        let plain = Plain::series(
            &Plain::values(&*local, &Options::population().by(Method::Passes))?,
            &Plain::parameters(STEPS as u64)?,
        )?;
        let course = Sgd::course(&Sgd::parameters(STEPS as u64)?)?;
        let predicted = |three: &ResummedValues,
                         five: &ResummedValues|
         -> Result<[Vec<f64>; 2], ExperimentError> {
            let at = |values: &ResummedValues, eta: &f64| -> Result<f64, ExperimentError> {
                Ok(match optimizer {
                    Optimizer::Sde { .. } => values.continuum(&course)?.at(*eta)?.total(),
                    _ => values.curve(&course).at(*eta)?.total(),
                })
            };
            let all = |values| {
                cell.etas
                    .iter()
                    .map(|eta| at(values, eta))
                    .collect::<Result<Vec<f64>, _>>()
            };
            Ok([all(three)?, all(five)?])
        };
        let [order3, order5] = match optimizer {
            Optimizer::Sgd | Optimizer::Gdc | Optimizer::Rule(_) => predicted(
                &SgdToOrder3::values(&*local, Modes::All)?,
                &Sgd::values(&*local, Modes::All)?,
            )?,
            Optimizer::Sde { .. } => predicted(
                &SdeToOrder3::values(&*local, Modes::All)?,
                &Sde::values(&*local, Modes::All)?,
            )?,
            // Gradient flow stays at a minimum.
            Optimizer::Ode => [0, 1].map(|_| vec![plain.at(0.0).value; cell.etas.len()]),
        };
        let simulation = Simulation {
            landscape: &Named::GaussianFit,
            theta0: &[0.0],
            population: &population,
            schedule: Schedule::new(STEPS, 1, 1, Shuffle::Never)?,
            optimizer,
            etas: cell.etas.clone(),
            trials: cell.trials,
            seed: settings.seed,
            probe: None,
            test_points: TestPoints::All,
            train_loss: false,
        }
        .on(settings.place.device())?;
        let summary = progress.counting("runs", cell.trials, |control| {
            simulation.summarize_with(control)
        })?;
        let measured = summary
            .rates
            .iter()
            .map(|rate| Mean::of_rate(rate, Measure::TestLoss));
        Ok(Compared {
            order3,
            order5,
            plain: cell.etas.iter().map(|&eta| plain.at(eta).value).collect(),
            measured: measured.collect::<Result<_, _>>()?,
        })
    }

    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Runs, Compared>],
    ) -> Result<Report, ExperimentError> {
        let [sgd, sde, ode] = finished else {
            return Err(ExperimentError::Other(
                "three optimizers were to be compared".into(),
            ));
        };
        let differences = Difference::all(sgd, sde);
        Ok(Report {
            verdicts: vec![
                significance(&differences),
                agreement(&differences),
                flow(sgd, ode),
            ],
            tables: vec![summary(&differences), losses(finished)],
            figures: vec![figure(&differences)?],
            remarks: vec![format!(
                "T = N = {STEPS} updates from h = 0, a population of {DATAPOINTS} numbers that stand for a standard normal distribution, {} runs of \
                 SGD and {} of the SDE (Euler–Maruyama, {SUBSTEPS} sub-steps for each step of SGD, which leaves about 1/{SUBSTEPS} of the \
                 discreteness that tells SGD from the SDE) at scale {}. Bands of 95% are simultaneous over {} learning rates. The population's tails are lighter than a normal distribution's, so that \
                 discreteness of time and skewness of noise do not cancel as they nearly would.",
                sgd.cell.trials,
                sde.cell.trials,
                settings.scale,
                differences.len(),
            )],
        })
    }
}

/// The expected test loss of SGD minus that of the SDE at one learning rate.
struct Difference {
    eta: f64,
    /// The measured difference; NaN if runs diverged.
    measured: f64,
    standard_error: f64,
    half_band: f64,
    order3: f64,
    order5: f64,
}

impl Difference {
    fn all(sgd: &Finished<Runs, Compared>, sde: &Finished<Runs, Compared>) -> Vec<Difference> {
        let each = sgd.cell.etas.iter().enumerate().map(|(at, &eta)| {
            let (a, b) = (sgd.outcome.measured[at], sde.outcome.measured[at]);
            let standard_error = a.standard_error.hypot(b.standard_error);
            let bad = a.diverged + b.diverged > 0;
            Difference {
                eta,
                measured: if bad { f64::NAN } else { a.mean - b.mean },
                standard_error,
                half_band: quantile(a.trials.min(b.trials), sgd.cell.etas.len()) * standard_error,
                order3: sgd.outcome.order3[at] - sde.outcome.order3[at],
                order5: sgd.outcome.order5[at] - sde.outcome.order5[at],
            }
        });
        each.collect()
    }

    /// The absolute value of the measured difference in standard errors.
    fn significance(&self) -> f64 {
        (self.measured / self.standard_error).abs()
    }
}

/// The differences at learning rates where no run diverged.
fn measured(differences: &[Difference]) -> impl Iterator<Item = &Difference> + Clone {
    differences.iter().filter(|d| d.measured.is_finite())
}

/// Whether the difference is significant at one learning rate at least.
fn significance(differences: &[Difference]) -> Verdict {
    let claim = "SGD's expected test loss differs from the SDE's";
    let surest = measured(differences).max_by(|a, b| a.significance().total_cmp(&b.significance()));
    let Some(surest) = surest else {
        return Verdict::undecided(claim, NOTHING);
    };
    Verdict::new(
        claim,
        format!(
            "at η = {} by {:.3e} ± {:.1e} (standard error): {:.1} standard errors",
            surest.eta,
            surest.measured,
            surest.standard_error,
            surest.significance()
        ),
        surest.significance() >= SURE,
    )
}

/// Whether the prediction of order 5 is inside the band at every learning rate, with the right sign where the difference is significant.
fn agreement(differences: &[Difference]) -> Verdict {
    let claim = "The difference has the predicted sign and size";
    let measured = measured(differences);
    let count = measured.clone().count();
    if count == 0 {
        return Verdict::undecided(claim, NOTHING);
    }
    let inside = measured
        .clone()
        .filter(|d| (d.measured - d.order5).abs() <= d.half_band)
        .count();
    let mut sure = measured.filter(|d| d.significance() >= SURE);
    let ratios: Vec<String> = sure
        .clone()
        .map(|d| {
            format!(
                "{:.3} ± {:.3} at η = {}",
                d.measured / d.order5,
                (d.half_band / d.order5).abs(),
                d.eta
            )
        })
        .collect();
    Verdict::new(
        claim,
        format!(
            "re-summed order 5 is inside the band at {inside} of {count} learning rates{}; where the difference is sure, measured over \
             predicted is {}",
            match differences.len() - count {
                0 => String::new(),
                diverged => format!(" (not counting {diverged} at which runs diverged)"),
            },
            if ratios.is_empty() {
                "not known".into()
            } else {
                ratios.join(", ")
            },
        ),
        inside == count && sure.all(|d| d.measured.signum() == d.order5.signum()),
    )
}

/// Whether the test loss of SGD is significantly above that of gradient flow, which has no noise.
fn flow(sgd: &Finished<Runs, Compared>, ode: &Finished<Runs, Compared>) -> Verdict {
    let last = sgd.cell.etas.len() - 1;
    let (sgd, ode) = (sgd.outcome.measured[last], ode.outcome.measured[last]);
    let excess = sgd.mean - ode.mean;
    Verdict::new(
        "SGD's expected test loss exceeds that of gradient flow, which rests at the minimum",
        format!(
            "at η = {} by {excess:.4} ± {:.1e}",
            ETAS[ETAS.len() - 1],
            1.96 * sgd.standard_error
        ),
        excess > SURE * sgd.standard_error,
    )
}

fn summary(differences: &[Difference]) -> Table {
    let mut table = Table::new(
        "summary",
        format!("Expected test loss of SGD minus that of the SDE after {STEPS} updates"),
        [
            "η",
            "measured",
            "standard error",
            "standard errors from 0",
            "re-summed order 3",
            "re-summed order 5",
            "half band",
        ],
    );
    for d in differences {
        table.row([
            d.eta.into(),
            d.measured.into(),
            d.standard_error.into(),
            d.significance().into(),
            d.order3.into(),
            d.order5.into(),
            d.half_band.into(),
        ]);
    }
    table
}

fn losses(finished: &[Finished<Runs, Compared>]) -> Table {
    let mut table = Table::new(
        "losses",
        "Expected test loss of each optimizer",
        [
            "optimizer",
            "η",
            "measured",
            "standard error",
            "runs",
            "re-summed order 3",
            "re-summed order 5",
            "Theorem 1, order 3 (SGD)",
        ],
    );
    for Finished { cell, outcome, .. } in finished {
        for (at, &eta) in cell.etas.iter().enumerate() {
            let mean = outcome.measured[at];
            table.row([
                cell.optimizer.clone().into(),
                eta.into(),
                mean.mean.into(),
                mean.standard_error.into(),
                mean.trials.into(),
                outcome.order3[at].into(),
                outcome.order5[at].into(),
                outcome.plain[at].into(),
            ]);
        }
    }
    table
}

fn figure(differences: &[Difference]) -> Result<Figure, ExperimentError> {
    let line = |of: &dyn Fn(&Difference) -> f64| {
        differences
            .iter()
            .map(|d| (d.eta, of(d)))
            .collect::<Vec<_>>()
    };
    let plot = LinePlot {
        title: "Gaussian fit: test loss of SGD minus that of the SDE".into(),
        x: "learning rate η".into(),
        y: "difference".into(),
        lines: vec![
            MarkedLine::new("measured", line(&|d| d.measured))
                .marked()
                .with_errors(
                    differences
                        .iter()
                        .map(|d| (d.measured - d.half_band, d.measured + d.half_band)),
                ),
            MarkedLine::new("re-summed, order 3", line(&|d| d.order3)),
            MarkedLine::new("re-summed, order 5", line(&|d| d.order5)),
        ],
        ..LinePlot::default()
    };
    Ok(Figure {
        name: "gaussian_fit_sde".into(),
        caption: "Expected test loss of SGD minus that of the stochastic differential equation with SGD's current covariance, with simultaneous 95% intervals, and what the theory predicts.".into(),
        svg: plot.svg()?,
    })
}
