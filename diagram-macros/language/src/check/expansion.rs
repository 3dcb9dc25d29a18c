//! Rules for predictors that expand a measure as a power series.

use diagram_calculus::coefficient::Coefficient;
use diagram_calculus::combination::Combination;
use diagram_calculus::measure;
use diagram_calculus::outline::Outlined;
use syn::Ident;

use super::term;
use crate::lower::{Candidate, LoweredExpansion};
use crate::model::{Content, DeclaredSpacetime, SeriesTerm};
use crate::report::Report;

/// The prediction of the predictor, or `None` and errors in the report.
pub(super) fn check(
    name: &Ident,
    expansion: &LoweredExpansion,
    source: String,
    report: &mut Report,
) -> Option<Content> {
    let before = report.len();
    let declared = &expansion.spacetime;
    let expanded = expanded(expansion, report)?;
    for (candidate, term) in expansion.candidates.iter().zip(&expanded.terms) {
        term::contributes(candidate, term, expansion, report);
    }
    nothing_counts_twice(&expansion.candidates, report);
    if report.len() > before {
        return None;
    }
    let combination = in_open_sizes(Combination::from(&expanded), declared, name, report)?;
    something_is_left(name, &combination, report);
    let mut terms = vec![];
    for (term, candidate) in expanded.terms.iter().zip(&expansion.candidates) {
        terms.push(SeriesTerm {
            name: candidate.name.as_ref().map(Ident::to_string),
            diagram: candidate.diagram.clone(),
            sketch: candidate.sketch.clone(),
            coefficient: of_term(term, &expanded, declared, name, report)?,
        });
    }
    (report.len() == before).then_some(Content {
        combination,
        measure: Some(expansion.measure),
        order: expansion.order,
        terms,
        source,
    })
}

/// Reports diagrams that are both a term and part of an outlined diagram, which is the difference of a tied and an untied diagram.
fn nothing_counts_twice(candidates: &[Candidate], report: &mut Report) {
    for candidate in candidates {
        let Some(name) = &candidate.name else {
            continue;
        };
        if candidate.diagram.signed().count() < 2 {
            continue;
        }
        let again = candidate.diagram.signed().find(|(diagram, _)| {
            let plain = Outlined::from((*diagram).clone());
            candidates.iter().any(|other| other.diagram == plain)
        });
        if let Some((diagram, _)) = again {
            let message = format!(
                "`{name}` has outlines, and {diagram}, which is part of it, is a term as well"
            );
            let help = "it would count twice: leave the outlined diagram out, or take it alone";
            report.error(name, message, help);
        }
    }
}

/// The expansion, or `None` and an error for each diagram that is not a term of the measure.
fn expanded(expansion: &LoweredExpansion, report: &mut Report) -> Option<measure::Expansion> {
    let expand = |candidates: &[Candidate]| {
        let diagrams = candidates.iter().map(|c| c.diagram.clone());
        measure::expand(expansion.measure, &expansion.spacetime.spacetime, diagrams)
    };
    let error = match expand(&expansion.candidates) {
        Ok(expanded) => return Some(expanded),
        Err(error) => error,
    };
    let before = report.len();
    for candidate in &expansion.candidates {
        match expand(std::slice::from_ref(candidate)) {
            Ok(alone) => term::contributes(candidate, &alone.terms[0], expansion, report),
            Err(error) => term::is_none(candidate, expansion.measure, &error, report),
        }
    }
    // The diagrams of `all(…)` are terms of the measure, so that the error is in the spacetime.
    if report.len() == before {
        let help = "give the spacetime at least one training point";
        report.error(&expansion.spacetime_name, error, help);
    }
    None
}

/// The combination with the symbols that stand for products replaced by these.
fn in_open_sizes(
    combination: Combination,
    declared: &DeclaredSpacetime,
    name: &Ident,
    report: &mut Report,
) -> Option<Combination> {
    let mut combination = combination;
    for (symbol, product) in &declared.products {
        if !combination.open().contains(&&symbol[..]) {
            continue;
        }
        match combination.substitute(symbol, product) {
            Ok(substituted) => combination = substituted,
            Err(error) => {
                let help = "write fewer symbols in the sizes of the spacetime";
                report.error(name, error, help);
                return None;
            }
        }
    }
    Some(combination)
}

/// Reports a sum of terms that is zero.
fn something_is_left(name: &Ident, combination: &Combination, report: &mut Report) {
    if combination.values().is_empty() {
        let message = format!("the terms of `{name}` cancel: it is 0 whatever the landscape");
        let help = "choose diagrams whose coefficients do not cancel";
        report.error(name, message, help);
    }
}

/// The coefficient of a term as a function of the open sizes.
fn of_term(
    term: &measure::Term,
    expanded: &measure::Expansion,
    declared: &DeclaredSpacetime,
    name: &Ident,
    report: &mut Report,
) -> Option<Coefficient> {
    if declared.products.is_empty() && declared.symbols_are_distinct() {
        return Some(term.coefficient.clone());
    }
    // The substitution works on combinations, so that the coefficient becomes the only value of an expansion.
    let class = term.diagram.tied().value_class();
    let alone = measure::Expansion {
        measure: expanded.measure,
        spacetime: expanded.spacetime.clone(),
        terms: vec![],
        values: vec![(class, term.coefficient.clone())],
    };
    let combination = in_open_sizes(Combination::from(&alone), declared, name, report)?;
    let value = combination.values().first();
    Some(value.map_or_else(Coefficient::zero, |(_, coefficient)| coefficient.clone()))
}
