//! Frameworks of Rust on the library's work, each as fast as we could make it.

mod burn;
mod candle;
mod check;
mod data;
mod derivatives;
mod framework;
mod network;
mod parts;
mod reference;
mod timing;
mod training;
mod workers;

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::DType;

use crate::measured::{Measured, MeasuredError, Record, Unsupported};
use crate::work;
use data::Images;
use derivatives::Derivative;
use framework::Framework;
use timing::Timed;
use workers::Workers;

pub use parts::measure;
pub use workers::Spread;

/// What to run from the repository's root to measure again.
const COMMAND: &str = "RUSTFLAGS=\"-C target-cpu=native\" cargo run --release --manifest-path benches/peers/Cargo.toml --bin measure -- --out benches/measured";
/// The files that are written, and the versions in `Cargo.toml`.
const SOURCES: [(&str, &str); 2] = [("candle", "candle 0.11.1"), ("burn", "burn 0.22.1")];
/// Both frameworks differentiate backwards once.
const TANGENT: &str = "directions written out by hand, reverse by the framework";

/// Why a framework's work cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum FrameworkError {
    /// candle's reason.
    #[error("candle: {0}")]
    Candle(#[from] candle_core::Error),
    /// A framework gave no gradient by a variable.
    #[error("no gradient by a variable of the network")]
    NoGradient,
    /// A framework gave numbers of another type.
    #[error("the numbers of an array are not f32")]
    Numbers,
    /// A program of this crate is wrong.
    #[error("a coefficient of a power series is missing")]
    NoCoefficient,
    /// A program of this crate is wrong.
    #[error("there is no way to do the work")]
    NoWay,
    /// The sample of images is not what it should be.
    #[error("the sample of Fashion-MNIST is not two joined IDX files")]
    Sample,
    /// A framework computes something else than the plain implementation.
    #[error(
        "{work} ({how}) is {error:.1e} from the plain implementation, relative to its norm, and only rounding of {tolerance:.1e} is allowed"
    )]
    Wrong {
        /// Which work.
        work: String,
        /// How it was done.
        how: String,
        /// Norm of the difference over the norm.
        error: f64,
        /// What rounding explains.
        tolerance: f64,
    },
    /// No threads.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// This program cannot be started again, or a folder cannot be used.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// A part of the measurement failed, and said why.
    #[error("the part with {0} failed")]
    Part(&'static str),
    /// A file cannot be read or written.
    #[error("{0}")]
    File(String),
}

impl From<MeasuredError> for FrameworkError {
    fn from(error: MeasuredError) -> Self {
        FrameworkError::File(error.to_string())
    }
}

/// Compares each framework with a plain implementation, times it with one way to spread work, and writes its file of measurements into a
/// folder. [`measure`] runs this in a process for each way, since frameworks read from the environment how many threads to use.
///
/// # Errors
///
/// [`FrameworkError`]. What a framework itself cannot do is noted in its file instead.
pub fn measure_part(folder: &Path, spread: Spread, threads: usize) -> Result<(), FrameworkError> {
    let images = Images::sample()?;
    let workers = Workers::new(spread, threads)?;
    let mut gemm = BTreeMap::new();
    if spread == Spread::Framework {
        // Once: both frameworks multiply matrices with the same crate.
        for (precision, dtype) in [("f32", DType::F32), ("f64", DType::F64)] {
            gemm.insert(precision.to_owned(), candle::gemm_gflops(dtype)?);
        }
    }
    for (name, source) in SOURCES {
        println!("\n{source}, {}", spread.name());
        let mut measured = Measured::today(source, COMMAND, threads);
        measured.gemm_gflops.clone_from(&gemm);
        if name == "candle" {
            run(&candle::Candle, &images, &workers, &mut measured)?;
        } else {
            run(&burn::Burn::new(), &images, &workers, &mut measured)?;
        }
        measured.write(&folder.join(format!("{name}.json")))?;
    }
    Ok(())
}

/// All works of a framework.
fn run<F: Framework>(
    framework: &F,
    images: &Images,
    workers: &Workers,
    measured: &mut Measured,
) -> Result<(), FrameworkError> {
    check::all(framework, images, workers)?;
    for derivative in Derivative::ALL {
        let note = (derivative.directions() > 0).then_some(TANGENT);
        let timed = derivatives::fastest(framework, images, derivative, workers);
        add(measured, derivative.name(), "samples", note, timed);
    }
    for test_points in work::TEST_POINTS {
        let timed = training::fastest(framework, images, test_points, workers);
        let name = work::trial_steps(test_points);
        add(measured, &name, "trial-steps", None, timed);
    }
    Ok(())
}

/// Keeps a time, or why there is none.
fn add(
    measured: &mut Measured,
    work: &str,
    unit: &str,
    note: Option<&str>,
    timed: Result<Timed, FrameworkError>,
) {
    match timed {
        Ok(timed) => {
            let rate = timed.items / timed.median;
            println!("{work:44} {rate:10.0} {unit}/s  {}", timed.how);
            let note = std::iter::once(timed.how.as_str()).chain(note);
            measured.records.push(Record {
                work: work.to_owned(),
                precision: "f32".to_owned(),
                items: timed.items,
                unit: Some(unit.to_owned()),
                median_seconds: timed.median,
                min_seconds: timed.min,
                max_seconds: timed.max,
                flops_per_item: work::flops(work),
                target_ratio: None,
                note: Some(note.collect::<Vec<_>>().join("; ")),
            });
        }
        Err(error) => {
            println!("{work:44} {error}");
            measured.unsupported.push(Unsupported {
                work: work.to_owned(),
                reason: error.to_string(),
            });
        }
    }
}
