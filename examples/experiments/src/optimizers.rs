//! Beyond the paper: one evaluation of a network, and every optimizer's learning curve.

use diagrams::prelude::*;
use diagrams::runtime::optimized::OptimizedSeriesError;
use diagrams::runtime::simulate::{Optimizer, UpdateRule};
use serde::{Deserialize, Serialize};

use crate::curve::short;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::judged::{self, AGREES, Judged};
use crate::learned::{Learned, numbers};
use crate::plot::{self, SeriesLabelPosition};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::Table;
use crate::trials::{Start, Trials};

diagrams! {
    spacetime Plain      = sgd(train: 10, batch: 1, epochs: 1);
    spacetime Heavy      = sgd(train: 10, batch: 1, epochs: 1, momentum: 9/10);
    spacetime Looking    = sgd(train: 10, batch: 1, epochs: 1, momentum: 9/10, nesterov);
    spacetime Annealed   = sgd(train: 10, batch: 1, epochs: 1, schedule: cosine);
    spacetime TailMean   = sgd(train: 10, batch: 1, epochs: 1, average: tail(5));
    spacetime MovingMean = sgd(train: 10, batch: 1, epochs: 1, average: ema(3/4));
    spacetime Ascending  = sgd(train: 10, batch: 1, epochs: 1, sam: 1);
    spacetime Curved     = sgd(train: 10, batch: 1, epochs: 1, hessian: 1);
    spacetime Replaced   = sgd(train: 10, batch: 1, steps: 10, sampling: with_replacement);
    spacetime Online     = sgd(batch: 2, steps: 10, sampling: fresh);

    predictor Sgd:         test_loss in Plain      = all(edges <= 3);
    predictor HeavyBall:   test_loss in Heavy      = all(edges <= 3);
    predictor Nesterov:    test_loss in Looking    = all(edges <= 3);
    predictor Cosine:      test_loss in Annealed   = all(edges <= 3);
    predictor Tail:        test_loss in TailMean   = all(edges <= 3);
    predictor Ema:         test_loss in MovingMean = all(edges <= 3);
    predictor Sam:         test_loss in Ascending  = all(edges <= 3);
    predictor Hessian:     test_loss in Curved     = all(edges <= 3);
    predictor Replacement: test_loss in Replaced   = all(edges <= 3);
    predictor Fresh:       test_loss in Online     = all(edges <= 3);
}

/// The number of updates T of every run.
const STEPS: usize = 10;
/// The learning rates, in units of η R with the total step R = Σ r(s) of the optimizer. For SGD, R = T.
const ETA_RS: [f64; 9] = [0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0];
/// The ηR through which order 3 is to agree, as Figure 3 of the paper claims of SGD.
const CLAIMED: f64 = 1.0;
/// The size of a panel of the picture, in pixels.
const PANEL: (u32, u32) = (640, 420);

/// Compares predictions of order 3 for ten optimizers, all from one evaluation of a network, with training runs.
pub struct Optimizers;

/// The initial weights, the sizes, and the learning rates.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    initialization: u64,
    datapoints: usize,
    trials: usize,
    eta_rs: Vec<f64>,
}

/// What is predicted and measured of one optimizer, in units of η R / T.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OfOptimizer {
    name: String,
    /// R = Σ r(s).
    total_step: f64,
    learned: Learned,
}

impl Experiment for Optimizers {
    const NAME: &'static str = "optimizers";
    const TITLE: &'static str = "Beyond the paper: one evaluation, every optimizer";
    const CLAIM: &'static str = "An optimizer and its sampling change how often each diagram counts, and leave the values of the diagrams as they \
        are. So the 17 values of order 3 of a network, evaluated once, predict the test loss of SGD, heavy ball and Nesterov momentum, a cosine \
        schedule, a tail average, a moving average, sharpness-aware minimization, Hessian-based updates, sampling with replacement and fresh points.";
    const VERSION: u32 = 1;

    type Cell = Cell;
    type Outcome = Vec<OfOptimizer>;

    fn cells(&self, settings: &Settings) -> Vec<Cell> {
        let scale = settings.scale;
        let of = |initialization| Cell {
            initialization,
            datapoints: 64,
            trials: scale.choose(4_000, 8_000),
            eta_rs: ETA_RS.to_vec(),
        };
        (1..=scale.choose(1, 4)).map(of).collect()
    }

