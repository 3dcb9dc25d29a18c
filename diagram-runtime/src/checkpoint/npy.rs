//! θ in npy files.

use std::path::Path;

use super::decode;
use super::error::CheckpointError;
use crate::data::array::Kind;
use crate::data::npy::{MAGIC, layout};

/// Whether bytes begin like a file of this format.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads θ, a list of `weights` numbers, from a file that [begins] like one.
pub(super) fn read(path: &Path, bytes: &[u8], weights: usize) -> Result<Vec<f64>, CheckpointError> {
    let path = || path.to_owned();
    let (layout, start) = layout(bytes).map_err(|error| CheckpointError::Content {
        path: path(),
        error,
    })?;
    if !matches!(layout.kind, Kind::F64 | Kind::F32) || layout.big_endian {
        return Err(CheckpointError::Dtype {
            path: path(),
            what: "the array".into(),
            dtype: layout.dtype,
            read: "<f8 and <f4",
        });
    }
    // A list is in both orders.
    if layout.fortran_order && layout.shape.len() > 1 {
        return Err(CheckpointError::FortranOrder { path: path() });
    }
    if layout.shape != [weights as u64] {
        return Err(CheckpointError::Shape {
            path: path(),
            shape: layout.shape,
            weights,
        });
    }
    let data = &bytes[start..];
    let expected = (weights as u64).saturating_mul(layout.kind.size() as u64);
    if data.len() as u64 != expected {
        return Err(CheckpointError::DataLength {
            path: path(),
            offset: start as u64,
            expected,
            found: data.len() as u64,
        });
    }
    Ok(decode(layout.kind, data).collect())
}

/// The bytes of a file with a list of doubles, as `numpy.save` writes them: the numbers begin at a multiple of 64 bytes, and the header has room for a longer
/// list.
pub(super) fn encode(numbers: &[f64]) -> Vec<u8> {
    const BEFORE_HEADER: usize = 10;
    const MOST_DIGITS: usize = 21;
    let count = numbers.len().to_string();
    let room = " ".repeat(MOST_DIGITS.saturating_sub(count.len()));
    let mut header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},), }}{room}");
    let end = (BEFORE_HEADER + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(end - BEFORE_HEADER - header.len() - 1));
    header.push('\n');
    let mut bytes = Vec::with_capacity(end + 8 * numbers.len());
    bytes.extend(MAGIC);
    bytes.extend([1, 0]);
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.into_bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes
}
