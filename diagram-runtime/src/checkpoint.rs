//! Weights of networks from files and to files.
//!
//! | format | what it has | read | written |
//! | --- | --- | --- | --- |
//! | safetensors | tensors of weights with the names of `PyTorch`'s `state_dict`, in f16, bf16, f32 or f64 | [`load`] | [`save_safetensors`] |
//! | npy, as `numpy.save` writes it | θ, one list of P numbers in f32 or f64 | [`load`] | [`save_npy`] |
//! | raw | θ, P little-endian numbers in f32 or f64, and nothing else | [`load`] | [`save_raw`] |
//!
//! [`save`] writes any of them.
//!
//! The contents of a file decide what it is, not its name. A file has either the weights of a network or θ: a weight is
//! [`Tensor::scale`](crate::networks::Tensor::scale) times its component of θ. [`Network::layout`](crate::networks::Network::layout) shows the names, shapes
//! and factors of the tensors.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use diagram_runtime::networks::{Activation, Dense, Loss, Network, Shape};
//! use diagram_runtime::checkpoint::{self, FloatType};
//! use diagram_runtime::initialization::{Initialization, initialize};
//!
//! let network = Network::input(Shape::Vector(3))
//!     .then(Dense::new(4))
//!     .then(Activation::Tanh)
//!     .then(Dense::new(2))
//!     .loss(Loss::CrossEntropy)?;
//! let theta = initialize(&network, Initialization::XavierUniform, 1);
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("weights.safetensors");
//! checkpoint::save_safetensors(&file, &network, &theta, FloatType::F64, &BTreeMap::new())?;
//! let read = checkpoint::load(&file, &network)?;
//! assert!(read.theta.iter().zip(&theta).all(|(read, saved)| (read - saved).abs() <= 3e-16 * saved.abs()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In Python the same file is `PyTorch`'s state: `model.load_state_dict(safetensors.torch.load_file("weights.safetensors"))`, and
//! `safetensors.torch.save_file(model.state_dict(), "weights.safetensors")` writes one.

mod error;
mod matching;
mod npy;
mod part_read;
mod safetensors;
mod save;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::networks::{Network, Tensor};

pub use error::CheckpointError;
pub use matching::{Fit, Mismatch, TensorMatch};
pub use save::{FloatType, save, save_npy, save_raw, save_safetensors};

use crate::data::array::Kind;
use part_read::PartRead;

/// Weights that were read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// θ: P finite numbers.
    pub theta: Vec<f64>,
    /// The format of the file.
    pub format: Format,
    /// What all names of the file begin with that the network's names do not have, such as `model.` or `_orig_mod.`; empty if there is nothing. It is empty
    /// for files that have θ.
    pub prefix: String,
    /// The words that a safetensors file has about itself.
    pub metadata: BTreeMap<String, String>,
}

/// The format of a file of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Tensors with names.
    Safetensors,
    /// θ as `NumPy` writes it.
    Npy,
    /// The numbers of θ and nothing else.
    Raw,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Safetensors => "safetensors",
            Format::Npy => "npy",
            Format::Raw => "raw",
        })
    }
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 3] = [Format::Safetensors, Format::Npy, Format::Raw];

    /// Returns what the names of files of this format end with, without the dot.
    pub const fn ending(self) -> &'static str {
        match self {
            Format::Safetensors => "safetensors",
            Format::Npy => "npy",
            Format::Raw => "raw",
        }
    }

    /// Returns the format that the [ending](Format::ending) of a file's name stands for, or `None` if it stands for none. Files are written by their names; what
    /// a file is that is read, its contents decide.
    pub fn of_name(path: impl AsRef<Path>) -> Option<Format> {
        let ending = path.as_ref().extension()?.to_str()?;
        Format::ALL
            .into_iter()
            .find(|format| format.ending() == ending)
    }
}

