//! Bytes of a file, plain or compressed, with their offsets.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::DataError;

/// Deflate makes at most 1,032 bytes of one: a pair of bits stands for up to 258.
const DEFLATE_LIMIT: u64 = 1032;

/// A file being read.
pub(super) struct Source<'a> {
    path: PathBuf,
    contents: Contents<'a>,
    /// How many bytes of the contents have been read.
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
    pub(super) fn open(path: &Path) -> Result<Source<'static>, DataError> {
        let failed = |source| DataError::Io {
            path: path.to_owned(),
            offset: 0,
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Source::new(path, BufReader::new(file), length)
    }

    /// A file in memory.
    pub(super) fn in_memory(name: &str, bytes: &'a [u8]) -> Result<Self, DataError> {
        Source::new(Path::new(name), bytes, bytes.len() as u64)
    }

    /// Contents decide whether a file is compressed, not its name: no format that is read here begins like gzip.
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

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of the contents have been read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Its length, unless it is compressed.
    pub(super) fn length(&self) -> Option<u64> {
        match self.contents {
            Contents::Plain { length, .. } => Some(length),
            Contents::Gzip { .. } => None,
        }
    }

    /// Checks that the file can be `length` bytes long, before memory is asked for.
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

    /// The next bytes.
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

    /// The next four bytes as a big-endian number.
    pub(super) fn take_u32(&mut self, what: &'static str) -> Result<u32, DataError> {
        Ok(self
            .take(4, what)?
            .into_iter()
            .fold(0, |number, byte| number << 8 | u32::from(byte)))
    }

    /// Checks that nothing is left, and for compressed files the checksum.
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
