//! The IDX format of MNIST and Fashion-MNIST: a big-endian header (the magic number, then the length of each dimension), followed by one byte for
//! each pixel or label. Files may be compressed with gzip, whose checksum is verified even if only some images are wanted.

use std::iter;
use std::path::{Path, PathBuf};

use super::source::Source;
use super::{CLASSES, DataError, Images, Split};

/// The magic number of bytes in three dimensions.
const IMAGES: u32 = 0x0803;
/// The magic number of bytes in one dimension.
const LABELS: u32 = 0x0801;

/// Folders in which torchvision puts the files below the folder that it is given.
const BELOW: [&str; 2] = ["FashionMNIST/raw", "raw"];

/// Folders that have files of the same names with other images, which are named and not read.
const OTHERS: [&str; 4] = ["MNIST/raw", "KMNIST/raw", "QMNIST/raw", "EMNIST/raw"];

/// Returns the files of images and of labels in a folder, under their official names or as Kaggle writes them (`train-images.idx3-ubyte`), with or
/// without `.gz`. If there are none, they are looked for where torchvision puts those of Fashion-MNIST, in `FashionMNIST/raw` and `raw`.
///
/// # Errors
///
/// [`DataError::Missing`] if one of them is not there.
pub fn find(dir: &Path, split: Split) -> Result<(PathBuf, PathBuf), DataError> {
    Ok((
        find_one(dir, names(split, "images-idx3"), "IDX images")?,
        find_one(dir, names(split, "labels-idx1"), "IDX labels")?,
    ))
}

/// The names of a file.
fn names(split: Split, kind: &str) -> Vec<String> {
    let split = match split {
        Split::Train => "train",
        Split::Test => "t10k",
    };
    let official = format!("{split}-{kind}-ubyte");
    let other = format!("{split}-{}-ubyte", kind.replace('-', "."));
    [official, other]
        .into_iter()
        .flat_map(|name| [name.clone(), format!("{name}.gz")])
        .collect()
}

/// Returns the path of the first file that there is, in the folder or below it.
fn find_one(dir: &Path, looked_for: Vec<String>, what: &'static str) -> Result<PathBuf, DataError> {
    let of_folder = |folder: &Path| {
        let mut paths = looked_for.iter().map(|name| folder.join(name));
        paths.find(|path| path.exists())
    };
    let below = BELOW.iter().map(|below| dir.join(below));
    if let Some(path) = iter::once(dir.to_owned())
        .chain(below)
        .find_map(|folder| of_folder(&folder))
    {
        return Ok(path);
    }
    let others = OTHERS.iter().map(|other| dir.join(other));
    Err(DataError::Missing {
        dir: dir.to_owned(),
        what,
        near: others
            .filter(|folder| of_folder(folder).is_some())
            .collect(),
        looked_for,
    })
}

/// Reads the first `limit` images with their labels, or all if there is no limit or fewer images. A `size` of rows and columns is that which the images
/// must have.
///
/// All labels are read, and a compressed file is verified to its end, so that what is given does not depend on the limit.
///
/// # Errors
///
/// [`DataError`] if a file cannot be read or is not what its header says, if images have another size, if the numbers of images and labels differ, if a
/// label is out of range, or if the limit is 0.
pub fn read(
    images: &Path,
    labels: &Path,
    size: Option<[u64; 2]>,
    limit: Option<usize>,
) -> Result<Images, DataError> {
    let (mut images, mut labels) = open(images, labels, size)?;
    let count = images.count;
    let wanted = limit.map_or(count, |limit| count.min(limit as u64));
    if wanted == 0 {
        return Err(DataError::ZeroLimit);
    }
    let mut answers = labels.all()?;
    answers.truncate(wanted as usize);
    let pixels = images.take(wanted)?;
    images.source.verify(images.length(), "the images")?;
    Ok(Images {
        classes: CLASSES,
        size: images.size() as usize,
        pixels,
        labels: answers,
    })
}

/// Reads the labels, and of the images the header alone, which must fit.
///
/// # Errors
///
/// As [`read`], but for what is wrong with pixels.
pub fn read_labels(
    images: &Path,
    labels: &Path,
    size: Option<[u64; 2]>,
) -> Result<Vec<u8>, DataError> {
    let (_, mut labels) = open(images, labels, size)?;
    labels.all()
}

/// Opens both files and compares their headers with each other, with the size of the images and with the lengths of the files.
fn open(
    images: &Path,
    labels: &Path,
    size: Option<[u64; 2]>,
) -> Result<(ImageReader<'static>, LabelReader<'static>), DataError> {
    let images = ImageReader::new(Source::open(images)?)?;
    let labels = LabelReader::new(Source::open(labels)?)?;
    images.expect_size(size)?;
    images.expect_whole_file()?;
    labels.expect_whole_file()?;
    check_counts(&images, &labels)?;
    Ok((images, labels))
}

/// Reads images and then labels from one stream.
pub(super) fn read_joined(source: Source<'_>) -> Result<Images, DataError> {
    let mut images = ImageReader::new(source)?;
    let pixels = images.take(images.count)?;
    let (size, count) = (images.size() as usize, images.count);
    let mut labels = LabelReader::new(images.source)?;
    let bytes = labels.all()?;
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

/// Checks that there are images, and as many as labels.
fn check_counts(images: &ImageReader<'_>, labels: &LabelReader<'_>) -> Result<(), DataError> {
    if images.count != labels.count {
        return Err(DataError::Count {
            images_path: images.source.path().to_owned(),
            images: images.count,
            labels_path: labels.source.path().to_owned(),
            labels: labels.count,
        });
    }
    if images.count == 0 || images.size() == 0 {
        let offset = if images.count == 0 { 4 } else { 8 };
        return Err(DataError::Empty {
            path: images.source.path().to_owned(),
            offset,
        });
    }
    Ok(())
}

struct ImageReader<'a> {
    source: Source<'a>,
    count: u64,
    /// The numbers of rows and columns of an image.
    shape: [u64; 2],
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
            shape: [rows, columns],
        })
    }

    /// The number of pixels of an image. It can be almost 2^64, so that it must not be multiplied before the length of the file has been checked.
    fn size(&self) -> u64 {
        self.shape[0] * self.shape[1]
    }

    /// The length that the contents must have.
    fn length(&self) -> u64 {
        let pixels = self.count.saturating_mul(self.size());
        pixels.saturating_add(Self::HEADER)
    }

    /// Checks the numbers of rows and columns. Those of a file without images, or of images without pixels, are left to be called that.
    fn expect_size(&self, expected: Option<[u64; 2]>) -> Result<(), DataError> {
        match expected {
            Some(expected) if self.shape != expected && self.size() > 0 && self.count > 0 => {
                Err(DataError::Size {
                    path: self.source.path().to_owned(),
                    found: self.shape,
                    expected,
                })
            }
            _ => Ok(()),
        }
    }

    /// Checks the length of the file, as far as it is known.
    fn expect_whole_file(&self) -> Result<(), DataError> {
        self.source.expect_length(self.length(), "the images")
    }

    /// Reads the next `count` images.
    fn take(&mut self, count: u64) -> Result<Vec<u8>, DataError> {
        self.source
            .take(count.saturating_mul(self.size()), "the images")
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

    /// Reads all labels, to the end of the file.
    fn all(&mut self) -> Result<Vec<u8>, DataError> {
        let labels = self.source.take(self.count, "the labels")?;
        self.source.expect_end()?;
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
