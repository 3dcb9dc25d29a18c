//! Values to files and back, for the landscape, the weights and the data that they are of.

mod error;
mod identity;

pub use error::SavedError;

use std::path::Path;

use diagram_calculus::value_class::ValueClass;
use serde::{Deserialize, Serialize};

use super::{Method, Value, Values};
use crate::derivatives::Derivatives;
use crate::file;
use crate::landscapes::Precision;
use crate::warning::Warning;
use identity::Identity;

/// The first word of every file.
const FORMAT: &str = "diagrams-values-1";

/// The first line of a file.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    /// The type of the numbers, `f32` or `f64`.
    numbers: String,
    /// The checksum of all that follows the first line.
    crc32: u32,
}

/// What follows it.
#[derive(Serialize, Deserialize)]
struct Body {
    of: Identity,
    method: Method,
    budget: Option<f64>,
    values: Vec<SavedValue>,
}

#[derive(Serialize, Deserialize)]
struct SavedValue {
    class: SavedClass,
    estimate: Vec<f64>,
    standard_error: Vec<f64>,
    replicates: Vec<Vec<f64>>,
}

/// The arguments of [`ValueClass::from_edges`].
#[derive(Serialize, Deserialize)]
struct SavedClass {
    edges: Vec<(usize, usize)>,
    parts: Vec<usize>,
    open: Option<usize>,
}

impl<T: Precision> Values<T> {
    /// Writes the values to a file, from which [`Values::load`] reads the same bits. A file of the same name is replaced, and is complete at any moment.
    ///
    /// `derivatives` must be those that the values are of: their loss and three derivatives along a fixed direction, averaged over the samples, are written along and are compared when the
    /// values are read.
    ///
    /// ```
    /// # use diagram_runtime::derivatives::PointDerivatives;
    /// # use diagram_runtime::interpret::Interpreted;
    /// # use diagram_runtime::landscapes::GaussianFit;
    /// # use diagram_runtime::samples::Samples;
    /// # use diagram_runtime::values::{Options, Values, evaluate};
    /// # use diagram_calculus::value_class::ValueClass;
    /// # let classes = [ValueClass::from_edges(2, &[(0, 1)], &[0, 1], None)?];
    /// # let program = Interpreted::new(&classes);
    /// # let samples = Samples::new(1, vec![-1.0, 2.0])?;
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("values.json");
    /// let derivatives = PointDerivatives::new(&GaussianFit, &[0.5], &samples)?;
    /// let values = evaluate(&program, &derivatives, &Options::population())?;
    /// values.save(&file, &derivatives)?;
    /// assert_eq!(Values::load(&file, &derivatives)?, values);
    ///
    /// let elsewhere = PointDerivatives::new(&GaussianFit, &[0.6], &samples)?;
    /// assert!(Values::load(&file, &elsewhere).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SavedError::Io`], [`SavedError::Device`].
    pub fn save(
        &self,
        path: impl AsRef<Path>,
        derivatives: &dyn Derivatives<T>,
    ) -> Result<(), SavedError> {
        let body = Body {
            of: Identity::of(derivatives)?,
            method: self.method,
            budget: self.budget,
            values: self.entries.iter().map(SavedValue::of).collect(),
        };
        let path = path.as_ref();
        let text = |json: serde_json::Result<String>| {
            json.map_err(|error| SavedError::io(path)(error.into()))
        };
        let body = text(serde_json::to_string(&body))?;
        let header = Header {
            format: FORMAT.into(),
            numbers: T::NAME.into(),
            crc32: crc32fast::hash(body.as_bytes()),
        };
        let header = text(serde_json::to_string(&header))?;
        file::replace(path, format!("{header}\n{body}").as_bytes()).map_err(SavedError::io(path))
    }

    /// Reads values that [`Values::save`] wrote, and checks that they are those of `derivatives`.
    ///
    /// # Errors
    /// [`SavedError`].
    pub fn load(
        path: impl AsRef<Path>,
        derivatives: &dyn Derivatives<T>,
    ) -> Result<Values<T>, SavedError> {
        let path = path.as_ref();
        let damaged = || SavedError::Damaged { path: path.into() };
        let content = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            // What is no text is no file of values.
            std::io::ErrorKind::InvalidData => SavedError::NotValues { path: path.into() },
            _ => SavedError::io(path)(source),
        })?;
        let (header, body) = content.split_once('\n').unwrap_or_default();
        let header = serde_json::from_str(header).ok();
        let header: Header = header
            .filter(|header: &Header| header.format == FORMAT)
            .ok_or_else(|| SavedError::NotValues { path: path.into() })?;
        if header.crc32 != crc32fast::hash(body.as_bytes()) {
            return Err(damaged());
        }
        if header.numbers != T::NAME {
            return Err(SavedError::Numbers {
                path: path.into(),
                found: header.numbers,
                expected: T::NAME,
            });
        }
        let body: Body = serde_json::from_str(body).map_err(|_| damaged())?;
        if let Some(what) = body.of.difference(&Identity::of(derivatives)?, T::NAME) {
            return Err(SavedError::Foreign {
                path: path.into(),
                what,
            });
        }
        let weights = derivatives.dimension();
        let values = body.values.into_iter().map(|value| value.read(weights));
        let entries = values.collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
        Ok(Values {
            warnings: Warning::about_values(derivatives.is_piecewise(), &entries),
            entries,
            samples: derivatives.samples(),
            method: body.method,
            budget: body.budget,
        })
    }
}

impl SavedValue {
    fn of<T: Precision>(value: &Value<T>) -> SavedValue {
        let class = &value.class;
        let edges = (0..class.nodes()).flat_map(|a| {
            let later = class.neighbours(a).filter(move |&b| a < b);
            later.map(move |b| (a, b))
        });
        SavedValue {
            class: SavedClass {
                edges: edges.collect(),
                parts: (0..class.nodes()).map(|node| class.part(node)).collect(),
                open: class.open(),
            },
            estimate: value.estimate.iter().map(T::to_f64).collect(),
            standard_error: value.standard_error.clone(),
            replicates: value.replicates.clone(),
        }
    }

    /// The value on a landscape with so many weights; `None` if it has another number of components than its class.
    fn read<T: Precision>(self, weights: usize) -> Option<Value<T>> {
        let SavedClass { edges, parts, open } = self.class;
        let components = if open.is_some() { weights } else { 1 };
        let lists = [&self.estimate, &self.standard_error]
            .into_iter()
            .chain(&self.replicates);
        if lists.into_iter().any(|numbers| numbers.len() != components) {
            return None;
        }
        Some(Value {
            class: ValueClass::from_edges(parts.len(), &edges, &parts, open).ok()?,
            estimate: self.estimate.into_iter().map(T::constant).collect(),
            standard_error: self.standard_error,
            replicates: self.replicates,
        })
    }
}
