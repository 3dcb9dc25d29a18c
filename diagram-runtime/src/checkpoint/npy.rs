//! θ in npy files.

use super::decode;
use super::error::CheckpointError;
use super::part_read::PartRead;
use crate::data::array::Kind;
use crate::data::npy::{LENGTH_END, MAGIC, MOST_HEADER, header_end, layout};

/// Whether bytes begin like a file of this format.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads θ, a list of `weights` numbers, from a file that [begins] like one.
pub(super) fn read(file: &mut PartRead<'_>, weights: usize) -> Result<Vec<f64>, CheckpointError> {
    let length = file.length();
    let path = file.path();
    let path = || path.to_owned();
    let header = header_end(file.up_to(LENGTH_END)?);
    let bytes = file.up_to(header.min(MOST_HEADER))?;
    let (layout, start) = layout(bytes, length).map_err(|error| CheckpointError::Content {
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
    let expected = (weights as u64).saturating_mul(layout.kind.size() as u64);
    let found = length - start as u64;
    if found != expected {
        return Err(CheckpointError::DataLength {
            path: path(),
            offset: start as u64,
            expected,
            found,
        });
    }
    Ok(decode(layout.kind, &file.all()?[start..]).collect())
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
