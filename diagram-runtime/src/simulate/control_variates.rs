//! Control variates: what diagrams explain of the differences between training runs.

use diagram_algebra::dot::dot;
use diagram_calculus::measure::Measure;
use rayon::prelude::*;

use super::{Schedule, Shuffle};
use crate::averages::{mean_gradient, mean_gradients, sample_gradients, sample_products};
use crate::derivatives::Derivatives;
use crate::device::DeviceError;

/// The largest population for which products of pairs of datapoints are tabulated.
pub const MOST_POINTS: usize = 1024;
/// The largest number of components of all gradients together, 128 MiB, for which they are.
const MOST_NUMBERS: usize = 1 << 24;
/// The largest training set whose pairs are summed for each trial.
pub const MOST_TRAINED: usize = 256;

/// Functions of a trial's training set that follow its outcome and whose expectations are known, so that subtracting them takes noise away and no expectation.
///
/// Before training the losses of the training points are known, and as long as η is small, so is what training does: to first order it moves the weights by `-ηE/B Σ ∇l_i`, to second order also by
/// `(η/B)² Σ ∇²l_i ∇l_j` over visits of j before i. What that does to test loss, train loss and displacement are sums over the training points and over their pairs, of numbers that are read off the
/// landscape once; their averages over all training sets are those that the same diagrams have over the population, and are subtracted from them.
///
/// The averages are taken of the numbers themselves. Numbers of other weights or of another landscape therefore remove less noise, but do not bias a mean.
#[derive(Clone, Debug)]
pub struct ControlVariates {
    points: usize,
    schedule: Schedule,
    loss: f64,
    losses: Sums,
    /// Products of gradients with the mean gradient.
    slopes: Sums,
    /// Products of gradients with the probe.
    along_probe: Option<Sums>,
    pairs: Option<Pairs>,
}

/// The numbers of the datapoints of a population, minus their mean.
#[derive(Clone, Debug)]
struct Sums(Vec<f64>);

/// Tables of numbers for pairs of datapoints.
#[derive(Clone, Debug)]
struct Pairs {
    /// `∇l_i · ∇l_j`
    gradients: Table,
    /// `∇l_i · H ∇l_j`, with the mean Hessian H.
    curvature: Table,
    /// `G · ∇²l_i ∇l_j`, with the mean gradient G.
    slope: Table,
    /// `probe · ∇²l_i ∇l_j`
    along_probe: Option<Table>,
}

/// A number for each pair of datapoints.
#[derive(Clone, Debug)]
struct Table {
    points: usize,
    numbers: Vec<f64>,
    /// The mean over all pairs, which is that of two independent draws.
    mean: f64,
    /// The mean over pairs of a datapoint with itself.
    diagonal: f64,
}

/// What is to be subtracted from the outcome of a trial, as coefficients of powers of η.
#[derive(Clone, Copy, Debug)]
pub(super) struct Explained {
    loss: f64,
    test_loss: [f64; 3],
    train_loss: [f64; 3],
    displacement: [f64; 3],
}

