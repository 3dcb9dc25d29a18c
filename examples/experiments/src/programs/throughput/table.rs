//! The results as lines of text.

use std::fmt::Write;

use diagrams::runtime::warning;

use super::record::{Average, Rate, Record};
use super::scaling::Entry;
use super::spread::Spread;

/// The share of the time that threads may wait for a core before a warning is printed.
const BUSY: f64 = 0.05;

/// What the trials were run on.
fn on(record: &Record) -> String {
    if record.device == "cpu" {
        format!("{} threads", record.threads)
    } else {
        record.device.clone()
    }
}

/// The lines of text.
pub(crate) fn table(record: &Record) -> String {
    let mut text = format!(
        "{}: N = {}, B = {}, E = {}, T = {}, shuffled {}, {} test points\n\
         P = {} weights, a population of {} datapoints, seed {}\n\
         {} with {} on {}\n\n\
         {:.0} trial-steps a second, {:.3e} s for a trial ({} trials in {:.2} s)\n\
         {} in {} slices\n",
        record.landscape,
        record.train,
        record.batch,
        record.epochs,
        record.steps,
        record.shuffle,
        record.test_points,
        record.weights,
        record.population,
        record.seed,
        record.precision,
        record.instruction_set,
        on(record),
        record.trial_steps_per_second,
        record.trial_seconds,
        record.trials,
        record.seconds,
        spread(record.trial_steps_per_second_in_slices, 0),
        record.slices,
    );
    text += &work(record);
    text += "\n";
    record.rates.iter().for_each(|at| text += &rate(at));
    if let Some(scaling) = &record.scaling {
        text += "\n";
        scaling.0.iter().for_each(|entry| text += &scaled(entry));
    }
    text += &warning::lines(&record.warnings);
    text
}

fn work(record: &Record) -> String {
    let mut text = format!(
        "on the processor a matrix product runs at {:.1} GFLOP/s, registers at {:.1}\n",
        record.matrix_product_gflops, record.registers_gflops
    );
    if let Some(gflops) = record.gflops {
        let share = record
            .share_of_peak
            .map(|share| format!(", {:.0}% of peak", 100.0 * share));
        text = format!("{gflops:.1} GFLOP/s{}; {text}", share.unwrap_or_default());
    }
    if let Some(waited) = record.waited.filter(|&waited| waited > BUSY) {
        let _ = writeln!(
            text,
            "other programs kept the cores busy: threads waited {:.0}% of the time, do not trust this",
            100.0 * waited
        );
    }
    text
}

fn rate(rate: &Rate) -> String {
    let measured = [
        ("test loss", &rate.test_loss),
        ("displacement along a random direction", &rate.displacement),
    ];
    let mut text = format!("η = {}:", rate.eta);
    for (name, average) in measured {
        if let Some(average) = average {
            let _ = write!(text, " {name} {},", averaged(average));
        }
    }
    let _ = writeln!(text, " {} diverged", rate.diverged);
    text
}

fn averaged(average: &Average) -> String {
    let mut text = format!("{:.6} ± {:.1e}", average.mean, average.standard_error);
    if let (Some(least), Some(greatest)) = (average.least, average.greatest) {
        let _ = write!(text, " ({least:.4} to {greatest:.4})");
    }
    let _ = write!(text, " over {} trials", average.trials);
    text
}

fn scaled(entry: &Entry) -> String {
    format!(
        "{} threads: {} trial-steps a second, speed-up {}\n",
        entry.threads,
        spread(entry.trial_steps_per_second, 0),
        spread(entry.speed_up, 2),
    )
}

fn spread(spread: Spread, digits: usize) -> String {
    let Spread {
        median,
        least,
        greatest,
    } = spread;
    format!("median {median:.digits$} ({least:.digits$} to {greatest:.digits$})")
}
