//! Theorem 2 of the paper: near a minimum re-summed predictions hold for any number of updates, and power series do not.

mod curves;
mod figures;
mod tables;
mod verdicts;

use diagram_cuda::OnDevice;
use diagrams::calculus::measure::Measure;
use diagrams::calculus::resummed::{Course, ResummedDiagram, resummed_for};
use diagrams::prelude::*;
use diagrams::runtime::landscapes::Polynomial;
use diagrams::runtime::resummed::{ResummedValues, StaticSpacetime, course};
use diagrams::runtime::values::Method;
use serde::{Deserialize, Serialize};

use crate::band::Mean;
use crate::chain::Chain;
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::progress::Progress;
use crate::report::Report;
use figures::{divisions_figure, errors_figure, lengths_figure};
use tables::{errors, summary};
use verdicts::{any_length, convergence, integrals, runs};

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);

    /// The power series of Theorem 1. Those of orders 2 and 3 are truncations of it.
    pub predictor Plain: test_loss in OneEpoch = all(edges <= 4);
}

/// The losses of the datapoints, by the coefficients of θ, θ², θ³ and θ⁴. Slopes and curvatures differ, so that there is noise in both, and the noise of
/// the slope is skewed. The mean loss `θ²/2 + θ³/6 + θ⁴/24` has its minimum at 0, where training starts and where it is 0.
const LOSSES: [[f64; 4]; 3] = [
    [1.0, 0.25, 1.0 / 6.0, 1.0 / 24.0],
    [1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0],
    [-2.0, 0.75, 1.0 / 6.0, 1.0 / 24.0],
];
/// The learning rate of the runs of different lengths. Weights fluctuate by about 0.3, at which the cubic term of the loss is a tenth of the square.
const ETA: f64 = 0.1;
/// The lengths at this learning rate.
const LENGTHS: [u64; 18] = [
    2, 3, 5, 7, 10, 14, 20, 30, 40, 50, 70, 100, 200, 500, 1_000, 10_000, 100_000, 1_000_000,
];
/// The ηT of the other runs, in units of the inverse Hessian, which is 1: the noise has settled but for exp(-6).
const ETA_T: f64 = 3.0;
/// The lengths at this ηT.
const DIVISIONS: [u64; 13] = [
    10, 12, 15, 20, 30, 50, 70, 100, 300, 1_000, 10_000, 100_000, 1_000_000,
];
/// The lengths at this ηT between which the powers are measured with which errors fall. At longer ones, the error of order 6 comes close to rounding.
const FALL: [u64; 2] = [1_000, 10_000];
/// The orders of the re-summed predictions. Order 2 has all of the first power of η that is left after many updates, and order 6 all of the second.
///
/// Decay limits each sum over times to about 1/η terms. So a diagram with m mean nodes and n noise nodes in p parts, besides the root, which has m + n
/// edges and m + p times, is of the order η^k with k = n - p. A part has two nodes or more, so that n is at most 2k. At a minimum no mean node is a leaf,
/// and a tree of n leaves has at most n - 2 other nodes of degree 3 or more: up to 4k - 2 edges contribute to η^k. Orders 3, 4 and 5 have a part of η².
const ORDERS: [usize; 4] = [2, 3, 4, 6];
/// The orders of the power series.
const PLAIN: [usize; 3] = [2, 3, 4];
/// Weights stay within this distance of the start.
const RADIUS: f64 = 2.8;
/// Half the number of points at which the exact chain is interpolated, and a larger number, with which it is compared.
const POINTS: [usize; 2] = [24, 32];
/// The relative error up to which a prediction counts as close.
const CLOSE: f64 = 0.1;
/// Errors that fall as 1/T or faster have at most this measured power of T.
const FALLING: f64 = -0.95;

/// Compares re-summed predictions and power series of the test loss of SGD with its exact expectation and with training runs, for two to a million
/// updates near a minimum (Theorem 2).
pub struct FigureResummation;

/// What the runs of a sweep have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Fixed {
    /// The learning rate.
    Eta,
    /// The learning rate times the number of updates.
    EtaT,
}

/// The training runs of one length.
#[derive(Clone, Debug, Serialize)]
pub struct Runs {
    fixed: Fixed,
    eta: f64,
    updates: u64,
    /// The number of runs; 0 if they would take too long.
    trials: usize,
    /// The number of the cell, which the seed of its runs depends on.
    stream: u64,
}

/// The test loss of one length: exact, predicted and measured. At the start it is 0.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// The expectation of the Markov chain.
    exact: f64,
    /// The same with other points of interpolation.
    again: f64,
    /// The re-summed predictions of [`ORDERS`].
    resummed: Vec<f64>,
    /// The highest of these orders in the limit of many small steps.
    continuum: f64,
    /// The power series of [`PLAIN`] orders.
    plain: Vec<f64>,
    measured: Option<Mean>,
}

