//! Times of repeated runs.

use std::time::Instant;

use super::FrameworkError;

/// Repetitions that are timed.
const REPEATS: usize = 9;
/// Seconds of a repetition, at least.
const LEAST: f64 = 0.3;

/// Seconds of a run.
pub(crate) struct Timed {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// What a run did.
    pub(crate) items: f64,
    /// In which way.
    pub(crate) how: String,
}

/// A way to do some work.
pub(crate) struct Way<'a> {
    pub(crate) how: String,
    pub(crate) run: Box<dyn Fn() -> Result<(), FrameworkError> + 'a>,
}

/// Times the fastest of some ways. A way that fails does not count, unless all do.
pub(crate) fn fastest(items: usize, ways: Vec<Way<'_>>) -> Result<Timed, FrameworkError> {
    let mut best: Option<(f64, &Way<'_>)> = None;
    let mut failure = None;
    for way in &ways {
        match quickly(way) {
            Ok(seconds) if best.is_none_or(|(fastest, _)| seconds < fastest) => {
                best = Some((seconds, way));
            }
            Ok(_) => {}
            Err(error) => failure = Some(error),
        }
    }
    match (best, failure) {
        (Some((seconds, way)), _) => thoroughly(items, seconds, way),
        (None, Some(error)) => Err(error),
        (None, None) => Err(FrameworkError::NoWay),
    }
}

/// The better of a few runs, of one if it is long.
fn quickly(way: &Way<'_>) -> Result<f64, FrameworkError> {
    let start = Instant::now();
    let mut best = f64::INFINITY;
    for _ in 0..4 {
        let begin = Instant::now();
        (way.run)()?;
        best = best.min(begin.elapsed().as_secs_f64());
        if start.elapsed().as_secs_f64() > LEAST {
            break;
        }
    }
    Ok(best)
}

fn thoroughly(items: usize, seconds: f64, way: &Way<'_>) -> Result<Timed, FrameworkError> {
    let runs = (LEAST / seconds).ceil().max(1.0) as usize;
    let mut times = vec![];
    // The first repetition is the warm-up.
    for _ in 0..=REPEATS {
        let start = Instant::now();
        for _ in 0..runs {
            (way.run)()?;
        }
        times.push(start.elapsed().as_secs_f64() / runs as f64);
    }
    let times = &mut times[1..];
    times.sort_by(f64::total_cmp);
    Ok(Timed {
        median: times[times.len() / 2],
        min: times[0],
        max: times[times.len() - 1],
        items: items as f64,
        how: way.how.clone(),
    })
}
