//! What tells data apart: the lengths and checksums of the files that they are read from.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use diagrams::runtime::data::cifar::{self, Format};
use diagrams::runtime::data::{Cifar100Labels, Split, idx};
use serde::{Deserialize, Serialize};

use crate::error::ExperimentError;

/// A file of data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Its name.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The CRC-32 of its contents, in hexadecimal.
    pub crc32: String,
}

/// The digests of all files of known data sets in a folder.
///
/// # Errors
/// [`ExperimentError::File`] if a file cannot be read.
pub fn of_folder(folder: &Path) -> Result<Vec<FileDigest>, ExperimentError> {
    files(folder).iter().map(|path| of_file(path)).collect()
}

/// All files of known data sets in a folder, in the order of their paths.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = vec![];
    for split in [Split::Train, Split::Test] {
        // What is not there is not read either.
        if let Ok((images, labels)) = idx::find(folder, split) {
            paths.extend([images, labels]);
        }
        for format in [Format::Ten, Format::Hundred(Cifar100Labels::Fine)] {
            paths.extend(cifar::find(folder, format, split).unwrap_or_default());
        }
    }
    paths.sort();
    paths
}

/// The digest of a file.
fn of_file(path: &Path) -> Result<FileDigest, ExperimentError> {
    let look = || -> io::Result<FileDigest> {
        let mut hasher = crc32fast::Hasher::new();
        let mut file = File::open(path)?;
        let mut piece = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut piece)?;
            if count == 0 {
                break;
            }
            hasher.update(&piece[..count]);
            bytes += count as u64;
        }
        Ok(FileDigest {
            file: path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            bytes,
            crc32: format!("{:08x}", hasher.finalize()),
        })
    };
    look().map_err(|source| ExperimentError::File {
        path: path.into(),
        source,
    })
}
