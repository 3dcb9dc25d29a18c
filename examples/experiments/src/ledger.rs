//! Finished cells on disk: JSON, a line for each, appended and synced as it finishes.
//!
//! A program that is killed leaves at most one line torn, the last, and that is dropped. Lines of other settings, experiments and versions
//! stay where they are. Nothing is ever rewritten: cells are forgotten by a line that says so.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ExperimentError;
use crate::experiment::Settings;

/// What the outcome of a cell depends on besides the cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) experiment: String,
    pub(crate) version: u32,
    pub(crate) settings: Settings,
}

/// A cell, what it gave, and how long that took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) cell: Value,
    pub(crate) outcome: Value,
    pub(crate) seconds: f64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    of: Key,
    /// None: all that were finished before are forgotten.
    finished: Option<Record>,
}

/// The file of finished cells, locked against other runs as long as this lives.
pub(crate) struct Ledger {
    path: PathBuf,
    file: File,
    key: Key,
    finished: Vec<Record>,
}

/// Locks a file. A program that this process is just starting on another thread has all files open until it is loaded, and their locks with them, even
/// those of runs that have ended: the lock is tried for a fifth of a second.
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
    /// The cells of these settings among all of the file, which is made if it is not there.
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

    /// What a cell gave, if it is finished.
    pub(crate) fn find(&self, cell: &Value) -> Option<&Record> {
        self.finished.iter().find(|record| record.cell == *cell)
    }

    /// Keeps a cell: it is on disk when this returns.
    pub(crate) fn keep(&mut self, record: Record) -> Result<(), ExperimentError> {
        self.append(Some(record.clone()))?;
        self.finished.push(record);
        Ok(())
    }

    /// Forgets all finished cells of these settings.
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

/// The file's lines; what follows the last of them, written by a program that was killed meanwhile, is cut off.
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
