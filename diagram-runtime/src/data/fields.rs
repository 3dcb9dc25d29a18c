//! What the readers of all formats return, and which arrays or columns they are asked for.

use std::collections::HashSet;

use super::description::{Column, Description, Label};
use super::problem::{ContentError, Place, Problem, Row};

/// An array or column with its values for all datapoints.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) values: Values,
}

pub(super) enum Values {
    /// Row-major, `width` numbers for each datapoint.
    Numbers { width: usize, numbers: Vec<f64> },
    /// One text for each datapoint.
    Text(Vec<String>),
}

impl Field {
    /// How many numbers there are for each datapoint.
    pub(super) fn width(&self) -> usize {
        match self.values {
            Values::Numbers { width, .. } => width,
            Values::Text(_) => 1,
        }
    }

    /// How many datapoints there are.
    pub(super) fn rows(&self) -> usize {
        match &self.values {
            Values::Numbers { width, numbers } => numbers.len() / width,
            Values::Text(texts) => texts.len(),
        }
    }

    /// The name of one of its columns.
    pub(super) fn column_name(&self, column: usize) -> String {
        if self.width() == 1 {
            self.name.clone()
        } else {
            format!("{}[{column}]", self.name)
        }
    }
}

/// The chosen arrays or columns, all with the same number of rows.
pub(super) struct Fields {
    pub(super) features: Vec<Field>,
    pub(super) labels: Vec<Field>,
    /// Of a text file, the line on which each row begins; otherwise empty.
    pub(super) lines: Vec<u64>,
    /// Of a text file, whether it has a header.
    pub(super) header: Option<bool>,
    /// The columns of the label.
    pub(super) label_columns: Vec<Column>,
}

impl Fields {
    /// The row with an index.
    pub(super) fn row(&self, index: usize) -> Row {
        Row {
            index,
            line: self.lines.get(index).copied(),
        }
    }

    /// The number of rows, which must be the same for all.
    pub(super) fn rows(&self) -> Result<usize, Box<ContentError>> {
        let mut fields = self.features.iter().chain(&self.labels);
        let first = fields.next().ok_or(Place::File.has(Problem::NoFeatures))?;
        let expected = first.rows();
        for field in fields {
            if field.rows() != expected {
                let problem = Problem::Rows {
                    found: field.rows(),
                    expected,
                    other: first.name.clone(),
                };
                return Err(Place::Column(field.name.clone()).has(problem));
            }
        }
        if expected == 0 {
            return Err(Place::File.has(Problem::NoRows));
        }
        Ok(expected)
    }
}

/// The names of the arrays of an archive or of the columns of a table.
pub(super) enum Names {
    /// Arrays of an archive, which have no index.
    Arrays(Vec<String>),
    /// Columns of a table.
    Columns(Vec<String>),
    /// This many columns without names.
    Numbered(usize),
}

/// Which arrays or columns are features, and which are the label, by index.
pub(super) struct Selection {
    pub(super) features: Vec<usize>,
    pub(super) labels: Vec<usize>,
}

/// The names that arrays and columns of labels and features have, if the description gives none.
const LABELS: [&str; 2] = ["y", "label"];
const FEATURES: [&str; 2] = ["x", "X"];

impl Names {
    pub(super) fn len(&self) -> usize {
        match self {
            Names::Arrays(names) | Names::Columns(names) => names.len(),
            Names::Numbered(count) => *count,
        }
    }

    pub(super) fn name(&self, index: usize) -> String {
        match self {
            Names::Arrays(names) | Names::Columns(names) => names[index].clone(),
            Names::Numbered(_) => index.to_string(),
        }
    }

    /// The column with an index, by name if the name is unique.
    pub(super) fn column(&self, index: usize) -> Column {
        match self.position(&self.name(index)) {
            Ok(Some(_)) => Column::Name(self.name(index)),
            _ => Column::Index(index),
        }
    }

