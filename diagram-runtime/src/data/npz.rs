//! The format of `NumPy`'s `.npz` files: a ZIP archive with a `.npy` file for each array.

use std::io::Read;

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};

use super::array::{Archive, Array};
use super::description::Description;
use super::fields::{Field, Fields};
use super::npy;
use super::problem::{ContentError, Place, Problem};
use super::source::DEFLATE_LIMIT;

/// What such files begin with: the first entry, or the end of an archive without any.
pub(super) const MAGICS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// The arrays of an archive. Nothing of them is read yet.
pub(super) struct Npz<'a> {
    archive: ZipSliceArchive<&'a [u8]>,
    arrays: Vec<Entry>,
}

struct Entry {
    name: String,
    method: CompressionMethod,
    encrypted: bool,
    place: ZipArchiveEntryWayfinder,
}

impl<'a> Npz<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Box<ContentError>> {
        let in_archive = |error| Place::File.has(syntax(&error));
        let archive = ZipArchive::from_slice(bytes).map_err(in_archive)?;
        let mut arrays = vec![];
        let mut count = 0;
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry().map_err(in_archive)? {
            count += 1;
            let path = entry.file_path();
            let name =
                str::from_utf8(path.as_bytes()).map_err(|_| Place::File.has(Problem::NotUtf8))?;
            if let Some(name) = name.strip_suffix(".npy") {
                arrays.push(Entry {
                    name: name.into(),
                    method: entry.compression_method(),
                    encrypted: entry.flags().is_encrypted(),
                    place: entry.wayfinder(),
                });
            }
        }
        if count != archive.entries_hint() {
            let promised = archive.entries_hint();
            let message = format!("{count} entries where {promised} are promised");
            let problem = Problem::Syntax {
                format: ".npz",
                message,
            };
            return Err(Place::File.has(problem));
        }
        Ok(Npz { archive, arrays })
    }

    /// Reads the bytes of an array, not more than its header claims, which must not be more than the compressed data can hold.
    fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, Problem> {
        let refused = |method: String| Err(Problem::Compression { method });
        if entry.encrypted {
            return refused("encrypted".into());
        }
        let local = self
            .archive
            .get_entry(entry.place)
            .map_err(|e| syntax(&e))?;
        let data = local.data();
        let claimed = entry.place.uncompressed_size_hint();
        let (reader, at_most): (Box<dyn Read + '_>, u64) = match entry.method {
            CompressionMethod::STORE => (Box::new(data), data.len() as u64),
            CompressionMethod::DEFLATE => (
                Box::new(DeflateDecoder::new(data)),
                (data.len() as u64).saturating_mul(DEFLATE_LIMIT),
            ),
            other => return refused(format!("{other:?}")),
        };
        if claimed > at_most {
            return Err(Problem::Oversized { claimed, at_most });
        }
        let mut bytes = vec![];
        local
            .verifying_reader(reader)
            .take(claimed.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| Problem::Syntax {
                format: ".npz",
                message: error.to_string(),
            })?;
        if bytes.len() as u64 != claimed {
            return Err(Problem::Syntax {
                format: ".npz",
                message: format!(
                    "{claimed} bytes are promised, but there are {}",
                    bytes.len()
                ),
            });
        }
        Ok(bytes)
    }

    /// Reads an array with `read`. Problems of its header are those of the array.
    fn with<R>(
        &self,
        index: usize,
        read: impl FnOnce(Array<'_>) -> Result<R, Box<ContentError>>,
    ) -> Result<R, Box<ContentError>> {
        let entry = &self.arrays[index];
        let at_name = |problem| Place::Column(entry.name.clone()).has(problem);
        let bytes = self.bytes(entry).map_err(at_name)?;
        if !bytes.starts_with(npy::MAGIC) {
            return Err(at_name(Problem::Syntax {
                format: ".npy",
                message: "another magic string".into(),
            }));
        }
        npy::array(&entry.name, &bytes)
            .and_then(read)
            .map_err(|mut error| {
                if error.place == Place::Header {
                    error.place = Place::Column(entry.name.clone());
                }
                error
            })
    }
}

impl Archive for Npz<'_> {
    fn names(&self) -> Vec<String> {
        self.arrays.iter().map(|entry| entry.name.clone()).collect()
    }

    fn field(&self, index: usize, limit: usize) -> Result<Field, Box<ContentError>> {
        self.with(index, |array| array.field(limit))
    }

    fn table(&self, index: usize, description: &Description) -> Result<Fields, Box<ContentError>> {
        self.with(index, |array| array.table(description))
    }
}

fn syntax(error: &rawzip::Error) -> Problem {
    Problem::Syntax {
        format: ".npz",
        message: error.to_string(),
    }
}
