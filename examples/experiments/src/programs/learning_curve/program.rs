//! Predicts and measures a learning curve.
//!
//! ```text
//! cargo run --release --example learning_curve
//! ```
//!
//! With its default options, the program trains the paper's small convolutional network on images of clothes for T = 10 updates. It predicts and
//! measures the mean loss over the whole population after training, averaged over training sets, as a function of the learning rate η.
//!
//! - The *prediction* needs no training. Derivatives of the loss at the initial weights are contracted as diagrams say and averaged over the
//!   population. Each such value, times an exact coefficient that depends on the numbers of training points N, of points in a batch B and of epochs
//!   E, is a term of a power series in η. Truncated after η, η² or η³, the series is the prediction of order 1, 2 or 3.
//! - The *measurement* at a learning rate is the mean over 1500 training runs, each on its own random training set from the same population.
//!
//! The verdict says whether a prediction is inside the 95% band of the measurement, which is simultaneous over all learning rates. A truncated
//! series agrees in general up to some learning rate, and not beyond.
//!
//! The program writes `learning_curve.svg`, `.csv` and `.json` to an output folder, and with `--mean-weights` and `--final-weights` the weights at which the
//! training runs end. The exit status is 0, whatever the verdict is; 2 after an error, when no results are written, unless the error is that weights
//! cannot be; 130 after Ctrl-C, when the results are those of the trials that had finished. `--help` lists the options.

mod arguments;
mod expansion;
mod files;
mod measure;
mod optimizer;
mod plot;
mod predict;
mod predictors;
mod record;
mod setup;
mod table;
mod verdict;
mod weights;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use diagram_cuda::{Number, OnDevice};
use diagram_experiments::terminal::{complain, print};
use diagram_experiments::{interrupt, progress};
use diagrams::runtime::samples::Samples;

use arguments::{Arguments, PrecisionName};
use files::OutputFolder;
use measure::{Conditions, Measured, control_variates};
use predict::Predicted;
use setup::Setup;
use verdict::Judged;

/// The message after the first Ctrl-C.
const NOTICE: &str = "ending with what is finished; Ctrl-C again to drop everything";

/// Runs the program with a command line, whose first word is the name of the program.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    match run(&Arguments::parse_from(arguments)) {
        Ok(status) => status,
        Err(message) => {
            complain(&format!("error: {message}"));
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

/// Predicts, measures and compares in the precision `T`, prints the results and writes the files.
fn study<T: Number>(
    arguments: &Arguments,
    setup: &Setup,
    folder: &OutputFolder,
    interrupted: &AtomicBool,
) -> Result<(), String> {
    // Prediction and measurement use the same rounded numbers.
    let theta0: Vec<T> = setup.theta0.iter().map(|x| T::constant(*x)).collect();
    let population: Samples<T> = setup.population.map(|x| T::constant(*x));
    let local = setup
        .landscape
        .local(&theta0, &population)
        .map_err(|e| e.to_string())?
        .on(setup.place.device())
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

    // Other optimizers have none.
    let controlled = arguments.control_variates.is_on() && setup.other.is_none();
    let controls = controlled.then(|| control_variates(setup, probe.as_deref()));
    let controls = controls.transpose()?;

    interrupt::keeping(|| {
        let conditions = Conditions {
            theta0: &theta0,
            population: &population,
            probe: probe.as_deref(),
            controls: controls.as_ref(),
        };
        let measured = Measured::new(setup, &conditions, interrupted)?;
        conclude(arguments, setup, folder, &predicted, &measured)
    })
}

/// Judges the predictions, prints the results and writes the files.
fn conclude(
    arguments: &Arguments,
    setup: &Setup,
    folder: &OutputFolder,
    predicted: &Predicted,
    measured: &Measured,
) -> Result<(), String> {
    say(&table::method(setup, measured))?;
    let judged = Judged::new(setup, predicted, measured);
    say(&table::curve(setup, predicted, &judged))?;

    let json = record::json(arguments, setup, predicted, measured, &judged)?;
    let written = folder.write([
        &plot::svg(setup, predicted, &judged)?,
        &record::csv(setup, predicted, &judged)?,
        &json,
    ]);
    if let Err(error) = written {
        return Err(format!("{error}; {}", kept_elsewhere(&json)?));
    }
    say(&setup
        .weight_files
        .write(&setup.landscape, &measured.weights)?)?;
    let place = folder.path().display();
    say(&format!(
        "\nwritten to {place}: {}\n",
        files::NAMES.join(", ")
    ))
}

/// Keeps the results where there may be place when there is none in the output folder: among the temporary files of the system, or on standard output. Returns
/// where, in words.
fn kept_elsewhere(json: &str) -> Result<String, String> {
    let kept = diagram_experiments::files::waiting(&std::env::temp_dir(), json)
        .ok()
        .and_then(|file| file.keep().ok());
    match kept {
        Some((_, path)) => Ok(format!("the results are in {}", path.display())),
        None => say(json).map(|()| "the results are on standard output".into()),
    }
}

fn say(text: &str) -> Result<(), String> {
    print(text).map_err(|e| format!("standard output: {e}"))
}
