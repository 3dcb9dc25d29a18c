//! Section 5.5 of the paper and its appendix: model selection, in which an l2 coefficient is chosen by the stabilised Takeuchi criterion (STIC).

use diagram_cuda::OnDevice;
use diagrams::prelude::*;
use diagrams::runtime::criteria::{CovarianceOf, Curvature};
use diagrams::runtime::data::normal_quantiles;
use diagrams::runtime::landscapes::{L2, L2Coefficient, MeanEstimation};
use diagrams::runtime::simulate::Optimizer;
use serde::{Deserialize, Serialize};

use crate::band::Mean;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::plot::{LinePlot, MarkedLine};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::{self, Table};

/// The number of training points N.
const TRAIN: usize = 10;
/// The number of updates T.
const STEPS: usize = 500;
/// The time ηT of every run.
const ETA_T: f64 = 10.0;
/// The number of datapoints in the population.
const DATAPOINTS: usize = 200;
/// The Hessians h, which go from far below 1/(ηT) to far above.
const HESSIANS: [f64; 3] = [0.003, 0.1, 3.0];
/// The loss ½ h o² of the weight 0, where o is the optimum. It is the same for all Hessians.
const PULL: f64 = 2.0;
/// The first and the last decimal logarithm of the l2 coefficients, times [`FRACTION`]. The coefficient 0 is run in addition.
const EXPONENTS: (i32, i32) = (-10, 6);
/// The number of coefficients for each factor of ten.
const FRACTION: f64 = 4.0;
/// The time ηT that stands for infinity, after which a trained weight is the minimum.
const FOR_EVER: f64 = 1e12;
/// The number of steps of descent on the criterion.
const DESCENT: usize = 200;

/// Chooses the l2 coefficient of mean estimation by STIC, by TIC and by the train loss, and compares the test losses after training (section 5.5).
pub struct SticSelection;

/// The training runs with one Hessian.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    hessian: f64,
    /// The l2 coefficients that may be chosen, ascending from 0.
    coefficients: Vec<f64>,
    trials: usize,
    datapoints: usize,
}

/// The losses that were measured at each coefficient, and the test losses if one coefficient is chosen for each training set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Selected {
    test: Vec<Mean>,
    train: Vec<Mean>,
    /// The criterion STIC at each coefficient.
    stic: Vec<f64>,
    /// The criterion TIC at each coefficient.
    tic: Vec<f64>,
    /// The test loss if the coefficient is chosen for each training set by the least train loss plus STIC.
    by_stic: Mean,
    by_tic: Mean,
    by_train_loss: Mean,
    /// The test loss if the coefficient is chosen by TIC minus that if it is chosen by STIC, on the same training sets.
    tic_minus_stic: Mean,
    /// The same difference if the coefficient is chosen by the train loss alone.
    train_loss_minus_stic: Mean,
    /// The coefficient at which descent on the loss of the noiseless weight plus STIC ends.
    descended: f64,
    /// The coefficient of a fine grid at which the same sum is least.
    least: f64,
}

impl Experiment for SticSelection {
    const NAME: &'static str = "stic_selection";
    const TITLE: &'static str = "Appendix: model selection by descent on STIC";
    const CLAIM: &'static str = "The stabilised Takeuchi criterion (STIC) is smooth and may be descended to tune hyperparameters such as l2 \
        coefficients; it is to be recommended for model selection where the Hessian is negligible compared to C/N (section 5.5).";
    const VERSION: u32 = 1;

    type Cell = Task;
    type Outcome = Selected;

    fn cells(&self, settings: &Settings) -> Vec<Task> {
        let powers =
            (EXPONENTS.0..=EXPONENTS.1).map(|power| 10f64.powf(f64::from(power) / FRACTION));
        let coefficients: Vec<f64> = std::iter::once(0.0).chain(powers).collect();
        let task = |&hessian: &f64| Task {
            hessian,
            coefficients: coefficients.clone(),
            trials: settings.scale.choose(2_000, 40_000),
            datapoints: DATAPOINTS,
        };
        HESSIANS.iter().map(task).collect()
    }

