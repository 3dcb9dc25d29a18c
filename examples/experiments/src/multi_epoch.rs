//! Several epochs against one, at equal ηT.

use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;
use diagrams::runtime::simulate::Simulated;
use serde::{Deserialize, Serialize};

use crate::band::Mean;
use crate::curve::{Placement, Point, agreement_eta_t, short};
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::learned::{numbers, series_at};
use crate::plot::{BandPlot, SeriesLabelPosition};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::{Entry, Table};
use crate::trials::{Start, Trials};

diagrams! {
    spacetime ManyEpochs = sgd(train: N, batch: 1, epochs: 4);
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    predictor First: test_loss in ManyEpochs = all(edges == 1);
    predictor Second: test_loss in ManyEpochs = all(edges == 2);
    predictor Third: test_loss in ManyEpochs = all(edges == 3);
    predictor One: test_loss in OneEpoch = all(edges <= 3) where edges >= 1;

    /// Test loss after four epochs minus that after one, both on N points. The variable is the learning rate of the one epoch; four
    /// epochs have a quarter of it, so that η^d comes with 4^-d and ηT is the same. (The loss at the start cancels.)
    pub predictor Difference = 1/4 * First + 1/16 * Second + 1/64 * Third - One;
}

/// N.
const TRAIN: usize = 10;
/// Of `ManyEpochs`.
const EPOCHS: usize = 4;
/// Where the paper says that the prediction is correct, about: 10^(-1/2), between two learning rates of the sweep.
const CLAIMED: f64 = 0.3;
const ETA_TS: [f64; 8] = [0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0];
/// Standard errors at which a difference is there without doubt.
const SURE: f64 = 5.0;

/// The test loss of four epochs of SGD minus that of one, at equal ηT: predictions of order 2, 3 and experiment.
pub struct MultiEpoch;

/// Training runs in pairs.
#[derive(Clone, Debug, Serialize)]
pub struct Pairs {
    landscape: &'static str,
    initialization: u64,
    datapoints: usize,
    trials: usize,
    eta_ts: Vec<f64>,
}

/// A power series, and what was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// Coefficients of η^0, η^1, ... of the difference.
    series: Vec<f64>,
    /// The difference at each learning rate.
    means: Vec<Mean>,
}

impl Experiment for MultiEpoch {
    const NAME: &'static str = "multi_epoch";
    const TITLE: &'static str = "Multi-epoch SGD against one-epoch SGD";
    const CLAIM: &'static str = "The theory predicts the effect of multi-epoch training (section 5.1): SGD on N points for 4 epochs at η/4 \
        against one epoch at η, so that ηT and the training points are the same; correct for ηT up to about 10^(-1/2). To order η² four \
        epochs differ by η² N (M - 1)/(4M) G·∇ tr C, M = 4.";
    const VERSION: u32 = 1;

    type Cell = Pairs;
    type Outcome = Compared;

    fn cells(&self, settings: &Settings) -> Vec<Pairs> {
        let scale = settings.scale;
        let of = |landscape: Named, trials: usize, initializations: u64| {
            (1..=initializations).map(move |initialization| Pairs {
                landscape: landscape.name(),
                initialization,
                datapoints: scale.choose(64, 256),
                trials,
                eta_ts: ETA_TS.to_vec(),
            })
        };
        of(Named::FashionLogistic, scale.choose(3_000, 100_000), 4)
            .chain(of(Named::FashionLeNet, scale.choose(1_500, 50_000), 4))
            .collect()
    }

