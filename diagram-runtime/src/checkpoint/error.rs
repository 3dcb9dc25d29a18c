//! The errors of files of weights.

use std::io;
use std::path::PathBuf;

use super::matching::Mismatch;
use crate::data::ContentError;

/// The reason why weights cannot be read or written, and the place of the error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The operating system could not read or write the file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file is neither safetensors nor npy, and its length is not that of the numbers of θ.
    #[error(
        "{}: no safetensors file and no npy file, and its {length} bytes are not those of {weights} weights in 8 or 4 bytes each{}",
        path.display(),
        if *zip { "; it is a zip archive, such as `torch.save` writes: write it with `safetensors.torch.save_file` instead" } else { "" }
    )]
    Unrecognized {
        /// The file.
        path: PathBuf,
        /// The length of the file, in bytes.
        length: u64,
        /// The number P of weights of the network.
        weights: usize,
        /// Whether the file is a zip archive, as `torch.save` and `numpy.savez` write.
        zip: bool,
    },
    /// The file begins like a safetensors file or an npy file and does not go on like one.
    #[error("{}: {error}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The place and the problem.
        error: Box<ContentError>,
    },
    /// Tensors are missing, surplus or misshapen.
    #[error("{}: the tensors are not those of the network: {mismatch}", path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// The tensors of both.
        mismatch: Box<Mismatch>,
    },
    /// Numbers have a type that weights do not have.
    #[error("{}: {what} has numbers of type {dtype}; {read} are read", path.display())]
    Dtype {
        /// The file.
        path: PathBuf,
        /// The tensor, or the array.
        what: String,
        /// The type as the file calls it.
        dtype: String,
        /// The types that are read.
        read: &'static str,
    },
    /// The array of an npy file is in Fortran's order.
    #[error("{}: the array is in Fortran's order; save it with `numpy.ascontiguousarray`", path.display())]
    FortranOrder {
        /// The file.
        path: PathBuf,
    },
    /// The array of an npy file is not a list of as many numbers as θ.
    #[error("{}: the array has the shape {shape:?}, and θ is a list of {weights} numbers", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The shape.
        shape: Vec<u64>,
        /// The number P of weights of the network.
        weights: usize,
    },
    /// An npy file ends before its last number, or continues after it.
    #[error("{}: byte {offset}: {expected} bytes of numbers were expected, but there are {found}", path.display())]
    DataLength {
        /// The file.
        path: PathBuf,
        /// Where the numbers begin, in bytes.
        offset: u64,
        /// The number of bytes of the numbers.
        expected: u64,
        /// The number of bytes in the file.
        found: u64,
    },
    /// A component of θ, or what is written for it, is infinite or NaN. In a file of weights the weight is, or its quotient by the tensor's factor.
    #[error("{}: {tensor}{index:?} is {value}; all numbers must be finite", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The name of the network's tensor.
        tensor: String,
        /// The index in the tensor, by dimension.
        index: Vec<usize>,
        /// The number.
        value: f64,
    },
    /// θ does not have the network's number of weights.
    #[error("the network has {expected} weights, but θ has {found}")]
    Dimension {
        /// The number P of weights of the network.
        expected: usize,
        /// The length of θ.
        found: usize,
    },
}
