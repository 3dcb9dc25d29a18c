//! Prints the values of diagrams on images, as a table or as JSON.
//!
//! ```text
//! cargo run --release --example values -- --landscape fashion-lenet --data DIR --images 256 --theta FILE --order 3 --format json
//! ```
//!
//! The values are those that the test loss and the generalization gap need up to the order: 1, 2, 4, 18 and 80 values have the orders 0 to 4. The
//! learning rate is not in them. They are computed in double precision.
//!
//! Standard output is a table, or a JSON array of `{"diagram": …, "value": …, "standard_error": …}` in which every number is read back with the same
//! bits. With `--standardize` it is an object that has the array as `values` and the moments as `standardization`; warnings make it an object with
//! `warnings`, too. With the table, the measured time and the time that the cost model predicts are printed on standard error. `--plan` prints the predicted
//! time of each step and computes no values. The exit status is 0, or 2 after an error, with a message on standard error and nothing on standard
//! output.

mod arguments;
mod inputs;
mod report;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use diagram_cuda::OnDevice;
use diagram_experiments::device::Place;
use diagram_experiments::forecast;
use diagram_experiments::page::duration;
use diagram_experiments::terminal::{complain, print};
use diagrams::calculus::ValueClass;
use diagrams::calculus::measure::{Measure, diagrams_for, expand};
use diagrams::calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::values::{Options, Strategy, Values};
use indicatif::{ProgressBar, ProgressStyle};

use arguments::{Arguments, Format, check};
use inputs::{datapoints, weights};
use report::{how, json, plan, predicted};

const HOUR: f64 = 3600.0;

/// Runs the program with a command line, whose first word is the name of the program.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    match run(&Arguments::parse_from(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            complain(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    check(arguments)?;
    let options = arguments.options();
    let landscape = arguments.landscape.chosen()?;
    let theta = weights(arguments, &landscape)?;
    let data = datapoints(arguments, &landscape)?;
    let samples = &data.samples;
    let place = arguments.device.open().map_err(|e| e.to_string())?;
    let local = landscape
        .local(&theta, samples)
        .map_err(|e| e.to_string())?
        .on(place.device())
        .map_err(|e| e.to_string())?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build()
        .map_err(|e| format!("--threads {}: {e}", arguments.threads))?;
    let classes = classes(arguments.order)?;
    let program = Interpreted::new(&classes);
    if arguments.plan {
        let text = pool.install(|| plan(&program, &*local, &options, arguments.format));
        return say(&text?);
    }
    let spinner = spinner(classes.len(), samples.len());
    let timed = arguments.format == Format::Table;
    let timed = timed.then_some(&place);
    let evaluated = pool.install(|| values(&program, &*local, &options, timed, arguments.long));
    spinner.finish_and_clear();
    let (values, remarks) = evaluated?;
    for remark in remarks {
        complain(&remark);
    }
    let text = match arguments.format {
        Format::Json => {
            json(&values, data.standardization.as_ref(), &place).map_err(|e| e.to_string())?
        }
        Format::Table => values.to_string(),
    };
    say(&text)
}

fn say(text: &str) -> Result<(), String> {
    print(text).map_err(|e| format!("standard output: {e}"))
}

/// The classes of all values that the test loss and the generalization gap need, by order.
///
/// The values that belong to a diagram do not depend on the schedule, so that any schedule gives all of them. They are collected from the single
/// diagrams, because a value may cancel in the sum over all diagrams.
fn classes(order: usize) -> Result<Vec<ValueClass>, String> {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let spacetime = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::Never);
    let mut classes = BTreeSet::new();
    for measure in [Measure::TestLoss, Measure::GeneralizationGap] {
        let expansion =
            expand(measure, &spacetime, diagrams_for(measure, order)).map_err(|e| e.to_string())?;
        for (class, _) in expansion.terms.into_iter().flat_map(|term| term.values) {
            classes.insert((class.order(), class));
        }
    }
    Ok(classes.into_iter().map(|(_, class)| class).collect())
}

/// The values, and remarks on their computation: the measured and the predicted time, if the device is given, and the budget that repeats a run with a limited
/// time.
fn values(
    program: &Interpreted,
    derivatives: &dyn Derivatives<f64>,
    options: &Options,
    timed: Option<&Place>,
    long: bool,
) -> Result<(Values<f64>, Vec<String>), String> {
    let strategy = Strategy::choose(program, derivatives, options).map_err(|e| e.to_string())?;
    let prediction = match timed {
        Some(_) => strategy.predict(program, derivatives).map(Some),
        None => forecast::of_values(&strategy, program, derivatives),
    };
    let prediction = prediction.map_err(|e| e.to_string())?;
    if let Some(prediction) = &prediction {
        let seconds = prediction.total();
        if seconds > HOUR && !long {
            return Err(format!(
                "the values would take about {}: --long computes them all the same, --budget or --seconds estimates them in less",
                duration(seconds)
            ));
        }
        forecast::announce(seconds);
    }
    let start = Instant::now();
    let evaluated = strategy.evaluate(program, derivatives, options.seed);
    let values = evaluated.map_err(|e| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let mut remarks = vec![];
    if let (Some(place), Some(prediction)) = (timed, prediction) {
        let threads = rayon::current_num_threads();
        let on = if place.is_cpu() {
            format!("{threads} threads")
        } else {
            place.name().into()
        };
        remarks.push(format!(
            "{} on {on}: {seconds:.3} s; {}",
            how(&strategy),
            predicted(&prediction),
        ));
    }
    if let (Some(_), Some(budget)) = (options.seconds, strategy.budget) {
        remarks.push(format!(
            "the time became --budget {budget}, which gives the same again"
        ));
    }
    Ok((values, remarks))
}

fn spinner(values: usize, samples: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.set_message(format!("{values} values on {samples} datapoints"));
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
