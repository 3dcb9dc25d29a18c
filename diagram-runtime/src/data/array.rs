//! Arrays of numbers as they lie in files, and what is read of them.

use super::description::{Column, Description};
use super::fields::{Field, Fields, Names, Selection, Values};
use super::problem::{ContentError, Place, Problem, Row};

/// The types that are read, in words.
pub(super) const READ: &str =
    "bools, integers of 8 to 64 bits and real floating point numbers of 16 to 64";

/// The types of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F16,
    Bf16,
    F32,
    F64,
}

impl Kind {
    /// The number of bytes of a number.
    pub(crate) fn size(self) -> usize {
        match self {
            Kind::Bool | Kind::U8 | Kind::I8 => 1,
            Kind::U16 | Kind::I16 | Kind::F16 | Kind::Bf16 => 2,
            Kind::U32 | Kind::I32 | Kind::F32 => 4,
            Kind::U64 | Kind::I64 | Kind::F64 => 8,
        }
    }

    /// The number with these bytes, the lowest first. There are [`size`](Kind::size) of them.
    pub(crate) fn number(self, bytes: &[u8]) -> f64 {
        let mut all = [0; 8];
        all[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(all);
        match self {
            Kind::Bool | Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 => bits as f64,
            Kind::I8 => f64::from(bits as u8 as i8),
            Kind::I16 => f64::from(bits as u16 as i16),
            Kind::I32 => f64::from(bits as u32 as i32),
            Kind::I64 => bits as i64 as f64,
            Kind::F16 => half(bits as u16),
            Kind::Bf16 => f64::from(f32::from_bits((bits as u32) << 16)),
            Kind::F32 => f64::from(f32::from_bits(bits as u32)),
            Kind::F64 => f64::from_bits(bits),
        }
    }
}

/// A number of IEEE 754's binary16: a sign, 5 bits of exponent and 10 of fraction.
pub(super) fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

/// An array in a file. [`Array::new`] checks that its data are there.
pub(super) struct Array<'a> {
    name: String,
    kind: Kind,
    big_endian: bool,
    /// Whether the first index varies fastest.
    fortran_order: bool,
    shape: Vec<usize>,
    bytes: &'a [u8],
}

/// The layout of an array, as headers give it.
pub(crate) struct Layout {
    pub(crate) kind: Kind,
    /// The type as the file calls it.
    pub(crate) dtype: String,
    pub(crate) big_endian: bool,
    pub(crate) fortran_order: bool,
    pub(crate) shape: Vec<u64>,
}

impl Layout {
    /// The number of bytes of the data.
    pub(super) fn length(&self) -> Result<u64, Problem> {
        if self.shape.is_empty() || self.shape.contains(&0) {
            return Err(Problem::EmptyShape {
                shape: self.shape.clone(),
            });
        }
        let size = self.kind.size() as u64;
        let product = self
            .shape
            .iter()
            .try_fold(size, |product, &n| product.checked_mul(n));
        product.ok_or_else(|| Problem::ShapeOverflow {
            shape: format!("{:?}", self.shape),
        })
    }
}

impl<'a> Array<'a> {
    /// The array with these bytes, if there are as many as its layout says.
    pub(super) fn new(
        name: &str,
        layout: &Layout,
        bytes: &'a [u8],
    ) -> Result<Self, Box<ContentError>> {
        let at_name = |problem| Place::Column(name.into()).has(problem);
        let expected = layout.length().map_err(at_name)?;
        if expected != bytes.len() as u64 {
            return Err(at_name(Problem::DataLength {
                shape: layout.shape.clone(),
                dtype: layout.dtype.clone(),
                expected,
                found: bytes.len() as u64,
            }));
        }
        Ok(Array {
            name: name.into(),
            kind: layout.kind,
            big_endian: layout.big_endian,
            fortran_order: layout.fortran_order,
            // Each is at most the number of bytes in memory.
            shape: layout.shape.iter().map(|&n| n as usize).collect(),
            bytes,
        })
    }

    /// The number of datapoints: the first index.
    fn rows(&self) -> usize {
        self.shape[0]
    }

    /// The number of numbers of a datapoint.
    fn width(&self) -> usize {
        self.shape[1..].iter().product()
    }

