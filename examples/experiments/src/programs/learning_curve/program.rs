//! A learning curve, predicted and measured.
//!
//! ```text
//! cargo run --release --example learning_curve
//! ```
//!
//! Trains the paper's small convolutional network on images of clothes for T = 10 updates and asks: what will the loss be on the whole
//! population, on average over training sets, as a function of the learning rate η?
//!
//! - *Predicted*, without any training: derivatives of the loss at the initial weights are contracted as diagrams say and averaged over the
//!   population. Each such value, times an exact coefficient in the numbers of training points N, of points in a batch B and of epochs E, is a
//!   term of a power series in η. Cut off after η, η² or η³, it is the prediction of order 1, 2 or 3.
//! - *Measured*: thousands of training runs, each on its own random training set from the same population.
//!
//! The verdict is computed: a prediction is inside or outside the measurement's 95% band, which is simultaneous over all learning rates. The
//! higher the order, the farther prediction and measurement agree; no order does for ever, because the series is cut off.
//!
//! Files are `learning_curve.svg`, `.csv` and `.json` in an output folder. Exit status: 0, whatever the verdict; 2 on errors, with no files;
//! 130 after Ctrl-C, with the trials that had finished. `--help` lists what can be changed.

mod arguments;
mod expansion;
mod files;
mod measure;
mod plot;
mod predict;
mod predictors;
mod record;
mod setup;
mod table;
mod verdict;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use diagram_experiments::terminal::print;
use diagram_experiments::{interrupt, progress};
use diagrams::runtime::landscapes::Precision;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::values::Arithmetic;

use arguments::{Arguments, PrecisionName};
use files::OutputFolder;
use measure::Measured;
use predict::Predicted;
use setup::Setup;
use verdict::Judged;

/// What the first Ctrl-C says.
const NOTICE: &str = "ending with what is finished; Ctrl-C again to drop everything";

/// Runs the program with a command line, whose first word is the program's name.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    match run(&Arguments::parse_from(arguments)) {
        Ok(status) => status,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let setup = Setup::new(arguments)?;
    let folder = OutputFolder::open(arguments.out.as_deref())?;
    let interrupted = interrupt::install(NOTICE, folder.created()).map_err(|e| e.to_string())?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build()
        .map_err(|e| e.to_string())?;
    pool.install(|| match arguments.precision {
        PrecisionName::Single => study::<f32>(arguments, &setup, &folder, &interrupted),
        PrecisionName::Double => study::<f64>(arguments, &setup, &folder, &interrupted),
    })?;
    Ok(if interrupted.load(Ordering::Relaxed) {
        ExitCode::from(interrupt::STATUS)
    } else {
        ExitCode::SUCCESS
    })
}

/// Predicts, measures, compares.
fn study<T: Precision + Arithmetic>(
    arguments: &Arguments,
    setup: &Setup,
    folder: &OutputFolder,
    interrupted: &AtomicBool,
) -> Result<(), String> {
    // Both sides start from the same rounded numbers.
    let theta0: Vec<T> = setup.theta0.iter().map(|x| T::constant(*x)).collect();
    let population: Samples<T> = setup.population.map(|x| T::constant(*x));
    let local = setup
        .landscape
        .local(&theta0, &population)
        .map_err(|e| e.to_string())?;
    let work = predict::evaluations(setup);
    say(&table::header(
        setup,
        &arguments::name(&arguments.precision),
        work,
    ))?;
    let spinner = progress::spinner(format!(
        "{} values on {} datapoints",
        setup.terms.coefficients.len(),
        population.len()
    ));
    let probe = predict::probe(setup.measure, &*local)?;
    let predicted = Predicted::new(setup, &*local, probe.as_deref())?;
    spinner.finish_and_clear();
    say(&table::values(setup, &predicted))?;

    let measured = Measured::new(setup, &theta0, &population, probe.as_deref(), interrupted)?;
    say(&table::method(setup, &measured))?;
    let judged = Judged::new(setup, &predicted, &measured);
    say(&table::curve(setup, &judged))?;

    folder.write([
        &plot::svg(setup, &predicted, &judged)?,
        &record::csv(setup, &judged)?,
        &record::json(arguments, setup, &predicted, &measured, &judged)?,
    ])?;
    let place = folder.path().display();
    say(&format!(
        "\nwritten to {place}: {}\n",
        files::NAMES.join(", ")
    ))
}

fn say(text: &str) -> Result<(), String> {
    print(text).map_err(|e| format!("standard output: {e}"))
}
