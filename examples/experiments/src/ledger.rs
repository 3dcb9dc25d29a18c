//! The file of finished cells. It has a line of JSON for each, which is appended and synced to disk when the cell finishes.
//!
//! If a program is killed while it writes, the last line may be incomplete. Such a line is cut off when the file is opened. Complete lines are never
//! changed: those of other settings, experiments and versions stay, and a line without a record makes the cells before it invalid.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ExperimentError;
use crate::experiment::Settings;

/// Everything besides the cell that its outcome depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) experiment: String,
    pub(crate) version: u32,
    pub(crate) settings: Settings,
}

/// A finished cell with its outcome and the wall time of its run in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) cell: Value,
    pub(crate) outcome: Value,
    pub(crate) seconds: f64,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    of: Key,
    /// The finished cell. `None` makes all cells with this key on earlier lines invalid.
    finished: Option<Record>,
}

/// The file of finished cells. It is locked against other runs until this value is dropped.
pub(crate) struct Ledger {
    path: PathBuf,
    file: File,
    key: Key,
    finished: Vec<Record>,
}

/// Locks a file, or gives up after a fifth of a second.
///
/// While this process starts another program on some thread, the new process has copies of all open files until it is loaded. These copies hold the
/// locks, even of runs that have ended, so that one attempt might fail without another run.
fn lock(file: &File) -> Result<(), TryLockError> {
    const ATTEMPTS: usize = 10;
    const PAUSE: Duration = Duration::from_millis(20);
    for _ in 1..ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    file.try_lock()
}

impl Ledger {
    /// Opens and locks the file, which is made if it does not exist, and reads the finished cells with this key.
    pub(crate) fn open(path: PathBuf, key: Key) -> Result<Self, ExperimentError> {
        let wrong = |source| failed(&path, source);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(wrong)?;
        lock(&file).map_err(|error| match error {
            TryLockError::WouldBlock => ExperimentError::InUse { path: path.clone() },
            TryLockError::Error(source) => wrong(source),
        })?;
        let whole = without_torn_line(&mut file).map_err(wrong)?;
        let mut finished = vec![];
        for (at, text) in whole.split(|&byte| byte == b'\n').enumerate() {
            if text.is_empty() {
                continue;
            }
            let line: Line =
                serde_json::from_slice(text).map_err(|source| ExperimentError::Line {
                    path: path.clone(),
                    line: at + 1,
                    source,
                })?;
            match line.finished {
                _ if line.of != key => {}
                Some(record) => finished.push(record),
                None => finished.clear(),
            }
        }
        Ok(Ledger {
            path,
            file,
            key,
            finished,
        })
    }

    /// The record of a cell, if it is finished.
    pub(crate) fn find(&self, cell: &Value) -> Option<&Record> {
        self.finished.iter().find(|record| record.cell == *cell)
    }

    /// Adds a finished cell, which is on disk when this returns.
    pub(crate) fn keep(&mut self, record: Record) -> Result<(), ExperimentError> {
        self.append(Some(record.clone()))?;
        self.finished.push(record);
        Ok(())
    }

    /// Makes all finished cells with this key invalid.
    pub(crate) fn forget(&mut self) -> Result<(), ExperimentError> {
        if !self.finished.is_empty() {
            self.append(None)?;
            self.finished.clear();
        }
        Ok(())
    }

    fn append(&mut self, finished: Option<Record>) -> Result<(), ExperimentError> {
        let line = Line {
            of: self.key.clone(),
            finished,
        };
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        self.file
            .write_all(&text)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| failed(&self.path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> ExperimentError {
    ExperimentError::File {
        path: path.into(),
        source,
    }
}

/// Reads the complete lines of the file, and cuts off an incomplete line at its end.
fn without_torn_line(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let end = bytes
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |last| last + 1);
    if end < bytes.len() {
        file.set_len(end as u64)?;
        bytes.truncate(end);
    }
    Ok(bytes)
}
