//! What can be wrong in a data file of a user's, and where.

use std::fmt;

/// The place of a problem in a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole, or a part of it that has no name.
    File,
    /// The byte with this offset, from the start of the file or, if it is compressed, of its contents.
    Byte(u64),
    /// The header of the file or of an array in it.
    Header,
    /// An array, or a column of a table.
    Column(String),
    /// A row as a whole.
    Row(Row),
    /// One entry of an array or a table.
    Entry {
        /// The row.
        row: Row,
        /// The name of the array or column.
        column: String,
    },
}

/// A problem in a data file, and its place.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ContentError {
    /// The place.
    pub place: Place,
    /// The problem.
    pub problem: Problem,
}

impl Place {
    /// The error that this place has a problem. It is boxed since results are returned more often than errors.
    #[allow(clippy::unnecessary_box_returns)] // for the results that it becomes
    pub(super) fn has(self, problem: Problem) -> Box<ContentError> {
        Box::new(ContentError {
            place: self,
            problem,
        })
    }
}

/// A row of a data file, which becomes a datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The index of the datapoint, from 0. A header is no datapoint.
    pub index: usize,
    /// In a text file, the number of the line on which the row begins, from 1.
    pub line: Option<u64>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "row {} (line {line})", self.index),
            None => write!(f, "row {}", self.index),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => f.write_str("contents"),
            Place::Byte(offset) => write!(f, "byte {offset}"),
            Place::Header => f.write_str("header"),
            Place::Column(name) => write!(f, "`{name}`"),
            Place::Row(row) => row.fmt(f),
            Place::Entry { row, column } => write!(f, "{row}, `{column}`"),
        }
    }
}

/// What the labels before one of another kind are.
fn others(is_number: bool) -> &'static str {
    if is_number {
        "are not numbers"
    } else {
        "are numbers"
    }
}