    fn run(
        &self,
        cell: &Pairs,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Compared, ExperimentError> {
        let landscape = cell.named()?;
        let start = Start::new(landscape, settings, cell.datapoints, cell.initialization)?;
        let local = landscape.local(&start.theta0, &start.population)?;
        let values = progress.spinning("values", || {
            Difference::values(&*local, &Options::population())
        })?;
        let series = Difference::series(&values, &Difference::parameters(TRAIN as u64)?)?;
        let many = cell.trials(&start, settings, EPOCHS)?;
        let many = progress.counting("four epochs", cell.trials, |control| many.each(control))?;
        let one = cell.trials(&start, settings, 1)?;
        let one = progress.counting("one epoch", cell.trials, |control| one.each(control))?;
        Ok(Compared {
            series: numbers(&series),
            means: differences(&many, &one),
        })
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Pairs, Compared>],
    ) -> Result<Report, ExperimentError> {
        let judged = Judged::all(finished);
        let mut figures = vec![];
        for landscape in [Named::FashionLogistic, Named::FashionLeNet] {
            let shown = judged
                .iter()
                .find(|one| one.cell.landscape == landscape.name());
            figures.extend(shown.map(figure).transpose()?);
        }
        Ok(Report {
            verdicts: vec![agreement(&judged), effect(&judged)],
            tables: vec![summary(&judged), coefficients()?, points(&judged)],
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
        start: &'a Start,
        settings: &Settings,
        epochs: usize,
    ) -> Result<Trials<'a>, ExperimentError> {
        Ok(Trials {
            start,
            schedule: Schedule::new(TRAIN, 1, epochs, Shuffle::Never)?,
            eta_ts: &self.eta_ts,
            count: self.trials,
            // The same for both: a trial draws its training set first, so that both train on the same points.
            seed: settings.seed,
            test_points: TestPoints::All,
            train_loss: false,
        })
    }

    fn name(&self) -> String {
        format!("{} {}", self.landscape, self.initialization)
    }
}

/// The mean over trials, at each learning rate, of the difference between two runs on the same training set.
fn differences(many: &Simulated, one: &Simulated) -> Vec<Mean> {
    let rates = many.rates.iter().zip(&one.rates);
    rates
        .map(|(many, one)| {
            let pairs = many.outcomes.iter().zip(&one.outcomes);
            Mean::of(pairs.map(|(many, one)| many.test_loss - one.test_loss))
        })
        .collect()
}

/// One landscape from some initial weights, judged by a band that holds together with those of all others.
struct Judged<'a> {
    cell: &'a Pairs,
    compared: &'a Compared,
    /// Orders 1, 2, 3.
    points: Vec<Point>,
}

impl<'a> Judged<'a> {
    fn all(finished: &'a [Finished<Pairs, Compared>]) -> Vec<Self> {
        let together = finished.iter().map(|f| f.cell.eta_ts.len()).sum();
        let each = |finished: &'a Finished<Pairs, Compared>| {
            let (cell, compared) = (&finished.cell, &finished.outcome);
            let rates = cell.eta_ts.iter().zip(&compared.means);
            let point = |(&eta_t, &mean): (&f64, &Mean)| {
                let at = |order| Prediction {
                    value: series_at(&compared.series, order, eta_t / TRAIN as f64),
                    standard_error: 0.0,
                };
                Point::new(
                    eta_t,
                    mean,
                    (1..=3).map(at).collect(),
                    together,
                    Start::rounding(),
                )
            };
            Judged {
                cell,
                compared,
                points: rates.map(point).collect(),
            }
        };
        finished.iter().map(each).collect()
    }

    fn at(&self, eta_t: f64) -> Option<&Point> {
        self.points.iter().find(|point| point.eta_t == eta_t)
    }
}