impl ControlVariates {
    /// Reads the numbers off `derivatives`, which should be those at the initial weights on the whole population, for simulations with this schedule whose displacements are measured along `probe`,
    /// P numbers.
    ///
    /// Simulations refuse those of a schedule whose points are drawn with replacement.
    ///
    /// Pairs of datapoints are part of it for at most [`MOST_POINTS`] datapoints and training sets of at most [`MOST_TRAINED`]; they take as many products with Hessians as there are pairs.
    ///
    /// # Errors
    /// [`DeviceError`].
    ///
    /// # Panics
    /// If the probe does not have P numbers.
    ///
    /// # Examples
    /// ```
    /// use diagram_calculus::measure::Measure;
    /// use diagram_runtime::derivatives::PointDerivatives;
    /// use diagram_runtime::landscapes::GaussianFit;
    /// use diagram_runtime::samples::Samples;
    /// use diagram_runtime::simulate::{Control, ControlVariates, Schedule, Shuffle, Simulation};
    ///
    /// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
    /// let schedule = Schedule::new(10, 1, 1, Shuffle::Never)?;
    /// let derivatives = PointDerivatives::new(&GaussianFit, &[0.1], &population)?;
    /// let controls = ControlVariates::new(&derivatives, schedule, None)?;
    /// let simulation = Simulation::new(&GaussianFit, &[0.1], &population, schedule, &[0.01]);
    /// let (summary, _) = simulation.summarize_controlled(Control::unattended(), &[], &controls)?;
    /// let rate = &summary.rates[0];
    /// let [controlled, plain] = [rate.estimate(Measure::TestLoss), rate.uncontrolled(Measure::TestLoss)];
    /// assert!(controlled.expect("measured").standard_error < 0.2 * plain.expect("measured").standard_error);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        derivatives: &dyn Derivatives<f64>,
        schedule: Schedule,
        probe: Option<&[f64]>,
    ) -> Result<Self, DeviceError> {
        let points = derivatives.samples();
        let mut losses = vec![0.0; points];
        derivatives.losses(0..points, &mut losses)?;
        let loss = mean(losses.iter().copied());
        let gradient = mean_gradient(derivatives, &[], &[])?;
        let vectors: Vec<&[f64]> = std::iter::once(&gradient[..]).chain(probe).collect();
        let products = sample_products(derivatives, &[], &[], &vectors)?;
        let along = |vector: usize| {
            let numbers = products.iter().skip(vector).step_by(vectors.len());
            Sums::new(numbers.copied().collect())
        };
        let few = points <= MOST_POINTS
            && points * derivatives.dimension() <= MOST_NUMBERS
            && schedule.train() <= MOST_TRAINED;
        let pairs = few.then(|| Pairs::new(derivatives, &gradient, probe));
        Ok(ControlVariates {
            points,
            schedule,
            loss,
            losses: Sums::new(losses),
            slopes: along(0),
            along_probe: probe.map(|_| along(1)),
            pairs: pairs.transpose()?,
        })
    }

    /// Whether they are those of simulations with so many datapoints in the population, and with this schedule.
    pub(super) fn are_of(&self, points: usize, schedule: Schedule) -> bool {
        (self.points, self.schedule) == (points, schedule)
    }

    /// What a training set explains, given as rows of the population.
    pub(super) fn explained(&self, rows: &[usize]) -> Explained {
        let [train, batch, epochs] = [
            self.schedule.train(),
            self.schedule.batch(),
            self.schedule.epochs(),
        ]
        .map(|size| size as f64);
        let visits = epochs / batch;
        let mut explained = Explained {
            loss: self.loss,
            test_loss: [0.0, -visits * self.slopes.of(rows), 0.0],
            train_loss: [self.losses.of(rows) / train, 0.0, 0.0],
            displacement: [0.0; 3],
        };
        if let Some(probe) = &self.along_probe {
            explained.displacement[1] = -visits * probe.of(rows);
        }
        if let Some(pairs) = &self.pairs {
            let all = |_, _| 1.0;
            let earlier = |late, early| visits_before(self.schedule, late, early) / batch.powi(2);
            explained.train_loss[1] = -visits / train * pairs.gradients.of(rows, all);
            explained.test_loss[2] = 0.5 * visits.powi(2) * pairs.curvature.of(rows, all)
                + pairs.slope.of(rows, earlier);
            if let Some(probe) = &pairs.along_probe {
                explained.displacement[2] = probe.of(rows, earlier);
            }
        }
        explained
    }
}