    /// The index of a name.
    fn position(&self, name: &str) -> Result<Option<usize>, Problem> {
        let (Names::Arrays(names) | Names::Columns(names)) = self else {
            return Ok(None);
        };
        let mut found = (0..names.len()).filter(|&index| names[index] == name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            _ => Err(Problem::AmbiguousColumn {
                column: name.into(),
            }),
        }
    }

    fn find(&self, column: &Column) -> Result<usize, Problem> {
        let index = match column {
            Column::Index(index) => Some(*index),
            Column::Name(name) => match self.position(name)? {
                Some(index) => return Ok(index),
                None => name.parse().ok(),
            },
        };
        match (self, index) {
            (Names::Columns(_) | Names::Numbered(_), Some(index)) if index < self.len() => {
                Ok(index)
            }
            _ => Err(Problem::NoColumn {
                column: column.to_string(),
                there_are: self.list(),
            }),
        }
    }

    /// The first of the usual names that is there.
    fn usual(&self, names: &[&str]) -> Result<Option<usize>, Problem> {
        for name in names {
            if let Some(index) = self.position(name)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// All names in words, cut short if there are many.
    fn list(&self) -> String {
        const SHOWN: usize = 30;
        match self {
            Names::Numbered(1) => "the column 0".into(),
            Names::Numbered(count) => format!("the columns 0 to {}", count - 1),
            Names::Arrays(names) | Names::Columns(names) if names.is_empty() => "none".into(),
            Names::Arrays(names) | Names::Columns(names) => {
                let mut list: Vec<String> = names
                    .iter()
                    .take(SHOWN)
                    .map(|name| format!("`{}`", shortened(name)))
                    .collect();
                if names.len() > SHOWN {
                    list.push(format!("{} more", names.len() - SHOWN));
                }
                list.join(", ")
            }
        }
    }

    /// What the description chooses among these names.
    pub(super) fn select(&self, description: &Description) -> Result<Selection, Problem> {
        let usual_label = || {
            self.usual(&LABELS)?.ok_or_else(|| Problem::Unspecified {
                what: "label",
                there_are: self.list(),
            })
        };
        let labels = match &description.label {
            Label::None => vec![],
            Label::Classes { column: None, .. } => vec![usual_label()?],
            Label::Classes {
                column: Some(column),
                ..
            } => vec![self.find(column)?],
            Label::Targets(columns) if columns.is_empty() => vec![usual_label()?],
            Label::Targets(columns) => columns
                .iter()
                .map(|column| self.find(column))
                .collect::<Result<_, _>>()?,
        };
        let features = if description.features.is_empty() {
            self.all_but(&labels)?
        } else {
            description
                .features
                .iter()
                .map(|column| self.find(column))
                .collect::<Result<_, _>>()?
        };
        Ok(Selection { features, labels })
    }

    /// The features if the description names none.
    fn all_but(&self, labels: &[usize]) -> Result<Vec<usize>, Problem> {
        let labels: HashSet<usize> = labels.iter().copied().collect();
        let rest = (0..self.len()).filter(|index| !labels.contains(index));
        if !matches!(self, Names::Arrays(_)) {
            return Ok(rest.collect());
        }
        if let Some(index) = self.usual(&FEATURES)?
            && !labels.contains(&index)
        {
            return Ok(vec![index]);
        }
        let rest: Vec<usize> = rest.collect();
        if rest.len() > 1 {
            return Err(Problem::Unspecified {
                what: "features",
                there_are: self.list(),
            });
        }
        Ok(rest)
    }
}

impl Selection {
    /// Checks that there are features, and that nothing is chosen twice.
    pub(super) fn check(&self, names: &Names) -> Result<(), Box<ContentError>> {
        if self.features.is_empty() {
            return Err(Place::File.has(Problem::NoFeatures));
        }
        let mut chosen = HashSet::new();
        for &index in self.features.iter().chain(&self.labels) {
            if !chosen.insert(index) {
                return Err(Place::Column(names.name(index)).has(Problem::ChosenTwice));
            }
        }
        Ok(())
    }
}

/// The beginning of a text, for messages.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
