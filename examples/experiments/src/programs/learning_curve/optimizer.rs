//! The optimizer that the command line asks for.

use diagrams::calculus::ValueClass;
use diagrams::calculus::coefficient::Coefficient;
use diagrams::calculus::measure::Measure;
use diagrams::calculus::optimizer::Training;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::simulate::{Optimizer, Schedule, Shuffle, UpdateRule};
use num_rational::BigRational;

use super::arguments::{Arguments, ShuffleName};
use super::expansion::{Expanded, check_order};

/// An optimizer other than SGD, or batches that are drawn with replacement.
pub(crate) struct OtherOptimizer {
    /// Its options, as they are written in a declaration.
    pub(crate) text: String,
    /// The training run.
    training: Training,
}

impl OtherOptimizer {
    /// Reads the options; `None` for SGD in epochs.
    pub(crate) fn new(arguments: &Arguments) -> Result<Option<Self>, String> {
        let options = arguments.optimizer.as_deref().unwrap_or("").trim();
        let Arguments {
            train,
            batch,
            epochs,
            replacement,
            ..
        } = *arguments;
        if options.is_empty() && !replacement {
            return Ok(None);
        }
        let mut words = vec![];
        if replacement {
            words.push("sampling: with_replacement".to_string());
        }
        if !options.is_empty() {
            words.push(options.to_string());
        }
        let text = words.join(", ");
        let sizes = match (replacement, arguments.shuffle) {
            (true, ShuffleName::EachEpoch) => {
                return Err(
                    "--shuffle: batches that are drawn with replacement make no epochs".into(),
                );
            }
            (true, ShuffleName::Never) => {
                let steps = Schedule::new(train, batch, epochs, Shuffle::Never)
                    .map_err(|e| e.to_string())?
                    .steps();
                format!("steps: {steps}")
            }
            (false, ShuffleName::Never) => format!("epochs: {epochs}"),
            (false, ShuffleName::EachEpoch) => format!("epochs: {epochs}, shuffle: each_epoch"),
        };
        let declaration = format!(
            "spacetime S = sgd(train: {train}, batch: {batch}, {sizes},\n{text}\n);\npredictor P: test_loss in S = all(edges <= 1);"
        );
        let wrong = |message: String| format!("--optimizer {options:?}: {message}");
        let declaration = diagrams::parse(&declaration).map_err(|mistakes| {
            let mistakes = mistakes.0.iter();
            let each = mistakes.map(|m| format!("{}; {}", m.message, m.help));
            wrong(each.collect::<Vec<_>>().join("\n"))
        })?;
        let model = declaration.model();
        let predictors = model.predictors.len() + model.optimized.len() + model.resummed.len();
        let others = model.diagrams.len() + model.networks.len();
        if (model.spacetimes.len(), predictors, others) != (1, 1, 0) {
            return Err(wrong(
                "options such as `momentum: 9/10, nesterov` are expected".into(),
            ));
        }
        let Some(declared) = declaration.optimized("P") else {
            // What was written changes nothing, such as `schedule: constant`.
            return Ok(None);
        };
        let parameters = declared.parameters(&[]).map_err(|e| wrong(e.to_string()))?;
        let training = declared
            .training(&parameters)
            .map_err(|e| wrong(e.to_string()))?;
        Ok(Some(OtherOptimizer { text, training }))
    }

    /// R, the total step.
    pub(crate) fn total_step(&self) -> f64 {
        self.training.kernel::<f64>().total_step()
    }

    /// The optimizer of training runs.
    pub(crate) fn optimizer(&self) -> Optimizer {
        let rule = self.training.rule().cloned();
        Optimizer::Rule(rule.unwrap_or_else(UpdateRule::sgd))
    }

    /// The terms of a measure up to an order. The weights are sums over the updates in double precision.
    pub(crate) fn terms(&self, measure: Measure, order: usize) -> Result<Expanded, String> {
        check_order(measure, order)?;
        let terms = self.training.expand::<f64>(measure, order);
        let coefficients: Vec<(ValueClass, Coefficient)> = terms
            .map_err(|e| e.to_string())?
            .into_iter()
            .filter(|(_, weight)| *weight != 0.0)
            .map(|(class, weight)| match BigRational::from_float(weight) {
                Some(weight) => Ok((class, Coefficient::from(weight))),
                None => Err(format!("the weight of {class} is not finite")),
            })
            .collect::<Result<_, String>>()?;
        let classes: Vec<ValueClass> = coefficients.iter().map(|(c, _)| c.clone()).collect();
        Ok(Expanded {
            coefficients,
            program: Box::new(Interpreted::new(&classes)),
            summed: true,
        })
    }
}
