//! Figure 5 of the paper, right: both sharp and flat minima overfit less than those between.

use diagram_cuda::OnDevice;
use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;
use diagrams::runtime::criteria::{CovarianceOf, Curvature};
use diagrams::runtime::data::normal_quantiles;
use diagrams::runtime::landscapes::MeanEstimation;
use diagrams::runtime::simulate::Optimizer;
use serde::{Deserialize, Serialize};

use crate::band::Mean;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::plot::{LinePlot, MarkedLine};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::Table;

diagrams! {
    spacetime Full = gd(train: N, steps: T);

    /// On a quadratic loss, whose derivatives beyond the Hessian vanish, the re-summed prediction to order 2 is exact.
    pub predictor Loss: test_loss in Full = resummed all(edges <= 2);
    pub predictor Gap: generalization_gap in Full = resummed all(edges <= 2);
}

/// The number of training points N.
const TRAIN: usize = 10;
/// The number of updates T. It is so large that descent is stable at the sharpest minimum.
const STEPS: usize = 2000;
/// The time ηT of every run.
const ETA_T: f64 = 1.0;
/// The number of datapoints in the population.
const DATAPOINTS: usize = 1000;
/// The decimal logarithms of the Hessians times ηT. A Hessian of 0 is run in addition.
const EXPONENTS: [f64; 15] = [
    -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0,
];

/// Compares the predicted test loss and generalization gap of gradient descent on mean estimation with training runs, over a range of Hessians at
/// fixed ηT (Figure 5, right; Corollary 2).
pub struct Figure5Curvature;

/// The training runs at one minimum.
#[derive(Clone, Debug, Serialize)]
pub struct Minimum {
    /// The Hessian, in units of 1/(ηT).
    curvature: f64,
    trials: usize,
    datapoints: usize,
}

/// The predictions and measurements at one minimum. Losses are those above the minimum.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trained {
    predicted_loss: f64,
    predicted_gap: f64,
    /// The prediction in the limit of many small steps (Corollary 2).
    continuum_loss: f64,
    continuum_gap: f64,
    /// Takeuchi's criterion (TIC); `None` where the Hessian vanishes.
    tic: Option<f64>,
    stic: f64,
    loss: Mean,
    gap: Mean,
}

impl Experiment for Figure5Curvature {
    const NAME: &'static str = "figure5_curvature";
    const TITLE: &'static str = "Figure 5, right: sharp and flat minima both overfit less";
    const CLAIM: &'static str = "For mean estimation with fixed covariance and a range of Hessians, started at the true minimum, the test losses \
        after descent of fixed ηT are smallest for very small and very large curvatures; the singularity of Takeuchi's criterion is \
        suppressed (Corollary 2, section 5.5).";
    const VERSION: u32 = 1;

    type Cell = Minimum;
    type Outcome = Trained;

    fn cells(&self, settings: &Settings) -> Vec<Minimum> {
        let curvatures = EXPONENTS.iter().map(|&exponent| 10f64.powf(exponent));
        std::iter::once(0.0)
            .chain(curvatures)
            .map(|curvature| Minimum {
                curvature,
                trials: settings.scale.choose(8_000, 64_000),
                datapoints: DATAPOINTS,
            })
            .collect()
    }

    fn run(
        &self,
        cell: &Minimum,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Trained, ExperimentError> {
        let landscape = MeanEstimation {
            hessian: cell.curvature / ETA_T,
            ..MeanEstimation::default()
        };
        let population: Samples<f64> = normal_quantiles(cell.datapoints);
        let local = landscape
            .local(&[0.0], &population)?
            .on(settings.place.device())?;
        let eta = ETA_T / STEPS as f64;
        let course = Loss::course(&Loss::parameters(TRAIN as u64, STEPS as u64)?)?;
        let losses = Loss::values(&*local, Modes::All)?;
        let gaps = Gap::values(&*local, Modes::All)?;
        let curvature = Curvature::new(&*local, CovarianceOf::Population)?;
        let simulation = Simulation {
            landscape: landscape.simulator(),
            theta0: &[0.0],
            population: &population,
            schedule: Schedule::gradient_descent(TRAIN, STEPS)?,
            optimizer: Optimizer::Sgd,
            etas: vec![eta],
            trials: cell.trials,
            seed: settings.seed,
            probe: None,
            test_points: TestPoints::All,
            train_loss: true,
        }
        .on(settings.place.device())?;
        let summary = progress.counting("runs", cell.trials, |control| {
            simulation.summarize_with(control)
        })?;
        let measured = |measure| Mean::of_rate(&summary.rates[0], measure);
        Ok(Trained {
            predicted_loss: losses.curve(&course).at(eta)?.excess(),
            predicted_gap: gaps.curve(&course).at(eta)?.excess(),
            continuum_loss: losses.continuum(&course)?.at(eta)?.excess(),
            continuum_gap: gaps.continuum(&course)?.at(eta)?.excess(),
            tic: curvature.tic(TRAIN).ok(),
            stic: curvature.stic(TRAIN, ETA_T)?,
            loss: measured(Measure::TestLoss)?,
            gap: measured(Measure::GeneralizationGap)?,
        })
    }

    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Minimum, Trained>],
    ) -> Result<Report, ExperimentError> {
        Ok(Report {
            verdicts: vec![
                agreement(finished),
                hump(finished),
                stabilised(finished),
                singular(finished),
            ],
            tables: vec![summary(finished)],
            figures: vec![loss_figure(finished)?, gap_figure(finished)?],
            remarks: vec![format!(
                "Gradient descent on N = {TRAIN} points, T = {STEPS} updates, ηT = {ETA_T}; {} runs for each Hessian at scale {}. The 95% band is \
                 simultaneous over test loss and gap of all {} Hessians (Bonferroni, Student's t). The loss is quadratic, so that the re-summed \
                 prediction of order 2 holds to every order, and Corollary 2 up to 1/T.",
                finished.first().map_or(0, |f| f.cell.trials),
                settings.scale,
                finished.len(),
            )],
        })
    }
}