impl Experiment for FigureResummation {
    const NAME: &'static str = "figure_resummation";
    const TITLE: &'static str = "Theorem 2: re-summation near a minimum";
    const CLAIM: &'static str = "Where the Hessian is positive, re-summed predictions near a minimum stay finite and converge as T diverges at fixed \
        ηT, in contrast to the power series of Theorem 1; sums over embeddings may be replaced by integrals up to a factor 1 + o(1) (Theorem 2 and \
        the recipe before it).";
    const VERSION: u32 = 1;

    type Cell = Runs;
    type Outcome = Compared;

    fn cells(&self, settings: &Settings) -> Vec<Runs> {
        let scale = settings.scale;
        let longest = scale.choose(10_000, 100_000);
        let trials = |updates: u64| {
            // About as many updates for each length, but no fewer runs than a mean of squares needs to be nearly normal.
            let budget: u64 = scale.choose(4_000_000, 80_000_000);
            let most = scale.choose(200_000, 4_000_000);
            if updates > longest {
                0
            } else {
                (budget / updates).clamp(2_048, most) as usize
            }
        };
        let cell = |(stream, (fixed, eta, updates)): (u64, (Fixed, f64, u64))| Runs {
            fixed,
            eta,
            updates,
            trials: trials(updates),
            stream,
        };
        let lengths = LENGTHS.iter().map(|&t| (Fixed::Eta, ETA, t));
        let divisions = DIVISIONS
            .iter()
            .map(|&t| (Fixed::EtaT, ETA_T / t as f64, t));
        (0..).zip(lengths.chain(divisions)).map(cell).collect()
    }

    fn run(
        &self,
        cell: &Runs,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Compared, ExperimentError> {
        let Runs { eta, updates, .. } = *cell;
        let [exact, again] = exact(eta, updates)?;
        let (landscape, population) = (landscape()?, population()?);
        let local = landscape
            .local(&[0.0], &population)?
            .on(settings.place.device())?;
        let course = length(updates)?;
        let terms = terms();
        let (mut resummed, mut continuum) = (vec![], f64::NAN);
        for order in ORDERS {
            let kept: Vec<ResummedDiagram> = terms
                .iter()
                .filter(|term| term.diagram().edges() <= order)
                .cloned()
                .collect();
            let values = ResummedValues::new(&kept, &*local, Modes::All)?;
            resummed.push(values.curve(&course).at(eta)?.total());
            continuum = values.continuum(&course)?.at(eta)?.total();
        }
        let series = Plain::series(
            // Methods differ by rounding. This one is fixed, so that cells that are kept on disk stay valid.
            &Plain::values(&*local, &Options::population().by(Method::Passes))?,
            &Plain::parameters(updates)?,
        )?;
        let measured = (cell.trials > 0).then(|| {
            let schedule = Schedule::new(updates as usize, 1, 1, Shuffle::Never)?;
            let simulator = landscape.simulator::<f64>();
            let simulation = Simulation {
                trials: cell.trials,
                // Cells are independent of each other.
                seed: settings
                    .seed
                    .wrapping_mul(1_000_003)
                    .wrapping_add(cell.stream),
                ..Simulation::new(simulator, &[0.0], &population, schedule, &[eta])
            }
            .on(settings.place.device())?;
            let summary = progress.counting("runs", cell.trials, |control| {
                simulation.summarize_with(control)
            })?;
            Mean::of_rate(&summary.rates[0], Measure::TestLoss)
        });
        Ok(Compared {
            exact,
            again,
            resummed,
            continuum,
            plain: PLAIN
                .map(|order| series.truncate(order).at(eta).value)
                .into(),
            measured: measured.transpose()?,
        })
    }

    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Runs, Compared>],
    ) -> Result<Report, ExperimentError> {
        Ok(Report {
            verdicts: vec![
                any_length(finished),
                runs(finished),
                convergence(finished),
                integrals(finished),
            ],
            tables: vec![summary(finished), errors(finished)],
            figures: vec![
                lengths_figure(finished)?,
                divisions_figure(finished)?,
                errors_figure(finished)?,
            ],
            remarks: vec![remark(settings, finished)],
        })
    }
}

/// The landscape as a recorded loss, which has kernels for all devices.
fn landscape() -> Result<Graph, ExperimentError> {
    let exponents = (1..=LOSSES[0].len() as u32).map(|power| vec![power]);
    let polynomial = Polynomial::new(1, exponents.collect());
    let polynomial = polynomial.map_err(|error| ExperimentError::Other(error.to_string()))?;
    Graph::record(&polynomial).map_err(|error| ExperimentError::Other(error.to_string()))
}

/// The datapoints of the landscape.
fn population() -> Result<Samples<f64>, ExperimentError> {
    Samples::new(LOSSES[0].len(), LOSSES.concat())
        .map_err(|error| ExperimentError::Other(error.to_string()))
}

/// The exact test loss after so many updates, by each of the two numbers of points.
fn exact(eta: f64, updates: u64) -> Result<[f64; 2], ExperimentError> {
    let by = |half| {
        let losses = LOSSES.iter().map(|loss| loss.to_vec()).collect();
        Chain::new(losses, 0.0, RADIUS, half).test_loss(eta, updates)
    };
    let [few, many] = POINTS;
    Ok([by(few)?, by(many)?])
}

