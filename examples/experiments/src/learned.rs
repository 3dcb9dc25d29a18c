//! Learning curves from many initial weights, predicted by a predictor and measured by training runs.

use std::ops::RangeInclusive;

use diagrams::calculus::measure::Measure;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::predictor::{ParametersOf, Predictor};
use diagrams::runtime::scalar::Element;
use diagrams::runtime::series::{Pade, Series};
use diagrams::runtime::simulate::{Optimizer, Schedule};
use diagrams::runtime::values::Options;
use serde::{Deserialize, Serialize};

use crate::band::Mean;
use crate::error::ExperimentError;
use crate::experiment::{Finished, Settings};
use crate::judged::Judged;
use crate::progress::Progress;
use crate::trials::{Start, Trials};

/// The sizes of an experiment, which are the same for all initial weights.
#[derive(Clone, Debug, Serialize)]
pub struct TrainingSizes {
    /// The number of datapoints in the population.
    pub datapoints: usize,
    /// The number of training runs.
    pub trials: usize,
    /// The learning rates in units of ηT, ascending.
    pub eta_ts: Vec<f64>,
}

/// Initial weights, which are a cell of the sweep.
#[derive(Clone, Debug, Serialize)]
pub struct Initialization {
    /// The number of the initial weights, from which and the seed they are drawn.
    pub initialization: u64,
    /// The sizes.
    pub size: TrainingSizes,
}

/// A predicted power series, and the measured means.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learned {
    /// The coefficients of η^0, η^1 and so on.
    pub series: Vec<f64>,
    /// The measured mean at each learning rate.
    pub means: Vec<Mean>,
}

/// A quantity that is predicted and measured.
pub struct Question<P> {
    /// The landscape.
    pub landscape: Named,
    /// The measure of the final weights.
    pub measure: Measure,
    /// The schedule of the training runs.
    pub schedule: Schedule,
    /// The sizes of the same schedule for the predictor.
    pub parameters: ParametersOf<P>,
}

impl Learned {
    /// The prediction of an order at a learning rate η, which is the series without higher powers.
    pub fn at(&self, order: usize, eta: f64) -> f64 {
        let known = &self.series[..self.series.len().min(order + 1)];
        known.iter().rev().fold(0.0, |sum, c| sum * eta + c)
    }

    /// The learning rate η up to which the prediction of an order is to be trusted; infinite if nothing says it, as of order 1.
    pub fn trustworthy_up_to(&self, order: usize) -> f64 {
        let known = self.whole().truncate(order);
        known.trustworthy_up_to().unwrap_or(f64::INFINITY)
    }

    /// The Padé approximant of the whole series with a numerator and a denominator of these degrees, if there is one.
    pub fn pade(&self, [numerator, denominator]: [usize; 2]) -> Option<Pade> {
        self.whole().pade(numerator, denominator).ok()
    }

    fn whole(&self) -> Series<f64> {
        Series {
            coefficients: self.series.iter().map(|&c| vec![c]).collect(),
            replicates: vec![],
            warnings: vec![],
        }
    }
}

impl TrainingSizes {
    /// One cell with these sizes for each of the initial weights.
    pub fn for_each(&self, initializations: RangeInclusive<u64>) -> Vec<Initialization> {
        let each = |initialization| Initialization {
            initialization,
            size: self.clone(),
        };
        initializations.map(each).collect()
    }
}

impl<P: Predictor> Question<P> {
    /// Predicts by the predictor, with values in single precision, and measures by training runs of SGD from the same weights.
    ///
    /// # Errors
    /// [`ExperimentError`] if the data cannot be read, or if values, a series or a simulation cannot be computed.
    pub fn answer(
        &self,
        cell: &Initialization,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Learned, ExperimentError> {
        let size = &cell.size;
        let start = Start::<f32>::new(
            self.landscape,
            settings,
            size.datapoints,
            cell.initialization,
        )?;
        let local = start.local()?;
        let values = progress.spinning("values", || P::values(&*local, &Options::population()))?;
        let series: Series<f32> = P::series(&values, &self.parameters)?;
        let trials = Trials {
            start: &start,
            schedule: self.schedule,
            optimizer: Optimizer::Sgd,
            eta_ts: &size.eta_ts,
            count: size.trials,
            seed: settings.seed,
            train_loss: self.measure == Measure::GeneralizationGap,
        };
        Ok(Learned {
            series: numbers(&series),
            means: trials.means(self.measure, progress)?,
        })
    }
}

/// The coefficients of a series with one component, of η^0, η^1 and so on.
pub fn numbers<T: Element>(series: &Series<T>) -> Vec<f64> {
    let coefficients = series.coefficients.iter();
    coefficients.map(|number| number[0].to_f64()).collect()
}

/// Judges the learning curves from all initial weights after `steps` updates. Orders below `lowest` are not shown.
pub fn judge(
    finished: &[Finished<Initialization, Learned>],
    steps: usize,
    lowest: usize,
) -> Vec<Judged<'_>> {
    let starts = finished.iter().map(|one| {
        let name = format!("initialization {}", one.cell.initialization);
        (name, &one.cell.size.eta_ts[..], &one.outcome)
    });
    Judged::all(starts, steps, lowest, f64::from(f32::EPSILON))
}

/// A remark on the sizes and on the band for the report.
pub fn remark(finished: &[Finished<Initialization, Learned>]) -> String {
    let Some(Finished { cell, .. }) = finished.first() else {
        return String::new();
    };
    let size = &cell.size;
    format!(
        "The population is {} images; {} training runs for each initialization and learning rate, tested on all of them, with control \
         variates. The 95% band is simultaneous over the {} learning rates of all {} initializations (Bonferroni, Student's t). How far a \
         truncated series stays inside it depends on how narrow it is: with more trials every order leaves it earlier. Its relative error, by which it is \
         judged, does not depend on it.",
        size.datapoints,
        size.trials,
        size.eta_ts.len(),
        finished.len(),
    )
}
