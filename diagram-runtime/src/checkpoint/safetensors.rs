//! Tensors of weights in safetensors files.

use std::collections::BTreeMap;

use safetensors::tensor::TensorInfo;
use serde_json::json;

use crate::networks::Network;

use super::error::CheckpointError;
use super::matching::{compare, prefix};
use super::part_read::PartRead;
use super::{Checkpoint, FloatType, Format, decode};
use crate::data::array::Kind;
use crate::data::safetensors::{LENGTH, TensorList, header_end, kind};

/// Whether a file of `length` bytes begins like one of this format. If the length is that of the numbers of θ, the header must have a possible length, too.
pub(super) fn begins(bytes: &[u8], length: u64, may_be_raw: bool) -> bool {
    let Some((claimed, rest)) = bytes.split_first_chunk::<LENGTH>() else {
        return false;
    };
    let possible = (2..=length - LENGTH as u64).contains(&u64::from_le_bytes(*claimed));
    rest.first() == Some(&b'{') && (possible || !may_be_raw)
}

/// Reads a file that [begins] like one.
pub(super) fn read(
    file: &mut PartRead<'_>,
    network: &Network,
) -> Result<Checkpoint, CheckpointError> {
    let (path, length) = (file.path(), file.length());
    let end = header_end(file.up_to(LENGTH as u64)?);
    let list =
        TensorList::new(file.up_to(end)?, length).map_err(|error| CheckpointError::Content {
            path: path.to_owned(),
            error,
        })?;
    let infos: BTreeMap<&str, &TensorInfo> = list
        .infos
        .iter()
        .map(|(name, info)| (name.as_str(), info))
        .collect();
    let shapes: BTreeMap<&str, &[usize]> = infos
        .iter()
        .map(|(&name, info)| (name, &info.shape[..]))
        .collect();
    let prefix = prefix(network, &shapes);
    compare(network, &shapes, prefix).map_err(|mismatch| CheckpointError::Tensors {
        path: path.to_owned(),
        mismatch: Box::new(mismatch),
    })?;
    let mut tensors = vec![];
    for tensor in network.tensors() {
        let name = format!("{prefix}{}", tensor.name);
        let info = infos[name.as_str()];
        let kind = kind(info.dtype)
            .filter(|kind| matches!(kind, Kind::F16 | Kind::Bf16 | Kind::F32 | Kind::F64));
        let Some(kind) = kind else {
            return Err(CheckpointError::Dtype {
                path: path.to_owned(),
                what: format!("`{name}`"),
                dtype: info.dtype.to_string(),
                read: "F64, F32, F16 and BF16",
            });
        };
        tensors.push((tensor.scale, kind, info.data_offsets));
    }
    let data = &file.all()?[list.start..];
    let mut theta = Vec::with_capacity(network.dimension());
    for (scale, kind, (start, end)) in tensors {
        theta.extend(decode(kind, &data[start..end]).map(|weight| weight / scale));
    }
    Ok(Checkpoint {
        theta,
        format: Format::Safetensors,
        prefix: prefix.to_owned(),
        metadata: list.metadata(),
    })
}

/// The bytes of a file with the weights `scale · θ`. Tensors are sorted by name and the header is padded with spaces to a multiple of 8 bytes, as the
/// format's own library does for tensors of one type. That library writes metadata in random order, so that the same weights would give different files.
pub(super) fn encode(
    network: &Network,
    theta: &[f64],
    numbers: FloatType,
    metadata: &BTreeMap<String, String>,
) -> Vec<u8> {
    let mut tensors: Vec<_> = network.tensors().iter().collect();
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let mut entries = Vec::with_capacity(1 + tensors.len());
    if !metadata.is_empty() {
        entries.push(format!("\"__metadata__\":{}", json!(metadata)));
    }
    let mut end = 0;
    for tensor in &tensors {
        let begin = end;
        end += tensor.len() * numbers.size();
        entries.push(format!(
            "{}:{{\"dtype\":\"{numbers}\",\"shape\":{},\"data_offsets\":[{begin},{end}]}}",
            json!(tensor.name),
            json!(tensor.shape),
        ));
    }
    let mut header = format!("{{{}}}", entries.join(",")).into_bytes();
    header.resize(header.len().next_multiple_of(LENGTH), b' ');
    let mut bytes = Vec::with_capacity(LENGTH + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for tensor in tensors {
        for component in &theta[tensor.range()] {
            numbers.encode(tensor.scale * component, &mut bytes);
        }
    }
    bytes
}