/// The course of one epoch of so many updates, each on a datapoint of its own.
fn length(updates: u64) -> Result<Course, ExperimentError> {
    let spacetime = StaticSpacetime::Sgd { shuffle: false };
    Ok(course(spacetime, &Parameters::new(updates, 1, 1)?)?)
}

/// The diagrams of all orders up to the highest that are not 0 for one epoch from a minimum: those in which no node is tied to one of its ancestors, which
/// would have to be earlier, and none stands for the mean gradient, as an untied node of degree 1 does.
fn terms() -> Vec<ResummedDiagram> {
    let highest = ORDERS[ORDERS.len() - 1];
    let contributes = |term: &ResummedDiagram| {
        let diagram = term.diagram();
        let ancestors =
            |node| std::iter::successors(diagram.parent(node), |&above| diagram.parent(above));
        (0..diagram.nodes()).all(|node| {
            let degree = diagram.children(node).count() + usize::from(node > 0);
            let part = diagram.part(node);
            (term.is_noise(node) || degree != 1)
                && ancestors(node).all(|above| diagram.part(above) != part)
        })
    };
    let all = resummed_for(Measure::TestLoss, highest);
    all.into_iter().filter(contributes).collect()
}

fn remark(settings: &Settings, finished: &[Finished<Runs, Compared>]) -> String {
    let simulated = finished.iter().filter(|f| f.cell.trials > 0);
    let runs = simulated.clone().map(|f| f.cell.trials);
    let longest = simulated.map(|f| f.cell.updates).max().unwrap_or(0);
    let accuracy = finished
        .iter()
        .map(|f| f.outcome.error(f.outcome.again).abs());
    let [few, many] = POINTS.map(|half| 2 * half + 1);
    format!(
        "SGD with batch 1 on as many datapoints as updates, drawn from {} polynomial losses of one weight, from the minimum of their mean; the Hessian is 1. The \
         exact loss is the expectation of a Markov chain, whose functions are interpolated at {few} points; with {many} it is the same to {:.0e} of it. Runs: {} to \
         {} for each length up to {longest} at scale {}; the 95% band is simultaneous over all of them (Bonferroni, Student's t). Of what is left after many \
         updates, order 2 has all of the first power of η and order 6 all of the second; orders 3 and 4 have only a part of it, so that their errors are of the same \
         power as that of order 2. With more runs every order is \
         excluded where it is off; how far it is off does not depend on them.",
        LOSSES.len(),
        accuracy.fold(0.0, f64::max),
        runs.clone().min().unwrap_or(0),
        runs.max().unwrap_or(0),
        settings.scale,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The losses at the minimum.
    fn prediction(terms: &[ResummedDiagram], eta: f64, updates: u64) -> f64 {
        let (landscape, population) = (
            landscape().expect("it is recorded"),
            population().expect("whole rows"),
        );
        let local = landscape.local(&[0.0], &population).expect("fits");
        let values = ResummedValues::new(terms, &*local, Modes::All).expect("values");
        let course = length(updates).expect("a schedule");
        values.curve(&course).at(eta).expect("finite").total()
    }

    fn up_to(order: usize, terms: Vec<ResummedDiagram>) -> Vec<ResummedDiagram> {
        let kept = terms.into_iter();
        kept.filter(|term| term.diagram().edges() <= order)
            .collect()
    }

    /// What is left out is 0 but for rounding: the gradient is a sum of three numbers of size 1.
    #[test]
    fn diagrams_that_are_left_out_do_not_contribute() {
        for (order, updates) in [(3, 3), (4, 5), (4, 1_000), (5, 12)] {
            let all = prediction(&resummed_for(Measure::TestLoss, order), ETA, updates);
            let kept = prediction(&up_to(order, terms()), ETA, updates);
            assert!(
                (kept / all - 1.0).abs() < 1e-12,
                "order {order}, T = {updates}: {kept} {all}"
            );
        }
    }

    /// Halving η divides the distance from the exact chain by 2^(order + 1), but for the next power: a relative η times the number of updates.
    #[test]
    fn predictions_agree_with_the_exact_chain_through_their_order() {
        let updates = 5;
        for order in ORDERS {
            let kept = up_to(order, terms());
            let apart = |eta: f64| {
                let exact = exact(eta, updates).expect("inside")[0];
                (prediction(&kept, eta, updates) - exact).abs()
            };
            let eta = 0.02;
            let (coarse, fine) = (apart(eta), apart(eta / 2.0));
            let power = (coarse / fine).log2();
            // Rounding of the chain is below 1e-15 here.
            assert!(fine > 1e-13, "order {order}: {fine:e}");
            assert!(
                (power - (order as f64 + 1.0)).abs() < 0.3,
                "order {order}: power {power}"
            );
        }
    }
}
