//! Figure 3: the test loss of a small convolutional network against the learning rate.

use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;

use crate::curve::{Placement, short};
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::learned::{Initialization, Judged, Learned, Question, Size, error_figure, points_table};
use crate::plot::{BandPlot, SeriesLabelPosition};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::{self, Entry, Table};

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    /// Orders 1 and 2 are this one, cut off.
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

/// N, and T.
const STEPS: usize = 10;
/// As many as in the paper: the one shown, and eleven others.
const INITIALIZATIONS: u64 = 12;
/// Where the paper says that order 3 agrees, about.
const CLAIMED: f64 = 1.0;
const ETA_TS: [f64; 15] = [
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0,
];

/// Test loss against ηT for a convolutional network on Fashion-MNIST: predictions of order 1, 2, 3 and experiment.
pub struct Figure3;

impl Experiment for Figure3 {
    const NAME: &'static str = "figure3";
    const TITLE: &'static str = "Figure 3: perturbation models SGD for small ηT";
    const CLAIM: &'static str = "Test loss against learning rate for a convolutional network on Fashion-MNIST, T = N = 10, B = 1: the \
        degree-3 prediction agrees with experiment through ηT ≈ 1 for 12 initializations; for larger ηT predictions can break down.";
    const VERSION: u32 = 1;

    type Cell = Initialization;
    type Outcome = Learned;

    fn cells(&self, settings: &Settings) -> Vec<Initialization> {
        let scale = settings.scale;
        let size = Size {
            datapoints: scale.choose(80, 1000),
            trials: scale.choose(600, 100_000),
            test_points: scale.choose(None, Some(128)),
            eta_ts: ETA_TS.to_vec(),
        };
        size.for_each(1..=INITIALIZATIONS)
    }

    fn run(
        &self,
        cell: &Initialization,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Learned, ExperimentError> {
        let question = Question {
            landscape: Named::FashionLeNet,
            measure: Measure::TestLoss,
            schedule: Schedule::new(STEPS, 1, 1, Shuffle::Never)?,
            parameters: Vanilla::parameters(STEPS as u64)?,
        };
        question.answer::<Vanilla>(cell, settings, progress)
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Initialization, Learned>],
    ) -> Result<Report, ExperimentError> {
        let judged = Judged::all(finished, STEPS);
        let mut figures = vec![];
        if let Some(shown) = judged.first() {
            figures.push(figure(shown, "figure3_left", CLAIMED)?);
            figures.push(figure(shown, "figure3_right", f64::INFINITY)?);
        }
        figures.push(error_figure(
            "figure3_errors",
            "Order 3 for every initialization: its distance from the measured mean, relative to how far training moved the loss.".into(),
            &judged,
            3,
        )?);
        Ok(Report {
            verdicts: vec![agreement(&judged), orders(&judged), breakdown(&judged)],
            tables: vec![summary(&judged), points_table(&judged)],
            figures,
            remarks: remarks(finished),
        })
    }
}

