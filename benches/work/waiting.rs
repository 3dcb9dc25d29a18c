//! The time that threads wait for a core, by which a measurement shows that other programs disturbed it.

/// The time that the threads of this process have waited for a core so far, in seconds; `None` if the system does not report it.
pub(crate) fn seconds() -> Option<f64> {
    let mut nanoseconds = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        // The file has the time on a core, the time waiting for one (both in nanoseconds) and the number of time slices. A thread may have ended
        // meanwhile.
        let Ok(text) = std::fs::read_to_string(task.ok()?.path().join("schedstat")) else {
            continue;
        };
        nanoseconds += text.split_whitespace().nth(1)?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1e9)
}

/// The share of the time of all threads that was spent waiting for a core, since `before` was returned by [`seconds`], over `elapsed` seconds.
pub(crate) fn share(before: Option<f64>, elapsed: f64, threads: usize) -> Option<f64> {
    Some((seconds()? - before?) / (elapsed * threads as f64))
}