/// Reads the weights of a network from a file: safetensors, npy or raw numbers, as the [module](self) describes. The contents decide which.
///
/// The names in a safetensors file may all have one prefix, which ends with a dot. A tensor must have the shape that it has in the network: one with the same
/// number of weights in another shape is refused. A component of θ is the weight, in double precision, divided by the tensor's factor and rounded once.
///
/// A file that is something else, or that has other tensors, is refused by its length, its first bytes and its header: the rest of it is not read.
///
/// # Errors
/// [`CheckpointError`]: if the file cannot be read, is corrupt, or does not fit the network, and if a component of θ is not finite.
pub fn load(path: impl AsRef<Path>, network: &Network) -> Result<Checkpoint, CheckpointError> {
    let path = path.as_ref();
    let failed = |source| CheckpointError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_file() {
        return read(PartRead::new(path, &mut file, about.len()), network);
    }
    // A pipe has no length that could be looked at before it is read.
    let mut bytes = vec![];
    file.read_to_end(&mut bytes).map_err(failed)?;
    read(
        PartRead::new(path, &mut &bytes[..], bytes.len() as u64),
        network,
    )
}

/// Reads weights as [`load`] does, from the bytes of a file. Errors call it by `name`.
///
/// # Errors
/// As [`load`].
pub fn from_bytes(
    name: &str,
    bytes: &[u8],
    network: &Network,
) -> Result<Checkpoint, CheckpointError> {
    let length = bytes.len() as u64;
    read(
        PartRead::new(Path::new(name), &mut &bytes[..], length),
        network,
    )
}

/// The number of bytes that tell the formats apart.
const BEGINNING: u64 = 16;

fn read(mut file: PartRead<'_>, network: &Network) -> Result<Checkpoint, CheckpointError> {
    let (path, length) = (file.path(), file.length());
    let weights = network.dimension();
    let raw = [Kind::F64, Kind::F32]
        .into_iter()
        .find(|kind| weights.checked_mul(kind.size()).map(|size| size as u64) == Some(length));
    let beginning = file.up_to(BEGINNING)?;
    let checkpoint = if npy::begins(beginning) {
        Checkpoint::of_theta(npy::read(&mut file, weights)?, Format::Npy)
    } else if safetensors::begins(beginning, length, raw.is_some()) {
        safetensors::read(&mut file, network)?
    } else if let Some(kind) = raw {
        Checkpoint::of_theta(decode(kind, file.all()?).collect(), Format::Raw)
    } else {
        return Err(CheckpointError::Unrecognized {
            path: path.to_owned(),
            length,
            weights,
            zip: beginning.starts_with(b"PK\x03\x04"),
        });
    };
    check_finite(path, network, &checkpoint.theta)?;
    Ok(checkpoint)
}

impl Checkpoint {
    fn of_theta(theta: Vec<f64>, format: Format) -> Self {
        Checkpoint {
            theta,
            format,
            prefix: String::new(),
            metadata: BTreeMap::new(),
        }
    }
}

/// The numbers that little-endian bytes encode.
fn decode(kind: Kind, bytes: &[u8]) -> impl Iterator<Item = f64> {
    let numbers = bytes.chunks_exact(kind.size());
    numbers.map(move |bytes| kind.number(bytes))
}

/// Checks that all components of θ are finite.
fn check_finite(path: &Path, network: &Network, theta: &[f64]) -> Result<(), CheckpointError> {
    let Some(position) = theta.iter().position(|number| !number.is_finite()) else {
        return Ok(());
    };
    let tensors = network.tensors();
    let tensor = &tensors[tensors.partition_point(|tensor| tensor.range().end <= position)];
    Err(CheckpointError::NotFinite {
        path: path.to_owned(),
        tensor: tensor.name.clone(),
        index: index_in(tensor, position),
        value: theta[position],
    })
}

/// The index in a tensor of the component of θ at a position.
fn index_in(tensor: &Tensor, position: usize) -> Vec<usize> {
    let mut rest = position - tensor.start;
    let mut index = vec![0; tensor.shape.len()];
    for (index, size) in index.iter_mut().zip(&tensor.shape).rev() {
        (*index, rest) = (rest % size, rest / size);
    }
    index
}