    fn run(
        &self,
        cell: &Task,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Selected, ExperimentError> {
        let population: Samples<f64> = normal_quantiles(cell.datapoints);
        let mut trained = vec![];
        let (mut stic, mut tic) = (vec![], vec![]);
        for &coefficient in &cell.coefficients {
            trained.push(cell.train(coefficient, &population, settings, progress)?);
            let weight = [cell.noiseless(coefficient)];
            let landscape = cell.regularized(coefficient);
            let local = PointDerivatives::new(&landscape, &weight, &population)?;
            let curvature = Curvature::new(&local, CovarianceOf::Population)?;
            stic.push(curvature.stic(TRAIN, ETA_T)?);
            tic.push(curvature.tic(TRAIN)?);
        }
        let choose = |criterion: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let trials = 0..trained.first().map_or(0, Vec::len);
            trials
                .filter_map(|trial| {
                    let score = |at: usize| trained[at][trial].train + criterion(at);
                    let best = (0..trained.len()).min_by(|&a, &b| score(a).total_cmp(&score(b)))?;
                    Some(trained[best][trial].test)
                })
                .collect()
        };
        let (by_stic, by_tic, by_train_loss) = (
            choose(&|at| stic[at]),
            choose(&|at| tic[at]),
            choose(&|_| 0.0),
        );
        let minus = |a: &[f64]| Mean::of(a.iter().zip(&by_stic).map(|(a, b)| a - b));
        Ok(Selected {
            test: trained
                .iter()
                .map(|trials| Mean::of(trials.iter().map(|trial| trial.test)))
                .collect(),
            train: trained
                .iter()
                .map(|trials| Mean::of(trials.iter().map(|trial| trial.train)))
                .collect(),
            tic_minus_stic: minus(&by_tic),
            train_loss_minus_stic: minus(&by_train_loss),
            by_stic: Mean::of(by_stic.iter().copied()),
            by_tic: Mean::of(by_tic.iter().copied()),
            by_train_loss: Mean::of(by_train_loss.iter().copied()),
            descended: cell.descend(&population)?,
            least: cell.least(&population)?,
            stic,
            tic,
        })
    }

    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Task, Selected>],
    ) -> Result<Report, ExperimentError> {
        Ok(Report {
            verdicts: vec![
                unbiased(finished),
                descent(finished),
                flat(finished),
                selection(finished),
            ],
            tables: vec![summary(finished), coefficients(finished)],
            figures: finished.iter().map(figure).collect::<Result<_, _>>()?,
            remarks: vec![format!(
                "l_x(w) = ½ h (w - o)² + w x with ½ h o² = {PULL}; training descends on l_x + ½ λ w² from the regularized minimum, N = {TRAIN}, T = \
                 {STEPS}, ηT = {ETA_T}; losses are measured without the coefficient's term, and so are the gaps that they are corrected by. {} training \
                 sets for each Hessian, the same for every λ, at scale {}. Criteria use the population's Hessian and covariance. Bands of 95% hold \
                 together for all λ of a Hessian.",
                finished.first().map_or(0, |f| f.cell.trials),
                settings.scale,
            )],
        })
    }
}

/// Losses after training, without the coefficient's term.
struct Losses {
    test: f64,
    train: f64,
}

impl Task {
    /// The optimum o of the test loss without regularization.
    fn optimum(&self) -> f64 {
        (2.0 * PULL / self.hessian).sqrt()
    }

    fn plain(&self) -> MeanEstimation {
        MeanEstimation {
            hessian: self.hessian,
            noise: 1.0,
            optimum: self.optimum(),
        }
    }

    fn regularized(&self, coefficient: f64) -> L2<MeanEstimation> {
        L2 {
            landscape: self.plain(),
            coefficient: L2Coefficient::Constant(coefficient),
        }
    }

