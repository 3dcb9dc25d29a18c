//! Files that are read no further than is needed to refuse them.

use std::io::{self, Read};
use std::path::Path;

use super::CheckpointError;

/// A file of known length, of which a beginning was read.
pub(super) struct PartRead<'r> {
    path: &'r Path,
    reader: &'r mut dyn Read,
    length: u64,
    bytes: Vec<u8>,
}

impl<'r> PartRead<'r> {
    pub(super) fn new(path: &'r Path, reader: &'r mut dyn Read, length: u64) -> Self {
        PartRead {
            path,
            reader,
            length,
            bytes: vec![],
        }
    }

    pub(super) fn path(&self) -> &'r Path {
        self.path
    }

    /// The number of bytes of the file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Reads up to an offset, or to the end of the file if that comes before. Returns all bytes from the beginning on, at least as many.
    pub(super) fn up_to(&mut self, end: u64) -> Result<&[u8], CheckpointError> {
        let end = end.min(self.length);
        let missing = end.saturating_sub(self.bytes.len() as u64);
        let mut part = (&mut *self.reader).take(missing);
        let read = match part.read_to_end(&mut self.bytes) {
            Ok(read) if (read as u64) < missing => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        read.map_err(|source| CheckpointError::Io {
            path: self.path.to_owned(),
            source,
        })?;
        Ok(&self.bytes)
    }

    /// Reads the whole file.
    pub(super) fn all(&mut self) -> Result<&[u8], CheckpointError> {
        self.up_to(self.length)
    }
}
