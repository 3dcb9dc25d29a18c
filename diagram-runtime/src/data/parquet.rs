//! Tables in the format Parquet: columns of one value for each row. Lists and other nested values are refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{AsBytes, ByteArray, DataType, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::array::half;
use super::description::Description;
use super::fields::{Field, Fields, Names, Values};
use super::problem::{ContentError, Place, Problem, Row};
use super::source::DEFLATE_LIMIT;

/// How the values of a column are read.
#[derive(Clone, Copy)]
enum As {
    Signed,
    Unsigned,
    Plain,
    Half,
    Text,
}

/// Reads what the description chooses.
///
/// The crate asserts here and there what corrupted files do not keep. What is known of it is checked before; should it panic nevertheless, that is an
/// error of the file, too. Nothing outlives the panic but the error.
pub(super) fn read(bytes: &[u8], description: &Description) -> Result<Fields, Box<ContentError>> {
    let reading = AssertUnwindSafe(|| read_table(bytes, description));
    catch_unwind(reading).unwrap_or_else(|_| {
        let message = "its reader gave up, so that the file must be corrupt".into();
        Err(Place::File.has(Problem::Syntax {
            format: "Parquet",
            message,
        }))
    })
}

fn read_table(bytes: &[u8], description: &Description) -> Result<Fields, Box<ContentError>> {
    let in_file = |error: ParquetError| Place::File.has(syntax(&error));
    let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(in_file)?;
    check_places(&file, bytes.len())?;
    let schema = file.metadata().file_metadata().schema_descr();
    let names = schema.columns().iter().map(|column| column.path().string());
    let names = Names::Columns(names.collect());
    let selection = names.select(description).map_err(|p| Place::File.has(p))?;
    selection.check(&names)?;
    let rows = rows(&file, bytes.len())?.min(description.limit.unwrap_or(usize::MAX));
    let read = |chosen: &[usize]| {
        let field = |&index: &usize| field(&file, index, rows);
        chosen.iter().map(field).collect::<Result<Vec<_>, _>>()
    };
    Ok(Fields {
        features: read(&selection.features)?,
        labels: read(&selection.labels)?,
        lines: vec![],
        header: None,
        label_columns: selection.labels.iter().map(|&l| names.column(l)).collect(),
    })
}

/// Checks that all columns lie inside the file.
fn check_places(
    file: &SerializedFileReader<Bytes>,
    length: usize,
) -> Result<(), Box<ContentError>> {
    let length = length as u64;
    let groups = file.metadata().row_groups().iter();
    for column in groups.flat_map(RowGroupMetaData::columns) {
        let start = column.dictionary_page_offset();
        let start = u64::try_from(start.unwrap_or(column.data_page_offset()));
        let end = start.ok().zip(u64::try_from(column.compressed_size()).ok());
        let end = end.and_then(|(start, size)| start.checked_add(size));
        if end.is_none_or(|end| end > length) {
            let name = column.column_path().string();
            return Err(Place::Column(name).has(Problem::Syntax {
                format: "Parquet",
                message: format!("its data are not inside the {length} bytes of the file"),
            }));
        }
    }
    Ok(())
}

/// The number of rows. Equal values take next to no space, so that the file's length bounds it only by a convention: that of the strongest compression.
fn rows(file: &SerializedFileReader<Bytes>, length: usize) -> Result<usize, Box<ContentError>> {
    let mut promised = file.metadata().row_groups().iter();
    let rows = promised.try_fold(0_u64, |rows, group| {
        rows.checked_add(u64::try_from(group.num_rows()).ok()?)
    });
    let at_most = (length as u64).saturating_mul(DEFLATE_LIMIT);
    match rows {
        Some(rows) if rows <= at_most => Ok(rows as usize),
        _ => {
            let claimed = rows.unwrap_or(u64::MAX);
            Err(Place::Header.has(Problem::Oversized { claimed, at_most }))
        }
    }
}

/// Reads the first rows of a column.
fn field(
    file: &SerializedFileReader<Bytes>,
    index: usize,
    rows: usize,
) -> Result<Field, Box<ContentError>> {
    let column = file.metadata().file_metadata().schema_descr().column(index);
    let name = column.path().string();
    let at_name = |problem| Place::Column(name.clone()).has(problem);
    let read_as = read_as(&column).ok_or_else(|| {
        at_name(Problem::Dtype {
            dtype: dtype(&column),
        })
    })?;
    let mut chunk = Chunk {
        column: &column,
        read_as,
        numbers: vec![],
        texts: vec![],
    };
    for group in 0..file.num_row_groups() {
        let left = rows - chunk.rows();
        if left == 0 {
            break;
        }
        let group = file.get_row_group(group).map_err(|e| at_name(syntax(&e)))?;
        let left = left.min(group.metadata().num_rows().max(0) as usize);
        let reader = group
            .get_column_reader(index)
            .map_err(|e| at_name(syntax(&e)))?;
        chunk
            .append(reader, left)
            .map_err(|(row, problem)| match row {
                Some(index) => {
                    let (row, column) = (Row { index, line: None }, name.clone());
                    Place::Entry { row, column }.has(problem)
                }
                None => at_name(problem),
            })?;
    }
    if chunk.rows() != rows {
        let message = format!("{rows} rows are promised, but there are {}", chunk.rows());
        let problem = Problem::Syntax {
            format: "Parquet",
            message,
        };
        return Err(at_name(problem));
    }
    let values = match read_as {
        As::Text => Values::Text(chunk.texts),
        _ => Values::Numbers {
            width: 1,
            numbers: chunk.numbers,
        },
    };
    Ok(Field { name, values })
}