/// What is wrong at a [`Place`] of a data file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The contents do not follow the format.
    #[error("this is no valid {format}: {message}")]
    Syntax {
        /// The format.
        format: &'static str,
        /// The reason in words.
        message: String,
    },
    /// The file is Parquet, and the library was compiled without the feature `parquet`.
    #[error("Parquet is read only if the cargo feature `parquet` is on")]
    NoParquet,
    /// The header is longer than the file.
    #[error("a header of {claimed} bytes is promised, but only {left} bytes are left")]
    HeaderLength {
        /// The length of the header, in bytes.
        claimed: u64,
        /// The number of bytes in which it should be.
        left: u64,
    },
    /// Numbers are of a type that is not read.
    #[error("values of type {dtype} are not read; {read} are", read = super::array::READ)]
    Dtype {
        /// The type as the file calls it.
        dtype: String,
    },
    /// A dimension of a shape is negative.
    #[error("the shape {shape} has a negative dimension")]
    NegativeShape {
        /// The shape.
        shape: String,
    },
    /// The shape of an array has no dimension or a dimension of 0.
    #[error("the shape {shape:?} has no datapoints, or datapoints without numbers")]
    EmptyShape {
        /// The shape.
        shape: Vec<u64>,
    },
    /// An array would have 2^64 bytes or more.
    #[error("the shape {shape} is that of 2^64 bytes or more")]
    ShapeOverflow {
        /// The shape.
        shape: String,
    },
    /// The data of an array are not as long as its shape says.
    #[error("the shape {shape:?} of {dtype} takes {expected} bytes, but there are {found}")]
    DataLength {
        /// The shape.
        shape: Vec<u64>,
        /// The type of the numbers.
        dtype: String,
        /// The length of the data by the header, in bytes.
        expected: u64,
        /// The actual length, in bytes.
        found: u64,
    },
    /// An entry of an archive claims more bytes than its compressed data can hold.
    #[error("{claimed} bytes are promised, but so few compressed data hold at most {at_most}")]
    Oversized {
        /// The claimed length, in bytes.
        claimed: u64,
        /// The largest possible length, in bytes.
        at_most: u64,
    },
    /// An entry of an archive is compressed or encrypted by a method that is not read.
    #[error("{method}: an array must be stored or deflated, and not encrypted")]
    Compression {
        /// The method.
        method: String,
    },
    /// Two arrays have different numbers of rows.
    #[error("{found} rows, but `{other}` has {expected}")]
    Rows {
        /// The number of rows of the array.
        found: usize,
        /// The number of rows of the other array.
        expected: usize,
        /// The name of the other array.
        other: String,
    },
    /// There are no datapoints.
    #[error("there are no datapoints")]
    NoRows,
    /// A row of a text file has more or fewer fields than the first.
    #[error("{found} fields, but the first row has {expected}")]
    Ragged {
        /// The number of fields.
        found: usize,
        /// The number of fields of the first row.
        expected: usize,
    },
    /// A field of a text file is not a number.
    #[error("{text:?} is not a number")]
    NotANumber {
        /// The field.
        text: String,
    },
    /// A number is infinite or NaN, or becomes infinite in the number type that is asked for.
    #[error("{number} is not a finite number")]
    NotFinite {
        /// The number as the file has it.
        number: String,
    },
    /// There is a null instead of a number.
    #[error("the value is missing (null)")]
    Null,
    /// A byte of a bool is neither 0 nor 1.
    #[error("byte {byte} is no bool, which is 0 or 1")]
    NotABool {
        /// The byte.
        byte: u8,
    },
    /// A text file contains a byte 0.
    #[error("a byte 0, which no text has")]
    Nul,
    /// A text file contains text that is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// The file ends inside quotes.
    #[error("the file has an odd number of quotation marks, so that quotes are not closed")]
    Quotes,
    /// The first row may be a header or a datapoint.
    #[error(
        "some fields are numbers and others are not, as in the second row: say whether this is a header (`header`)"
    )]
    AmbiguousHeader,
    /// There is no array or column of this name or index.
    #[error("there is no `{column}`; there are {there_are}")]
    NoColumn {
        /// The name or index that is looked for.
        column: String,
        /// The arrays or columns that there are.
        there_are: String,
    },
    /// More than one array or column has this name.
    #[error("`{column}` is there more than once")]
    AmbiguousColumn {
        /// The name.
        column: String,
    },
    /// The description does not say which array or column is the label, or which arrays are the features, and no usual name is there.
    #[error("say which is the {what}; there are {there_are}")]
    Unspecified {
        /// What the description does not name.
        what: &'static str,
        /// The arrays or columns that there are.
        there_are: String,
    },
    /// An array or column is a feature and a label, or twice one of them.
    #[error("it is chosen more than once, as a feature or a label")]
    ChosenTwice,
    /// Nothing is left for the features.
    #[error("no array or column is left for the features")]
    NoFeatures,
    /// The label of a class is an array with several numbers for each datapoint.
    #[error(
        "{width} numbers for each datapoint, but the label of a class is one; several are read as targets"
    )]
    LabelWidth {
        /// How many numbers there are for each datapoint.
        width: usize,
    },
    /// The label of a class is not an integer.
    #[error("{label} is not an integer, as the label of a class must be")]
    FractionalLabel {
        /// The label.
        label: f64,
    },
    /// The label of a class is negative.
    #[error("{label} is negative; labels of classes start at 0")]
    NegativeLabel {
        /// The label.
        label: f64,
    },
    /// The label is not less than the number of classes.
    #[error("{label} is not less than the number of classes, {classes}")]
    LabelRange {
        /// The label.
        label: f64,
        /// The number of classes.
        classes: usize,
    },
    /// There would be more classes than is plausible.
    #[error("there would be {classes} classes; more than {most} must be asked for by number")]
    ManyClasses {
        /// How many classes there would be.
        classes: f64,
        /// The most that are made without being asked for.
        most: usize,
    },
    /// A text is not the name of one of the given classes, or a class has no name.
    #[error("{text:?} is none of the classes {names}")]
    UnknownClass {
        /// The text.
        text: String,
        /// The names of the classes.
        names: String,
    },
    /// Some labels are numbers and others are not.
    #[error("{text:?}, but other labels of this column {}", others(*is_number))]
    MixedLabels {
        /// The label.
        text: String,
        /// Whether it is a number.
        is_number: bool,
    },
    /// The datapoints have another number of features than the standardization.
    #[error("{found} features, but the standardization is that of {expected}")]
    Standardization {
        /// The number of features.
        found: usize,
        /// The number of means.
        expected: usize,
    },
    /// The mean or the standard deviation of a feature is too large for floating point numbers.
    #[error("the mean or the standard deviation is not finite")]
    Moments,
    /// The factor of the features is 0 or not finite.
    #[error("the scale {scale} must be finite and not 0")]
    Scale {
        /// The factor.
        scale: f64,
    },
}
