//! Figure 4 of the paper, left: GDC, gradient descent with a correction, compared with SGD.

use diagrams::prelude::*;
use diagrams::runtime::simulate::{Optimizer, Simulated};
use serde::{Deserialize, Serialize};

use crate::band::Mean;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::plot::ScatterPlot;
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::Table;
use crate::trials::{Start, Trials};

/// The number of training points N, which is also the number of updates T of each optimizer.
const STEPS: usize = 10;
/// The learning rates in units of ηT. As in the paper, η goes from about 10^-3 to 10^-1.
const ETA_TS: [f64; 5] = [0.01, 0.03, 0.1, 0.3, 1.0];
/// The number of draws of all means from the normal distributions of the measured ones, for the interval of the ratio of distances.
const DRAWS: usize = 2000;

/// Compares the expected test losses of GDC and of gradient descent (GD) with that of SGD (Figure 4, left; Corollary 4).
pub struct Figure4Gdc;

/// A landscape with initial weights.
#[derive(Clone, Debug, Serialize)]
pub struct Origin {
    landscape: &'static str,
    /// The number of the initial weights; 0 stands for weights that are 0.
    initialization: u64,
    datapoints: usize,
    trials: usize,
    eta_ts: Vec<f64>,
}

/// The test loss of GD and of GDC minus that of SGD on the same training sets, at each learning rate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Distances {
    gd: Vec<Mean>,
    gdc: Vec<Mean>,
}

impl Experiment for Figure4Gdc {
    const NAME: &'static str = "figure4_gdc";
    const TITLE: &'static str = "Figure 4, left: emulating small batches with large ones";
    const CLAIM: &'static str = "GDC, gradient descent on the loss plus (N-1)/(4N) times an estimate of the trace of ηC, matches SGD better than \
        gradient descent does, in test loss, for learning rates from 10^-3 to 10^-1, from zero and several Xavier-Glorot initializations, for \
        logistic regression and a convolutional network; T = 10 (Corollary 4, section 5.2).";
    const VERSION: u32 = 3;

    type Cell = Origin;
    type Outcome = Distances;

    fn cells(&self, settings: &Settings) -> Vec<Origin> {
        let scale = settings.scale;
        let of = |landscape: Named, trials: usize| {
            (0..=scale.choose(3, 6)).map(move |initialization| Origin {
                landscape: landscape.name(),
                initialization,
                datapoints: scale.choose(64, 128),
                trials,
                eta_ts: ETA_TS.to_vec(),
            })
        };
        of(Named::FashionLogistic, scale.choose(2_000, 5_000))
            .chain(of(Named::FashionLeNet, scale.choose(1_000, 2_000)))
            .collect()
    }

    fn run(
        &self,
        cell: &Origin,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Distances, ExperimentError> {
        let landscape: Named = cell.landscape.parse()?;
        let mut start =
            Start::<f64>::new(landscape, settings, cell.datapoints, cell.initialization)?;
        if cell.initialization == 0 {
            start.theta0.fill(0.0);
        }
        let run = |what, schedule, optimizer| -> Result<Simulated, ExperimentError> {
            let trials = Trials {
                start: &start,
                schedule,
                optimizer,
                eta_ts: &cell.eta_ts,
                count: cell.trials,
                // The seed is the same for all three optimizers, so that they train on the same sets: a trial draws its training set first.
                seed: settings.seed,
                train_loss: false,
            };
            progress.counting(what, cell.trials, |control| trials.each(control))
        };
        let full = Schedule::gradient_descent(STEPS, STEPS)?;
        let sgd = run(
            "SGD",
            Schedule::new(STEPS, 1, 1, Shuffle::Never)?,
            Optimizer::Sgd,
        )?;
        let gd = run("GD", full, Optimizer::Sgd)?;
        let gdc = run("GDC", full, Optimizer::Gdc)?;
        Ok(Distances {
            gd: Mean::differences(&gd, &sgd),
            gdc: Mean::differences(&gdc, &sgd),
        })
    }

    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Origin, Distances>],
    ) -> Result<Report, ExperimentError> {
        let points: Vec<Pair> = finished.iter().flat_map(Pair::of).collect();
        let all = Distance::new(&points, settings.seed);
        let mut verdicts = vec![closer("all landscapes", &all)];
        for landscape in [Named::FashionLogistic, Named::FashionLeNet] {
            let some: Vec<Pair> = points
                .iter()
                .filter(|pair| pair.landscape == landscape.name())
                .copied()
                .collect();
            verdicts.push(closer(
                landscape.name(),
                &Distance::new(&some, settings.seed),
            ));
        }
        verdicts.push(each(&points));
        Ok(Report {
            verdicts,
            tables: vec![summary(&points)],
            figures: vec![figure(&points)?],
            remarks: vec![format!(
                "N = T = {STEPS}. All three optimizers run on the same training sets, {} (logistic regression) or {} (network) for each initialization and learning rate, so that \
                 differences are means of pairs. Root-mean-square distances are without the share of measurement error, and their intervals \
                 come from {DRAWS} draws of all means from their normal distributions (seed {}).",
                finished.first().map_or(0, |f| f.cell.trials),
                finished.last().map_or(0, |f| f.cell.trials),
                settings.seed,
            )],
        })
    }
}

/// A mark of the figure: both differences at one learning rate.
#[derive(Clone, Copy)]
struct Pair {
    landscape: &'static str,
    initialization: u64,
    eta_t: f64,
    gd: Mean,
    gdc: Mean,
}

