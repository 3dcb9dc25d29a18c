//! Rules for predictors of other optimizers, or of batches that are drawn.

use std::collections::BTreeSet;

use diagram_calculus::measure::{self, Measure};
use diagram_calculus::optimizer::BatchChoice;
use diagram_calculus::value_class::ValueClass;
use syn::Ident;

use super::term;
use crate::lower::LoweredExpansion;
use crate::model::{DeclaredTraining, Optimized, OptimizedTerm};
use crate::report::Report;

/// The prediction of the predictor, or `None` and errors in the report.
pub(super) fn check(
    expansion: &LoweredExpansion,
    training: &DeclaredTraining,
    source: String,
    report: &mut Report,
) -> Option<Optimized> {
    let before = report.len();
    let measure = expansion.measure;
    if training.batches == BatchChoice::Fresh
        && matches!(measure, Measure::TrainLoss | Measure::GeneralizationGap)
    {
        let message = format!(
            "there is no {measure} in `{}`: every point is a new one, so that there is no training set",
            expansion.spacetime_name
        );
        let help = "predict a `test_loss`, a `displacement` or a `second_moment`";
        report.error(&expansion.spacetime_name, message, help);
        return None;
    }
    let mut diagrams = vec![];
    let mut classes: BTreeSet<(usize, ValueClass)> = BTreeSet::new();
    for candidate in &expansion.candidates {
        if let (Some(name), true) = (&candidate.name, candidate.diagram.signed().count() > 1) {
            let message = format!(
                "`{name}` has outlines, which are for spacetimes of SGD: the weights of its tied and its untied diagram are not the same for other optimizers"
            );
            report.error(name, message, "list the tied and the untied diagram");
            continue;
        }
        let spacetime = &expansion.spacetime.spacetime;
        let diagram = candidate.diagram.tied().clone();
        match measure::values_of(measure, spacetime, diagram.clone()) {
            Ok(values) => {
                classes.extend(values.into_iter().map(|(class, _)| (class.order(), class)));
                diagrams.push(OptimizedTerm {
                    name: candidate.name.as_ref().map(Ident::to_string),
                    diagram,
                    sketch: candidate.sketch.clone(),
                });
            }
            Err(error) => term::is_none(candidate, measure, &error, report),
        }
    }
    (report.len() == before).then_some(Optimized {
        measure,
        order: expansion.order,
        training: training.clone(),
        diagrams,
        classes: classes.into_iter().map(|(_, class)| class).collect(),
        source,
    })
}
