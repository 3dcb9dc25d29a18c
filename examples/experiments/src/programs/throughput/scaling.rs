//! The rates on several numbers of threads.

use rayon::ThreadPool;
use serde::Serialize;

use super::measure::Steady;
use super::pool;
use super::setup::Real;
use super::setup::Setup;
use super::spread::Spread;

/// The number of rounds, each of which measures every number of threads.
const ROUNDS: usize = 5;

/// The measurements, with an entry for each number of threads.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Scaling(pub(crate) Vec<Entry>);

/// The rate on a number of threads.
#[derive(Serialize)]
pub(crate) struct Entry {
    pub(crate) threads: usize,
    pub(crate) trial_steps_per_second: Spread,
    /// The rate divided by that on one thread in the same round.
    pub(crate) speed_up: Spread,
}

impl Scaling {
    /// Measures on 1, 2, 4, … threads and on `threads`, for a total of `seconds` each.
    pub(crate) fn new<T: Real>(
        setup: &Setup<T>,
        threads: usize,
        seconds: f64,
    ) -> Result<Self, String> {
        let doublings = std::iter::successors(Some(1), |threads| Some(2 * threads));
        let pools: Vec<ThreadPool> = doublings
            .take_while(|&fewer| fewer < threads)
            .chain([threads])
            .map(pool)
            .collect::<Result<_, _>>()?;
        let mut rates: Vec<Vec<f64>> = vec![vec![]; pools.len()];
        // The number 0 stands for the trials of the main measurement.
        let mut number = 0;
        for _ in 0..ROUNDS {
            for (pool, rates) in pools.iter().zip(&mut rates) {
                number += 1;
                let steady = Steady::new(setup, pool, number, seconds / ROUNDS as f64)?;
                let trials = steady.trials as f64 / steady.seconds;
                rates.push(trials * setup.trial_steps() as f64);
            }
        }
        let entry = |(pool, own): (&ThreadPool, &Vec<f64>)| Entry {
            threads: pool.current_num_threads(),
            trial_steps_per_second: Spread::of(own.clone()),
            speed_up: Spread::of(
                own.iter()
                    .zip(&rates[0])
                    .map(|(own, one)| own / one)
                    .collect(),
            ),
        };
        Ok(Scaling(pools.iter().zip(&rates).map(entry).collect()))
    }
}
