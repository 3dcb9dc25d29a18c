//! Is this a sum that the measure has, with every term in its place?

use diagram_calculus::coefficient::Coefficient;
use diagram_calculus::combination::Combination;
use diagram_calculus::measure;
use syn::Ident;

use super::term;
use crate::lower::Expansion;
use crate::model::{Content, Declared, Term};
use crate::report::Report;

/// What the predictor predicts, or `None` and errors in the report.
pub(super) fn check(
    name: &Ident,
    expansion: &Expansion,
    source: String,
    report: &mut Report,
) -> Option<Content> {
    let before = report.len();
    for candidate in &expansion.candidates {
        if let Some(listed) = &candidate.name {
            term::check(listed, candidate, expansion, report);
        }
    }
    if report.len() > before {
        return None;
    }
    let (measure, declared) = (expansion.measure, &expansion.spacetime);
    let diagrams = expansion.candidates.iter().map(|c| c.diagram.clone());
    let expanded = match measure::expand(measure, &declared.spacetime, diagrams) {
        Ok(expanded) => expanded,
        Err(error) => {
            // Listed terms are checked, and `all(…)` knows the measure: what is left is the spacetime.
            let help = "give the spacetime at least one training point";
            report.error(&expansion.spacetime_name, error, help);
            return None;
        }
    };
    let combination = in_open_sizes(Combination::from(&expanded), declared, name, report)?;
    something_is_left(name, &combination, report);
    let terms = expanded
        .terms
        .iter()
        .zip(&expansion.candidates)
        .map(|(term, candidate)| Term {
            name: candidate.name.as_ref().map(Ident::to_string),
            diagram: candidate.diagram.clone(),
            sketch: candidate.sketch.clone(),
            coefficient: of_term(&term.coefficient, &expanded, declared),
        })
        .collect();
    (report.len() == before).then_some(Content {
        combination,
        measure: Some(measure),
        order: expansion.order,
        terms,
        source,
    })
}

/// Products of sizes in place of the symbols that stand for them.
fn in_open_sizes(
    combination: Combination,
    declared: &Declared,
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

/// The sum of all terms is not zero.
fn something_is_left(name: &Ident, combination: &Combination, report: &mut Report) {
    if combination.values().is_empty() {
        let message = format!("the terms of `{name}` cancel: it is 0 whatever the landscape");
        let help = "choose diagrams whose coefficients do not cancel";
        report.error(name, message, help);
    }
}

/// A term's coefficient in the open sizes.
fn of_term(
    coefficient: &Coefficient,
    expanded: &measure::Expansion,
    declared: &Declared,
) -> Coefficient {
    if declared.products.is_empty() && declared.symbols_are_distinct() {
        return coefficient.clone();
    }
    // As the only value of an expansion, whatever its class.
    let Some((class, _)) = expanded.values.first() else {
        return coefficient.clone();
    };
    let alone = measure::Expansion {
        measure: expanded.measure,
        spacetime: expanded.spacetime.clone(),
        terms: vec![],
        values: vec![(class.clone(), coefficient.clone())],
    };
    let mut combination = Combination::from(&alone);
    for (symbol, product) in &declared.products {
        if let Ok(substituted) = combination.substitute(symbol, product) {
            combination = substituted;
        }
    }
    let values = combination.values().first();
    values.map_or_else(Coefficient::zero, |(_, coefficient)| coefficient.clone())
}
