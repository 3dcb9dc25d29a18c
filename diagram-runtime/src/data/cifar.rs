//! The binary format of CIFAR-10: a sequence of records. A record is a label and 3 × 32 × 32 pixels (channel, row, column), with one byte for each.

use std::path::{Path, PathBuf};

use super::source::Source;
use super::{CLASSES, DataError, Images, Split};

/// The number of pixels of an image.
const PIXELS: usize = 3 * 32 * 32;
/// The number of bytes of a record.
const RECORD: usize = 1 + PIXELS;

/// Returns the files of a part of the data set in a folder, under their official names, in order. Some of the five training batches may be missing.
///
/// # Errors
///
/// [`DataError::Missing`] if there are none of the files.
pub fn find(dir: &Path, split: Split) -> Result<Vec<PathBuf>, DataError> {
    let looked_for: Vec<String> = match split {
        Split::Train => (1..=5)
            .map(|batch| format!("data_batch_{batch}.bin"))
            .collect(),
        Split::Test => vec!["test_batch.bin".to_owned()],
    };
    let found: Vec<PathBuf> = looked_for
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| path.exists())
        .collect();
    if found.is_empty() {
        return Err(DataError::Missing {
            dir: dir.to_owned(),
            what: "CIFAR-10 batch",
            looked_for,
        });
    }
    Ok(found)
}

/// Reads the first `limit` images of the files, one file after another, or all images if there is no limit or fewer images. Files beyond the limit
/// are not read.
///
/// # Errors
///
/// [`DataError::ZeroLimit`]; [`DataError::Io`], [`DataError::Empty`], [`DataError::Length`], [`DataError::Label`] or [`DataError::Truncated`] for a
/// file that is read.
pub fn read(files: &[PathBuf], limit: Option<usize>) -> Result<Images, DataError> {
    let mut left = limit.unwrap_or(usize::MAX);
    if left == 0 {
        return Err(DataError::ZeroLimit);
    }
    let mut images = Images {
        size: PIXELS,
        pixels: vec![],
        labels: vec![],
    };
    for path in files {
        let before = images.len();
        append(&mut images, path, left)?;
        left -= images.len() - before;
        if left == 0 {
            break;
        }
    }
    Ok(images)
}

/// Reads at most `limit` images of a file.
fn append(images: &mut Images, path: &Path, limit: usize) -> Result<(), DataError> {
    let mut source = Source::open(path)?;
    // The format is never compressed. A file that begins like a gzip file therefore begins with the label 31, which is out of range.
    let Some(length) = source.length() else {
        return Err(DataError::Label {
            path: path.to_owned(),
            offset: 0,
            found: 0x1f,
        });
    };
    if length == 0 {
        return Err(DataError::Empty {
            path: path.to_owned(),
            offset: 0,
        });
    }
    if length % RECORD as u64 != 0 {
        return Err(DataError::Length {
            path: path.to_owned(),
            length,
            record: RECORD as u64,
        });
    }
    let wanted = (length / RECORD as u64).min(limit as u64);
    let bytes = source.take(wanted * RECORD as u64, "the images")?;
    for (record, bytes) in bytes.chunks_exact(RECORD).enumerate() {
        let (label, pixels) = (bytes[0], &bytes[1..]);
        if usize::from(label) >= CLASSES {
            let offset = (record * RECORD) as u64;
            return Err(DataError::Label {
                path: path.to_owned(),
                offset,
                found: label,
            });
        }
        images.labels.push(label);
        images.pixels.extend_from_slice(pixels);
    }
    Ok(())
}
