//! Who computes: a thread for each core with its own blocks, or the framework with its own threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::FrameworkError;

/// How work comes to the cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// A thread for each core has its own blocks; the framework is to use one thread.
    Cores,
    /// One block after the other; the framework uses its own threads.
    Framework,
}

impl Spread {
    /// Both.
    pub const ALL: [Spread; 2] = [Spread::Cores, Spread::Framework];

    /// In a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Spread::Cores => "a thread for each core",
            Spread::Framework => "the framework's threads",
        }
    }
}

/// Threads that take blocks of work.
pub(crate) struct Workers {
    pub(crate) spread: Spread,
    pub(crate) threads: usize,
    /// One thread each; none if the framework is to use its own.
    pools: Vec<ThreadPool>,
}

impl Workers {
    pub(crate) fn new(spread: Spread, threads: usize) -> Result<Self, FrameworkError> {
        let count = match spread {
            Spread::Cores => threads,
            Spread::Framework => 0,
        };
        // In a pool of one thread, what a framework hands to rayon stays where it is.
        let pools = (0..count)
            .map(|_| ThreadPoolBuilder::new().num_threads(1).build())
            .collect::<Result<_, _>>()?;
        Ok(Workers {
            spread,
            threads,
            pools,
        })
    }

    /// The results of all blocks, in any order.
    pub(crate) fn run<R: Send>(
        &self,
        blocks: usize,
        task: impl Fn(usize) -> Result<R, FrameworkError> + Sync,
    ) -> Result<Vec<R>, FrameworkError> {
        if self.pools.is_empty() {
            return (0..blocks).map(task).collect();
        }
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Ok(vec![]));
        let work = || {
            loop {
                let block = next.fetch_add(1, Ordering::Relaxed);
                if block >= blocks {
                    return;
                }
                let result = task(block);
                // Another worker's panic goes on in the scope below.
                let Ok(mut results) = results.lock() else {
                    return;
                };
                match (&mut *results, result) {
                    (Ok(results), Ok(result)) => results.push(result),
                    (results @ Ok(_), Err(error)) => *results = Err(error),
                    (Err(_), _) => return,
                }
            }
        };
        std::thread::scope(|scope| {
            for pool in &self.pools {
                scope.spawn(|| pool.install(work));
            }
        });
        results
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
