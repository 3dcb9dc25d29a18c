//! Figure 4 of the paper, right: the generalization gap of a small convolutional network on CIFAR-10.

use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;

use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::judged::{self, Judged};
use crate::learned::{Initialization, Learned, Question, TrainingSizes, judge, remark};
use crate::plot::SeriesLabelPosition;
use crate::progress::Progress;
use crate::report::{Report, Verdict};

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    /// The prediction of order 1 is a truncation of this series.
    pub predictor Gap: generalization_gap in OneEpoch = all(edges <= 2);
}

/// The numbers of training points N and of updates T.
const STEPS: usize = 10;
/// The number of initial weights: the one that is shown, and eleven others, as in the paper.
const INITIALIZATIONS: u64 = 12;
/// The ηT through which order 2 agrees with experiment according to the paper, which says 5·10^-1 approximately.
const CLAIMED: f64 = 0.5;
/// The learning rates, in units of ηT.
const ETA_TS: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5];

/// Compares predictions of orders 1 and 2 of the generalization gap of a convolutional network on CIFAR-10 with training runs (Figure 4, right).
pub struct Figure4Gap;

impl Experiment for Figure4Gap {
    const NAME: &'static str = "figure4_gap";
    const TITLE: &'static str = "Figure 4, right: CIFAR-10 generalization gaps";
    const CLAIM: &'static str = "Generalization gap against learning rate for a convolutional network on CIFAR-10, T = N = 10, B = 1: the \
        degree-2 prediction agrees with experiment through ηT ≈ 0.5 for 12 initializations. The gap's growth is the covariance of gradients.";
    const VERSION: u32 = 3;
    const DATA: Option<&'static str> =
        Some("a folder with the binary files of CIFAR-10 (data_batch_1.bin and so on)");

    type Cell = Initialization;
    type Outcome = Learned;

    fn cells(&self, settings: &Settings) -> Vec<Initialization> {
        let scale = settings.scale;
        let size = TrainingSizes {
            datapoints: scale.choose(64, 128),
            trials: scale.choose(3_000, 8_000),
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
        question.answer(cell, settings, progress)
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Initialization, Learned>],
    ) -> Result<Report, ExperimentError> {
        let judged = judge(finished, STEPS, 1);
        let (title, quantity) = ("cifar-lenet, T = N = 10", "expected generalization gap");
        let mut figures = vec![];
        if let Some(shown) = judged.first() {
            let legend = SeriesLabelPosition::UpperLeft;
            figures.push(shown.figure("figure4_gap", title, quantity, f64::INFINITY, legend)?);
        }
        figures.push(judged::errors("figure4_gap_errors", &judged)?);
        let claim = "Order 2 agrees with experiment through ηT ≈ 0.5 for every initialization";
        Ok(Report {
            verdicts: vec![judged::accuracy(claim, &judged, 2, CLAIMED), sign(&judged)],
            tables: vec![
                judged::summary(&judged, quantity, CLAIMED),
                judged::points(&judged),
            ],
            figures,
            remarks: vec![remark(finished)],
        })
    }
}

/// Whether the measured gap is positive beyond the band, at the ηT of the claim and for every initialization.
fn sign(judged: &[Judged<'_>]) -> Verdict {
    let points = judged.iter().filter_map(|one| one.at(CLAIMED));
    let above = points
        .filter(|point| point.measured.mean > point.half_band)
        .count();
    Verdict::new(
        "The covariance of the gradients opens the gap: it is positive, to first order η tr C",
        format!(
            "at ηT = {CLAIMED} the gap is above 0 by more than half the band for {above} of {} initializations",
            judged.len()
        ),
        above == judged.len(),
    )
}
