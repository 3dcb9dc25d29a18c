//! Section 5.1 of the paper: SGD for several epochs compared with one epoch at equal ηT.

use diagrams::prelude::*;
use diagrams::runtime::simulate::Optimizer;
use serde::Serialize;

use crate::band::Mean;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::judged::{self, Judged};
use crate::learned::{Learned, numbers};
use crate::plot::SeriesLabelPosition;
use crate::progress::Progress;
use crate::report::{Report, Verdict};
use crate::table::Table;
use crate::trials::{Start, Trials};

diagrams! {
    spacetime ManyEpochs = sgd(train: N, batch: 1, epochs: 4);
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    predictor First: test_loss in ManyEpochs = all(edges == 1);
    predictor Second: test_loss in ManyEpochs = all(edges == 2);
    predictor Third: test_loss in ManyEpochs = all(edges == 3);
    predictor One: test_loss in OneEpoch = all(edges <= 3) where edges >= 1;

    /// The test loss after four epochs minus that after one, both on N points. The variable η is the learning rate of the one epoch. The four epochs
    /// have a quarter of it, so that ηT is the same and their term of order d has the factor 4^-d. The terms of order 0 cancel.
    pub predictor Difference = 1/4 * First + 1/16 * Second + 1/64 * Third - One;
}

/// The number of training points N.
const TRAIN: usize = 10;
/// The number of epochs of `ManyEpochs`.
const EPOCHS: usize = 4;
/// The ηT at which the prediction is judged. The paper says that it is correct at 10^(-1/2) = 0.316 approximately.
const CLAIMED: f64 = 0.3;
/// The learning rates, in units of ηT.
const ETA_TS: [f64; 8] = [0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0];
/// The number of standard errors from which on a difference counts as significant.
const SURE: f64 = 5.0;

/// Compares predictions of orders 2 and 3 of the test loss of four epochs of SGD minus that of one, at equal ηT, with training runs (section 5.1).
pub struct MultiEpoch;

/// Pairs of training runs, one with four epochs and one with one, on the same training sets.
#[derive(Clone, Debug, Serialize)]
pub struct Pairs {
    landscape: &'static str,
    initialization: u64,
    datapoints: usize,
    trials: usize,
    eta_ts: Vec<f64>,
}

impl Experiment for MultiEpoch {
    const NAME: &'static str = "multi_epoch";
    const TITLE: &'static str = "Multi-epoch SGD against one-epoch SGD";
    const CLAIM: &'static str = "The theory predicts the effect of multi-epoch training (section 5.1): SGD on N points for 4 epochs at η/4 \
        against one epoch at η, so that ηT and the training points are the same; correct for ηT up to about 10^(-1/2). To order η² four \
        epochs differ by η² N (M - 1)/(4M) G·∇E|g|², M = 4, where g is the gradient of one point. E|g|² is tr C + |G|², so that a landscape \
        without noise has the effect, too.";
    const VERSION: u32 = 3;

    type Cell = Pairs;
    type Outcome = Learned;

    fn cells(&self, settings: &Settings) -> Vec<Pairs> {
        let scale = settings.scale;
        let of = |landscape: Named, trials: usize, initializations: u64| {
            (1..=initializations).map(move |initialization| Pairs {
                landscape: landscape.name(),
                initialization,
                datapoints: scale.choose(64, 128),
                trials,
                eta_ts: ETA_TS.to_vec(),
            })
        };
        of(Named::FashionLogistic, scale.choose(3_000, 16_000), 4)
            .chain(of(Named::FashionLeNet, scale.choose(1_500, 8_000), 4))
            .collect()
    }

