//! Figure 4, right: the generalization gap of a small convolutional network on CIFAR-10.

use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;

use crate::curve::short;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::learned::{Initialization, Judged, Learned, Question, Size, error_figure, points_table};
use crate::plot::{BandPlot, SeriesLabelPosition};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::{Entry, Table};

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    /// Order 1 is this one, cut off.
    pub predictor Gap: generalization_gap in OneEpoch = all(edges <= 2);
}

/// N, and T.
const STEPS: usize = 10;
/// As many as in the paper: the one shown, and eleven others.
const INITIALIZATIONS: u64 = 12;
/// Where the paper says that order 2 agrees, about.
const CLAIMED: f64 = 0.5;
const ETA_TS: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5];

/// Generalization gap against ηT for a convolutional network on CIFAR-10: predictions of order 1, 2 and experiment.
pub struct Figure4Gap;

impl Experiment for Figure4Gap {
    const NAME: &'static str = "figure4_gap";
    const TITLE: &'static str = "Figure 4, right: CIFAR-10 generalization gaps";
    const CLAIM: &'static str = "Generalization gap against learning rate for a convolutional network on CIFAR-10, T = N = 10, B = 1: the \
        degree-2 prediction agrees with experiment through ηT ≈ 0.5 for 12 initializations. The gap's growth is the covariance of gradients.";
    const VERSION: u32 = 1;
    const DATA: Option<&'static str> =
        Some("a folder with the binary files of CIFAR-10 (data_batch_1.bin and so on)");

    type Cell = Initialization;
    type Outcome = Learned;

    fn cells(&self, settings: &Settings) -> Vec<Initialization> {
        let scale = settings.scale;
        let size = Size {
            datapoints: scale.choose(64, 1000),
            trials: scale.choose(400, 100_000),
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
            landscape: Named::CifarLeNet,
            measure: Measure::GeneralizationGap,
            schedule: Schedule::new(STEPS, 1, 1, Shuffle::Never)?,
            parameters: Gap::parameters(STEPS as u64)?,
        };
        question.answer::<Gap>(cell, settings, progress)
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Initialization, Learned>],
    ) -> Result<Report, ExperimentError> {
        let judged = Judged::all(finished, STEPS);
        let mut figures = vec![];
        if let Some(shown) = judged.first() {
            figures.push(figure(shown)?);
        }
        figures.push(error_figure(
            "figure4_gap_errors",
            "Order 2 for every initialization: its distance from the measured gap, relative to the gap.".into(),
            &judged,
            2,
        )?);
        Ok(Report {
            verdicts: vec![agreement(&judged), sign(&judged)],
            tables: vec![summary(&judged), points_table(&judged)],
            figures,
            remarks: remarks(finished),
        })
    }
}

/// How far order 2 agrees, for the initialization where it agrees least.
fn agreement(judged: &[Judged<'_>]) -> Verdict {
    let reached: Vec<f64> = judged.iter().map(|one| one.agreement(2)).collect();
    let least = reached.iter().copied().fold(f64::INFINITY, f64::min);
    let most = reached.iter().copied().fold(0.0, f64::max);
    let through = reached
        .iter()
        .filter(|reached| **reached >= CLAIMED)
        .count();
    let worst = judged
        .iter()
        .filter_map(|one| one.relative_error(2, CLAIMED))
        .fold((0.0f64, 0.0), |worst, error| {
            if error.0.abs() > worst.0.abs() {
                error
            } else {
                worst
            }
        });
    Verdict::new(
        "Order 2 agrees with experiment through ηT ≈ 0.5 for every initialization",
        format!(
            "inside the simultaneous 95% band through ηT = 0.5 for {through} of {} initializations; up to ηT = {} for the least, {} for \
             the most. At ηT = 0.5 order 2 misses the gap by at most {:.1}% of it (half band {:.1}%)",
            judged.len(),
            short(least),
            short(most),
            100.0 * worst.0.abs(),
            100.0 * worst.1,
        ),
        least >= CLAIMED,
    )
}

/// Whether the gap is there at all.
fn sign(judged: &[Judged<'_>]) -> Verdict {
    let points = || judged.iter().filter_map(|one| one.at(CLAIMED));
    let above = points()
        .filter(|point| point.measured.mean > point.half_band)
        .count();
    Verdict::new(
        "The trace of the gradients' covariance opens the gap: it is positive, and grows from 0 by η tr C for every update on a point",
        format!(
            "at ηT = 0.5 the gap is above 0 by more than half the band for {above} of {} initializations",
            judged.len()
        ),
        above == judged.len(),
    )
}

fn summary(judged: &[Judged<'_>]) -> Table {
    let mut table = Table::new(
        "summary",
        "For each initialization: the largest ηT up to which an order stays inside the band, and what happens at ηT = 0.5",
        [
            "initialization",
            "order 1 up to ηT",
            "order 2 up to ηT",
            "gap at ηT = 0.5",
            "half band",
            "order 2 minus measured",
            "relative to the gap",
        ],
    );
    for one in judged {
        let point = one.at(CLAIMED);
        let error = point.map(|point| point.predictions[1].value - point.measured.mean);
        table.row([
            Entry::from(one.cell.initialization),
            one.agreement(1).into(),
            one.agreement(2).into(),
            point.map(|point| point.measured.mean).into(),
            point.map(|point| point.half_band).into(),
            error.into(),
            one.relative_error(2, CLAIMED)
                .map(|(error, _)| error)
                .into(),
        ]);
    }
    table
}

fn figure(one: &Judged<'_>) -> Result<Figure, ExperimentError> {
    let plot = BandPlot {
        title: format!(
            "cifar-lenet: generalization gap after {STEPS} updates, initialization {}",
            one.cell.initialization
        ),
        label: "expected generalization gap".into(),
        points: &one.points,
        curves: (1..=2).map(|order| one.curve(order)).collect(),
        legend: SeriesLabelPosition::UpperLeft,
    };
    Ok(Figure {
        name: "figure4_gap".into(),
        caption: format!(
            "Generalization gap against ηT; order 2 is inside the band up to ηT = {}.",
            short(one.agreement(2))
        ),
        svg: plot.svg()?,
    })
}

fn remarks(finished: &[Finished<Initialization, Learned>]) -> Vec<String> {
    let Some(Finished { cell, .. }) = finished.first() else {
        return vec![];
    };
    let size = &cell.size;
    vec![format!(
        "The population is {} images; {} training runs for each initialization and learning rate. The 95% band is simultaneous over the {} \
         learning rates of all {} initializations (Bonferroni, Student's t).",
        size.datapoints,
        size.trials,
        size.eta_ts.len(),
        finished.len(),
    )]
}
