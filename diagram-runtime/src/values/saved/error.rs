//! The errors of files of values.

use std::io;
use std::path::{Path, PathBuf};

use crate::device::DeviceError;

/// The reason why values cannot be written to a file or read from it.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The file cannot be written or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file is something else, or was written by a program with another format.
    #[error("{} is no file of values that this program can read", path.display())]
    NotValues {
        /// The file.
        path: PathBuf,
    },
    /// The content of the file is not what was written.
    #[error("{} is damaged: its checksum is not that of its content", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The numbers in the file are of another type.
    #[error("{} has values in {found}, but they are read as {expected}", path.display())]
    Numbers {
        /// The file.
        path: PathBuf,
        /// The type in the file.
        found: String,
        /// The type that is read.
        expected: &'static str,
    },
    /// The values are those of another landscape, of other weights or of other data.
    #[error("{} has values of another landscape, other weights or other data: {what}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// The device failed while the loss or a derivative was computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl SavedError {
    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> SavedError {
        |source| SavedError::Io {
            path: path.into(),
            source,
        }
    }
}
