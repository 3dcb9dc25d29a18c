//! Measurements as files, so that a report can be made from what was measured, on any day and by any program.
//!
//! The benches write such a file if the environment variable `DIAGRAMS_MEASURED` names one. The crate `benches/peers` writes others and reads
//! all; it includes this file, and its documentation describes the format.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// All that one source measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measured {
    /// What was measured, with its version.
    pub(crate) source: String,
    /// When, as YYYY-MM-DD.
    pub(crate) date: String,
    /// What to run to measure again.
    pub(crate) commands: Vec<String>,
    /// Where.
    pub(crate) machine: Machine,
    /// How many threads computed.
    pub(crate) threads: usize,
    /// GFLOP/s of a large matrix product with as many threads, by precision.
    #[serde(default)]
    pub(crate) gemm_gflops: BTreeMap<String, f64>,
    /// The times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) records: Vec<Record>,
    /// What the source cannot do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unsupported: Vec<Unsupported>,
    /// How times grow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) growth: Vec<Growth>,
    /// How much memory was used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) memory: Vec<Memory>,
}

/// A machine, by what decides its speed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) cpu: String,
    /// Cores that the process may use.
    pub(crate) cores: usize,
    /// The widest vectors that it has: `avx512`, `avx2` or `portable`.
    pub(crate) instruction_set: String,
}

/// The time of one work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// The work's name, the same in all sources.
    pub(crate) work: String,
    /// `f32` or `f64`.
    pub(crate) precision: String,
    /// Items that one run does.
    pub(crate) items: f64,
    /// What the items are; none if the time of a run is all there is to say.
    pub(crate) unit: Option<String>,
    /// Seconds of a run.
    pub(crate) median_seconds: f64,
    /// The fastest run.
    pub(crate) min_seconds: f64,
    /// The slowest run.
    pub(crate) max_seconds: f64,
    /// Least floating point operations, multiply and add as two.
    pub(crate) flops_per_item: Option<f64>,
    /// How much faster than the first peer this work is meant to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target_ratio: Option<f64>,
    /// How it was done, where there was a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// A work that a source cannot do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unsupported {
    /// The work's name.
    pub(crate) work: String,
    /// Why.
    pub(crate) reason: String,
}

/// How a work's time grows with a quantity: as a power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Growth {
    /// What grows.
    pub(crate) quantity: String,
    /// The work's name.
    pub(crate) work: String,
    /// The power that fits the times.
    pub(crate) measured_exponent: f64,
    /// Of the measured one.
    pub(crate) standard_error: f64,
    /// The power that the cost model gives.
    pub(crate) model_exponent: f64,
}

/// The most memory that a work used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    /// The work's name.
    pub(crate) work: String,
    /// At the worst moment.
    pub(crate) peak_bytes: u64,
    /// What was asked for.
    pub(crate) limit_bytes: Option<u64>,
}

/// Why a file of measurements cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeasuredError {
    /// The file system's reason.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The content is something else.
    #[error("{} is not a file of measurements: {source}", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

impl Measured {
    /// Nothing measured yet, on this machine, today.
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

    /// What a file holds.
    pub(crate) fn read(path: &Path) -> Result<Self, MeasuredError> {
        let text = std::fs::read_to_string(path).map_err(|source| file(path, source))?;
        serde_json::from_str(&text).map_err(|source| json(path, source))
    }

    /// Makes or replaces a file. What was there before stays whole until the new content is.
    pub(crate) fn write(&self, path: &Path) -> Result<(), MeasuredError> {
        let text = serde_json::to_string_pretty(self).map_err(|source| json(path, source))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| file(folder, source))?;
        }
        let unfinished = path.with_extension("unfinished");
        std::fs::write(&unfinished, text + "\n").map_err(|source| file(&unfinished, source))?;
        std::fs::rename(&unfinished, path).map_err(|source| file(path, source))
    }

    /// Adds what a file already holds from other runs, if there is one; what is newly measured replaces what it measured before.
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

/// Each new one in the place of the old one that it replaces, or at the end.
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
    /// This one.
    pub(crate) fn this() -> Self {
        // Only Linux tells the processor's name in a file.
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

/// In universal time.
fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// A day of the Gregorian calendar, counted from 1970-01-01.
pub(crate) fn date(days: u64) -> String {
    // Years that start in March, in cycles of 400 years, have their leap days at their ends.
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
