//! How busy other programs keep the machine: times measured on a busy machine say little.

/// Seconds that this process's threads have waited for a core so far; `None` where the system does not tell.
pub(crate) fn seconds() -> Option<f64> {
    let mut nanoseconds = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        // Time on a core, time waiting for one, number of time slices. A thread may have ended meanwhile.
        let Ok(text) = std::fs::read_to_string(task.ok()?.path().join("schedstat")) else {
            continue;
        };
        nanoseconds += text.split_whitespace().nth(1)?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1e9)
}

/// Share of the time of so many threads.
pub(crate) fn share(before: Option<f64>, elapsed: f64, threads: usize) -> Option<f64> {
    Some((seconds()? - before?) / (elapsed * threads as f64))
}