    /// The minimum of the regularized test loss.
    fn noiseless(&self, coefficient: f64) -> f64 {
        self.hessian * self.optimum() / (self.hessian + coefficient)
    }

    /// The losses after training with one coefficient, for each training set.
    fn train(
        &self,
        coefficient: f64,
        population: &Samples<f64>,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Vec<Losses>, ExperimentError> {
        let start = [self.noiseless(coefficient)];
        let landscape = self.regularized(coefficient);
        let simulation = Simulation {
            landscape: &landscape,
            theta0: &start,
            population,
            schedule: Schedule::gradient_descent(TRAIN, STEPS)?,
            optimizer: Optimizer::Sgd,
            etas: vec![ETA_T / STEPS as f64],
            trials: self.trials,
            seed: settings.seed,
            probe: Some(&[1.0]),
            test_points: TestPoints::None,
            train_loss: true,
        }
        .on(settings.place.device())?;
        let simulated = progress.counting("training", self.trials, |control| {
            simulation.run_with(control)
        })?;
        let losses = simulated.rates[0].outcomes.iter().map(|outcome| {
            let weight = start[0] + outcome.displacement;
            Losses {
                // The mean of the population is 0, so that the test loss has no other term.
                test: 0.5 * self.hessian * (weight - self.optimum()).powi(2),
                train: outcome.train_loss - 0.5 * coefficient * weight * weight,
            }
        });
        Ok(losses.collect())
    }

    /// The loss of the noiseless weight plus STIC, and the derivative of this sum with respect to the coefficient λ.
    fn criterion(
        &self,
        coefficient: f64,
        population: &Samples<f64>,
    ) -> Result<(f64, f64), ExperimentError> {
        let landscape = L2 {
            landscape: self.plain(),
            coefficient: L2Coefficient::LastWeight,
        };
        let weights = [self.noiseless(coefficient), coefficient];
        let local = PointDerivatives::new(&landscape, &weights, population)?;
        let curvature =
            Curvature::new(&local, CovarianceOf::Population)?.with_hyperparameters(&[1])?;
        // The term ½ λ w² of the coefficient is taken off.
        let loss = curvature.loss() - 0.5 * coefficient * weights[0] * weights[0];
        let slope = curvature.gradient()[0] - coefficient * weights[0];
        let gap = curvature.stic_gradient(TRAIN, ETA_T)?;
        let both = [slope + gap[0], gap[1]];
        let derivative = curvature.trained_derivative(&both, FOR_EVER)?[0];
        Ok((loss + curvature.stic(TRAIN, ETA_T)?, derivative))
    }

    /// Descends on the criterion from λ = h, and returns the final λ. A step changes ln λ, so that λ stays positive. It goes by the sign of the
    /// derivative, and its length is halved whenever the sign changes.
    fn descend(&self, population: &Samples<f64>) -> Result<f64, ExperimentError> {
        let (mut logarithm, mut step) = (self.hessian.ln(), 0.5);
        let mut last = 0.0;
        for _ in 0..DESCENT {
            let (_, derivative) = self.criterion(logarithm.exp(), population)?;
            if derivative.signum() * last < 0.0 {
                step *= 0.5;
            }
            last = derivative.signum();
            logarithm -= step * last;
        }
        Ok(logarithm.exp())
    }

    /// The λ at which the criterion is least on a grid whose neighbours differ by 1%.
    fn least(&self, population: &Samples<f64>) -> Result<f64, ExperimentError> {
        let mut least = (f64::INFINITY, f64::NAN);
        for at in -1200..=1200 {
            let coefficient = (f64::from(at) / 100.0).exp();
            let (criterion, _) = self.criterion(coefficient, population)?;
            if criterion < least.0 {
                least = (criterion, coefficient);
            }
        }
        Ok(least.1)
    }
}

/// Half the width of the interval around a mean in a simultaneous band of `together` intervals.
fn half(mean: Mean, together: usize) -> f64 {
    mean.half_band(together)
}

/// Whether train loss plus STIC is inside the band of the test loss at every Hessian and coefficient.
fn unbiased(finished: &[Finished<Task, Selected>]) -> Verdict {
    let together: usize = finished.iter().map(|f| f.cell.coefficients.len()).sum();
    let off = |criterion: &dyn Fn(&Selected, usize) -> f64| {
        let each = finished.iter().flat_map(|f| {
            let selected = &f.outcome;
            (0..selected.test.len()).map(move |at| {
                let band =
                    half(selected.test[at], together).hypot(half(selected.train[at], together));
                (selected.train[at].mean + criterion(selected, at) - selected.test[at].mean).abs()
                    / band
            })
        });
        each.fold(0.0, f64::max)
    };
    let stic = off(&|selected, at| selected.stic[at]);
    let tic = off(&|selected, at| selected.tic[at]);
    Verdict::new(
        "Train loss plus STIC is the test loss, whatever the Hessian and the coefficient",
        format!(
            "at most {stic:.2} half bands off over {together} pairs of Hessian and coefficient; with TIC {tic:.0}"
        ),
        stic <= 1.0,
    )
}

/// Whether descent on the criterion ends within 2% of the least value on the grid, for every Hessian.
fn descent(finished: &[Finished<Task, Selected>]) -> Verdict {
    let ends: Vec<String> = finished
        .iter()
        .map(|f| {
            format!(
                "{} (least at {}) for h = {}",
                table::short(f.outcome.descended),
                table::short(f.outcome.least),
                f.cell.hessian
            )
        })
        .collect();
    // Neighbours on the grid differ by 1%.
    let found = finished
        .iter()
        .all(|f| (f.outcome.descended / f.outcome.least - 1.0).abs() < 0.02);
    Verdict::new(
        "Descent on STIC tunes the coefficient",
        format!("by its gradient λ ends at {}", ends.join(", ")),
        found,
    )
}

/// Whether choosing by STIC gives a significantly smaller test loss than by TIC at the smallest Hessian.
fn flat(finished: &[Finished<Task, Selected>]) -> Verdict {
    let claim = "Where the Hessian is negligible STIC chooses better than TIC";
    let Some(Finished { cell, outcome, .. }) = finished.first() else {
        return Verdict::undecided(claim, "nothing was run");
    };
    let better = outcome.tic_minus_stic;
    Verdict::new(
        claim,
        format!(
            "h = {} (ηTh = {}): expected test loss {:.4} by STIC, {:.4} by TIC; TIC loses {:.4} ± {:.4}",
            cell.hessian,
            table::short(ETA_T * cell.hessian),
            outcome.by_stic.mean,
            outcome.by_tic.mean,
            better.mean,
            1.96 * better.standard_error,
        ),
        better.mean > 5.0 * better.standard_error,
    )
}

/// Whether choosing by train loss plus STIC is nowhere significantly worse than choosing by the train loss alone.
fn selection(finished: &[Finished<Task, Selected>]) -> Verdict {
    let gains: Vec<String> = finished
        .iter()
        .map(|f| {
            let gain = f.outcome.train_loss_minus_stic;
            format!(
                "{:.4} ± {:.4} at h = {}",
                gain.mean,
                1.96 * gain.standard_error,
                f.cell.hessian
            )
        })
        .collect();
    let never_worse = finished.iter().all(|f| {
        f.outcome.train_loss_minus_stic.mean
            > -1.96 * f.outcome.train_loss_minus_stic.standard_error
    });
    Verdict::new(
        "For a single training set, train loss plus STIC chooses better than the train loss alone",
        format!(
            "test loss by train loss alone minus that by STIC: {}",
            gains.join(", ")
        ),
        never_worse,
    )
}

/// The coefficient with the least mean test loss, and that loss.
fn oracle(finished: &Finished<Task, Selected>) -> (f64, f64) {
    let each = finished
        .cell
        .coefficients
        .iter()
        .zip(&finished.outcome.test);
    each.map(|(&coefficient, test)| (coefficient, test.mean))
        .fold((f64::NAN, f64::INFINITY), |best, one| {
            if one.1 < best.1 { one } else { best }
        })
}

fn summary(finished: &[Finished<Task, Selected>]) -> Table {
    let mut table = Table::new(
        "summary",
        "Expected test loss where the l2 coefficient is chosen for each training set",
        [
            "Hessian",
            "ηTh",
            "by STIC",
            "standard error",
            "by TIC",
            "by train loss",
            "best single λ",
            "its test loss",
            "λ = 0",
            "λ by descent",
        ],
    );
    for one in finished {
        let (best, loss) = oracle(one);
        let Finished { cell, outcome, .. } = one;
        table.row([
            cell.hessian.into(),
            (ETA_T * cell.hessian).into(),
            outcome.by_stic.mean.into(),
            outcome.by_stic.standard_error.into(),
            outcome.by_tic.mean.into(),
            outcome.by_train_loss.mean.into(),
            best.into(),
            loss.into(),
            outcome.test.first().map(|test| test.mean).into(),
            outcome.descended.into(),
        ]);
    }
    table
}

fn coefficients(finished: &[Finished<Task, Selected>]) -> Table {
    let mut table = Table::new(
        "coefficients",
        "Every coefficient of every Hessian",
        [
            "Hessian",
            "λ",
            "test loss",
            "standard error",
            "train loss",
            "train loss + STIC",
            "train loss + TIC",
        ],
    );
    for Finished { cell, outcome, .. } in finished {
        for (at, &coefficient) in cell.coefficients.iter().enumerate() {
            table.row([
                cell.hessian.into(),
                coefficient.into(),
                outcome.test[at].mean.into(),
                outcome.test[at].standard_error.into(),
                outcome.train[at].mean.into(),
                (outcome.train[at].mean + outcome.stic[at]).into(),
                (outcome.train[at].mean + outcome.tic[at]).into(),
            ]);
        }
    }
    table
}

fn figure(finished: &Finished<Task, Selected>) -> Result<Figure, ExperimentError> {
    let Finished { cell, outcome, .. } = finished;
    // The coefficient 0 is not on the logarithmic axis.
    let line = |of: &dyn Fn(usize) -> f64| {
        (1..cell.coefficients.len())
            .map(|at| (cell.coefficients[at], of(at)))
            .collect::<Vec<_>>()
    };
    let together = cell.coefficients.len();
    let most = outcome
        .test
        .iter()
        .map(|test| test.mean)
        .fold(0.0, f64::max);
    let plot = LinePlot {
        title: format!(
            "Mean estimation, h = {}: choosing the l2 coefficient",
            cell.hessian
        ),
        x: "l2 coefficient λ".into(),
        y: "expected loss without the coefficient's term".into(),
        logarithmic: true,
        heights: -most..2.0 * most,
        lines: vec![
            MarkedLine::new("test loss", line(&|at| outcome.test[at].mean))
                .marked()
                .with_errors((1..together).map(|at| {
                    let (test, half) = (outcome.test[at].mean, half(outcome.test[at], together));
                    (test - half, test + half)
                })),
            MarkedLine::new(
                "train loss + STIC",
                line(&|at| outcome.train[at].mean + outcome.stic[at]),
            ),
            MarkedLine::new(
                "train loss + TIC",
                line(&|at| outcome.train[at].mean + outcome.tic[at]),
            ),
            MarkedLine::new("train loss", line(&|at| outcome.train[at].mean)),
        ],
        ..LinePlot::default()
    };
    Ok(Figure {
        name: format!("stic_selection_h{}", table::short(cell.hessian)),
        caption: format!(
            "Expected test loss after training against the l2 coefficient, for a Hessian of {} (ηTh = {}), and what train loss and criteria say.",
            cell.hessian,
            table::short(ETA_T * cell.hessian)
        ),
        svg: plot.svg()?,
    })
}
