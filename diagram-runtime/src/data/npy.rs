//! The format of `NumPy`'s `.npy` files: a magic string, the length of a header, the header, and the numbers.
//!
//! The header is a Python literal of a dictionary with a text, a bool and a tuple of integers. Punctuated as JSON, it is read as JSON: the crates
//! that read the format bring a parser generator, which takes longer to compile than all other formats together.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::array::{Array, Kind, Layout};
use super::problem::{ContentError, Place, Problem};

/// What such files begin with.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// Where the length of the header ends, at the latest.
pub(crate) const LENGTH_END: u64 = 12;

/// The largest number of bytes up to the numbers. Headers of arrays have some hundreds, those of records more.
pub(crate) const MOST_HEADER: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    descr: Value,
    fortran_order: bool,
    shape: Vec<Number>,
}

/// Returns where the header of a file claims to end, or the end of its length if that is cut short or of no known version.
pub(crate) fn header_end(bytes: &[u8]) -> u64 {
    match claim(bytes) {
        Ok((claimed, start)) => (start as u64).saturating_add(claimed),
        Err(_) => LENGTH_END,
    }
}

/// Reads the layout of an array, and how many bytes of the file come before its numbers, from the first bytes of a file of `length` bytes, all or the header.
pub(crate) fn layout(bytes: &[u8], length: u64) -> Result<(Layout, usize), Box<ContentError>> {
    let at_header = |problem| Place::Header.has(problem);
    let (header, start) = header(bytes, length).map_err(at_header)?;
    let header: Header = serde_json::from_str(&json(header).map_err(at_header)?)
        .map_err(|error| at_header(syntax(error.to_string())))?;
    let dtype = match header.descr {
        Value::String(dtype) => dtype,
        record => record.to_string(),
    };
    let (kind, big_endian) = kind(&dtype).ok_or_else(|| {
        at_header(Problem::Dtype {
            dtype: dtype.clone(),
        })
    })?;
    let layout = Layout {
        kind,
        dtype,
        big_endian,
        fortran_order: header.fortran_order,
        shape: shape(&header.shape).map_err(at_header)?,
    };
    Ok((layout, start))
}

/// Reads an array.
pub(super) fn array<'a>(name: &str, bytes: &'a [u8]) -> Result<Array<'a>, Box<ContentError>> {
    let (layout, start) = layout(bytes, bytes.len() as u64)?;
    Array::new(name, &layout, &bytes[start..])
}

/// The number of bytes that the header claims to have, and where it begins.
fn claim(bytes: &[u8]) -> Result<(u64, usize), Problem> {
    let cut_short = || syntax("it ends inside the header".into());
    let version = bytes.get(MAGIC.len()).ok_or_else(cut_short)?;
    match version {
        1 => {
            let length = bytes.get(8..10).ok_or_else(cut_short)?;
            Ok((u64::from(u16::from_le_bytes([length[0], length[1]])), 10))
        }
        2 | 3 => {
            let length = bytes.get(8..12).ok_or_else(cut_short)?;
            let length = [length[0], length[1], length[2], length[3]];
            Ok((u64::from(u32::from_le_bytes(length)), 12))
        }
        other => Err(syntax(format!("version {other}; there are 1, 2 and 3"))),
    }
}

/// The text of the header, and where it ends, in a file of `length` bytes.
fn header(bytes: &[u8], length: u64) -> Result<(&str, usize), Problem> {
    let (claimed, start) = claim(bytes)?;
    let left = length - start as u64;
    if claimed > left {
        return Err(Problem::HeaderLength { claimed, left });
    }
    if start as u64 + claimed > bytes.len() as u64 {
        return Err(syntax(format!("a header of {claimed} bytes")));
    }
    let end = start + claimed as usize;
    let text = str::from_utf8(&bytes[start..end]).map_err(|_| Problem::NotUtf8)?;
    Ok((text, end))
}

/// The Python literal with the punctuation of JSON. Texts in it are names and codes of types, which need no escapes.
fn json(header: &str) -> Result<String, Problem> {
    if header.contains(['"', '\\']) {
        return Err(syntax(
            "escapes and double quotes in the header are not read".into(),
        ));
    }
    let mut json = String::with_capacity(header.len());
    let mut in_text = false;
    for (part, text) in header.split('\'').enumerate() {
        in_text = part % 2 == 1;
        if part > 0 {
            json.push('"');
        }
        if in_text {
            json.push_str(text);
            continue;
        }
        let text = text.replace("False", "false").replace("True", "true");
        for character in text.chars().filter(|c| !c.is_ascii_whitespace()) {
            let character = match character {
                '(' => '[',
                ')' => ']',
                other => other,
            };
            // Python allows a comma after the last item.
            if matches!(character, ']' | '}') && json.ends_with(',') {
                json.pop();
            }
            json.push(character);
        }
    }
    if in_text {
        return Err(syntax("a text in the header does not end".into()));
    }
    Ok(json)
}

/// The type of numbers, and whether their bytes are big-endian.
fn kind(dtype: &str) -> Option<(Kind, bool)> {
    let mut characters = dtype.chars();
    let order = characters.next()?;
    let kind = match characters.as_str() {
        "b1" => Kind::Bool,
        "u1" => Kind::U8,
        "u2" => Kind::U16,
        "u4" => Kind::U32,
        "u8" => Kind::U64,
        "i1" => Kind::I8,
        "i2" => Kind::I16,
        "i4" => Kind::I32,
        "i8" => Kind::I64,
        "f2" => Kind::F16,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        _ => return None,
    };
    match order {
        '<' => Some((kind, false)),
        '>' => Some((kind, true)),
        '|' if kind.size() == 1 => Some((kind, false)),
        _ => None,
    }
}

fn shape(numbers: &[Number]) -> Result<Vec<u64>, Problem> {
    let text = || {
        let numbers: Vec<String> = numbers.iter().map(Number::to_string).collect();
        format!("[{}]", numbers.join(", "))
    };
    let mut shape = vec![];
    for number in numbers {
        match number.as_u64() {
            Some(n) => shape.push(n),
            None if number.as_f64().is_some_and(|n| n < 0.0) => {
                return Err(Problem::NegativeShape { shape: text() });
            }
            None if number.as_f64().is_some_and(|n| n >= 1.8e19) => {
                return Err(Problem::ShapeOverflow { shape: text() });
            }
            None => return Err(syntax(format!("{number} in a shape"))),
        }
    }
    Ok(shape)
}

fn syntax(message: String) -> Problem {
    Problem::Syntax {
        format: ".npy",
        message,
    }
}
