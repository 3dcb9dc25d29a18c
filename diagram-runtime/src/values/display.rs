//! Values as a table and as JSON.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Value, Values};
use crate::scalar::Element;
use crate::warning;

/// A table with a row for each number: the diagram, the number, and its standard error or the word `exact`. The rows of a displacement have the index of the
/// weight behind the diagram. The warnings stand below.
impl<T: Element> fmt::Display for Values<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["diagram", "value", "standard error"].map(str::to_string);
        let mut rows = vec![header];
        for value in &self.entries {
            let numbers = value.estimate.iter().zip(&value.standard_error);
            for (component, (number, &error)) in numbers.enumerate() {
                let diagram = match value.estimate.len() {
                    1 => value.class.to_string(),
                    _ => format!("{} [{component}]", value.class),
                };
                let error = if error == 0.0 {
                    "exact".to_string()
                } else {
                    format!("{error:.1e}")
                };
                rows.push([diagram, format!("{:.16e}", number.to_f64()), error]);
            }
        }
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let [first, second] = [width(0), width(1)];
        for [diagram, value, error] in &rows {
            writeln!(f, "{diagram:<first$}  {value:>second$}  {error}")?;
        }
        f.write_str(&warning::lines(&self.warnings))
    }
}

/// An object with the fields `diagram`, `value` and `standard_error`, where the last two are numbers, or lists of P numbers for a displacement.
impl<T: Element> Serialize for Value<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Value", 3)?;
        object.serialize_field("diagram", &self.class.to_string())?;
        match (&self.estimate[..], &self.standard_error[..]) {
            ([number], [error]) => {
                object.serialize_field("value", &number.to_f64())?;
                object.serialize_field("standard_error", error)?;
            }
            (numbers, errors) => {
                let numbers: Vec<f64> = numbers.iter().map(Element::to_f64).collect();
                object.serialize_field("value", &numbers)?;
                object.serialize_field("standard_error", errors)?;
            }
        }
        object.end()
    }
}

/// An object with the field `values`, and `warnings` if there are any.
impl<T: Element> Serialize for Values<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = 1 + usize::from(!self.warnings.is_empty());
        let mut object = serializer.serialize_struct("Values", fields)?;
        if self.warnings.is_empty() {
            object.skip_field("warnings")?;
        } else {
            object.serialize_field("warnings", &self.warnings)?;
        }
        object.serialize_field("values", &self.entries)?;
        object.end()
    }
}
