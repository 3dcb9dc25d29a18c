//! Datapoints from a file of the user's.

use std::borrow::Cow;
use std::path::Path;

use super::array::Archive;
use super::description::{Classes, Description, Label};
use super::fields::{Field, Fields, Values};
use super::labels::{self, Labels};
use super::npz::Npz;
use super::problem::{ContentError, Place, Problem};
use super::safetensors::{self, Tensors};
use super::source::Source;
use super::standardization::{Standardization, Standardize};
use super::{DataError, csv, npy, npz};
use crate::samples::Samples;
use crate::scalar::Element;

/// Datapoints that were read from a file.
#[derive(Clone, Debug)]
pub struct Datapoints<T> {
    /// The datapoints: the features of each, and then its label.
    pub samples: Samples<T>,
    /// How many numbers of a datapoint are features.
    pub features: usize,
    /// How many numbers of a datapoint are its label.
    pub labels: usize,
    /// A description that reads other files in the same way, such as a test set: with the same columns, classes, header, scale and standardization,
    /// and without a limit.
    pub description: Description,
}

impl<T> Datapoints<T> {
    /// The moments that the features were standardized by, if they were.
    pub fn standardization(&self) -> Option<&Standardization> {
        match &self.description.standardize {
            Standardize::By(standardization) => Some(standardization),
            Standardize::Never | Standardize::ByOwnMoments => None,
        }
    }

    /// The names of the classes, if the label is a class and the file has texts for it; otherwise nothing.
    pub fn class_names(&self) -> &[String] {
        match &self.description.label {
            Label::Classes {
                classes: Classes::Names(names),
                ..
            } => names,
            _ => &[],
        }
    }
}

/// Reads datapoints from a file: `.npy`, `.npz`, `.safetensors`, comma- or tab-separated values, or with the feature `parquet` Parquet. Each may be
/// compressed by gzip. The contents decide what a file is, not its name.
///
/// A datapoint is the features and then the label, as everywhere. Arrays are flattened row-major to one row for each index of their first dimension.
///
/// ```
/// use diagram_runtime::data::{Description, load_bytes};
///
/// let table = b"length,width,species\n5.1,3.5,setosa\n7.0,3.2,versicolor\n";
/// let flowers = load_bytes::<f64>("flowers.csv", table, &Description::classes("species"))?;
/// assert_eq!(flowers.samples.row(1), [7.0, 3.2, 0.0, 1.0]);
/// assert_eq!(flowers.class_names(), ["setosa", "versicolor"]);
/// # Ok::<(), diagram_runtime::data::DataError>(())
/// ```
///
/// # Errors
///
/// [`DataError`] if the file cannot be read, or is not what its header or the description says. [`DataError::Content`] has the place and the problem.
/// Memory is not taken because a header asks for it, but in proportion to what is there.
pub fn load_file<T: Element>(
    path: &Path,
    description: &Description,
) -> Result<Datapoints<T>, DataError> {
    let bytes = Source::open(path)?.rest()?;
    read(path, &bytes, description)
}

/// Reads datapoints from the contents of a file, as [`load_file`] does. Errors call it by the name.
///
/// # Errors
///
/// As [`load_file`].
pub fn load_bytes<T: Element>(
    name: &str,
    bytes: &[u8],
    description: &Description,
) -> Result<Datapoints<T>, DataError> {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        Cow::Owned(Source::in_memory(name, bytes)?.rest()?)
    } else {
        Cow::Borrowed(bytes)
    };
    read(Path::new(name), &bytes, description)
}

fn read<T: Element>(
    path: &Path,
    bytes: &[u8],
    description: &Description,
) -> Result<Datapoints<T>, DataError> {
    if description.limit == Some(0) {
        return Err(DataError::ZeroLimit);
    }
    fields(bytes, description)
        .and_then(|fields| datapoints(fields, description))
        .map_err(|error| DataError::Content {
            path: path.to_owned(),
            error,
        })
}

