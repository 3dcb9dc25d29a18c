//! The binary formats of CIFAR-10 and CIFAR-100: a sequence of records. A record is the labels, one for CIFAR-10 and the coarse and the fine one for
//! CIFAR-100, and 3 × 32 × 32 pixels (channel, row, column), with one byte for each.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::source::Source;
use super::{CLASSES, DataError, Images, Split};

/// The number of pixels of an image.
const PIXELS: usize = 3 * 32 * 32;
/// Which of the two data sets, and which of its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// CIFAR-10.
    Ten,
    /// CIFAR-100 with these labels.
    Hundred(Cifar100Labels),
}

/// Which of the two data sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// CIFAR-10.
    Ten,
    /// CIFAR-100.
    Hundred,
}

/// The labels of CIFAR-100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cifar100Labels {
    /// The 20 superclasses.
    Coarse,
    /// The 100 classes.
    Fine,
}

impl Format {
    /// The number of bytes of the labels of a record.
    const fn label_bytes(self) -> usize {
        match self {
            Format::Ten => 1,
            Format::Hundred(_) => 2,
        }
    }

    /// Which byte of a record is the label.
    const fn label_byte(self) -> usize {
        match self {
            Format::Ten | Format::Hundred(Cifar100Labels::Coarse) => 0,
            Format::Hundred(Cifar100Labels::Fine) => 1,
        }
    }

    /// The number of classes.
    pub const fn classes(self) -> usize {
        match self {
            Format::Ten => CLASSES,
            Format::Hundred(Cifar100Labels::Coarse) => 20,
            Format::Hundred(Cifar100Labels::Fine) => 100,
        }
    }

    /// The number of bytes of a record.
    const fn record(self) -> usize {
        self.label_bytes() + PIXELS
    }
}

/// The largest number of records whose labels are looked at to recognize a file.
const LOOKED_AT: u64 = 100;

/// Returns which of the data sets a file has, by its contents: its length is that of whole records, and the first records have labels that there are. A
/// length that is one of whole records of both is one of 9 MB or more, of which the labels decide.
///
/// # Errors
///
/// [`DataError::Io`].
pub fn recognize(path: &Path) -> Result<Option<Version>, DataError> {
    let known = [
        (Version::Ten, Format::Ten, &[CLASSES][..]),
        (
            Version::Hundred,
            Format::Hundred(Cifar100Labels::Coarse),
            &[20, 100],
        ),
    ];
    Source::open(path)?;
    let look = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut found = vec![];
        for (version, format, classes) in known {
            let record = format.record() as u64;
            if length == 0 || !length.is_multiple_of(record) {
                continue;
            }
            let mut is_right = true;
            for at in 0..(length / record).min(LOOKED_AT) {
                let mut labels = vec![0; classes.len()];
                file.seek(SeekFrom::Start(at * record))?;
                file.read_exact(&mut labels)?;
                let mut labels = labels.iter().zip(classes);
                is_right &= labels.all(|(&label, &classes)| usize::from(label) < classes);
            }
            if is_right {
                found.push(version);
            }
        }
        Ok(match found[..] {
            [version] => Some(version),
            _ => None,
        })
    };
    look().map_err(|source: io::Error| DataError::Io {
        path: path.to_owned(),
        offset: 0,
        source,
    })
}

