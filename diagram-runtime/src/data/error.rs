//! What can be wrong with data files.

use std::io;
use std::path::PathBuf;

use super::CLASSES;

/// What is wrong with a data file, and where. Offsets are from the start of the file, or of its contents if it is compressed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// None of the names that a file of the data set goes by is in the folder.
    #[error("{}: no {what}; looked for {}", dir.display(), looked_for.join(", "))]
    Missing {
        /// The folder.
        dir: PathBuf,
        /// What the file would hold.
        what: &'static str,
        /// The names.
        looked_for: Vec<String>,
    },
    /// The operating system could not open or read the file.
    #[error("{}: byte {offset}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// How far it was read.
        offset: u64,
        /// Why.
        source: io::Error,
    },
    /// The compressed data are corrupt or cut short.
    #[error("{}: byte {offset} of the contents: the gzip data are corrupt or cut short: {source}", path.display())]
    Gzip {
        /// The file.
        path: PathBuf,
        /// How many bytes could be decompressed.
        offset: u64,
        /// Why.
        source: io::Error,
    },
    /// Not the kind of file that its name promises.
    #[error("{}: byte 0: magic number {found:#010x} where {expected:#010x} ({what}) was expected", path.display())]
    Magic {
        /// The file.
        path: PathBuf,
        /// Its magic number.
        found: u32,
        /// The magic number of the format.
        expected: u32,
        /// The format.
        what: &'static str,
    },
    /// The file ends too soon.
    #[error("{}: ends at byte {offset}, in {what}; {expected} bytes were expected", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its length.
        offset: u64,
        /// The length that it should have.
        expected: u64,
        /// What is cut short.
        what: &'static str,
    },
    /// The header promises more than the compressed file can hold.
    #[error("{}: byte 4: the header promises {claimed} bytes, but so small a file holds at most {at_most}", path.display())]
    Oversized {
        /// The file.
        path: PathBuf,
        /// The length that follows from the header.
        claimed: u64,
        /// The most that the compressed bytes can become.
        at_most: u64,
    },
    /// The file goes on after its contents.
    #[error("{}: byte {offset}: the file should end here", path.display())]
    Trailing {
        /// The file.
        path: PathBuf,
        /// The length that it should have.
        offset: u64,
    },
    /// Not a class.
    #[error("{}: byte {offset}: label {found}; labels are less than {CLASSES}", path.display())]
    Label {
        /// The file.
        path: PathBuf,
        /// Where the label is.
        offset: u64,
        /// The label.
        found: u8,
    },
    /// Images and labels do not belong together.
    #[error("{}: byte 4: {labels} labels for the {images} images of {}", labels_path.display(), images_path.display())]
    Count {
        /// The file of images.
        images_path: PathBuf,
        /// Their number.
        images: u64,
        /// The file of labels.
        labels_path: PathBuf,
        /// Their number.
        labels: u64,
    },
    /// A file of records has part of one.
    #[error("{}: byte {}: a record of {record} bytes is cut short at byte {length}", path.display(), length - length % record)]
    Length {
        /// The file.
        path: PathBuf,
        /// Its length.
        length: u64,
        /// The length of a record.
        record: u64,
    },
    /// No images, or images without pixels.
    #[error("{}: byte {offset}: no images", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// Where it says so.
        offset: u64,
    },
    /// A limit of no images.
    #[error("a limit of 0 images leaves no data")]
    ZeroLimit,
}
