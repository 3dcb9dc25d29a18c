//! What of a file of the user's becomes a datapoint.

use std::fmt;

use super::standardization::Standardize;

/// Which parts of a file become datapoints, for [`load_file`](super::load_file).
///
/// The default takes everything as features. [`Description::classes`] and [`Description::targets`] add a label:
///
/// ```
/// use diagram_runtime::data::{Description, Standardize};
///
/// let description = Description {
///     scale: 1.0 / 255.0,
///     standardize: Standardize::ByOwnMoments,
///     ..Description::classes("label")
/// };
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The arrays or columns that are features, in this order. Without any, these are all columns of a table but those of the label; of several arrays
    /// it is the one called `x` or `X`, or the only one that is not the label.
    pub features: Vec<Column>,
    /// The label.
    pub label: Label,
    /// Whether the first row of a text file is a header with the names of the columns; if `None`, it is one if none of its fields is a number, or if
    /// some field is not a number and the one below is.
    pub header: Option<bool>,
    /// At most how many datapoints are read, from the first on. What lies beyond is not checked.
    pub limit: Option<usize>,
    /// What features are multiplied by. Bytes are read as the numbers 0 to 255, so that images should have a scale of 1/255.
    pub scale: f64,
    /// Whether features are brought to mean 0 and standard deviation 1, after they are scaled.
    pub standardize: Standardize,
}

impl Default for Description {
    fn default() -> Self {
        Description {
            features: vec![],
            label: Label::None,
            header: None,
            limit: None,
            scale: 1.0,
            standardize: Standardize::Never,
        }
    }
}

impl Description {
    /// The label is the class that is in this array or column; all else is as by default.
    pub fn classes(column: impl Into<Column>) -> Self {
        Description {
            label: Label::Classes {
                column: Some(column.into()),
                classes: Classes::Found,
            },
            ..Description::default()
        }
    }

    /// The label is the numbers in these arrays or columns, for regression; all else is as by default.
    pub fn targets<C: Into<Column>>(columns: impl IntoIterator<Item = C>) -> Self {
        Description {
            label: Label::Targets(columns.into_iter().map(Into::into).collect()),
            ..Description::default()
        }
    }
}

/// The label of a datapoint, which comes after its features.
#[derive(Clone, Debug, PartialEq)]
pub enum Label {
    /// There is none.
    None,
    /// A class, as numbers that are 1 at the class and 0 elsewhere.
    Classes {
        /// The array or column, with one integer or text for each datapoint. If `None`, it is the one called `y` or `label`.
        column: Option<Column>,
        /// The classes.
        classes: Classes,
    },
    /// Numbers of these arrays or columns, kept as they are. If there are none, it is the array or column called `y` or `label`.
    Targets(Vec<Column>),
}

/// The classes of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Classes {
    /// For integers, those from 0 to the largest label; texts are sorted and numbered. There may be at most 1,000.
    Found,
    /// This many. Fewer may occur.
    Count(usize),
    /// Those with these names, in this order. A column of integers is read as their indices.
    Names(Vec<String>),
}

/// An array of an archive, or a column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By its name. If nothing has this name and it is an integer, it is an index.
    Name(String),
    /// By its index, from 0. Arrays of an archive with several have no index.
    Index(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Column::Name(name.into())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Column::Name(name)
    }
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Column::Index(index)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Column::Name(name) => name.fmt(f),
            Column::Index(index) => index.fmt(f),
        }
    }
}