/// The values of a column that have been read.
struct Chunk<'a> {
    column: &'a ColumnDescriptor,
    read_as: As,
    numbers: Vec<f64>,
    texts: Vec<String>,
}

/// The row of a problem, if it is that of a row.
type InColumn = (Option<usize>, Problem);

impl Chunk<'_> {
    fn rows(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }

    /// Appends the values of a reader.
    fn append(&mut self, reader: ColumnReader, rows: usize) -> Result<(), InColumn> {
        let unsigned = matches!(self.read_as, As::Unsigned);
        match reader {
            ColumnReader::BoolColumnReader(reader) => {
                self.numbers(reader, rows, |x| f64::from(u8::from(*x)))
            }
            ColumnReader::Int32ColumnReader(reader) if unsigned => {
                self.numbers(reader, rows, |x| f64::from(*x as u32))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                self.numbers(reader, rows, |x| f64::from(*x))
            }
            ColumnReader::Int64ColumnReader(reader) if unsigned => {
                self.numbers(reader, rows, |x| *x as u64 as f64)
            }
            ColumnReader::Int64ColumnReader(reader) => self.numbers(reader, rows, |x| *x as f64),
            ColumnReader::FloatColumnReader(reader) => {
                self.numbers(reader, rows, |x| f64::from(*x))
            }
            ColumnReader::DoubleColumnReader(reader) => self.numbers(reader, rows, |x| *x),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                self.numbers(reader, rows, |x: &FixedLenByteArray| match x.as_bytes() {
                    [low, high] => half(u16::from_le_bytes([*low, *high])),
                    _ => f64::NAN,
                })
            }
            ColumnReader::ByteArrayColumnReader(reader) => self.texts(reader, rows),
            // `read_as` refuses it.
            ColumnReader::Int96ColumnReader(_) => Ok(()),
        }
    }

    fn numbers<D: DataType>(
        &mut self,
        reader: ColumnReaderImpl<D>,
        rows: usize,
        number: impl Fn(&D::T) -> f64,
    ) -> Result<(), InColumn> {
        let start = self.rows();
        for (index, value) in values(reader, rows, self.column, start)?.iter().enumerate() {
            let number = number(value);
            if !number.is_finite() {
                let number = number.to_string();
                return Err((Some(start + index), Problem::NotFinite { number }));
            }
            self.numbers.push(number);
        }
        Ok(())
    }

    fn texts<D: DataType<T = ByteArray>>(
        &mut self,
        reader: ColumnReaderImpl<D>,
        rows: usize,
    ) -> Result<(), InColumn> {
        let start = self.rows();
        for (index, value) in values(reader, rows, self.column, start)?.iter().enumerate() {
            let text = str::from_utf8(value.as_bytes());
            let text = text.map_err(|_| (Some(start + index), Problem::NotUtf8))?;
            self.texts.push(text.trim().to_owned());
        }
        Ok(())
    }
}

/// The values of a reader, none of which may be null. `start` is the index of the first.
fn values<D: DataType>(
    mut reader: ColumnReaderImpl<D>,
    rows: usize,
    column: &ColumnDescriptor,
    start: usize,
) -> Result<Vec<D::T>, InColumn> {
    let (mut levels, mut values) = (vec![], vec![]);
    let (read, _, _) = reader
        .read_records(rows, Some(&mut levels), None, &mut values)
        .map_err(|error| (None, syntax(&error)))?;
    let is_null = |&level: &i16| level < column.max_def_level();
    if column.max_def_level() > 0
        && let Some(index) = levels.iter().position(is_null)
    {
        return Err((Some(start + index), Problem::Null));
    }
    if read != rows {
        let message = format!("{rows} rows are promised, but there are {read}");
        let problem = Problem::Syntax {
            format: "Parquet",
            message,
        };
        return Err((None, problem));
    }
    Ok(values)
}

/// How a column is read, if it is one of numbers or texts.
fn read_as(column: &ColumnDescriptor) -> Option<As> {
    if column.max_rep_level() > 0 {
        return None;
    }
    let logical = column.logical_type_ref();
    Some(
        match (column.physical_type(), logical, column.converted_type()) {
            (Type::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Float16), _) => As::Half,
            (Type::FLOAT | Type::DOUBLE | Type::BOOLEAN, _, _) => As::Plain,
            (Type::INT32 | Type::INT64, Some(LogicalType::Integer(integer)), _) => {
                if integer.is_signed {
                    As::Signed
                } else {
                    As::Unsigned
                }
            }
            (
                Type::INT32 | Type::INT64,
                None,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => As::Unsigned,
            (
                Type::INT32 | Type::INT64,
                None,
                ConvertedType::NONE
                | ConvertedType::INT_8
                | ConvertedType::INT_16
                | ConvertedType::INT_32
                | ConvertedType::INT_64,
            ) => As::Signed,
            (Type::BYTE_ARRAY, Some(LogicalType::String | LogicalType::Enum), _)
            | (Type::BYTE_ARRAY, None, ConvertedType::UTF8 | ConvertedType::ENUM) => As::Text,
            _ => return None,
        },
    )
}

/// The type of a column as the file calls it.
fn dtype(column: &ColumnDescriptor) -> String {
    let nested = if column.max_rep_level() > 0 {
        "list of "
    } else {
        ""
    };
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(logical), _) => format!("{nested}{} ({logical:?})", column.physical_type()),
        (None, ConvertedType::NONE) => format!("{nested}{}", column.physical_type()),
        (None, converted) => format!("{nested}{} ({converted})", column.physical_type()),
    }
}

fn syntax(error: &ParquetError) -> Problem {
    Problem::Syntax {
        format: "Parquet",
        message: error.to_string(),
    }
}
