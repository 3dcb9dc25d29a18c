//! The values of open sizes from the option `--at`, such as `--at N=10,M=2`.

use diagrams::Declaration;
use diagrams::calculus::coefficient::Parameters;
use diagrams::calculus::optimizer::BatchChoice;
use diagrams::calculus::spacetime::{Batch, EpochSchedule, Parameter, Spacetime};
use diagrams::language::{SizeProduct, SizesError};

use super::error::InspectError;

/// The values of open sizes by their names, in the order in which they are given.
pub(crate) struct Sizes(Vec<(String, u64)>);

impl Sizes {
    /// Reads the values, each as `name=value`.
    pub(crate) fn read(texts: &[String], declaration: &Declaration) -> Result<Self, InspectError> {
        let mut sizes = Sizes(vec![]);
        let open = open(declaration);
        for text in texts {
            let (name, value) = one(text)?;
            if sizes.get(&name).is_some() {
                return Err(InspectError::AtTwice { name });
            }
            if !open.contains(&name) {
                return Err(InspectError::UnknownSize { name, open });
            }
            sizes.0.push((name, value));
        }
        Ok(sizes)
    }

    /// All names and values.
    pub(crate) fn given(&self) -> &[(String, u64)] {
        &self.0
    }

    /// The value of a size, if it is given.
    pub(crate) fn get(&self, name: &str) -> Option<u64> {
        let given = self.0.iter().find(|(known, _)| known == name);
        given.map(|(_, value)| *value)
    }

    /// The sizes at which the coefficients of a predictor with these open sizes are evaluated; `None` if some are open and no values are given at all.
    pub(crate) fn parameters(
        &self,
        open: &[String],
        parameters: impl Fn(&[(&str, u64)]) -> Result<Parameters, SizesError>,
    ) -> Result<Option<Parameters>, InspectError> {
        // The other sizes belong to other predictors of the declaration.
        let own: Vec<(&str, u64)> = open
            .iter()
            .filter_map(|name| Some((&name[..], self.get(name)?)))
            .collect();
        match parameters(&own) {
            Ok(parameters) => Ok(Some(parameters)),
            Err(SizesError::Missing { .. }) if self.0.is_empty() => Ok(None),
            Err(error) => Err(InspectError::Sizes(error)),
        }
    }

    /// The spacetime with numbers in place of its open sizes.
    pub(crate) fn closed(
        &self,
        name: &str,
        declared: &diagrams::language::DeclaredSpacetime,
    ) -> Result<Spacetime, InspectError> {
        let training = declared.training.as_ref();
        if training.is_some_and(|training| {
            matches!(
                training.batches,
                BatchChoice::WithReplacement | BatchChoice::Fresh
            )
        }) {
            return Err(InspectError::DrawnBatches {
                spacetime: name.into(),
            });
        }
        let schedule = match &declared.spacetime {
            Spacetime::Grid(_) => return Ok(declared.spacetime.clone()),
            Spacetime::Schedule(schedule) => schedule,
        };
        let number = |size: &SizeProduct| -> Result<Parameter, InspectError> {
            let mut number = size.number;
            for symbol in &size.symbols {
                let value = self.get(symbol).ok_or_else(|| InspectError::OpenSize {
                    spacetime: name.into(),
                    name: symbol.clone(),
                })?;
                // A product that overflows is refused where spacetimes that are too large to draw are.
                number = number.saturating_mul(value);
            }
            Ok(Parameter::Literal(number))
        };
        let [train, batch, epochs] = &declared.sizes;
        Ok(Spacetime::Schedule(EpochSchedule {
            train: number(train)?,
            batch: match schedule.batch {
                Batch::Of(_) => Batch::Of(number(batch)?),
                Batch::Full => Batch::Full,
            },
            epochs: number(epochs)?,
            shuffle: schedule.shuffle,
        }))
    }
}

/// Reads a name and a value, such as `N=10`.
fn one(text: &str) -> Result<(String, u64), InspectError> {
    let wrong = |reason| InspectError::At {
        text: text.into(),
        reason,
    };
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| wrong("sizes are given as N=10"))?;
    let value = value.trim().parse();
    let value = value.map_err(|_| wrong("a size is a whole number from 1 to 2^64 - 1"))?;
    if value == 0 {
        return Err(wrong("sizes count from 1"));
    }
    Ok((name.trim().into(), value))
}

/// The names of all open sizes of the spacetimes and predictors, each once.
fn open(declaration: &Declaration) -> Vec<String> {
    let spacetimes = declaration.model().spacetimes.iter();
    let in_spacetimes = spacetimes
        .flat_map(|(_, declared)| &declared.sizes)
        .flat_map(|size| size.symbols.clone());
    let predictors = declaration.predictors();
    let in_predictors = predictors.flat_map(|predictor| predictor.open().to_vec());
    let mut open: Vec<String> = vec![];
    for name in in_spacetimes.chain(in_predictors) {
        if !open.contains(&name) {
            open.push(name);
        }
    }
    open
}
