//! The errors of data files.

use std::io;
use std::path::PathBuf;

use super::problem::ContentError;

/// The reason why data cannot be read, and the place of the error. Offsets are from the start of the file, or from the start of its contents if it is
/// compressed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The folder has no file with one of the names under which the data set is looked for.
    #[error(
        "{}: no {what}; looked for {}{}", dir.display(), looked_for.join(", "), elsewhere(near)
    )]
    Missing {
        /// The folder.
        dir: PathBuf,
        /// The content of the file that is missing.
        what: &'static str,
        /// The names that were looked for.
        looked_for: Vec<String>,
        /// Folders below it that have such files, of which none was chosen.
        near: Vec<PathBuf>,
    },
    /// The operating system could not open or read the file.
    #[error("{}: byte {offset}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The number of bytes that had been read.
        offset: u64,
        /// The error of the operating system.
        source: io::Error,
    },
    /// What is there is a pipe, a socket or a device, which may never end, or never begin.
    #[error("{}: this is a pipe, a socket or a device, and data are read from files", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// A compressed file expands to more than any table or array does.
    #[error(
        "{}: the compressed contents are longer than {at_most} bytes, which is not plausible for so small a file; if they are right, decompress the file first",
        path.display()
    )]
    Implausible {
        /// The file.
        path: PathBuf,
        /// How many bytes were accepted.
        at_most: u64,
    },
    /// The images have another size than those of the data set.
    #[error(
        "{}: byte 8: images of {} x {} pixels, where {} x {} were expected", path.display(), found[0], found[1], expected[0], expected[1]
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// The numbers of rows and columns.
        found: [u64; 2],
        /// The numbers of rows and columns of the data set.
        expected: [u64; 2],
    },
    /// The compressed data are corrupt or cut short.
    #[error("{}: byte {offset} of the contents: the gzip data are corrupt or cut short: {source}", path.display())]
    Gzip {
        /// The file.
        path: PathBuf,
        /// The number of bytes that could be decompressed.
        offset: u64,
        /// The error of the decompression.
        source: io::Error,
    },
    /// The magic number of the file is not that of the expected format.
    #[error("{}: byte 0: magic number {found:#010x} where {expected:#010x} ({what}) was expected", path.display())]
    Magic {
        /// The file.
        path: PathBuf,
        /// The magic number of the file.
        found: u32,
        /// The magic number of the format.
        expected: u32,
        /// The name of the format.
        what: &'static str,
    },
    /// The file ends too early.
    #[error("{}: ends at byte {offset}, in {what}; {expected} bytes were expected", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The length of the file or of its contents, in bytes.
        offset: u64,
        /// The expected length, in bytes.
        expected: u64,
        /// The part of the file that is cut short.
        what: &'static str,
    },
    /// The header of a compressed file specifies more bytes than the file can hold.
    #[error("{}: byte 4: the header promises {claimed} bytes, but so small a file holds at most {at_most}", path.display())]
    Oversized {
        /// The file.
        path: PathBuf,
        /// The length that the header specifies, in bytes.
        claimed: u64,
        /// The largest possible length of the decompressed contents, in bytes.
        at_most: u64,
    },
    /// The file continues after the end of its contents.
    #[error("{}: byte {offset}: the file should end here", path.display())]
    Trailing {
        /// The file.
        path: PathBuf,
        /// The expected length, in bytes.
        offset: u64,
    },
    /// A label is not that of a class.
    #[error("{}: byte {offset}: label {found}; labels are less than {classes}", path.display())]
    Label {
        /// The file.
        path: PathBuf,
        /// The offset of the label.
        offset: u64,
        /// The label.
        found: u8,
        /// The number of classes.
        classes: usize,
    },
    /// The numbers of images and of labels differ.
    #[error("{}: byte 4: {labels} labels for the {images} images of {}", labels_path.display(), images_path.display())]
    Count {
        /// The file of images.
        images_path: PathBuf,
        /// The number of images.
        images: u64,
        /// The file of labels.
        labels_path: PathBuf,
        /// The number of labels.
        labels: u64,
    },
    /// The last record of a file is incomplete.
    #[error("{}: byte {}: a record of {record} bytes is cut short at byte {length}", path.display(), length - length % record)]
    Length {
        /// The file.
        path: PathBuf,
        /// The length of the file, in bytes.
        length: u64,
        /// The length of a record, in bytes.
        record: u64,
    },
    /// The file has no images, or images without pixels.
    #[error("{}: byte {offset}: no images", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// The offset of the number that is 0, or 0 if the file is empty.
        offset: u64,
    },
    /// Something in a file of the user's is wrong.
    #[error("{}: {error}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Where it is, and what.
        error: Box<ContentError>,
    },
    /// The limit on the number of datapoints is 0.
    #[error("a limit of 0 datapoints leaves no data")]
    ZeroLimit,
}

/// The end of a message that names folders, if there are any.
fn elsewhere(near: &[PathBuf]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let folders: Vec<String> = near.iter().map(|dir| dir.display().to_string()).collect();
    format!("; name the folder itself, of {}", folders.join(", "))
}