/// How far order 3 agrees, for the initialization where it agrees least.
fn agreement(judged: &[Judged<'_>]) -> Verdict {
    let reached: Vec<f64> = judged.iter().map(|one| one.agreement(3)).collect();
    let least = reached.iter().copied().fold(f64::INFINITY, f64::min);
    let most = reached.iter().copied().fold(0.0, f64::max);
    let through = reached
        .iter()
        .filter(|reached| **reached >= CLAIMED)
        .count();
    let errors = || {
        judged
            .iter()
            .filter_map(|one| one.relative_error(3, CLAIMED))
    };
    let worst = errors().fold((0.0f64, 0.0), |worst, error| {
        if error.0.abs() > worst.0.abs() {
            error
        } else {
            worst
        }
    });
    Verdict::new(
        "Order 3 agrees with experiment through ηT ≈ 1 for every initialization",
        format!(
            "inside the simultaneous 95% band through ηT = 1 for {through} of {} initializations; up to ηT = {} for the least, {} for the \
             most. At ηT = 1 order 3 misses the change of the loss by at most {} of it (half band {})",
            judged.len(),
            short(least),
            short(most),
            percent(worst.0.abs()),
            percent(worst.1),
        ),
        least >= CLAIMED,
    )
}

/// Whether higher orders agree farther.
fn orders(judged: &[Judged<'_>]) -> Verdict {
    let ordered = |one: &&Judged<'_>| {
        one.agreement(1) <= one.agreement(2) && one.agreement(2) <= one.agreement(3)
    };
    let count = judged.iter().filter(ordered).count();
    let mean =
        |order| judged.iter().map(|one| one.agreement(order)).sum::<f64>() / judged.len() as f64;
    Verdict::new(
        "The higher the order, the farther it agrees",
        format!(
            "so for {count} of {} initializations; on average orders 1, 2, 3 are inside up to ηT = {}, {}, {}",
            judged.len(),
            table::short(mean(1)),
            table::short(mean(2)),
            table::short(mean(3)),
        ),
        mean(1) <= mean(2) && mean(2) <= mean(3),
    )
}

/// Whether order 3 is outside the band at the largest ηT.
fn breakdown(judged: &[Judged<'_>]) -> Verdict {
    let last = ETA_TS[ETA_TS.len() - 1];
    let outside = judged
        .iter()
        .filter_map(|one| one.at(last))
        .filter(|point| point.placement(3) == Placement::Outside)
        .count();
    Verdict::new(
        "For larger ηT predictions can break down",
        format!(
            "at ηT = {} order 3 is outside the band for {outside} of {} initializations",
            short(last),
            judged.len()
        ),
        outside > 0,
    )
}

fn summary(judged: &[Judged<'_>]) -> Table {
    let mut table = Table::new(
        "summary",
        "For each initialization: the largest ηT up to which an order stays inside the band, and what happens at ηT = 1",
        [
            "initialization",
            "initial loss",
            "order 1 up to ηT",
            "order 2 up to ηT",
            "order 3 up to ηT",
            "loss at ηT = 1",
            "half band",
            "order 3 minus measured",
            "relative to the change",
        ],
    );
    for one in judged {
        let point = one.at(CLAIMED);
        let error = point.map(|point| point.predictions[2].value - point.measured.mean);
        table.row([
            Entry::from(one.cell.initialization),
            one.initial().into(),
            one.agreement(1).into(),
            one.agreement(2).into(),
            one.agreement(3).into(),
            point.map(|point| point.measured.mean).into(),
            point.map(|point| point.half_band).into(),
            error.into(),
            one.relative_error(3, CLAIMED)
                .map(|(error, _)| error)
                .into(),
        ]);
    }
    table
}

fn figure(one: &Judged<'_>, name: &str, most: f64) -> Result<Figure, ExperimentError> {
    let count = one.points.iter().filter(|point| point.eta_t <= most);
    let points = &one.points[..count.count()];
    let plot = BandPlot {
        title: format!(
            "fashion-lenet: test loss after {STEPS} updates, initialization {}",
            one.cell.initialization
        ),
        label: "expected test loss".into(),
        points,
        curves: (1..=3).map(|order| one.curve(order)).collect(),
        legend: SeriesLabelPosition::LowerLeft,
    };
    let reach = points.last().map_or(0.0, |point| point.eta_t);
    Ok(Figure {
        name: name.into(),
        caption: format!(
            "Test loss against ηT up to {}; order 3 is inside the band up to ηT = {}.",
            short(reach),
            short(one.agreement(3).min(reach)),
        ),
        svg: plot.svg()?,
    })
}

fn remarks(finished: &[Finished<Initialization, Learned>]) -> Vec<String> {
    let Some(Finished { cell, .. }) = finished.first() else {
        return vec![];
    };
    let size = &cell.size;
    let test_points = size.test_points.unwrap_or(size.datapoints);
    vec![format!(
        "The population is {} images; {} training runs for each initialization and learning rate, tested on {test_points} of them. The 95% \
         band is simultaneous over the {} learning rates of all {} initializations (Bonferroni, Student's t). How far a truncated series \
         agrees depends on how narrow the band is: with more trials every order leaves it earlier. The relative error does not depend on \
         it.",
        size.datapoints,
        size.trials,
        size.eta_ts.len(),
        finished.len(),
    )]
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