impl Pair {
    fn of(finished: &Finished<Origin, Distances>) -> Vec<Pair> {
        let Finished { cell, outcome, .. } = finished;
        let each = cell.eta_ts.iter().enumerate();
        each.map(|(at, &eta_t)| Pair {
            landscape: cell.landscape,
            initialization: cell.initialization,
            eta_t,
            gd: outcome.gd[at],
            gdc: outcome.gdc[at],
        })
        .collect()
    }
}

/// The root-mean-square distances of the test losses of GD and GDC from that of SGD, and a 95% interval of their ratio.
struct Distance {
    points: usize,
    gd: f64,
    gdc: f64,
    ratio: (f64, f64),
}

impl Distance {
    fn new(points: &[Pair], seed: u64) -> Self {
        // There is a normal number for each mean in each draw.
        let normals = initialization(2 * points.len() * DRAWS, seed);
        let mut ratios: Vec<f64> = normals
            .chunks((2 * points.len()).max(1))
            .map(|normals| {
                let (of_gd, of_gdc) = normals.split_at(points.len());
                let drawn = |mean: Mean, normal: f64| mean.mean + mean.standard_error * normal;
                // A drawn mean has the error of the measurement twice: once as measured, and once as drawn.
                let gd = |at: usize| drawn(points[at].gd, of_gd[at]);
                let gdc = |at: usize| drawn(points[at].gdc, of_gdc[at]);
                let gd = squares(points, gd, |pair| pair.gd, 2.0);
                let gdc = squares(points, gdc, |pair| pair.gdc, 2.0);
                (gdc / gd).sqrt()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * (DRAWS - 1) as f64) as usize;
            ratios.get(place).copied().unwrap_or(f64::NAN)
        };
        Distance {
            points: points.len(),
            gd: squares(points, |at| points[at].gd.mean, |pair| pair.gd, 1.0).sqrt(),
            gdc: squares(points, |at| points[at].gdc.mean, |pair| pair.gdc, 1.0).sqrt(),
            ratio: (at(0.025), at(0.975)),
        }
    }
}

/// The mean square of the values minus `errors` times the mean square of their standard errors, or 0 if that is negative.
fn squares(
    points: &[Pair],
    value: impl Fn(usize) -> f64,
    of: impl Fn(&Pair) -> Mean,
    errors: f64,
) -> f64 {
    let each = points
        .iter()
        .enumerate()
        .map(|(at, pair)| value(at).powi(2) - errors * of(pair).standard_error.powi(2));
    (each.sum::<f64>() / points.len() as f64).max(0.0)
}

/// Whether the distance of GDC from SGD is surely smaller than that of GD.
fn closer(what: &str, distance: &Distance) -> Verdict {
    let (low, high) = distance.ratio;
    Verdict::new(
        format!("GDC's test loss is closer to SGD's than GD's is: {what}"),
        format!(
            "root-mean-square distance from SGD over {} points: GD {:.3e}, GDC {}; ratio {:.3}, 95% interval {low:.3} to {high:.3}",
            distance.points,
            distance.gd,
            if distance.gdc > 0.0 {
                format!("{:.3e}", distance.gdc)
            } else {
                "none beyond the errors of measurement".into()
            },
            distance.gdc / distance.gd,
        ),
        high < 1.0,
    )
}

/// Whether, among the points at which one is significantly closer to SGD, GDC is the closer one more than ten times as often as GD.
fn each(points: &[Pair]) -> Verdict {
    let error = |pair: &Pair| pair.gd.standard_error.hypot(pair.gdc.standard_error);
    let apart = |pair: &Pair| (pair.gd.mean.abs() - pair.gdc.mean.abs()) / error(pair);
    let closer = points.iter().filter(|pair| apart(pair) > 1.96).count();
    let farther = points.iter().filter(|pair| apart(pair) < -1.96).count();
    Verdict::new(
        "GDC is closer point by point",
        format!(
            "of {} points GDC is surely closer at {closer}, GD at {farther} (1.96 standard errors)",
            points.len()
        ),
        closer > 10 * farther,
    )
}

fn summary(points: &[Pair]) -> Table {
    let mut table = Table::new(
        "summary",
        "Expected test loss minus that of SGD",
        [
            "landscape",
            "initialization",
            "ηT",
            "GD",
            "standard error",
            "GDC",
            "standard error of GDC",
            "diverged",
        ],
    );
    for pair in points {
        table.row([
            pair.landscape.into(),
            if pair.initialization == 0 {
                "zero".to_string()
            } else {
                pair.initialization.to_string()
            }
            .into(),
            pair.eta_t.into(),
            pair.gd.mean.into(),
            pair.gd.standard_error.into(),
            pair.gdc.mean.into(),
            pair.gdc.standard_error.into(),
            (pair.gd.diverged + pair.gdc.diverged).into(),
        ]);
    }
    table
}

fn figure(points: &[Pair]) -> Result<Figure, ExperimentError> {
    let group = |landscape: Named| {
        let of = points
            .iter()
            .filter(|pair| pair.landscape == landscape.name());
        let marks = of.map(|pair| {
            let interval = |mean: Mean| (mean.mean, 1.96 * mean.standard_error);
            (interval(pair.gd), interval(pair.gdc))
        });
        (landscape.name().to_string(), marks.collect())
    };
    let plot = ScatterPlot {
        title: format!("Test loss after {STEPS} updates, minus that of SGD"),
        x: "gradient descent (GD)".into(),
        y: "gradient descent with correction (GDC)".into(),
        groups: [Named::FashionLogistic, Named::FashionLeNet]
            .map(group)
            .to_vec(),
    };
    Ok(Figure {
        name: "figure4_gdc".into(),
        caption: "Each mark is a landscape, an initialization and a learning rate, with 95% intervals; axes are equal. Marks near the horizontal line are matched by GDC.".into(),
        svg: plot.svg()?,
    })
}