/// Returns the files of a part of the data set in a folder, under their official names, in order. If there are none, they are looked for in the folder
/// that the archive unpacks to, `cifar-10-batches-bin` or `cifar-100-binary`. Some of the five training batches of CIFAR-10 may be missing.
///
/// # Errors
///
/// [`DataError::Missing`] if there are none of the files.
pub fn find(dir: &Path, format: Format, split: Split) -> Result<Vec<PathBuf>, DataError> {
    let looked_for: Vec<String> = match (format, split) {
        (Format::Ten, Split::Train) => (1..=5)
            .map(|batch| format!("data_batch_{batch}.bin"))
            .collect(),
        (Format::Ten, Split::Test) => vec!["test_batch.bin".to_owned()],
        (Format::Hundred(_), Split::Train) => vec!["train.bin".to_owned()],
        (Format::Hundred(_), Split::Test) => vec!["test.bin".to_owned()],
    };
    let of_folder = |folder: &Path| -> Vec<PathBuf> {
        let paths = looked_for.iter().map(|name| folder.join(name));
        paths.filter(|path| path.exists()).collect()
    };
    let mut found = of_folder(dir);
    if found.is_empty() {
        found = of_folder(&dir.join(match format {
            Format::Ten => "cifar-10-batches-bin",
            Format::Hundred(_) => "cifar-100-binary",
        }));
    }
    if found.is_empty() {
        return Err(DataError::Missing {
            dir: dir.to_owned(),
            near: vec![],
            what: match format {
                Format::Ten => "CIFAR-10 batch",
                Format::Hundred(_) => "CIFAR-100 file",
            },
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
pub fn read(files: &[PathBuf], format: Format, limit: Option<usize>) -> Result<Images, DataError> {
    let mut left = limit.unwrap_or(usize::MAX);
    if left == 0 {
        return Err(DataError::ZeroLimit);
    }
    let mut images = Images {
        classes: format.classes(),
        size: PIXELS,
        pixels: vec![],
        labels: vec![],
    };
    for path in files {
        let before = images.len();
        append(&mut images, path, format, left)?;
        left -= images.len() - before;
        if left == 0 {
            break;
        }
    }
    Ok(images)
}

/// Reads the labels of all images of the files, one file after another, and none of the pixels.
///
/// # Errors
///
/// [`DataError::Io`], [`DataError::Empty`], [`DataError::Length`] or [`DataError::Label`].
pub fn read_labels(files: &[PathBuf], format: Format) -> Result<Vec<u8>, DataError> {
    let mut labels = vec![];
    for path in files {
        let (_, length) = open(path, format)?;
        let failed = |offset| {
            move |source| DataError::Io {
                path: path.to_owned(),
                offset,
                source,
            }
        };
        let mut file = File::open(path).map_err(failed(0))?;
        for record in 0..length / format.record() as u64 {
            let offset = record * format.record() as u64 + format.label_byte() as u64;
            let mut label = [0];
            file.seek(SeekFrom::Start(offset))
                .and_then(|_| file.read_exact(&mut label))
                .map_err(failed(offset))?;
            labels.push(checked(label[0], path, offset, format)?);
        }
    }
    Ok(labels)
}

/// Returns a label, if it is that of a class.
fn checked(label: u8, path: &Path, offset: u64, format: Format) -> Result<u8, DataError> {
    if usize::from(label) < format.classes() {
        return Ok(label);
    }
    Err(DataError::Label {
        path: path.to_owned(),
        offset,
        found: label,
        classes: format.classes(),
    })
}

/// Opens a file of whole records, and returns its length.
fn open(path: &Path, format: Format) -> Result<(Source<'static>, u64), DataError> {
    let record_bytes = format.record();
    let source = Source::open(path)?;
    // The format is never compressed. A file that begins like a gzip file therefore begins with the label 31, which is out of range: CIFAR-10 has 10
    // labels, and CIFAR-100 has 20 coarse ones, which come first.
    let Some(length) = source.length() else {
        return Err(DataError::Label {
            path: path.to_owned(),
            offset: 0,
            found: 0x1f,
            classes: match format {
                Format::Ten => CLASSES,
                Format::Hundred(_) => Format::Hundred(Cifar100Labels::Coarse).classes(),
            },
        });
    };
    if length == 0 {
        return Err(DataError::Empty {
            path: path.to_owned(),
            offset: 0,
        });
    }
    if !length.is_multiple_of(record_bytes as u64) {
        return Err(DataError::Length {
            path: path.to_owned(),
            length,
            record: record_bytes as u64,
        });
    }
    Ok((source, length))
}

/// Reads at most `limit` images of a file.
fn append(images: &mut Images, path: &Path, format: Format, limit: usize) -> Result<(), DataError> {
    let record_bytes = format.record();
    let (mut source, length) = open(path, format)?;
    let wanted = (length / record_bytes as u64).min(limit as u64);
    let bytes = source.take(wanted * record_bytes as u64, "the images")?;
    for (record, bytes) in bytes.chunks_exact(record_bytes).enumerate() {
        let (labels, pixels) = bytes.split_at(format.label_bytes());
        let offset = (record * record_bytes + format.label_byte()) as u64;
        let label = checked(labels[format.label_byte()], path, offset, format)?;
        images.labels.push(label);
        images.pixels.extend_from_slice(pixels);
    }
    Ok(())
}
