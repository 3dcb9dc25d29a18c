//! Values and series from samples.

use std::error::Error;
use std::fmt::Write;

use diagrams::prelude::*;
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::draws::Stream;
use rayon::prelude::*;

use super::cases::{Case, STEPS, Vanilla};
use super::count::Count;

const BLOCKS: [usize; 3] = [2, 4, 16];
/// The learning rate of the predicted change.
const ETA: f64 = 0.5 / STEPS as f64;

/// A table with a row for each case and number of blocks.
pub(crate) fn table(cases: &[Case], draws: u64, seed: u64) -> Result<String, Box<dyn Error>> {
    let mut text = "| case | sample | blocks | values | worst | change | why |\n| --- | --- | --- | --- | --- | --- | --- |\n".to_string();
    for case in cases {
        for blocks in BLOCKS {
            let (values, change) = counts(case, blocks, draws, seed)?;
            // Values without noise have nothing to be counted.
            let all: Vec<&Count> = values
                .iter()
                .filter(|count| count.kurtosis().is_finite())
                .collect();
            let mean = all.iter().map(|count| count.percent()).sum::<f64>() / all.len() as f64;
            let worst = all
                .iter()
                .min_by(|a, b| a.percent().total_cmp(&b.percent()));
            let worst = worst.ok_or("no value varies")?;
            let why = worst
                .reason()
                .or_else(|| change.reason())
                .unwrap_or_default();
            writeln!(
                text,
                "| {} | {} | {blocks} | {mean:.1}% | {:.1}% | {:.1}% | {why} |",
                case.name,
                case.sample,
                worst.percent(),
                change.percent(),
            )?;
        }
    }
    Ok(text)
}

/// The counts of all values, and that of the predicted change.
fn counts(
    case: &Case,
    blocks: usize,
    draws: u64,
    seed: u64,
) -> Result<(Vec<Count>, Count), Box<dyn Error>> {
    let local = case.local()?;
    let truth = read(&*local, &Options::population())?;
    let estimates = (0..draws).into_par_iter().map(|draw| {
        let mut stream = Stream::new(seed, draw + 1);
        let points = local.samples();
        let sample: Vec<usize> = (0..case.sample).map(|_| stream.below(points)).collect();
        let estimates = read(&*local.select(&sample), &Options::sample(blocks));
        estimates.map_err(|error| error.to_string())
    });
    let estimates = estimates.collect::<Result<Vec<_>, String>>()?;
    let mut counts = vec![Count::default(); truth.len()];
    for estimates in estimates {
        for ((count, estimate), truth) in counts.iter_mut().zip(estimates).zip(&truth) {
            let [low, high] = estimate.interval(0.95);
            count.add(estimate.value, (low..=high).contains(&truth.value));
        }
    }
    let change = counts.pop().unwrap_or_default();
    Ok((counts, change))
}

/// The values, and behind them the predicted change.
fn read(
    derivatives: &dyn Derivatives<f64>,
    options: &Options,
) -> Result<Vec<Prediction>, Box<dyn Error>> {
    let values = Vanilla::values(derivatives, options)?;
    let series = Vanilla::series(&values, &Vanilla::parameters(STEPS as u64)?)?;
    let blocks = series.replicates.len();
    let each = values.entries.iter().map(|value| Prediction {
        value: value.estimate[0],
        standard_error: value.standard_error[0],
        degrees_of_freedom: blocks.checked_sub(1),
    });
    Ok(each.chain([series.change_at(ETA)]).collect())
}
