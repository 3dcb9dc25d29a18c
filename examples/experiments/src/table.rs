//! Tables: for the terminal, for web pages, as CSV.

use serde::{Serialize, Serializer};

use crate::error::ExperimentError;
use crate::terminal::aligned;

/// Named columns and rows of entries.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Part of a file's name.
    pub name: String,
    /// What it shows.
    pub caption: String,
    /// Names of the columns, with units.
    pub columns: Vec<String>,
    /// As many entries each as there are columns.
    pub rows: Vec<Vec<Entry>>,
}

/// What stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Words.
    Text(String),
    /// A measured number, of which people read the leading digits. NaN is nothing.
    Number(f64),
    /// A number of things.
    Count(u64),
    /// Nothing.
    Missing,
}

impl Table {
    /// Without rows.
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

    /// Adds a row; what is missing at its end stays empty.
    pub fn row(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let mut row: Vec<Entry> = entries.into_iter().collect();
        row.resize(self.columns.len(), Entry::Missing);
        self.rows.push(row);
    }

    /// Comma-separated, numbers in full.
    ///
    /// # Errors
    /// [`ExperimentError::Csv`].
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

    /// For the terminal: columns side by side, words to the left, numbers to the right.
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
    /// With four leading digits.
    pub fn short(&self) -> String {
        match self {
            Entry::Number(number) => short(*number),
            _ => self.in_full(),
        }
    }

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

/// A number with four leading digits, for people.
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
