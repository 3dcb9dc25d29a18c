//! The bytes of a file, compressed or not, with their offsets.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::DataError;

/// The largest number of bytes to which deflate expands one byte: at least two bits encode at most 258 bytes.
pub(super) const DEFLATE_LIMIT: u64 = 1032;

/// Contents whose length nothing says may be this many times as long as the compressed file. Tables of numbers and arrays that are mostly 0 stay far
/// below it.
const PLAUSIBLE: u64 = 100;

/// Contents whose length nothing says may have this many bytes, however short the compressed file is.
const SMALL: u64 = 64 << 20;

/// How many bytes are in memory at a time of contents that are only verified.
const PIECE: usize = 1 << 16;

/// A file being read.
pub(super) struct Source<'a> {
    path: PathBuf,
    contents: Contents<'a>,
    /// The number of bytes of the contents that have been read.
    offset: u64,
}

enum Contents<'a> {
    Plain {
        reader: Box<dyn Read + 'a>,
        length: u64,
    },
    Gzip {
        reader: Box<dyn Read + 'a>,
        at_most: u64,
    },
}

impl<'a> Source<'a> {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Source<'static>, DataError> {
        let failed = |source| DataError::Io {
            path: path.to_owned(),
            offset: 0,
            source,
        };
        // Before it is opened, since opening a pipe waits for somebody who writes to it.
        let kind = std::fs::metadata(path).map_err(failed)?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            return Err(DataError::NotAFile {
                path: path.to_owned(),
            });
        }
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Source::new(path, BufReader::new(file), length)
    }

    /// A source that reads from memory.
    pub(super) fn in_memory(name: &str, bytes: &'a [u8]) -> Result<Self, DataError> {
        Source::new(Path::new(name), bytes, bytes.len() as u64)
    }

    /// The contents decide whether a file is compressed, not its name. No file of a format that is read here begins like a gzip file.
    fn new(path: &Path, mut reader: impl BufRead + 'a, length: u64) -> Result<Self, DataError> {
        let start = reader.fill_buf().map_err(|source| DataError::Io {
            path: path.to_owned(),
            offset: 0,
            source,
        })?;
        let contents = if start.starts_with(&[0x1f, 0x8b]) {
            let at_most = length.saturating_mul(DEFLATE_LIMIT);
            Contents::Gzip {
                reader: Box::new(MultiGzDecoder::new(reader)),
                at_most,
            }
        } else {
            Contents::Plain {
                reader: Box::new(reader),
                length,
            }
        };
        Ok(Source {
            path: path.to_owned(),
            contents,
            offset: 0,
        })
    }

    /// Returns the path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of bytes of the contents that have been read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the length of the file in bytes, or `None` if it is compressed.
    pub(super) fn length(&self) -> Option<u64> {
        match self.contents {
            Contents::Plain { length, .. } => Some(length),
            Contents::Gzip { .. } => None,
        }
    }

    /// Checks that the contents can be `length` bytes long, before memory is allocated for them.
    pub(super) fn expect_length(&self, length: u64, what: &'static str) -> Result<(), DataError> {
        let path = || self.path.clone();
        match self.contents {
            Contents::Plain { length: actual, .. } if actual < length => {
                Err(DataError::Truncated {
                    path: path(),
                    offset: actual,
                    expected: length,
                    what,
                })
            }
            Contents::Plain { length: actual, .. } if actual > length => Err(DataError::Trailing {
                path: path(),
                offset: length,
            }),
            Contents::Gzip { at_most, .. } if at_most < length => Err(DataError::Oversized {
                path: path(),
                claimed: length,
                at_most,
            }),
            _ => Ok(()),
        }
    }

    /// Reads the next `count` bytes. `what` names them in the error if the file ends before.
    pub(super) fn take(&mut self, count: u64, what: &'static str) -> Result<Vec<u8>, DataError> {
        let start = self.offset;
        let bytes = self.up_to(count)?;
        if (bytes.len() as u64) < count {
            let expected = start.saturating_add(count);
            return Err(DataError::Truncated {
                path: self.path.clone(),
                offset: self.offset,
                expected,
                what,
            });
        }
        Ok(bytes)
    }

    /// Reads all bytes that are left. Of a compressed file these must be at most [`PLAUSIBLE`] times its length, unless they are few.
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, DataError> {
        let count = match self.contents {
            Contents::Plain { length, .. } => length,
            Contents::Gzip { at_most, .. } => {
                at_most.min((at_most / DEFLATE_LIMIT * PLAUSIBLE).max(SMALL))
            }
        };
        let bytes = self.up_to(count)?;
        // The end of a compressed file has its checksum, which is verified when no byte is left.
        if self.is_compressed() && !self.up_to(1)?.is_empty() {
            return Err(DataError::Implausible {
                path: self.path.clone(),
                at_most: count,
            });
        }
        Ok(bytes)
    }

    /// Whether the file is compressed, so that its end has a checksum of all its contents.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(self.contents, Contents::Gzip { .. })
    }

    /// Reads the contents up to the length that they must have and keeps none of them, for the checksum that a compressed file ends with. What is not
    /// compressed has none, and its length is known: nothing is read.
    pub(super) fn verify(&mut self, length: u64, what: &'static str) -> Result<(), DataError> {
        if !self.is_compressed() {
            return Ok(());
        }
        while self.offset < length {
            let piece = (length - self.offset).min(PIECE as u64);
            self.take(piece, what)?;
        }
        self.expect_end()
    }

    /// Reads the next four bytes as a big-endian number.
    pub(super) fn take_u32(&mut self, what: &'static str) -> Result<u32, DataError> {
        Ok(self
            .take(4, what)?
            .into_iter()
            .fold(0, |number, byte| number << 8 | u32::from(byte)))
    }

    /// Checks that no bytes are left, and for a compressed file its checksum.
    pub(super) fn expect_end(&mut self) -> Result<(), DataError> {
        let offset = self.offset;
        if self.up_to(1)?.is_empty() {
            Ok(())
        } else {
            Err(DataError::Trailing {
                path: self.path.clone(),
                offset,
            })
        }
    }

    /// Reads the next `count` bytes, or fewer if the file ends before.
    fn up_to(&mut self, count: u64) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        let result = match &mut self.contents {
            Contents::Plain { reader, .. } | Contents::Gzip { reader, .. } => {
                reader.take(count).read_to_end(&mut bytes)
            }
        };
        self.offset += bytes.len() as u64;
        result.map_err(|source| self.failed(source))?;
        Ok(bytes)
    }

    /// The error of a failed read.
    fn failed(&self, source: io::Error) -> DataError {
        let (path, offset) = (self.path.clone(), self.offset);
        match self.contents {
            Contents::Plain { .. } => DataError::Io {
                path,
                offset,
                source,
            },
            Contents::Gzip { .. } => DataError::Gzip {
                path,
                offset,
                source,
            },
        }
    }
}