/// The distance of a prediction from a measurement in units of half a band, which is simultaneous over both quantities at all Hessians.
fn in_bands(measured: Mean, predicted: f64, finished: &[Finished<Minimum, Trained>]) -> f64 {
    let half = measured.half_band(2 * finished.len());
    // Where the measured loss has no spread, the half band is 16 units of rounding.
    (predicted - measured.mean).abs() / half.max(16.0 * f64::EPSILON)
}

/// Whether test loss and gap are inside the band at every Hessian.
fn agreement(finished: &[Finished<Minimum, Trained>]) -> Verdict {
    let positive = finished.iter().filter(|f| f.cell.curvature > 0.0).count();
    let farthest = |of: &dyn Fn(&Trained) -> (Mean, f64)| {
        let each = finished.iter().map(|f| {
            let (measured, predicted) = of(&f.outcome);
            in_bands(measured, predicted, finished)
        });
        each.fold(0.0, f64::max)
    };
    let loss = farthest(&|trained| (trained.loss, trained.predicted_loss));
    let gap = farthest(&|trained| (trained.gap, trained.predicted_gap));
    Verdict::new(
        "Test loss and generalization gap are as predicted at every Hessian",
        format!(
            "over {positive} Hessians from 10^-3 to 10^3 in units of 1/(ηT), and 0: the test loss is at most {loss:.2} half bands off, the gap {gap:.2}"
        ),
        loss <= 1.0 && gap <= 1.0,
    )
}

/// Whether the test losses at the flattest and at the sharpest minimum are both below the greatest one, by five standard errors.
fn hump(finished: &[Finished<Minimum, Trained>]) -> Verdict {
    let most = finished
        .iter()
        .max_by(|a, b| a.outcome.loss.mean.total_cmp(&b.outcome.loss.mean));
    let ends = [finished.first(), finished.last()]
        .map(|end| end.map_or(f64::NAN, |f| f.outcome.loss.mean));
    let (at, top) = most.map_or((f64::NAN, f64::NAN), |f| {
        (f.cell.curvature, f.outcome.loss.mean)
    });
    let surely = |end: &Finished<Minimum, Trained>| {
        let (low, high) = (
            end.outcome.loss,
            most.map_or(end.outcome.loss, |f| f.outcome.loss),
        );
        high.mean - low.mean > 5.0 * high.standard_error.hypot(low.standard_error)
    };
    Verdict::new(
        "Test losses are smallest for very small and very large curvatures",
        format!(
            "greatest test loss {top:.5} at a Hessian of {at:.3}/(ηT); {:.1e} at the flattest, {:.1e} at the sharpest",
            ends[0], ends[1]
        ),
        finished.first().is_some_and(surely) && finished.last().is_some_and(surely),
    )
}

/// Whether STIC is inside the band of the gap where the Hessian is 0.
fn stabilised(finished: &[Finished<Minimum, Trained>]) -> Verdict {
    let claim = "STIC is finite and right where the Hessian is 0";
    let Some(flat) = finished.iter().find(|f| f.cell.curvature == 0.0) else {
        return Verdict::undecided(claim, "there is no such cell");
    };
    let Trained { stic, gap, .. } = &flat.outcome;
    let half = gap.half_band(2 * finished.len());
    Verdict::new(
        claim,
        format!(
            "STIC {stic:.5}, gap {:.5} ± {half:.5}; the limit ηT tr C/N is {:.5}",
            gap.mean,
            ETA_T / TRAIN as f64
        ),
        (gap.mean - stic).abs() <= half,
    )
}

