//! Measures how many small training runs this machine completes in a second.
//!
//! ```text
//! cargo run --release --example throughput
//! cargo run --release --example throughput -- --train 20 --batch 5 --test-points 30 --threads 2 --seconds 5 --scaling --format json
//! ```
//!
//! The runs are a [`Simulation`](diagrams::runtime::simulate::Simulation) of more trials than can finish, which is summarized in constant memory and
//! cancelled when the time is over. No trial is run twice: each draws a training set of its own, its shuffles, and its test points if it has any.
//!
//! - *Time*: the measured time contains the random draws, the updates, and the measurement of the final weights, which is their mean loss at
//!   `--test-points`. Without test points it is their displacement along a random direction, which takes a multiply-add for each weight. Averages
//!   over all trials are part of the output.
//! - *Count*: trials count if they finish in a window of `--seconds` after a warm-up. Trials finish in blocks (of 16 in single precision and 8 in
//!   double), so that a count is off by less than two blocks on each thread. The window is divided into slices, whose median and range are reported
//!   beside the mean.
//! - *Trial-steps* are updates: their number is trials × learning rates × T.
//! - *Floating point operations* are those of the gradients and of the losses at test points, counted from the shapes of the network. A multiply-add
//!   counts as two, and elementary functions are not counted. The share of peak is relative to the larger of two rates that are measured first on as
//!   many threads: that of a product of large matrices, and that of multiply-adds in registers.
//! - *Scaling*: with `--scaling` the measurement is repeated on 1, 2, 4, … threads and on all, in rounds. Each round measures every number of
//!   threads, and a speed-up is a ratio within a round. The medians and ranges over the rounds are reported.
//!
//! Standard output is a table or one JSON object. The exit status is 0, or 2 after an error, with a message on standard error and nothing on standard
//! output.

mod arguments;
mod measure;
#[path = "../../../../../benches/work/peak.rs"]
mod peak;
mod record;
mod scaling;
mod setup;
mod spread;
mod table;
#[path = "../../../../../benches/work/waiting.rs"]
mod waiting;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use diagram_experiments::terminal::{complain, print};
use rayon::ThreadPool;

use arguments::{Arguments, Format, PrecisionName};
use measure::Steady;
use peak::Peak;
use record::Record;
use scaling::Scaling;
use setup::{Real, Setup};

/// Runs the program with a command line, whose first word is the name of the program.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    let arguments = Arguments::parse_from(arguments);
    let done = match arguments.precision {
        PrecisionName::F32 => run::<f32>(&arguments),
        PrecisionName::F64 => run::<f64>(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            complain(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}

fn run<T: Real>(arguments: &Arguments) -> Result<(), String> {
    let setup = Setup::<T>::new(arguments)?;
    let pool = pool(arguments.threads)?;
    let peak = pool.install(Peak::measure::<T>);
    let steady = Steady::new(&setup, &pool, 0, arguments.seconds)?;
    let scaling = arguments
        .scaling
        .then(|| Scaling::new(&setup, pool.current_num_threads(), arguments.seconds))
        .transpose()?;
    let record = Record::new(&setup, &pool, peak, &steady, scaling);
    let text = match arguments.format {
        Format::Json => serde_json::to_string_pretty(&record).map_err(|e| e.to_string())? + "\n",
        Format::Table => table::table(&record),
    };
    print(&text).map_err(|e| format!("standard output: {e}"))
}

/// A pool of this number of threads; 0 stands for one on each core.
fn pool(threads: usize) -> Result<ThreadPool, String> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| format!("--threads {threads}: {e}"))
}
