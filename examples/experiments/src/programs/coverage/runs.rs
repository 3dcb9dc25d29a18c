//! Means over training runs, and predictions beside them.

use std::error::Error;
use std::fmt::Write;

use diagram_experiments::band::Mean;
use diagrams::prelude::*;
use diagrams::runtime::draws::Stream;
use diagrams::runtime::simulate::{Control, ControlVariates, RateSummary};
use rayon::prelude::*;

use super::cases::{Case, STEPS, Vanilla};
use super::count::Count;

/// The learning rates of the band, in units of ηT.
const ETA_TS: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// The index of ηT = 0.5 among them.
const ONE: usize = 4;
const TRIALS: [usize; 2] = [30, 300];
/// The ηT of predictions that stand beside measurements.
const SMALL: f64 = 0.01;

/// Trials of a case at some ηT.
struct Runs<'a> {
    case: &'a Case,
    schedule: Schedule,
    controls: ControlVariates,
    etas: Vec<f64>,
}

impl<'a> Runs<'a> {
    fn new(case: &'a Case, eta_ts: &[f64]) -> Result<Self, Box<dyn Error>> {
        let schedule = Schedule::new(STEPS, 1, 1, Shuffle::Never)?;
        Ok(Runs {
            case,
            schedule,
            controls: ControlVariates::new(&case.local()?, schedule, None)?,
            etas: eta_ts.iter().map(|eta_t| eta_t / STEPS as f64).collect(),
        })
    }

    fn summary(&self, trials: usize, seed: u64) -> Result<Vec<RateSummary>, String> {
        let Case {
            theta, population, ..
        } = self.case;
        let simulator = self.case.simulator();
        let simulation = Simulation {
            trials,
            seed,
            ..Simulation::new(simulator, theta, population, self.schedule, &self.etas)
        };
        let run = simulation.summarize_controlled(Control::unattended(), &[], &self.controls);
        Ok(run.map_err(|error| error.to_string())?.0.rates)
    }
}

/// The mean of the test loss at a learning rate, with control variates or without.
fn mean(rate: &RateSummary, controlled: bool) -> Result<Mean, String> {
    let estimate = if controlled {
        rate.estimate(Measure::TestLoss)
    } else {
        rate.uncontrolled(Measure::TestLoss)
    };
    let estimate = estimate.ok_or("the test loss is measured")?;
    Ok(Mean::new(estimate, rate.diverged()))
}

/// The seed of a draw, which no other one has.
fn seed_of(seed: u64, draw: u64) -> u64 {
    seed.wrapping_mul(1_000_003).wrapping_add(draw + 1)
}

/// A table with a row for each case, number of trials, and with control variates or without.
pub(crate) fn table(cases: &[Case], draws: u64, seed: u64) -> Result<String, Box<dyn Error>> {
    let mut text = "| case | trials | control variates | one | all | gain | why |\n| --- | --- | --- | --- | --- | --- | --- |\n".to_string();
    for case in cases {
        let runs = Runs::new(case, &ETA_TS)?;
        // As many trials as all draws together have, so that the error of 400 draws' truth is a twentieth of that which is judged.
        let truth = runs.summary(TRIALS[1] * draws as usize, seed_of(seed, draws))?;
        for trials in TRIALS {
            let summaries = (0..draws)
                .into_par_iter()
                .map(|draw| runs.summary(trials, seed_of(seed, draw)));
            let summaries = summaries.collect::<Result<Vec<_>, String>>()?;
            for controlled in [false, true] {
                let (mut one, mut all, mut gain) = (Count::default(), Count::default(), 0.0);
                for rates in &summaries {
                    let mut together = true;
                    for (at, (rate, truth)) in rates.iter().zip(&truth).enumerate() {
                        let (measured, truth) = (mean(rate, controlled)?, mean(truth, true)?);
                        let distance = (measured.mean - truth.mean).abs();
                        together &= distance <= measured.half_band(ETA_TS.len());
                        if at == ONE {
                            one.add(measured.mean, distance <= measured.half_band(1));
                            let plain = mean(rate, false)?;
                            gain += plain.standard_error / measured.standard_error / draws as f64;
                        }
                    }
                    all.add(0.0, together);
                }
                writeln!(
                    text,
                    "| {} | {trials} | {} | {:.1}% | {:.1}% | {} | {} |",
                    case.name,
                    if controlled { "on" } else { "off" },
                    one.percent(),
                    all.percent(),
                    if controlled {
                        format!("{gain:.1}")
                    } else {
                        String::new()
                    },
                    one.reason().unwrap_or_default(),
                )?;
            }
        }
    }
    Ok(text)
}

/// A table with a row for each case.
pub(crate) fn beside_predictions(
    cases: &[Case],
    draws: u64,
    seed: u64,
) -> Result<String, Box<dyn Error>> {
    let mut text =
        "| case | sample | trials | inside | why |\n| --- | --- | --- | --- | --- |\n".to_string();
    for case in cases {
        let runs = Runs::new(case, &[SMALL])?;
        let local = case.local()?;
        let trials = TRIALS[0];
        let pairs = (0..draws).into_par_iter().map(|draw| {
            let mut stream = Stream::new(seed, draw + 1);
            let points = local.samples();
            let sample: Vec<usize> = (0..case.sample).map(|_| stream.below(points)).collect();
            let values = Vanilla::values(&*local.select(&sample), &Options::sample(8))
                .map_err(|e| e.to_string())?;
            let parameters = Vanilla::parameters(STEPS as u64).map_err(|e| e.to_string())?;
            let series = Vanilla::series(&values, &parameters).map_err(|e| e.to_string())?;
            let rates = runs.summary(trials, seed_of(seed, draw))?;
            Ok((series.at(runs.etas[0]), mean(&rates[0], false)?))
        });
        let mut count = Count::default();
        for (prediction, measured) in pairs.collect::<Result<Vec<_>, String>>()? {
            let difference = prediction.value - measured.mean;
            count.add(
                difference,
                difference.abs() <= measured.half_band_beside(&prediction, 1),
            );
        }
        writeln!(
            text,
            "| {} | {} | {trials} | {:.1}% | {} |",
            case.name,
            case.sample,
            count.percent(),
            count.reason().unwrap_or_default(),
        )?;
    }
    Ok(text)
}
