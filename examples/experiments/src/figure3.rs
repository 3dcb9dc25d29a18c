//! Figure 3 of the paper: the test loss of a small convolutional network as a function of the learning rate.

use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;

use crate::approximants;
use crate::curve::short;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::judged::{self, Judged};
use crate::learned::{Initialization, Learned, Question, TrainingSizes, judge, remark};
use crate::plot::SeriesLabelPosition;
use crate::progress::Progress;
use crate::report::{Report, Verdict};
use crate::table;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    /// The predictions of orders 1 and 2 are truncations of this series.
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

/// The numbers of training points N and of updates T.
const STEPS: usize = 10;
/// The number of initial weights: the one that is shown, and eleven others, as in the paper.
const INITIALIZATIONS: u64 = 12;
/// The ηT through which order 3 agrees with experiment according to the paper, which says 10^0 approximately.
const CLAIMED: f64 = 1.0;
/// The half widths of the narrowest and the widest of the bands in the logs that the author of the paper has published.
const PAPER_HALF_BANDS: [f64; 2] = [0.0015, 0.0046];
/// The learning rates, in units of ηT.
const ETA_TS: [f64; 15] = [
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0,
];

/// Compares predictions of orders 1, 2 and 3 of the test loss of a convolutional network on Fashion-MNIST with training runs (Figure 3).
pub struct Figure3;

impl Experiment for Figure3 {
    const NAME: &'static str = "figure3";
    const TITLE: &'static str = "Figure 3: perturbation models SGD for small ηT";
    const CLAIM: &'static str = "Test loss against learning rate for a convolutional network on Fashion-MNIST, T = N = 10, B = 1: the \
        degree-3 prediction agrees with experiment through ηT ≈ 1 for 12 initializations; for larger ηT predictions can break down.";
    const VERSION: u32 = 3;

    type Cell = Initialization;
    type Outcome = Learned;

    fn cells(&self, settings: &Settings) -> Vec<Initialization> {
        let scale = settings.scale;
        let size = TrainingSizes {
            datapoints: scale.choose(80, 128),
            trials: scale.choose(3_000, 10_000),
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
        question.answer(cell, settings, progress)
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Initialization, Learned>],
    ) -> Result<Report, ExperimentError> {
        let judged = judge(finished, STEPS, 1);
        let (title, quantity) = ("fashion-lenet, T = N = 10", "expected test loss");
        let mut figures = vec![];
        if let Some(shown) = judged.first() {
            let panels = [("figure3_left", CLAIMED), ("figure3_right", f64::INFINITY)];
            for (name, most) in panels {
                let legend = SeriesLabelPosition::LowerLeft;
                figures.push(shown.figure(name, title, quantity, most, legend)?);
            }
        }
        figures.push(judged::errors("figure3_errors", &judged)?);
        let claim = "Order 3 agrees with experiment through ηT ≈ 1 for every initialization";
        Ok(Report {
            verdicts: vec![
                judged::accuracy(claim, &judged, 3, CLAIMED),
                orders(&judged),
                breakdown(&judged),
            ],
            tables: vec![
                judged::summary(&judged, quantity, CLAIMED),
                judged::points(&judged),
                approximants::summary(&judged),
                approximants::points(&judged),
            ],
            figures,
            remarks: [remark(finished), resolution(&judged)]
                .into_iter()
                .chain(approximants::sentences(&judged))
                .collect(),
        })
    }
}

/// What the claim is at the resolution of the paper's own training runs.
fn resolution(judged: &[Judged<'_>]) -> String {
    let counts = [0.5, CLAIMED].map(|eta_t| {
        let [narrow, wide] = PAPER_HALF_BANDS.map(|half| judged::within(judged, 3, eta_t, half));
        format!("{narrow} and {wide} at ηT = {}", short(eta_t))
    });
    format!(
        "Bands of the paper's own runs have half widths of {} to {} (the author's public logs). So close to the measured mean order 3 is from this many of {} starts: {}.",
        PAPER_HALF_BANDS[0],
        PAPER_HALF_BANDS[1],
        judged.len(),
        counts.join("; ")
    )
}

/// Whether the mean ηT up to which an order agrees increases with the order.
fn orders(judged: &[Judged<'_>]) -> Verdict {
    let ordered = |one: &&Judged<'_>| {
        let [first, second, third] =
            [1, 2, 3].map(|order| one.accurate_up_to(order, judged::AGREES));
        first <= second && second <= third
    };
    let count = judged.iter().filter(ordered).count();
    let mean = |order| {
        let reached = judged
            .iter()
            .map(|one| one.accurate_up_to(order, judged::AGREES));
        reached.sum::<f64>() / judged.len() as f64
    };
    Verdict::new(
        "The higher the order, the farther it agrees",
        format!(
            "so for {count} of {} initializations; on average orders 1, 2, 3 miss at most {:.0}% of what training changes up to ηT = {}, {}, {}",
            judged.len(),
            100.0 * judged::AGREES,
            table::short(mean(1)),
            table::short(mean(2)),
            table::short(mean(3)),
        ),
        mean(1) <= mean(2) && mean(2) <= mean(3),
    )
}

/// Whether order 3 surely misses more than a tenth of the change at the largest ηT from at least one start.
fn breakdown(judged: &[Judged<'_>]) -> Verdict {
    let last = ETA_TS[ETA_TS.len() - 1];
    let inaccurate = judged::inaccurate(judged, 3, last);
    Verdict::new(
        "For larger ηT predictions can break down",
        format!(
            "at ηT = {} order 3 surely misses more than {:.0}% of what training changes for {inaccurate} of {} initializations",
            short(last),
            100.0 * judged::AGREES,
            judged.len()
        ),
        inaccurate > 0,
    )
}
