//! The format of `.safetensors` files: the length of a header, the header as JSON, and the numbers of all tensors.

use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde::Deserialize;
use serde_json::Value;

use super::array::{Archive, Array, Kind, Layout};
use super::description::Description;
use super::fields::{Field, Fields};
use super::problem::{ContentError, Place, Problem};

/// The number of bytes of the length of the header.
pub(crate) const LENGTH: usize = 8;

/// Whether a file looks like one of this format: no other begins with a length and a brace.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.get(LENGTH) == Some(&b'{')
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: Option<Value>,
    #[serde(flatten)]
    tensors: BTreeMap<String, TensorInfo>,
}

/// The largest number of bytes of a header, that of the format's own library.
const MOST_HEADER: u64 = 100_000_000;

/// What a file says about its tensors.
pub(crate) struct TensorList {
    /// In the order of the data.
    pub(crate) infos: Vec<(String, TensorInfo)>,
    metadata: Option<Value>,
    /// The number of bytes before the data.
    pub(crate) start: usize,
}

/// Returns where the header of a file ends, or 0 if there is none or it claims to be too long.
pub(crate) fn header_end(bytes: &[u8]) -> u64 {
    let claimed = bytes
        .first_chunk::<LENGTH>()
        .map(|length| u64::from_le_bytes(*length));
    match claimed {
        Some(claimed) if claimed <= MOST_HEADER => LENGTH as u64 + claimed,
        _ => 0,
    }
}

impl TensorList {
    /// Reads the header from the first bytes of a file of `length` bytes, all or the header.
    pub(crate) fn new(bytes: &[u8], length: u64) -> Result<Self, Box<ContentError>> {
        let at_header = |problem| Place::Header.has(problem);
        let (claimed, rest) = bytes
            .split_first_chunk::<LENGTH>()
            .ok_or_else(|| at_header(syntax("it ends inside the header".into())))?;
        let (claimed, left) = (u64::from_le_bytes(*claimed), length - LENGTH as u64);
        if claimed > left {
            return Err(at_header(Problem::HeaderLength { claimed, left }));
        }
        if claimed > MOST_HEADER {
            return Err(at_header(syntax(format!("a header of {claimed} bytes"))));
        }
        let header: Header = serde_json::from_slice(&rest[..claimed as usize])
            .map_err(|error| at_header(syntax(error.to_string())))?;
        let mut tensors: Vec<(String, TensorInfo)> = header.tensors.into_iter().collect();
        for (name, info) in &tensors {
            check_length(info).map_err(|problem| Place::Column(name.clone()).has(problem))?;
        }
        // The crate checks that the tensors lie one after another. It adds lengths that are too large for its own check of the file's length.
        tensors.sort_by_key(|(_, info)| info.data_offsets);
        let metadata = Metadata::new(None, tensors.clone())
            .map_err(|error| at_header(syntax(error.to_string())))?;
        let data = left - claimed;
        if metadata.data_len() as u64 != data {
            return Err(at_header(syntax(format!(
                "{} bytes of data are promised, but there are {data}",
                metadata.data_len(),
            ))));
        }
        Ok(TensorList {
            infos: tensors,
            metadata: header.metadata,
            start: LENGTH + claimed as usize,
        })
    }

    /// The texts that the file has about itself, by name.
    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        let entries = self.metadata.iter().filter_map(Value::as_object).flatten();
        entries
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}

/// The tensors of a file.
pub(super) struct Tensors<'a> {
    list: TensorList,
    /// What follows the header.
    data: &'a [u8],
}

impl<'a> Tensors<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Box<ContentError>> {
        let list = TensorList::new(bytes, bytes.len() as u64)?;
        let data = &bytes[list.start..];
        Ok(Tensors { list, data })
    }

    fn array(&self, index: usize) -> Result<Array<'a>, Box<ContentError>> {
        let (name, info) = &self.list.infos[index];
        let at_name = |problem| Place::Column(name.clone()).has(problem);
        let kind = kind(info.dtype).ok_or_else(|| {
            at_name(Problem::Dtype {
                dtype: info.dtype.to_string(),
            })
        })?;
        let layout = Layout {
            kind,
            dtype: info.dtype.to_string(),
            big_endian: false,
            fortran_order: false,
            shape: info.shape.iter().map(|&n| n as u64).collect(),
        };
        let (start, end) = info.data_offsets;
        Array::new(name, &layout, &self.data[start..end])
    }
}

impl Archive for Tensors<'_> {
    fn names(&self) -> Vec<String> {
        let infos = self.list.infos.iter();
        infos.map(|(name, _)| name.clone()).collect()
    }

    fn field(&self, index: usize, limit: usize) -> Result<Field, Box<ContentError>> {
        self.array(index)?.field(limit)
    }

    fn table(&self, index: usize, description: &Description) -> Result<Fields, Box<ContentError>> {
        self.array(index)?.table(description)
    }
}

/// Checks that a tensor's shape and its place say the same length.
fn check_length(info: &TensorInfo) -> Result<(), Problem> {
    let shape = || info.shape.iter().map(|&n| n as u64).collect();
    let (start, end) = info.data_offsets;
    let mut dimensions = info.shape.iter();
    let bits = dimensions.try_fold(info.dtype.bitsize(), |bits, &n| bits.checked_mul(n));
    let expected = bits.ok_or_else(|| Problem::ShapeOverflow {
        shape: format!("{:?}", info.shape),
    })? / 8;
    match end.checked_sub(start) {
        Some(found) if found == expected => Ok(()),
        found => Err(Problem::DataLength {
            shape: shape(),
            dtype: info.dtype.to_string(),
            expected: expected as u64,
            found: found.unwrap_or(0) as u64,
        }),
    }
}

pub(crate) fn kind(dtype: Dtype) -> Option<Kind> {
    Some(match dtype {
        Dtype::BOOL => Kind::Bool,
        Dtype::U8 => Kind::U8,
        Dtype::U16 => Kind::U16,
        Dtype::U32 => Kind::U32,
        Dtype::U64 => Kind::U64,
        Dtype::I8 => Kind::I8,
        Dtype::I16 => Kind::I16,
        Dtype::I32 => Kind::I32,
        Dtype::I64 => Kind::I64,
        Dtype::F16 => Kind::F16,
        Dtype::BF16 => Kind::Bf16,
        Dtype::F32 => Kind::F32,
        Dtype::F64 => Kind::F64,
        _ => return None,
    })
}

fn syntax(message: String) -> Problem {
    Problem::Syntax {
        format: ".safetensors",
        message,
    }
}
