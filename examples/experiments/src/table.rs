//! Tables for the terminal, for web pages and for CSV files.

use serde::{Serialize, Serializer};

use crate::error::ExperimentError;
use crate::terminal::aligned;

/// A table with named columns.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// The name, which is part of the name of a file.
    pub name: String,
    /// The caption.
    pub caption: String,
    /// The names of the columns, with units.
    pub columns: Vec<String>,
    /// The rows, each with an entry for every column.
    pub rows: Vec<Vec<Entry>>,
}

/// An entry of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Text.
    Text(String),
    /// A number, which is shown with its leading digits. NaN is shown as an empty entry.
    Number(f64),
    /// A count, which is shown in full.
    Count(u64),
    /// An empty entry.
    Missing,
}

impl Table {
    /// A table without rows.
    pub fn new<C: Into<String>>(
        name: impl Into<String>,
        caption: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        Table {
            name: name.into(),
            caption: caption.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            rows: vec![],
        }
    }

    /// Adds a row. Entries that are missing at its end are empty.
    pub fn row(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let mut row: Vec<Entry> = entries.into_iter().collect();
        row.resize(self.columns.len(), Entry::Missing);
        self.rows.push(row);
    }

    /// The table as CSV, with all digits of its numbers.
    ///
    /// # Errors
    /// [`ExperimentError::Csv`] if the CSV writer fails.
    pub fn csv(&self) -> Result<String, ExperimentError> {
        let mut writer = csv::Writer::from_writer(vec![]);
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Entry::in_full))?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| csv::Error::from(error.into_error()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The table as text in aligned columns. A column with text is aligned to the left, any other to the right.
    pub fn text(&self) -> String {
        let rows = std::iter::once(self.columns.clone()).chain(
            self.rows
                .iter()
                .map(|row| row.iter().map(Entry::short).collect()),
        );
        let wordy = |column: &usize| {
            let mut entries = self.rows.iter().filter_map(|row| row.get(*column));
            entries.any(|entry| matches!(entry, Entry::Text(_)))
        };
        let left: Vec<usize> = (0..self.columns.len()).filter(wordy).collect();
        aligned(&rows.collect::<Vec<Vec<String>>>(), &left)
    }
}

impl Entry {
    /// The entry as text; a number has four significant digits.
    pub fn short(&self) -> String {
        match self {
            Entry::Number(number) => short(*number),
            _ => self.in_full(),
        }
    }

    /// The entry as text, with all digits of a number.
    fn in_full(&self) -> String {
        match self {
            Entry::Text(text) => text.clone(),
            Entry::Number(number) if number.is_nan() => String::new(),
            Entry::Number(number) => number.to_string(),
            Entry::Count(count) => count.to_string(),
            Entry::Missing => String::new(),
        }
    }
}

/// A number as text with four significant digits, without zeros at the end. NaN is empty. Very large and very small numbers are in scientific
/// notation.
pub fn short(number: f64) -> String {
    if number.is_nan() {
        return String::new();
    }
    if number == 0.0 || number.is_infinite() {
        return number.to_string();
    }
    let magnitude = number.abs().log10().floor();
    if !(-4.0..7.0).contains(&magnitude) {
        return format!("{number:.3e}");
    }
    let decimals = (3.0 - magnitude).max(0.0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Entry::Text(text) => serializer.serialize_str(text),
            Entry::Number(number) if number.is_finite() => serializer.serialize_f64(*number),
            Entry::Count(count) => serializer.serialize_u64(*count),
            Entry::Number(_) | Entry::Missing => serializer.serialize_none(),
        }
    }
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        Entry::Text(text.into())
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        Entry::Text(text)
    }
}

impl From<f64> for Entry {
    fn from(number: f64) -> Self {
        Entry::Number(number)
    }
}

impl From<u64> for Entry {
    fn from(count: u64) -> Self {
        Entry::Count(count)
    }
}

impl From<usize> for Entry {
    fn from(count: usize) -> Self {
        Entry::Count(count as u64)
    }
}

impl<E: Into<Entry>> From<Option<E>> for Entry {
    fn from(entry: Option<E>) -> Self {
        entry.map_or(Entry::Missing, Into::into)
    }
}