    fn run(
        &self,
        cell: &Pairs,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Learned, ExperimentError> {
        let landscape = cell.named()?;
        let start = Start::<f64>::new(landscape, settings, cell.datapoints, cell.initialization)?;
        let local = start.local()?;
        let values = progress.spinning("values", || {
            Difference::values(&*local, &Options::population())
        })?;
        let series = Difference::series(&values, &Difference::parameters(TRAIN as u64)?)?;
        let many = cell.trials(&start, settings, EPOCHS)?;
        let many = progress.counting("four epochs", cell.trials, |control| many.each(control))?;
        let one = cell.trials(&start, settings, 1)?;
        let one = progress.counting("one epoch", cell.trials, |control| one.each(control))?;
        Ok(Learned {
            series: numbers(&series),
            means: Mean::differences(&many, &one),
        })
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Pairs, Learned>],
    ) -> Result<Report, ExperimentError> {
        let starts = finished
            .iter()
            .map(|one| (one.cell.name(), &one.cell.eta_ts[..], &one.outcome));
        // The term of order 1 is 0.
        let judged = Judged::all(starts, TRAIN, 2, f64::EPSILON);
        let (title, quantity) = ("N = 10, 4 epochs minus one", "difference of test losses");
        let mut figures = vec![];
        for landscape in [Named::FashionLogistic, Named::FashionLeNet] {
            let shown = judged
                .iter()
                .find(|one| one.name.starts_with(landscape.name()));
            if let Some(shown) = shown {
                let name = format!("multi_epoch_{landscape}");
                let legend = SeriesLabelPosition::UpperLeft;
                figures.push(shown.figure(&name, title, quantity, f64::INFINITY, legend)?);
            }
        }
        let claim = "The predicted effect of several epochs is correct for ηT ≈ 10^(-1/2)";
        Ok(Report {
            verdicts: vec![
                judged::agreement(claim, &judged, 3, CLAIMED),
                effect(&judged),
            ],
            tables: vec![
                judged::summary(&judged, quantity, CLAIMED),
                coefficients()?,
                judged::points(&judged),
            ],
            figures,
            remarks: remarks(finished),
        })
    }
}

impl Pairs {
    fn named(&self) -> Result<Named, ExperimentError> {
        let named = self.landscape.parse::<Named>();
        named.map_err(|error| ExperimentError::Other(error.to_string()))
    }

    fn trials<'a>(
        &'a self,
        start: &'a Start<f64>,
        settings: &Settings,
        epochs: usize,
    ) -> Result<Trials<'a, f64>, ExperimentError> {
        Ok(Trials {
            start,
            schedule: Schedule::new(TRAIN, 1, epochs, Shuffle::Never)?,
            optimizer: Optimizer::Sgd,
            eta_ts: &self.eta_ts,
            count: self.trials,
            // The seed is the same for both, so that they train on the same points: a trial draws its training set first.
            seed: settings.seed,
            train_loss: false,
        })
    }

    fn name(&self) -> String {
        format!("{} {}", self.landscape, self.initialization)
    }
}

/// Whether the measured differences that are significant have the predicted sign.
fn effect(judged: &[Judged<'_>]) -> Verdict {
    let seen = judged.iter().filter_map(|one| {
        let point = one.at(CLAIMED)?;
        Some((point.measured, point.predictions[2].value))
    });
    let sure = seen.filter(|(measured, _)| measured.mean.abs() > SURE * measured.standard_error);
    let sure: Vec<(Mean, f64)> = sure.collect();
    let right = sure
        .iter()
        .filter(|(measured, predicted)| measured.mean.signum() == predicted.signum());
    let right = right.count();
    let claim =
        "Several epochs differ from one by what the mean square of gradients predicts, at order η²";
    let measured = format!(
        "at ηT = {CLAIMED} the difference is at least {SURE} standard errors from 0 for {} of {} starts, with the predicted sign for {right}",
        sure.len(),
        judged.len()
    );
    if sure.is_empty() {
        Verdict::undecided(claim, measured)
    } else {
        Verdict::new(claim, measured, right == sure.len())
    }
}

/// A table of the terms of the difference with their exact coefficients.
fn coefficients() -> Result<Table, ExperimentError> {
    let mut table = Table::new(
        "coefficients",
        "The terms of the difference, η being the learning rate of the one epoch",
        ["order", "value", "coefficient", "at N = 10"],
    );
    let at = Difference::parameters(TRAIN as u64)?;
    for (class, coefficient) in Difference::coefficients() {
        table.row([
            class.order().into(),
            class.to_string().into(),
            coefficient.text(&Difference::symbols()).into(),
            coefficient.evaluate_f64(&at)?.into(),
        ]);
    }
    Ok(table)
}

fn remarks(finished: &[Finished<Pairs, Learned>]) -> Vec<String> {
    let sizes = finished
        .iter()
        .map(|f| format!("{} pairs for {}", f.cell.trials, f.cell.name()));
    let datapoints = finished.first().map_or(0, |f| f.cell.datapoints);
    vec![format!(
        "The population is {datapoints} images, all of them test points. Runs are made in pairs, on the same training points, which removes \
         most of the noise of the difference: {}. The 95% band is simultaneous over all learning rates and starts (Bonferroni, Student's t).",
        sizes.collect::<Vec<_>>().join(", ")
    )]
}
