//! Tables as text: comma- or tab-separated values.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::description::{Description, Label};
use super::fields::{Field, Fields, Names, Values, shortened};
use super::problem::{ContentError, Place, Problem, Row};

/// Reads what the description chooses.
pub(super) fn read(text: &[u8], description: &Description) -> Result<Fields, Box<ContentError>> {
    if let Some(at) = text.iter().position(|&byte| byte == 0) {
        return Err(Place::Byte(at as u64).has(Problem::Nul));
    }
    let is_quote = |byte: &&u8| **byte == b'"';
    if description.limit.is_none() && !text.iter().filter(is_quote).count().is_multiple_of(2) {
        return Err(Place::File.has(Problem::Quotes));
    }
    let mut records = Records::new(text);
    let first = records.next().ok_or(Place::File.has(Problem::NoRows))?;
    let second = records.next();
    let header = match description.header {
        Some(header) => header,
        None => is_header(&first, second.as_ref())
            .map_err(|problem| Place::Row(first.place(0)).has(problem))?,
    };
    let names = if header {
        let mut names = vec![];
        for column in 0..first.len() {
            let name = first.text(column).map_err(|p| Place::Header.has(p))?;
            names.push(name.to_owned());
        }
        Names::Columns(names)
    } else {
        Names::Numbered(first.len())
    };
    let selection = names.select(description).map_err(|p| Place::File.has(p))?;
    selection.check(&names)?;

    let as_text = matches!(description.label, Label::Classes { .. });
    let numbers = |index: &usize| Field {
        name: names.name(*index),
        values: Values::Numbers {
            width: 1,
            numbers: vec![],
        },
    };
    let label = |index: &usize| Field {
        name: names.name(*index),
        values: Values::Text(vec![]),
    };
    let mut features: Vec<Field> = selection.features.iter().map(numbers).collect();
    let mut labels: Vec<Field> = if as_text {
        selection.labels.iter().map(label).collect()
    } else {
        selection.labels.iter().map(numbers).collect()
    };
    let mut lines = vec![];
    let limit = description.limit.unwrap_or(usize::MAX);
    let expected = first.len();
    let mut waiting = [(!header).then_some(first), second].into_iter().flatten();
    while lines.len() < limit {
        let Some(record) = waiting.next().or_else(|| records.next()) else {
            break;
        };
        let row = record.place(lines.len());
        if record.len() != expected {
            let found = record.len();
            return Err(Place::Row(row).has(Problem::Ragged { found, expected }));
        }
        let chosen = selection.features.iter().zip(&mut features);
        for (&column, field) in chosen.chain(selection.labels.iter().zip(&mut labels)) {
            let pushed = match &mut field.values {
                Values::Numbers { numbers, .. } => {
                    record.number(column).map(|number| numbers.push(number))
                }
                Values::Text(texts) => record.text(column).map(|text| texts.push(text.into())),
            };
            pushed.map_err(|problem| {
                let column = field.name.clone();
                Place::Entry { row, column }.has(problem)
            })?;
        }
        lines.push(record.line);
    }
    // The records that were read for their header may lie beyond the limit.
    if !records
        .taken()
        .iter()
        .filter(is_quote)
        .count()
        .is_multiple_of(2)
    {
        return Err(Place::File.has(Problem::Quotes));
    }
    Ok(Fields {
        features,
        labels,
        lines,
        header: Some(header),
        label_columns: selection.labels.iter().map(|&l| names.column(l)).collect(),
    })
}

/// Whether the first record is a header, if that is certain.
fn is_header(first: &Record, second: Option<&Record>) -> Result<bool, Problem> {
    let numbers = (0..first.len())
        .filter(|&column| first.is_number(column))
        .count();
    if numbers == first.len() {
        return Ok(false);
    }
    if numbers == 0 {
        return Ok(true);
    }
    let becomes_number = |second: &Record, column: usize| {
        let named = first.text(column).is_ok_and(|text| !text.is_empty());
        named && !first.is_number(column) && column < second.len() && second.is_number(column)
    };
    match second {
        Some(second) if (0..first.len()).any(|column| becomes_number(second, column)) => Ok(true),
        _ => Err(Problem::AmbiguousHeader),
    }
}

/// The records of a text, one after another. Lines without any field are skipped.
struct Records<'a> {
    reader: Reader,
    text: &'a [u8],
    /// How many bytes have been read.
    at: usize,
    /// The sizes of the buffers that the last record needed, in bytes and in fields.
    sizes: (usize, usize),
}

/// The fields of a row, and the line on which it begins.
struct Record {
    fields: Vec<u8>,
    ends: Vec<usize>,
    line: u64,
}

impl<'a> Records<'a> {
    /// The records of a text whose first line decides between tabs and commas.
    fn new(text: &'a [u8]) -> Self {
        let first_line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next();
        let tabs = first_line.is_some_and(|line| line.contains(&b'\t'));
        Records {
            reader: ReaderBuilder::new()
                .delimiter(if tabs { b'\t' } else { b',' })
                .build(),
            text,
            at: 0,
            sizes: (64, 16),
        }
    }

    /// What has been read.
    fn taken(&self) -> &'a [u8] {
        &self.text[..self.at]
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let rest = &self.text[self.at..];
        let blank = rest
            .iter()
            .take_while(|&&byte| matches!(byte, b'\n' | b'\r'))
            .count();
        let newlines = rest[..blank].iter().map(|&b| u64::from(b == b'\n'));
        let line = self.reader.line() + newlines.sum::<u64>();
        let (mut fields, mut ends) = (vec![0; self.sizes.0], vec![0; self.sizes.1]);
        let (mut bytes, mut count) = (0, 0);
        loop {
            let rest = &self.text[self.at..];
            let (result, read, written, ended) =
                self.reader
                    .read_record(rest, &mut fields[bytes..], &mut ends[count..]);
            self.at += read;
            bytes += written;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => fields.resize(2 * fields.len(), 0),
                ReadRecordResult::OutputEndsFull => ends.resize(2 * ends.len(), 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
            }
        }
        self.sizes = (fields.len(), ends.len());
        fields.truncate(bytes);
        ends.truncate(count);
        Some(Record { fields, ends, line })
    }
}

impl Record {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn place(&self, index: usize) -> Row {
        Row {
            index,
            line: Some(self.line),
        }
    }

    /// A field without the blanks around it.
    fn text(&self, column: usize) -> Result<&str, Problem> {
        let start = if column == 0 {
            0
        } else {
            self.ends[column - 1]
        };
        let text = str::from_utf8(&self.fields[start..self.ends[column]]);
        text.map(str::trim).map_err(|_| Problem::NotUtf8)
    }

    fn is_number(&self, column: usize) -> bool {
        self.text(column)
            .is_ok_and(|text| text.parse::<f64>().is_ok())
    }

    fn number(&self, column: usize) -> Result<f64, Problem> {
        let text = self.text(column)?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(Problem::NotFinite {
                number: shortened(text),
            }),
            Err(_) => Err(Problem::NotANumber {
                text: shortened(text),
            }),
        }
    }
}