/// Reads what the description chooses from a file of any format.
fn fields(bytes: &[u8], description: &Description) -> Result<Fields, Box<ContentError>> {
    if bytes.is_empty() {
        return Err(Place::File.has(Problem::NoRows));
    }
    if bytes.starts_with(npy::MAGIC) {
        return npy::array("array", bytes)?.table(description);
    }
    if npz::MAGICS.iter().any(|magic| bytes.starts_with(magic)) {
        return Npz::new(bytes)?.read(description);
    }
    if bytes.starts_with(b"PAR1") {
        #[cfg(feature = "parquet")]
        return super::parquet::read(bytes, description);
        #[cfg(not(feature = "parquet"))]
        return Err(Place::File.has(Problem::NoParquet));
    }
    if safetensors::begins(bytes) {
        return Tensors::new(bytes)?.read(description);
    }
    csv::read(bytes, description)
}

/// Makes datapoints of the values.
fn datapoints<T: Element>(
    mut fields: Fields,
    description: &Description,
) -> Result<Datapoints<T>, Box<ContentError>> {
    let rows = fields.rows()?;
    let scale = description.scale;
    if !scale.is_finite() || scale == 0.0 {
        return Err(Place::File.has(Problem::Scale { scale }));
    }
    let labels = labels::labels(&mut fields, &description.label)?;
    for field in &mut fields.features {
        if let Values::Numbers { numbers, .. } = &mut field.values
            && scale != 1.0
        {
            for number in numbers {
                *number *= scale;
            }
        }
    }
    let standardization = match &description.standardize {
        Standardize::Never => None,
        Standardize::ByOwnMoments => Some(Standardization::of(&fields.features)?),
        Standardize::By(given) => Some(given.clone()),
    };
    if let Some(standardization) = &standardization {
        standardization.apply(&mut fields.features)?;
    }
    let features = fields.features.iter().map(Field::width).sum();
    let width = features + labels.width();
    let mut numbers = Vec::with_capacity(rows * width);
    for row in 0..rows {
        append(&mut numbers, &fields, &fields.features, row)?;
        match &labels {
            Labels::None => {}
            Labels::Targets(targets) => append(&mut numbers, &fields, targets, row)?,
            Labels::Classes { labels, count, .. } => numbers.extend(
                (0..*count).map(|class| T::constant(f64::from(u8::from(class == labels[row])))),
            ),
        }
    }
    Ok(Datapoints {
        samples: Samples::new(width, numbers).expect("whole rows of at least one number"),
        features,
        labels: labels.width(),
        description: again(description, &fields, &labels, standardization),
    })
}

/// Appends the numbers of a row.
fn append<T: Element>(
    numbers: &mut Vec<T>,
    all: &Fields,
    fields: &[Field],
    row: usize,
) -> Result<(), Box<ContentError>> {
    for field in fields {
        let Values::Numbers {
            width,
            numbers: values,
        } = &field.values
        else {
            let problem = Problem::Dtype {
                dtype: "text".into(),
            };
            return Err(Place::Column(field.name.clone()).has(problem));
        };
        for (column, &value) in values[row * width..][..*width].iter().enumerate() {
            let number = T::constant(value);
            if !number.is_finite() {
                let (row, column) = (all.row(row), field.column_name(column));
                let problem = Problem::NotFinite {
                    number: format!("{value:e}, in the number type that is asked for,"),
                };
                return Err(Place::Entry { row, column }.has(problem));
            }
            numbers.push(number);
        }
    }
    Ok(())
}

/// The description with everything that was found in the data.
fn again(
    description: &Description,
    fields: &Fields,
    labels: &Labels,
    standardization: Option<Standardization>,
) -> Description {
    let columns = &fields.label_columns;
    Description {
        features: description.features.clone(),
        label: match labels {
            Labels::None => Label::None,
            Labels::Targets(_) => Label::Targets(columns.clone()),
            Labels::Classes { count, names, .. } => Label::Classes {
                column: columns.first().cloned(),
                classes: if names.is_empty() {
                    Classes::Count(*count)
                } else {
                    Classes::Names(names.clone())
                },
            },
        },
        header: fields.header.or(description.header),
        limit: None,
        scale: description.scale,
        standardize: standardization.map_or(Standardize::Never, Standardize::By),
    }
}