    fn run(
        &self,
        cell: &Cell,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Vec<OfOptimizer>, ExperimentError> {
        let start = Start::<f32>::new(
            Named::FashionLeNet,
            settings,
            cell.datapoints,
            cell.initialization,
        )?;
        let local = start.local()?;
        // The only evaluation of the network.
        let values = progress.spinning("values", || {
            HeavyBall::values(&*local, &Options::population())
        })?;
        let mut run = Run {
            cell,
            settings,
            progress,
            start: &start,
            values: &values,
            all: vec![],
        };
        let epoch = Schedule::new(STEPS, 1, 1, Shuffle::Never)?;
        run.add(
            "SGD",
            &Sgd::series(&values, &Sgd::parameters()?)?,
            UpdateRule::sgd(),
            STEPS as f64,
            epoch,
        )?;
        run.predict::<HeavyBall>("heavy ball, β = 9/10", &HeavyBall::parameters()?, epoch)?;
        run.predict::<Nesterov>("Nesterov, β = 9/10", &Nesterov::parameters()?, epoch)?;
        run.predict::<Cosine>("cosine schedule", &Cosine::parameters()?, epoch)?;
        run.predict::<Tail>("mean of the last 5 iterates", &Tail::parameters()?, epoch)?;
        run.predict::<Ema>("moving average, γ = 3/4", &Ema::parameters()?, epoch)?;
        run.predict::<Sam>("SAM, ρ = η", &Sam::parameters()?, epoch)?;
        run.predict::<Hessian>("Hessian-based, λ = 1", &Hessian::parameters()?, epoch)?;
        let replaced = Schedule::with_replacement(STEPS, 1, STEPS)?;
        run.predict::<Replacement>("with replacement", &Replacement::parameters()?, replaced)?;
        let fresh = Schedule::fresh(2, STEPS)?;
        run.predict::<Fresh>("fresh points, B = 2", &Fresh::parameters()?, fresh)?;
        Ok(run.all)
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Cell, Vec<OfOptimizer>>],
    ) -> Result<Report, ExperimentError> {
        let starts = finished.iter().flat_map(|one| {
            let eta_rs = &one.cell.eta_rs[..];
            let all = one.outcome.iter();
            let start = one.cell.initialization;
            all.map(move |of| (format!("{}, start {start}", of.name), eta_rs, &of.learned))
        });
        let judged = Judged::all(starts, STEPS, 1, f64::from(f32::EPSILON) / 2.0);
        let quantity = "expected test loss";
        let optimizers = finished.first().map_or(0, |one| one.outcome.len());
        let shown = &judged[..optimizers.min(judged.len())];
        Ok(Report {
            verdicts: vec![accuracy(&judged), excluded(&judged)],
            tables: vec![summary(finished, &judged), judged::points(&judged)],
            figures: vec![panels(shown, quantity)?],
            remarks: remarks(finished, &judged),
        })
    }
}

/// A run of all optimizers on one start.
struct Run<'a> {
    cell: &'a Cell,
    settings: &'a Settings,
    progress: &'a Progress,
    start: &'a Start<f32>,
    values: &'a Values<f32>,
    all: Vec<OfOptimizer>,
}

impl Run<'_> {
    /// Predicts and measures the optimizer of a predictor.
    fn predict<P: OptimizerPredictor>(
        &mut self,
        name: &str,
        parameters: &ParametersOf<P>,
        schedule: Schedule,
    ) -> Result<(), ExperimentError> {
        let failed = |error: OptimizedSeriesError| ExperimentError::Other(error.to_string());
        let series = P::series(self.values, parameters).map_err(failed)?;
        let training = P::training(parameters).map_err(|error| failed(error.into()))?;
        let total_step = training.kernel::<f64>().total_step();
        self.add(name, &series, P::rule(), total_step, schedule)
    }

    /// Measures an optimizer beside its prediction.
    fn add(
        &mut self,
        name: &str,
        series: &Series<f32>,
        rule: UpdateRule,
        total_step: f64,
        schedule: Schedule,
    ) -> Result<(), ExperimentError> {
        // In units of η R / T, in which optimizers of different total steps compare.
        let unit = STEPS as f64 / total_step;
        let eta_ts: Vec<f64> = self.cell.eta_rs.iter().map(|x| x * unit).collect();
        let trials = Trials {
            start: self.start,
            schedule,
            optimizer: Optimizer::Rule(rule),
            eta_ts: &eta_ts,
            count: self.cell.trials,
            seed: self.settings.seed,
            train_loss: false,
        };
        let means = trials.plain_means(Measure::TestLoss, self.progress)?;
        let scaled = numbers(series).into_iter().enumerate();
        self.all.push(OfOptimizer {
            name: name.into(),
            total_step,
            learned: Learned {
                series: scaled.map(|(k, c)| c * unit.powi(k as i32)).collect(),
                means,
            },
        });
        Ok(())
    }
}

