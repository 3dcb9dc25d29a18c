//! The IDX format of MNIST and Fashion-MNIST: a big-endian header (the magic number, then the length of each dimension), followed by one byte for
//! each pixel or label. Files may be compressed with gzip.

use std::path::{Path, PathBuf};

use super::source::Source;
use super::{CLASSES, DataError, Images, Split};

/// The magic number of bytes in three dimensions.
const IMAGES: u32 = 0x0803;
/// The magic number of bytes in one dimension.
const LABELS: u32 = 0x0801;

/// Returns the files of images and of labels in a folder, under their official names, with or without `.gz`.
///
/// # Errors
///
/// [`DataError::Missing`] if one of them is not there.
pub fn find(dir: &Path, split: Split) -> Result<(PathBuf, PathBuf), DataError> {
    let (images, labels) = match split {
        Split::Train => ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        Split::Test => ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
    };
    Ok((
        find_one(dir, images, "IDX images")?,
        find_one(dir, labels, "IDX labels")?,
    ))
}

/// Returns the path of a file, compressed or not.
fn find_one(dir: &Path, name: &str, what: &'static str) -> Result<PathBuf, DataError> {
    let looked_for = vec![name.to_owned(), format!("{name}.gz")];
    match looked_for
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.exists())
    {
        Some(path) => Ok(path),
        None => Err(DataError::Missing {
            dir: dir.to_owned(),
            what,
            looked_for,
        }),
    }
}

/// Reads the first `limit` images with their labels, or all if there is no limit or fewer images.
///
/// # Errors
///
/// [`DataError`] if a file cannot be read or is not what its header says, if the numbers of images and labels differ, if a label is out of range, or
/// if the limit is 0.
pub fn read(images: &Path, labels: &Path, limit: Option<usize>) -> Result<Images, DataError> {
    let mut images = ImageReader::new(Source::open(images)?)?;
    let mut labels = LabelReader::new(Source::open(labels)?)?;
    images.expect_whole_file()?;
    labels.expect_whole_file()?;
    let count = check_counts(&images, &labels)?;
    let wanted = limit.map_or(count, |limit| count.min(limit as u64));
    if wanted == 0 {
        return Err(DataError::ZeroLimit);
    }
    let (pixels, bytes) = (images.take(wanted)?, labels.take(wanted)?);
    if wanted == count {
        images.source.expect_end()?;
        labels.source.expect_end()?;
    }
    Ok(Images {
        classes: CLASSES,
        size: images.size as usize,
        pixels,
        labels: bytes,
    })
}

/// Reads images and then labels from one stream.
pub(super) fn read_joined(source: Source<'_>) -> Result<Images, DataError> {
    let mut images = ImageReader::new(source)?;
    let pixels = images.take(images.count)?;
    let (size, count) = (images.size as usize, images.count);
    let mut labels = LabelReader::new(images.source)?;
    let bytes = labels.take(labels.count)?;
    labels.source.expect_end()?;
    if bytes.len() as u64 != count {
        let path = || labels.source.path().to_owned();
        return Err(DataError::Count {
            images_path: path(),
            images: count,
            labels_path: path(),
            labels: labels.count,
        });
    }
    Ok(Images {
        classes: CLASSES,
        size,
        pixels,
        labels: bytes,
    })
}

/// Returns the number of images, which must be that of the labels.
fn check_counts(images: &ImageReader<'_>, labels: &LabelReader<'_>) -> Result<u64, DataError> {
    if images.count != labels.count {
        return Err(DataError::Count {
            images_path: images.source.path().to_owned(),
            images: images.count,
            labels_path: labels.source.path().to_owned(),
            labels: labels.count,
        });
    }
    if images.count == 0 || images.size == 0 {
        let offset = if images.count == 0 { 4 } else { 8 };
        return Err(DataError::Empty {
            path: images.source.path().to_owned(),
            offset,
        });
    }
    Ok(images.count)
}

struct ImageReader<'a> {
    source: Source<'a>,
    count: u64,
    /// The number of pixels of an image. It can be almost 2^64, so that it must not be multiplied before the length of the file has been checked.
    size: u64,
}

impl<'a> ImageReader<'a> {
    const HEADER: u64 = 16;

    fn new(mut source: Source<'a>) -> Result<Self, DataError> {
        expect_magic(&mut source, IMAGES, "IDX images")?;
        let count = u64::from(source.take_u32("the header")?);
        let rows = u64::from(source.take_u32("the header")?);
        let columns = u64::from(source.take_u32("the header")?);
        Ok(ImageReader {
            source,
            count,
            size: rows * columns,
        })
    }

    /// Checks the length of the file, as far as it is known.
    fn expect_whole_file(&self) -> Result<(), DataError> {
        let length = self
            .count
            .saturating_mul(self.size)
            .saturating_add(Self::HEADER);
        self.source.expect_length(length, "the images")
    }

    /// Reads the next `count` images.
    fn take(&mut self, count: u64) -> Result<Vec<u8>, DataError> {
        self.source
            .take(count.saturating_mul(self.size), "the images")
    }
}

struct LabelReader<'a> {
    source: Source<'a>,
    count: u64,
    /// The offset of the first label.
    start: u64,
}

impl<'a> LabelReader<'a> {
    const HEADER: u64 = 8;

    fn new(mut source: Source<'a>) -> Result<Self, DataError> {
        expect_magic(&mut source, LABELS, "IDX labels")?;
        let count = u64::from(source.take_u32("the header")?);
        let start = source.offset();
        Ok(LabelReader {
            source,
            count,
            start,
        })
    }

    /// Checks the length of the file, as far as it is known.
    fn expect_whole_file(&self) -> Result<(), DataError> {
        self.source
            .expect_length(self.count + Self::HEADER, "the labels")
    }

    /// Reads the next `count` labels.
    fn take(&mut self, count: u64) -> Result<Vec<u8>, DataError> {
        let labels = self.source.take(count, "the labels")?;
        match labels
            .iter()
            .position(|&label| usize::from(label) >= CLASSES)
        {
            None => Ok(labels),
            Some(at) => Err(DataError::Label {
                path: self.source.path().to_owned(),
                offset: self.start + at as u64,
                found: labels[at],
                classes: CLASSES,
            }),
        }
    }
}

/// Reads the magic number, which must be the expected one.
fn expect_magic(
    source: &mut Source<'_>,
    expected: u32,
    what: &'static str,
) -> Result<(), DataError> {
    let found = source.take_u32("the header")?;
    if found == expected {
        Ok(())
    } else {
        Err(DataError::Magic {
            path: source.path().to_owned(),
            found,
            expected,
            what,
        })
    }
}
