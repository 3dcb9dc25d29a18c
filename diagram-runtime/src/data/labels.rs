//! Labels as numbers.

use std::collections::HashMap;

use super::description::{Classes, Label};
use super::fields::{Field, Fields, Values, shortened};
use super::problem::{ContentError, Place, Problem};

/// How many classes there may be without their number being given. Each datapoint has a number for each class, so that a wrong column, such as an index
/// of rows, would take memory that grows with the square of the file.
const MOST: usize = 1000;

/// The labels of all datapoints.
pub(super) enum Labels {
    None,
    Classes {
        /// The class of each datapoint.
        labels: Vec<usize>,
        count: usize,
        /// The names, if the file has texts.
        names: Vec<String>,
    },
    Targets(Vec<Field>),
}

impl Labels {
    /// How many numbers there are for each datapoint.
    pub(super) fn width(&self) -> usize {
        match self {
            Labels::None => 0,
            Labels::Classes { count, .. } => *count,
            Labels::Targets(fields) => fields.iter().map(Field::width).sum(),
        }
    }
}

/// Turns the label fields into labels.
pub(super) fn labels(fields: &mut Fields, label: &Label) -> Result<Labels, Box<ContentError>> {
    let taken = std::mem::take(&mut fields.labels);
    let classes = match label {
        Label::None => return Ok(Labels::None),
        Label::Targets(_) => return targets(taken),
        Label::Classes { classes, .. } => classes,
    };
    let Some(field) = taken.into_iter().next() else {
        return Ok(Labels::None);
    };
    let named = |problem| Place::Column(field.name.clone()).has(problem);
    let at = |index: usize, problem| {
        let (row, column) = (fields.row(index), field.name.clone());
        Place::Entry { row, column }.has(problem)
    };
    match &field.values {
        Values::Numbers { width: 1, numbers } => {
            integers(numbers, classes).map_err(|(index, problem)| at(index, problem))
        }
        Values::Numbers { width, .. } => Err(named(Problem::LabelWidth { width: *width })),
        Values::Text(texts) => {
            match as_numbers(texts, classes).map_err(|(index, problem)| at(index, problem))? {
                Some(numbers) => {
                    integers(&numbers, classes).map_err(|(index, problem)| at(index, problem))
                }
                None => by_name(texts, classes).map_err(|(index, problem)| match index {
                    Some(index) => at(index, problem),
                    None => named(problem),
                }),
            }
        }
    }
}

fn targets(fields: Vec<Field>) -> Result<Labels, Box<ContentError>> {
    for field in &fields {
        if matches!(field.values, Values::Text(_)) {
            let problem = Problem::Dtype {
                dtype: "text".into(),
            };
            return Err(Place::Column(field.name.clone()).has(problem));
        }
    }
    Ok(Labels::Targets(fields))
}

/// The texts as numbers if all of them are and if none is the name of a class, nothing if none of them is, and otherwise an error.
fn as_numbers(texts: &[String], classes: &Classes) -> Result<Option<Vec<f64>>, (usize, Problem)> {
    let is_name = |text: &str| matches!(classes, Classes::Names(names) if names.iter().any(|name| name == text));
    let number = |text: &str| text.parse::<f64>().ok().filter(|_| !is_name(text));
    let is_number = texts.first().is_some_and(|text| number(text).is_some());
    let mut numbers = vec![];
    for (index, text) in texts.iter().enumerate() {
        if text.is_empty() {
            return Err((index, Problem::Null));
        }
        match number(text) {
            Some(found) if is_number => numbers.push(found),
            None if !is_number => {}
            found => {
                let problem = Problem::MixedLabels {
                    text: shortened(text),
                    is_number: found.is_some(),
                };
                return Err((index, problem));
            }
        }
    }
    Ok(is_number.then_some(numbers))
}

/// Labels that are integers.
fn integers(numbers: &[f64], classes: &Classes) -> Result<Labels, (usize, Problem)> {
    let given = match classes {
        Classes::Found => None,
        Classes::Count(count) => Some(*count),
        Classes::Names(names) => Some(names.len()),
    };
    let mut labels = Vec::with_capacity(numbers.len());
    for (index, &label) in numbers.iter().enumerate() {
        let problem = if !label.is_finite() {
            Problem::NotFinite {
                number: label.to_string(),
            }
        } else if label.fract() != 0.0 {
            Problem::FractionalLabel { label }
        } else if label < 0.0 {
            Problem::NegativeLabel { label }
        } else if let Some(classes) = given.filter(|&count| label >= count as f64) {
            Problem::LabelRange { label, classes }
        } else if given.is_none() && label >= MOST as f64 {
            Problem::ManyClasses {
                classes: label + 1.0,
                most: MOST,
            }
        } else {
            labels.push(label as usize);
            continue;
        };
        return Err((index, problem));
    }
    let largest = labels.iter().max().map_or(0, |largest| largest + 1);
    Ok(Labels::Classes {
        count: given.unwrap_or(largest),
        names: match classes {
            Classes::Names(names) => names.clone(),
            _ => vec![],
        },
        labels,
    })
}

/// Labels that are texts. The error is that of a row, or of the column.
fn by_name(texts: &[String], classes: &Classes) -> Result<Labels, (Option<usize>, Problem)> {
    let names = match classes {
        Classes::Names(names) => names.clone(),
        Classes::Found | Classes::Count(_) => {
            let mut names = texts.to_vec();
            names.sort_unstable();
            names.dedup();
            names
        }
    };
    let found = names.len();
    let problem = match classes {
        Classes::Found if found > MOST => Some(Problem::ManyClasses {
            classes: found as f64,
            most: MOST,
        }),
        Classes::Count(count) if found > *count => Some(Problem::LabelRange {
            label: (found - 1) as f64,
            classes: *count,
        }),
        _ => None,
    };
    if let Some(problem) = problem {
        return Err((None, problem));
    }
    let numbers: HashMap<&str, usize> = (names.iter().map(String::as_str)).zip(0..).collect();
    let mut labels = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let Some(&label) = numbers.get(text.as_str()) else {
            let problem = Problem::UnknownClass {
                text: shortened(text),
                names: shortened(&names.join(", ")),
            };
            return Err((Some(index), problem));
        };
        labels.push(label);
    }
    drop(numbers);
    let mut names = names;
    if let Classes::Count(count) = classes {
        // Classes that do not occur have no name. Nothing has the empty name as its label.
        names.resize(*count, String::new());
    }
    Ok(Labels::Classes {
        labels,
        count: names.len(),
        names,
    })
}