/// Whether order 3 misses at most [`AGREES`] of what training changes up to the ηR of the claim, for every optimizer from every start.
fn accuracy(judged: &[Judged<'_>]) -> Verdict {
    let claim = "One evaluation of a network predicts every optimizer through ηR ≈ 1, as the paper says of SGD";
    let errors = judged.iter().flat_map(|one| {
        let up_to = ETA_RS.iter().filter(|x| **x <= CLAIMED);
        up_to.filter_map(move |&x| Some((one, x, one.relative_error(3, x)?)))
    });
    let at_most = |(_, _, (error, half)): &(&Judged<'_>, f64, (f64, f64))| error.abs() + half;
    let sure = errors.clone().filter(|(_, x, _)| *x == CLAIMED);
    let Some((worst, _, (error, half))) = sure.max_by(|a, b| at_most(a).total_cmp(&at_most(b)))
    else {
        return Verdict::undecided(claim, "nothing was run");
    };
    let measured = format!(
        "at ηR = {CLAIMED} order 3 misses {:.1}% of what training changes for the worst of {} optimizers and starts, {} (half band {:.1}%)",
        100.0 * error.abs(),
        judged.len(),
        worst.name,
        100.0 * half,
    );
    // Small changes at small learning rates are measured less well, so that these count where they surely miss more.
    let surely_more = errors.filter(|(_, _, (error, half))| error.abs() - half > AGREES);
    if surely_more.count() > 0 {
        Verdict::new(claim, measured, false)
    } else if error.abs() + half <= AGREES {
        Verdict::new(claim, measured, true)
    } else {
        Verdict::undecided(claim, measured)
    }
}

/// Whether order 1 is outside the band of every optimizer at the ηR of the claim: what orders 2 and 3 add is seen.
fn excluded(judged: &[Judged<'_>]) -> Verdict {
    let outside = judged.iter().filter(|one| one.agreement(1) < CLAIMED);
    let (outside, all) = (outside.count(), judged.len());
    Verdict::new(
        "The total step alone, order 1, does not predict any of them",
        format!(
            "order 1 has left the simultaneous 95% band before ηR = {CLAIMED} for {outside} of {all}"
        ),
        all > 0 && outside == all,
    )
}

/// How far predictions of order 3 are inside the bands, compared with that of SGD from the same start.
fn beside_sgd(judged: &[Judged<'_>], optimizers: usize) -> String {
    let starts = judged.chunks(optimizers.max(1));
    let as_far = |start: &[Judged<'_>]| {
        let sgd = start[0].agreement(3);
        start.iter().filter(|one| one.agreement(3) >= sgd).count()
    };
    let as_far: usize = starts.clone().map(as_far).sum();
    let least = judged.iter().map(|one| one.agreement(3));
    format!(
        "Order 3 is inside the band at least as far as that of SGD from the same start is, in units of ηR, for {as_far} of {} optimizers and starts, SGD included; for the worst up to ηR = {}. How far that is depends on the number of training runs, and on where the terms of order 4, which differ between optimizers, happen to cancel.",
        judged.len(),
        short(least.fold(f64::INFINITY, f64::min)),
    )
}

/// The optimizers with their total steps, and how far predictions are inside the bands.
fn summary(finished: &[Finished<Cell, Vec<OfOptimizer>>], judged: &[Judged<'_>]) -> Table {
    let mut table = Table::new(
        "summary",
        "The total step R of each optimizer, the ηR up to which predictions are inside the simultaneous 95% band, and what order 3 misses of the change at ηR = 1",
        [
            "optimizer",
            "R",
            "order 1",
            "order 2",
            "order 3",
            "missed at ηR = 1",
        ],
    );
    let all = finished.iter().flat_map(|one| &one.outcome);
    for (of, one) in all.zip(judged) {
        let missed = one
            .relative_error(3, 1.0)
            .map_or(f64::NAN, |(error, _)| error);
        table.row([
            one.name.as_str().into(),
            of.total_step.into(),
            one.agreement(1).into(),
            one.agreement(2).into(),
            one.agreement(3).into(),
            missed.into(),
        ]);
    }
    table
}

/// One picture with a panel for each optimizer.
fn panels(judged: &[Judged<'_>], quantity: &str) -> Result<Figure, ExperimentError> {
    let rows = judged.len().div_ceil(2);
    let plots: Vec<_> = judged
        .iter()
        .map(|one| {
            one.panel(
                "ηT stands for ηR",
                quantity,
                f64::INFINITY,
                SeriesLabelPosition::LowerLeft,
            )
        })
        .collect();
    let size = (2 * PANEL.0, rows as u32 * PANEL.1);
    let svg = plot::svg(size, |root| {
        let areas = root.split_evenly((rows, 2));
        areas
            .iter()
            .zip(&plots)
            .try_for_each(|(area, (plot, _))| plot.draw(area))
    })?;
    let captions: Vec<&str> = plots.iter().map(|(_, caption)| &caption[..]).collect();
    Ok(Figure {
        name: "optimizers".into(),
        caption: captions.join(" "),
        svg,
    })
}

fn remarks(finished: &[Finished<Cell, Vec<OfOptimizer>>], judged: &[Judged<'_>]) -> Vec<String> {
    let Some(first) = finished.first() else {
        return vec![];
    };
    let (datapoints, trials) = (first.cell.datapoints, first.cell.trials);
    vec![
        format!(
            "The network is the Fashion LeNet, T = {STEPS}, N = {STEPS}, B = 1 where nothing else is said, from {} initial weights. Its 17 values of order 3 are evaluated once for each, on the {datapoints} \
             images of the population, which are also the test points. Each optimizer is measured by {trials} training runs at each learning rate, without control variates, which only SGD has. Learning \
             rates are in units of ηR with the optimizer's total step R = Σ r(s), so that all optimizers have the same term of order 1; for SGD, R = T. The 95% band is simultaneous over all learning rates, \
             optimizers and starts (Bonferroni, Student's t).",
            finished.len()
        ),
        beside_sgd(judged, first.outcome.len()),
    ]
}
