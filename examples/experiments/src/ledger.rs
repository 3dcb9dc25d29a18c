//! The file of finished cells. It has a line of JSON for each, which is appended and synced to disk when the cell finishes.
//!
//! If a program is killed while it writes, the last line may be incomplete. Such a line is cut off when the file is opened. Complete lines are never
//! changed: those of other settings, experiments and versions stay, and a line without a record makes the cells before it invalid.
//!
//! A line ends with the CRC-32 of what is before it, so that a damaged one is an error and not another result. Lines without it were written by the first
//! version of the format, which did not say what cells were computed with: they stay and are not used.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::FileDigest;
use crate::error::ExperimentError;
use crate::experiment::Settings;
use crate::lock::Lock;
use crate::provenance::Provenance;

/// The version of the format of a line.
const FORMAT: u32 = 2;

/// What a line has between its contents and its checksum, and after that.
const BEFORE: &str = ",\"crc32\":\"";
const AFTER: &str = "\"}";

/// The number of digits of a checksum.
const DIGITS: usize = 8;

/// Everything besides the cell that its outcome depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) experiment: String,
    pub(crate) version: u32,
    /// The program and its instruction set: results of different ones differ by rounding.
    pub(crate) made_with: Provenance,
    pub(crate) settings: Settings,
    /// The files of data that are not in the library. Initial weights are no files: the seed of the settings makes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) data: Vec<FileDigest>,
}

/// A finished cell with its outcome and the wall time of its run in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) cell: Value,
    pub(crate) outcome: Value,
    pub(crate) seconds: f64,
}

/// A line of the file without its checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    format: u32,
    of: Key,
    /// The finished cell. `None` makes all cells with this key on earlier lines invalid.
    finished: Option<Record>,
}

/// A line of the first version of the format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldLine {
    #[serde(rename = "of")]
    _of: OldKey,
    #[serde(rename = "finished")]
    _finished: Option<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldKey {
    #[serde(rename = "experiment")]
    _experiment: String,
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "settings")]
    _settings: Settings,
}

/// The file of finished cells. It is locked against other runs until this value is dropped.
pub(crate) struct Ledger {
    path: PathBuf,
    file: File,
    key: Key,
    finished: Vec<Record>,
    _lock: Lock,
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
        let lock = Lock::of(&file, &path, &path.with_extension("lock"))?;
        let whole = without_torn_line(&mut file).map_err(wrong)?;
        let mut finished = vec![];
        for (at, text) in whole.split(|&byte| byte == b'\n').enumerate() {
            if text.is_empty() {
                continue;
            }
            let wrong = |source| ExperimentError::Line {
                path: path.clone(),
                line: at + 1,
                source,
            };
            let contents = match read(text).map_err(wrong)? {
                Checked::Whole(contents) => contents,
                Checked::Old => continue,
                Checked::Damaged => {
                    return Err(ExperimentError::Damaged {
                        path: path.clone(),
                        line: at + 1,
                    });
                }
            };
            let line: Line = match serde_json::from_slice(&contents) {
                Ok(line) => line,
                // Whole, but with other fields: by another version of the program.
                Err(_) => continue,
            };
            match line.finished {
                _ if line.of != key || line.format != FORMAT => {}
                Some(record) => finished.push(record),
                None => finished.clear(),
            }
        }
        Ok(Ledger {
            path,
            file,
            key,
            finished,
            _lock: lock,
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
            format: FORMAT,
            of: self.key.clone(),
            finished,
        };
        let mut text = with_checksum(serde_json::to_vec(&line)?);
        text.push(b'\n');
        self.file
            .write_all(&text)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| failed(&self.path, source))
    }
}

/// A line of the file.
enum Checked {
    /// Its contents as they were written.
    Whole(Vec<u8>),
    /// Of the first version of the format.
    Old,
    /// Its checksum is not that of its contents.
    Damaged,
}

/// The object with a last field, the checksum of all bytes before that field.
fn with_checksum(mut object: Vec<u8>) -> Vec<u8> {
    object.pop();
    let sum = checksum(&object);
    object.extend([BEFORE, &sum, AFTER].concat().bytes());
    object
}

fn checksum(bytes: &[u8]) -> String {
    format!("{:0DIGITS$x}", crc32fast::hash(bytes))
}

/// Verifies the checksum of a line and takes it off. A line without a checksum that is none of the first version either is an error.
fn read(text: &[u8]) -> serde_json::Result<Checked> {
    let length = BEFORE.len() + DIGITS + AFTER.len();
    let Some((contents, end)) = text
        .len()
        .checked_sub(length)
        .map(|start| text.split_at(start))
        .filter(|(_, end)| end.starts_with(BEFORE.as_bytes()) && end.ends_with(AFTER.as_bytes()))
    else {
        return match serde_json::from_slice::<Value>(text) {
            // What is JSON but has neither form has lost its form since it was written.
            Ok(value) if serde_json::from_value::<OldLine>(value.clone()).is_err() => {
                Ok(Checked::Damaged)
            }
            other => other.map(|_| Checked::Old),
        };
    };
    if end[BEFORE.len()..][..DIGITS] != *checksum(contents).as_bytes() {
        return Ok(Checked::Damaged);
    }
    let mut contents = contents.to_vec();
    contents.push(b'}');
    Ok(Checked::Whole(contents))
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
