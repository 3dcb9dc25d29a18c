//! The measurement: trials that finish in a window of time after a warm-up.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diagrams::runtime::simulate::{Control, Summary};
use rayon::ThreadPool;

use super::setup::Real;
use super::setup::Setup;
use super::waiting;

/// The number of slices of the window, if enough blocks of trials finish in each; otherwise there are fewer.
const SLICES: usize = 20;
/// The number of blocks that each thread should finish in a slice.
const BLOCKS: usize = 8;
/// The largest number of trials in a block, which is the number of SIMD lanes in single precision.
const TRIALS_IN_A_BLOCK: usize = 16;
/// The length of the warm-up as a share of the window.
const WARM_UP: f64 = 0.2;

/// Trials that finished in a window of time.
pub(crate) struct Steady {
    /// The number of trials that finished in the window.
    pub(crate) trials: usize,
    /// The length of the window in seconds.
    pub(crate) seconds: f64,
    /// The number of trials per second in each slice of the window.
    pub(crate) slices: Vec<f64>,
    /// The share of the time that threads waited for a core; `None` if the system does not report it.
    pub(crate) waited: Option<f64>,
    /// The averages over all trials that finished, including those of the warm-up.
    pub(crate) summary: Summary,
}

impl Steady {
    /// Runs trials for a window of about `seconds` after a warm-up, or longer if no trial finishes by then. Each `number` stands for other trials.
    pub(crate) fn new<T: Real>(
        setup: &Setup<T>,
        pool: &ThreadPool,
        number: u64,
        seconds: f64,
    ) -> Result<Self, String> {
        let simulation = setup.simulation(number)?;
        let (finished, cancel) = (AtomicUsize::new(0), AtomicBool::new(false));
        let control = Control {
            progress: &|done| {
                finished.fetch_max(done, Ordering::Relaxed);
            },
            cancel: &cancel,
        };
        let (moments, waited, summary) = std::thread::scope(|scope| {
            let clock = scope.spawn(|| {
                let watched = watch(&finished, pool.current_num_threads(), seconds);
                cancel.store(true, Ordering::Relaxed);
                watched
            });
            let summary = pool.install(|| simulation.summarize_with(control));
            let (moments, waited) = clock.join().map_err(|_| "the clock stopped")?;
            Ok::<_, String>((moments, waited, summary.map_err(|e| e.to_string())?))
        })?;
        let (first, last) = (moments[0], moments[moments.len() - 1]);
        let trials = last.trials - first.trials;
        let enough = BLOCKS * TRIALS_IN_A_BLOCK * pool.current_num_threads();
        let count = (trials / enough).clamp(1, SLICES);
        let edge = |slice: usize| moments[slice * (moments.len() - 1) / count];
        let slices = (0..count).map(|slice| edge(slice).rate_until(edge(slice + 1)));
        Ok(Steady {
            trials,
            seconds: (last.time - first.time).as_secs_f64(),
            slices: slices.collect(),
            waited,
            summary,
        })
    }
}

/// A moment in time, with the number of trials that had finished.
#[derive(Clone, Copy)]
struct Moment {
    time: Instant,
    trials: usize,
}

impl Moment {
    fn now(finished: &AtomicUsize) -> Self {
        Moment {
            time: Instant::now(),
            trials: finished.load(Ordering::Relaxed),
        }
    }

    /// The number of trials per second between two moments.
    fn rate_until(self, later: Moment) -> f64 {
        (later.trials - self.trials) as f64 / (later.time - self.time).as_secs_f64()
    }
}

/// Waits for the end of the window. Returns the moments at the edges of its slices, and the share of the time that threads waited for a core.
fn watch(finished: &AtomicUsize, threads: usize, seconds: f64) -> (Vec<Moment>, Option<f64>) {
    let slice = Duration::from_secs_f64(seconds / SLICES as f64);
    std::thread::sleep(Duration::from_secs_f64(seconds * WARM_UP));
    let waiting = waiting::seconds();
    let first = Moment::now(finished);
    let mut moments = vec![first];
    loop {
        std::thread::sleep(slice);
        let now = Moment::now(finished);
        moments.push(now);
        if moments.len() > SLICES && now.trials > first.trials {
            let elapsed = (now.time - first.time).as_secs_f64();
            return (moments, waiting::share(waiting, elapsed, threads));
        }
    }
}