fn agreement(judged: &[Judged<'_>]) -> Verdict {
    let reached = |order| {
        let each = judged
            .iter()
            .map(move |one| agreement_eta_t(&one.points, order));
        let through = each.clone().filter(|reached| *reached >= CLAIMED).count();
        (through, each.fold(f64::INFINITY, f64::min))
    };
    let ((second, second_least), (third, third_least)) = (reached(2), reached(3));
    Verdict::new(
        "The predicted effect of several epochs is correct for ηT ≈ 10^(-1/2)",
        format!(
            "of {} starts, order 2 is inside the simultaneous 95% band up to ηT = {CLAIMED} for {second} (least: up to {}), order 3 for \
             {third} (least: up to {})",
            judged.len(),
            short(second_least),
            short(third_least),
        ),
        third == judged.len(),
    )
}

/// Whether there is an effect to be predicted, and of which sign.
fn effect(judged: &[Judged<'_>]) -> Verdict {
    let at = |one: &&Judged<'_>| {
        one.at(CLAIMED)
            .map(|point| (point.measured, point.predictions[2].value))
    };
    let seen = judged.iter().filter_map(|one| at(&one));
    let sure = seen.filter(|(measured, _)| measured.mean.abs() > SURE * measured.standard_error);
    let sure: Vec<(Mean, f64)> = sure.collect();
    let right = sure
        .iter()
        .filter(|(measured, predicted)| measured.mean.signum() == predicted.signum());
    let right = right.count();
    let claim =
        "Several epochs differ from one by what the covariance of gradients predicts, at order η²";
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

fn summary(judged: &[Judged<'_>]) -> Table {
    let mut table = Table::new(
        "summary",
        format!(
            "Test loss after {EPOCHS} epochs minus that after one, N = {TRAIN}, at ηT = {CLAIMED}"
        ),
        [
            "start",
            "order 2 up to ηT",
            "order 3 up to ηT",
            "measured",
            "half band",
            "order 2",
            "order 3",
            "standard errors from 0",
        ],
    );
    for one in judged {
        let point = one.at(CLAIMED);
        let number = |of: &dyn Fn(&Point) -> f64| Entry::from(point.map(of));
        table.row([
            one.cell.name().into(),
            agreement_eta_t(&one.points, 2).into(),
            agreement_eta_t(&one.points, 3).into(),
            number(&|point| point.measured.mean),
            number(&|point| point.half_band),
            number(&|point| point.predictions[1].value),
            number(&|point| point.predictions[2].value),
            number(&|point| point.measured.mean / point.measured.standard_error),
        ]);
    }
    table
}

/// What the difference is made of, exactly.
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

fn points(judged: &[Judged<'_>]) -> Table {
    let mut table = Table::new(
        "points",
        "Every learning rate of every start",
        [
            "start",
            "ηT",
            "difference",
            "standard error",
            "half band",
            "pairs",
            "diverged",
            "order 2",
            "order 2 inside",
            "order 3",
            "order 3 inside",
        ],
    );
    for one in judged {
        for point in &one.points {
            let place = |order| Entry::from(Placement::to_string(&point.placement(order)));
            table.row([
                one.cell.name().into(),
                point.eta_t.into(),
                point.measured.mean.into(),
                point.measured.standard_error.into(),
                point.half_band.into(),
                point.measured.trials.into(),
                point.measured.diverged.into(),
                point.predictions[1].value.into(),
                place(2),
                point.predictions[2].value.into(),
                place(3),
            ]);
        }
    }
    table
}

fn figure(one: &Judged<'_>) -> Result<Figure, ExperimentError> {
    let curve = |order: usize| -> crate::plot::Curve<'_> {
        (
            format!("predicted, order {order}"),
            Box::new(move |eta_t| series_at(&one.compared.series, order, eta_t / TRAIN as f64)),
        )
    };
    let plot = BandPlot {
        title: format!(
            "{}: test loss of {EPOCHS} epochs minus that of one, N = {TRAIN}",
            one.cell.name()
        ),
        label: format!("{} difference", Measure::TestLoss),
        points: &one.points,
        curves: vec![curve(2), curve(3)],
        legend: SeriesLabelPosition::UpperLeft,
    };
    Ok(Figure {
        name: format!("multi_epoch_{}", one.cell.landscape),
        caption: format!(
            "Difference against ηT; order 3 is inside the band up to ηT = {}.",
            short(agreement_eta_t(&one.points, 3))
        ),
        svg: plot.svg()?,
    })
}

fn remarks(finished: &[Finished<Pairs, Compared>]) -> Vec<String> {
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