/// Whether TIC does not exist at a Hessian of 0 and is a hundred times the gap at the smallest positive one.
fn singular(finished: &[Finished<Minimum, Trained>]) -> Verdict {
    let claim = "Takeuchi's criterion diverges where the Hessian vanishes; the gap does not";
    let flattest = finished.iter().find(|f| f.cell.curvature > 0.0);
    let Some((flattest, tic)) = flattest.and_then(|f| Some((f, f.outcome.tic?))) else {
        return Verdict::undecided(claim, "there is no positive Hessian");
    };
    let gap = flattest.outcome.gap;
    let at_zero = finished
        .iter()
        .find(|f| f.cell.curvature == 0.0)
        .is_some_and(|f| f.outcome.tic.is_none());
    Verdict::new(
        claim,
        format!(
            "at a Hessian of {:.0e}/(ηT) TIC is {tic:.1}, {:.0} times the gap {:.4}; at 0 it does not exist",
            flattest.cell.curvature,
            tic / gap.mean,
            gap.mean,
        ),
        at_zero && tic > 100.0 * gap.mean,
    )
}

fn summary(finished: &[Finished<Minimum, Trained>]) -> Table {
    let mut table = Table::new(
        "summary",
        "Test loss above the minimum and generalization gap, measured and predicted; half bands hold together",
        [
            "Hessian times ηT",
            "test loss",
            "half band",
            "re-summed",
            "Corollary 2",
            "gap",
            "half band of gap",
            "re-summed gap",
            "STIC",
            "TIC",
        ],
    );
    for Finished { cell, outcome, .. } in finished {
        let half = |mean: Mean| mean.half_band(2 * finished.len());
        table.row([
            cell.curvature.into(),
            outcome.loss.mean.into(),
            half(outcome.loss).into(),
            outcome.predicted_loss.into(),
            outcome.continuum_loss.into(),
            outcome.gap.mean.into(),
            half(outcome.gap).into(),
            outcome.predicted_gap.into(),
            outcome.stic.into(),
            outcome.tic.into(),
        ]);
    }
    table
}

/// The points of a line over all positive Hessians.
fn over(
    finished: &[Finished<Minimum, Trained>],
    of: impl Fn(&Trained) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let positive = finished.iter().filter(|f| f.cell.curvature > 0.0);
    positive
        .filter_map(|f| Some((f.cell.curvature, of(&f.outcome)?)))
        .collect()
}

/// The intervals of the band at all positive Hessians.
fn errors(
    finished: &[Finished<Minimum, Trained>],
    of: impl Fn(&Trained) -> Mean,
) -> Vec<(f64, f64)> {
    let positive = finished.iter().filter(|f| f.cell.curvature > 0.0);
    positive
        .map(|f| {
            let mean = of(&f.outcome);
            let half = mean.half_band(2 * finished.len());
            (mean.mean - half, mean.mean + half)
        })
        .collect()
}

fn loss_figure(finished: &[Finished<Minimum, Trained>]) -> Result<Figure, ExperimentError> {
    let plot = LinePlot {
        title: format!("Mean estimation: test loss after descent of ηT = {ETA_T}"),
        x: "Hessian times ηT".into(),
        y: "test loss above the minimum".into(),
        logarithmic: true,
        lines: vec![
            MarkedLine::new(
                "measured",
                over(finished, |trained| Some(trained.loss.mean)),
            )
            .marked()
            .with_errors(errors(finished, |trained| trained.loss)),
            MarkedLine::new(
                "re-summed, order 2",
                over(finished, |trained| Some(trained.predicted_loss)),
            ),
        ],
        ..LinePlot::default()
    };
    Ok(Figure {
        name: "figure5_curvature".into(),
        caption: "Test loss above the minimum against curvature: both flat and sharp minima overfit less than those in the middle.".into(),
        svg: plot.svg()?,
    })
}

fn gap_figure(finished: &[Finished<Minimum, Trained>]) -> Result<Figure, ExperimentError> {
    let most = finished
        .iter()
        .map(|f| f.outcome.gap.mean)
        .fold(0.0, f64::max);
    let plot = LinePlot {
        title: "Mean estimation: generalization gap".into(),
        x: "Hessian times ηT".into(),
        y: "test loss minus train loss".into(),
        logarithmic: true,
        heights: 0.0..2.0 * most,
        lines: vec![
            MarkedLine::new("measured", over(finished, |trained| Some(trained.gap.mean)))
                .marked()
                .with_errors(errors(finished, |trained| trained.gap)),
            MarkedLine::new("STIC", over(finished, |trained| Some(trained.stic))),
            MarkedLine::new("TIC", over(finished, |trained| trained.tic)),
        ],
        ..LinePlot::default()
    };
    Ok(Figure {
        name: "figure5_curvature_gap".into(),
        caption: "Generalization gap against curvature. Takeuchi's criterion (TIC) leaves the picture where the Hessian is small; its stabilised form (STIC) does not.".into(),
        svg: plot.svg()?,
    })
}