/// How often a training point is visited in an earlier update than another one, summed over the visits of the other. Of shuffled epochs it is the mean over shuffles, since weights may be any numbers that do
/// not depend on the training set.
fn visits_before(schedule: Schedule, late: usize, early: usize) -> f64 {
    let [train, batch, epochs] =
        [schedule.train(), schedule.batch(), schedule.epochs()].map(|size| size as f64);
    let in_same_epoch = match schedule.shuffle() {
        Shuffle::Never => f64::from(u8::from(early / schedule.batch() < late / schedule.batch())),
        Shuffle::EachEpoch if early == late => 0.0,
        Shuffle::EachEpoch => 0.5 * (1.0 - (batch - 1.0) / (train - 1.0)),
    };
    epochs * (epochs - 1.0) / 2.0 + epochs * in_same_epoch
}

impl Explained {
    /// What is to be subtracted from a measure at a learning rate.
    pub(super) fn at(&self, measure: Measure, eta: f64) -> f64 {
        let sum = |[a, b, c]: [f64; 3]| a + eta * (b + eta * c);
        match measure {
            Measure::TestLoss => sum(self.test_loss),
            Measure::TrainLoss => sum(self.train_loss),
            Measure::GeneralizationGap => sum(self.test_loss) - sum(self.train_loss),
            Measure::Displacement => sum(self.displacement),
            // The square of a loss that moves by this much.
            Measure::SecondMoment => 2.0 * self.loss * sum(self.test_loss),
        }
    }
}

impl Sums {
    fn new(numbers: Vec<f64>) -> Self {
        let mean = mean(numbers.iter().copied());
        Sums(numbers.into_iter().map(|number| number - mean).collect())
    }

    fn of(&self, rows: &[usize]) -> f64 {
        rows.iter().map(|&row| self.0[row]).sum()
    }
}

impl Pairs {
    fn new(
        derivatives: &dyn Derivatives<f64>,
        gradient: &[f64],
        probe: Option<&[f64]>,
    ) -> Result<Pairs, DeviceError> {
        let points = derivatives.samples();
        let gradients = sample_gradients(derivatives, &[], &[])?;
        let gradients: Vec<&[f64]> = gradients.chunks_exact(derivatives.dimension()).collect();
        let along = |vector| -> Result<Table, DeviceError> {
            let products = sample_products(derivatives, &[vector], &[1], &gradients)?;
            Ok(Table::new(points, products))
        };
        let products = |vectors: &[&[f64]]| {
            let rows = gradients.par_iter();
            let numbers = rows.flat_map_iter(|row| vectors.iter().map(|vector| dot(row, vector)));
            Table::new(points, numbers.collect())
        };
        let each: Vec<Vec<&[f64]>> = gradients.iter().map(|&gradient| vec![gradient]).collect();
        let curved = mean_gradients(derivatives, &each, &[1])?;
        let curved: Vec<&[f64]> = curved.iter().map(Vec::as_slice).collect();
        Ok(Pairs {
            gradients: products(&gradients),
            curvature: products(&curved),
            slope: along(gradient)?,
            along_probe: probe.map(along).transpose()?,
        })
    }
}

impl Table {
    /// A row of numbers for each datapoint.
    fn new(points: usize, numbers: Vec<f64>) -> Table {
        Table {
            points,
            mean: mean(numbers.iter().copied()),
            diagonal: mean(numbers.iter().copied().step_by(points + 1)),
            numbers,
        }
    }

    /// The sum over pairs of training points, with a weight for their places in the training set, minus its mean over all training sets.
    fn of(&self, rows: &[usize], weight: impl Fn(usize, usize) -> f64) -> f64 {
        let mut sum = 0.0;
        for (a, &row) in rows.iter().enumerate() {
            let numbers = &self.numbers[row * self.points..][..self.points];
            for (b, &column) in rows.iter().enumerate() {
                let mean = if a == b { self.diagonal } else { self.mean };
                sum += weight(a, b) * (numbers[column] - mean);
            }
        }
        sum
    }
}

/// The mean of some numbers.
fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len() as f64;
    numbers.sum::<f64>() / count
}
