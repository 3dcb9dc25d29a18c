//! Weights to files. Each file appears complete or not at all.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::file;
use crate::networks::Network;

use super::{CheckpointError, Format, index_in, npy, safetensors};

/// The type of the numbers in a safetensors file that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FloatType {
    /// Double precision.
    #[default]
    F64,
    /// Single precision, in which most frameworks have their weights.
    F32,
}

impl FloatType {
    /// The number of bytes of a number.
    pub(super) const fn size(self) -> usize {
        match self {
            FloatType::F64 => 8,
            FloatType::F32 => 4,
        }
    }

    /// The number that is written for a number: infinite if it is beyond the range of the type.
    fn round(self, number: f64) -> f64 {
        match self {
            FloatType::F64 => number,
            FloatType::F32 => f64::from(number as f32),
        }
    }

    /// Adds the bytes of a number.
    pub(super) fn encode(self, number: f64, bytes: &mut Vec<u8>) {
        match self {
            FloatType::F64 => bytes.extend(number.to_le_bytes()),
            FloatType::F32 => bytes.extend((number as f32).to_le_bytes()),
        }
    }
}

/// The name in safetensors files.
impl fmt::Display for FloatType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FloatType::F64 => "F64",
            FloatType::F32 => "F32",
        })
    }
}

/// Writes the weights `scale · θ` of a network as tensors with the names of `PyTorch`'s `state_dict`, in double or single precision, with words about the
/// file as `metadata`. A file of the same name is replaced.
///
/// Read again, a component of θ has been rounded once on the way out and once on the way back, so that with F64 it is within `2u + u²` times its size of what
/// it was, where `u = 2^-53`, and with F32 within `2^-24 + 2u` times its size, unless the weight is subnormal. With F64, components are the same bits
/// if the tensor's factor is a power of two, as it is in the standard parametrization.
///
/// The content goes to a temporary file in the same folder, which is then renamed: at any moment either the old or the new file is there, and it is complete.
///
/// # Errors
/// [`CheckpointError::Dimension`] if θ has another length than the network, [`CheckpointError::NotFinite`] if a component or its weight in that precision is
/// not finite, [`CheckpointError::Io`].
pub fn save_safetensors(
    path: impl AsRef<Path>,
    network: &Network,
    theta: &[f64],
    numbers: FloatType,
    metadata: &BTreeMap<String, String>,
) -> Result<(), CheckpointError> {
    let path = path.as_ref();
    check(path, network, theta, |scale, component| {
        numbers.round(scale * component)
    })?;
    let bytes = safetensors::encode(network, theta, numbers, metadata);
    write(path, &bytes)
}

/// Writes weights in any format, in double precision. Words about the file are for safetensors alone; the other formats have no place for them.
///
/// # Errors
/// As [`save_safetensors`].
pub fn save(
    path: impl AsRef<Path>,
    network: &Network,
    theta: &[f64],
    format: Format,
    metadata: &BTreeMap<String, String>,
) -> Result<(), CheckpointError> {
    match format {
        Format::Safetensors => save_safetensors(path, network, theta, FloatType::F64, metadata),
        Format::Npy => save_npy(path, network, theta),
        Format::Raw => save_raw(path, network, theta),
    }
}

/// Writes θ as a list of doubles that `numpy.load` reads. Read again, it has the same bits. A file of the same name is replaced, as in
/// [`save_safetensors`].
///
/// # Errors
/// [`CheckpointError::Dimension`] if θ has another length than the network, [`CheckpointError::NotFinite`], [`CheckpointError::Io`].
pub fn save_npy(
    path: impl AsRef<Path>,
    network: &Network,
    theta: &[f64],
) -> Result<(), CheckpointError> {
    let path = path.as_ref();
    check(path, network, theta, |_, component| component)?;
    write(path, &npy::encode(theta))
}

/// Writes θ as little-endian doubles and nothing else. Read again, it has the same bits. A file of the same name is replaced, as in [`save_safetensors`].
///
/// # Errors
/// [`CheckpointError::Dimension`] if θ has another length than the network, [`CheckpointError::NotFinite`], [`CheckpointError::Io`].
pub fn save_raw(
    path: impl AsRef<Path>,
    network: &Network,
    theta: &[f64],
) -> Result<(), CheckpointError> {
    let path = path.as_ref();
    check(path, network, theta, |_, component| component)?;
    let bytes: Vec<u8> = theta.iter().flat_map(|x| x.to_le_bytes()).collect();
    write(path, &bytes)
}

/// Checks the length of θ, and that what is written for each component, a function of the tensor's factor and the component, is finite.
fn check(
    path: &Path,
    network: &Network,
    theta: &[f64],
    written: impl Fn(f64, f64) -> f64,
) -> Result<(), CheckpointError> {
    let (expected, found) = (network.dimension(), theta.len());
    if expected != found {
        return Err(CheckpointError::Dimension { expected, found });
    }
    for tensor in network.tensors() {
        for position in tensor.range() {
            let value = written(tensor.scale, theta[position]);
            if !value.is_finite() {
                return Err(CheckpointError::NotFinite {
                    path: path.to_owned(),
                    tensor: tensor.name.clone(),
                    index: index_in(tensor, position),
                    value,
                });
            }
        }
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<(), CheckpointError> {
    file::replace(path, content).map_err(|source| CheckpointError::Io {
        path: path.to_owned(),
        source,
    })
}
