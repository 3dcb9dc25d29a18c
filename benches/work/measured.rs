//! Files of measurements, from which a report can be made later and by another program.
//!
//! The benchmarks write such a file if the environment variable `DIAGRAMS_MEASURED` names one. The crate `benches/peers`, which includes this module,
//! writes files for other frameworks and reads all of them. Its documentation describes the format.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Everything that one source measured. A source is a version of this library or of another framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measured {
    /// The name of the source with its version.
    pub(crate) source: String,
    /// The day of the measurement in universal time, as YYYY-MM-DD.
    pub(crate) date: String,
    /// The commands that repeat the measurement.
    pub(crate) commands: Vec<String>,
    /// The machine on which it was measured.
    pub(crate) machine: Machine,
    /// The number of threads.
    pub(crate) threads: usize,
    /// The GFLOP/s of a product of large matrices on as many threads, by precision (`f32`, `f64`).
    #[serde(default)]
    pub(crate) gemm_gflops: BTreeMap<String, f64>,
    /// The measured times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) records: Vec<Record>,
    /// The workloads that the source cannot run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unsupported: Vec<Unsupported>,
    /// The fitted growth of times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) growth: Vec<Growth>,
    /// The measured peaks of memory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) memory: Vec<Memory>,
}

/// The properties of a machine that decide how fast it computes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) cpu: String,
    /// The number of cores that the process may use.
    pub(crate) cores: usize,
    /// The widest vector instructions that the processor has: `avx512`, `avx2` or `portable`.
    pub(crate) instruction_set: String,
}

/// The time of one workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// The name of the workload, which is the same in all sources.
    pub(crate) work: String,
    /// The precision, `f32` or `f64`.
    pub(crate) precision: String,
    /// The number of items that one run processes.
    pub(crate) items: f64,
    /// The name of the items; `None` if the time of a run is reported and not a rate.
    pub(crate) unit: Option<String>,
    /// The median time of a run, in seconds.
    pub(crate) median_seconds: f64,
    /// The time of the fastest run, in seconds.
    pub(crate) min_seconds: f64,
    /// The time of the slowest run, in seconds.
    pub(crate) max_seconds: f64,
    /// The least number of floating point operations for an item; a multiply-add counts as two.
    pub(crate) flops_per_item: Option<f64>,
    /// The factor by which this workload is meant to be faster than in the first peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target_ratio: Option<f64>,
    /// The way in which it was computed, where there was a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// A workload that a source cannot run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unsupported {
    /// The name of the workload.
    pub(crate) work: String,
    /// The reason.
    pub(crate) reason: String,
}

/// The growth of a workload's time with a quantity, as a fitted power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Growth {
    /// The quantity, such as n or P.
    pub(crate) quantity: String,
    /// The name of the workload.
    pub(crate) work: String,
    /// The exponent that fits the measured times.
    pub(crate) measured_exponent: f64,
    /// The standard error of the measured exponent.
    pub(crate) standard_error: f64,
    /// The exponent that fits the times that the cost model predicts.
    pub(crate) model_exponent: f64,
}

/// The peak memory of a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    /// The name of the workload.
    pub(crate) work: String,
    /// The peak, in bytes.
    pub(crate) peak_bytes: u64,
    /// The limit that the peak should not exceed, in bytes.
    pub(crate) limit_bytes: Option<u64>,
}

/// The reasons why a file of measurements cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeasuredError {
    /// The file system refuses to read or write the file.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The content of the file is not a file of measurements.
    #[error("{} is not a file of measurements: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: serde_json::Error,
    },
}

impl Measured {
    /// An empty set of measurements with the present machine and date.
    pub(crate) fn today(source: &str, command: &str, threads: usize) -> Self {
        Measured {
            source: source.to_owned(),
            date: today(),
            commands: vec![command.to_owned()],
            machine: Machine::this(),
            threads,
            gemm_gflops: BTreeMap::new(),
            records: vec![],
            unsupported: vec![],
            growth: vec![],
            memory: vec![],
        }
    }

    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, MeasuredError> {
        let text = std::fs::read_to_string(path).map_err(|source| file(path, source))?;
        serde_json::from_str(&text).map_err(|source| json(path, source))
    }

    /// Writes a file. An existing file is replaced only after the new content has been written to another file completely.
    pub(crate) fn write(&self, path: &Path) -> Result<(), MeasuredError> {
        let text = serde_json::to_string_pretty(self).map_err(|source| json(path, source))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| file(folder, source))?;
        }
        let unfinished = path.with_extension("unfinished");
        std::fs::write(&unfinished, text + "\n").map_err(|source| file(&unfinished, source))?;
        std::fs::rename(&unfinished, path).map_err(|source| file(path, source))
    }

    /// Merges these measurements into a file, which is made if it does not exist. A new measurement replaces an older one of the same workload.
    pub(crate) fn merge_into(self, path: &Path) -> Result<(), MeasuredError> {
        if !path.exists() {
            return self.write(path);
        }
        let old = Self::read(path)?;
        let mut merged = self;
        let new = std::mem::take(&mut merged.commands);
        merged.commands = keep(old.commands, new, |a, b| a == b);
        let new = std::mem::take(&mut merged.records);
        merged.records = keep(old.records, new, |a, b| {
            a.work == b.work && a.precision == b.precision
        });
        let new = std::mem::take(&mut merged.unsupported);
        merged.unsupported = keep(old.unsupported, new, |a, b| a.work == b.work);
        let new = std::mem::take(&mut merged.growth);
        merged.growth = keep(old.growth, new, |a, b| {
            a.work == b.work && a.quantity == b.quantity
        });
        let new = std::mem::take(&mut merged.memory);
        merged.memory = keep(old.memory, new, |a, b| a.work == b.work);
        for (precision, gflops) in old.gemm_gflops {
            merged.gemm_gflops.entry(precision).or_insert(gflops);
        }
        merged.write(path)
    }
}

/// The old items, in which each new item replaces the old one that is the same, or is added at the end.
fn keep<T>(mut old: Vec<T>, new: Vec<T>, same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    for item in new {
        match old.iter().position(|o| same(o, &item)) {
            Some(place) => old[place] = item,
            None => old.push(item),
        }
    }
    old
}

fn file(path: &Path, source: std::io::Error) -> MeasuredError {
    MeasuredError::File {
        path: path.to_owned(),
        source,
    }
}

fn json(path: &Path, source: serde_json::Error) -> MeasuredError {
    MeasuredError::Json {
        path: path.to_owned(),
        source,
    }
}

impl Machine {
    /// The machine that runs this program.
    pub(crate) fn this() -> Self {
        // Where there is no such file, the name is that of the architecture.
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = info
            .lines()
            .find(|line| line.starts_with("model name"))
            .and_then(|line| line.split_once(':'))
            .map_or(std::env::consts::ARCH, |(_, name)| name.trim());
        Machine {
            cpu: name.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            instruction_set: instruction_set().to_owned(),
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn instruction_set() -> &'static str {
    if std::is_x86_feature_detected!("avx512f") {
        "avx512"
    } else if std::is_x86_feature_detected!("avx2") {
        "avx2"
    } else {
        "portable"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn instruction_set() -> &'static str {
    "portable"
}

/// The current date in universal time, as YYYY-MM-DD.
fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// The date in the Gregorian calendar that is this number of days after 1970-01-01, as YYYY-MM-DD.
pub(crate) fn date(days: u64) -> String {
    // The calendar repeats after 400 years. Years are counted from March, so that a leap day is the last day of its year.
    let days = days + 719_468;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{day:02}", cycle * 400 + year + next)
}
