//! Rules for predictors that are linear combinations of others.

use std::collections::BTreeSet;

use diagram_calculus::combination::{Combination, CombinationError};
use num_rational::BigRational;
use syn::Ident;

use crate::model::{Content, DeclaredPredictor, Sizes};
use crate::report::Report;

/// A linear combination: the index of the predictor that it is the prediction of, its summands, and the text of its declaration.
type PredictorSum = (usize, Vec<(BigRational, Ident)>, String);

/// Computes the predictions of all linear combinations, in an order in which each comes after its summands.
pub(super) fn check(
    predictors: &mut [DeclaredPredictor],
    mut sums: Vec<PredictorSum>,
    report: &mut Report,
) {
    while !sums.is_empty() {
        let waiting: BTreeSet<String> = sums
            .iter()
            .map(|(at, _, _)| predictors[*at].head.name.to_string())
            .collect();
        let ready = |(_, summands, _): &PredictorSum| {
            summands
                .iter()
                .all(|(_, name)| !waiting.contains(&name.to_string()))
        };
        let Some(next) = sums.iter().position(ready) else {
            for (at, _, _) in sums
                .iter()
                .filter(|sum| contains_itself(sum, &sums, predictors))
            {
                let name = &predictors[*at].head.name;
                let message = format!("`{name}` is a sum that contains itself");
                report.error(name, message, "expand one of the predictors in a spacetime");
            }
            return;
        };
        let (at, summands, source) = sums.remove(next);
        let added = add(
            &predictors[at].head.name,
            &summands,
            source,
            predictors,
            report,
        );
        if let Some((content, sizes)) = added {
            predictors[at].content = Some(content);
            predictors[at].sizes = Some(sizes);
        }
    }
}

/// Whether a sum contains itself, directly or through other sums. A sum that only contains such a sum is not reported.
fn contains_itself(
    sum: &PredictorSum,
    sums: &[PredictorSum],
    predictors: &[DeclaredPredictor],
) -> bool {
    let mut found = BTreeSet::new();
    let mut open = vec![sum];
    while let Some((_, summands, _)) = open.pop() {
        for (_, name) in summands {
            let of_name = |(at, _, _): &&PredictorSum| predictors[*at].head.name == *name;
            if let Some(next) = sums.iter().find(of_name)
                && found.insert(next.0)
            {
                open.push(next);
            }
        }
    }
    found.contains(&sum.0)
}

/// The prediction and the sizes of a linear combination, or `None` if a summand has errors or the summands do not add.
fn add(
    name: &Ident,
    summands: &[(BigRational, Ident)],
    source: String,
    predictors: &[DeclaredPredictor],
    report: &mut Report,
) -> Option<(Content, Sizes)> {
    let mut sum: Option<(Combination, Sizes)> = None;
    let mut measures = vec![];
    let mut order = 0;
    for (number, summand) in summands {
        let declared = predictors.iter().find(|p| p.head.name == *summand)?;
        // Errors of a summand are reported already.
        let (content, sizes) = (declared.content.as_ref()?, declared.sizes.as_ref()?);
        let scaled = content.combination.times(number);
        measures.push(content.measure);
        order = order.max(content.order);
        sum = Some(match sum {
            None => (scaled, sizes.clone()),
            Some((left, so_far)) => match left.plus(&scaled) {
                Ok(combination) => (combination, so_far.and(sizes)),
                Err(error) => {
                    report.error(summand, &error, help_for(&error));
                    return None;
                }
            },
        });
    }
    let (combination, sizes) = sum?;
    if combination.values().is_empty() {
        let message = format!("`{name}` is 0 whatever the landscape: all of it cancels");
        report.error(name, message, "change a factor, or take another predictor");
        return None;
    }
    let sizes = sizes.for_coefficients(&combination);
    let measure = measures[0].filter(|first| measures.iter().all(|m| *m == Some(*first)));
    let content = Content {
        combination,
        measure,
        order,
        terms: vec![],
        source,
    };
    Some((content, sizes))
}

fn help_for(error: &CombinationError) -> &'static str {
    match error {
        CombinationError::Quantities { .. } => {
            "add losses to losses, squares to squares, displacements to displacements"
        }
        CombinationError::TrainSymbols(..) => {
            "give the open number of training points the same name in all spacetimes"
        }
        _ => "give sizes that are equal the same name, or numbers",
    }
}