    /// The first rows as a matrix, row-major whatever the order in the file.
    pub(super) fn field(&self, limit: usize) -> Result<Field, Box<ContentError>> {
        let (width, size) = (self.width(), self.kind.size());
        let rows = self.rows().min(limit);
        let places = self.places();
        let row_step = if self.fortran_order { 1 } else { width };
        let mut numbers = Vec::with_capacity(rows * width);
        let mut bytes = [0; 8];
        for index in 0..rows {
            for (column, place) in places.iter().enumerate() {
                let start = (index * row_step + place) * size;
                let bytes = &mut bytes[..size];
                bytes.copy_from_slice(&self.bytes[start..][..size]);
                if self.big_endian {
                    bytes.reverse();
                }
                let number = self.kind.number(bytes);
                let problem = if self.kind == Kind::Bool && bytes[0] > 1 {
                    Problem::NotABool { byte: bytes[0] }
                } else if number.is_finite() {
                    numbers.push(number);
                    continue;
                } else {
                    Problem::NotFinite {
                        number: number.to_string(),
                    }
                };
                let row = Row { index, line: None };
                let column = if width == 1 {
                    self.name.clone()
                } else {
                    format!("{}[{column}]", self.name)
                };
                return Err(Place::Entry { row, column }.has(problem));
            }
        }
        Ok(Field {
            name: self.name.clone(),
            values: Values::Numbers { width, numbers },
        })
    }

    /// How far, in numbers, each number of a datapoint lies from the first.
    fn places(&self) -> Vec<usize> {
        let mut places = vec![0];
        let mut stride = self.rows();
        for &n in &self.shape[1..] {
            // The later index varies faster in a row; in Fortran order it has the larger stride in the file.
            places = places
                .iter()
                .flat_map(|place| (0..n).map(move |i| place + i * stride))
                .collect();
            stride *= n;
        }
        if !self.fortran_order {
            places = (0..places.len()).collect();
        }
        places
    }

    /// Reads the array as a table with numbered columns.
    pub(super) fn table(&self, description: &Description) -> Result<Fields, Box<ContentError>> {
        let names = Names::Numbered(self.width());
        let selection = names.select(description).map_err(|p| Place::File.has(p))?;
        selection.check(&names)?;
        let whole = self.field(description.limit.unwrap_or(usize::MAX))?;
        let all_columns = || selection.features.iter().copied().eq(0..names.len());
        let (features, labels) = if selection.labels.is_empty() && all_columns() {
            (vec![whole], vec![])
        } else {
            let part = |chosen: &[usize]| {
                let column = |&index: &usize| column(&whole, index);
                chosen.iter().map(column).collect()
            };
            (part(&selection.features), part(&selection.labels))
        };
        Ok(fields(features, labels, &names, &selection))
    }
}

/// A column of a matrix.
fn column(whole: &Field, index: usize) -> Field {
    let Values::Numbers { width, numbers } = &whole.values else {
        unreachable!("arrays have numbers")
    };
    Field {
        name: index.to_string(),
        values: Values::Numbers {
            width: 1,
            numbers: numbers
                .iter()
                .skip(index)
                .step_by(*width)
                .copied()
                .collect(),
        },
    }
}

/// An archive of several arrays.
pub(super) trait Archive {
    /// The names of the arrays.
    fn names(&self) -> Vec<String>;
    /// Reads the first `limit` rows of an array.
    fn field(&self, index: usize, limit: usize) -> Result<Field, Box<ContentError>>;
    /// Reads an array as a table.
    fn table(&self, index: usize, description: &Description) -> Result<Fields, Box<ContentError>>;

    /// Reads what the description chooses. An only array is a table, unless the description calls it by its name.
    fn read(&self, description: &Description) -> Result<Fields, Box<ContentError>> {
        let names = self.names();
        if let [only] = &names[..]
            && !description
                .features
                .iter()
                .any(|column| matches!(column, Column::Name(name) if name == only))
        {
            return self.table(0, description);
        }
        let names = Names::Arrays(names);
        let selection = names.select(description).map_err(|p| Place::File.has(p))?;
        selection.check(&names)?;
        let limit = description.limit.unwrap_or(usize::MAX);
        let read = |chosen: &[usize]| {
            let field = |&index| self.field(index, limit);
            chosen.iter().map(field).collect::<Result<Vec<_>, _>>()
        };
        let (features, labels) = (read(&selection.features)?, read(&selection.labels)?);
        Ok(fields(features, labels, &names, &selection))
    }
}

fn fields(
    features: Vec<Field>,
    labels: Vec<Field>,
    names: &Names,
    selection: &Selection,
) -> Fields {
    Fields {
        features,
        labels,
        lines: vec![],
        header: None,
        label_columns: selection.labels.iter().map(|&l| names.column(l)).collect(),
    }
}
