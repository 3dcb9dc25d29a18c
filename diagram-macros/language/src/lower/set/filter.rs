//! Filters from conditions.

use diagram_calculus::filter::Filter;
use syn::Ident;

use crate::lower::number::whole;
use crate::model::DeclaredDiagram;
use crate::names::{Names, suggestion};
use crate::parse::Condition;
use crate::report::Report;

/// The largest number of nodes of the diagram in `contains(…)`, since the search tries all maps of its nodes.
const MOST_CONTAINED: usize = 7;

/// Joins filters in a balanced tree, so that its depth is logarithmic.
fn balanced(mut filters: Vec<Filter>, join: fn(Filter, Filter) -> Filter) -> Option<Filter> {
    if filters.len() < 2 {
        return filters.pop();
    }
    let right = filters.split_off(filters.len() / 2);
    Some(join(balanced(filters, join)?, balanced(right, join)?))
}

/// The filter that a condition stands for, or `None` and errors in the report.
pub(super) fn filter(
    condition: &Condition,
    diagrams: &Names<DeclaredDiagram>,
    report: &mut Report,
) -> Option<Filter> {
    let mut all = |conditions: &[Condition], join: fn(Filter, Filter) -> Filter| {
        let filters: Vec<Option<Filter>> = conditions
            .iter()
            .map(|condition| filter(condition, diagrams, report))
            .collect();
        let filters: Option<Vec<Filter>> = filters.into_iter().collect();
        balanced(filters?, join)
    };
    match condition {
        Condition::Both(conditions) => all(conditions, Filter::and),
        Condition::Either(conditions) => all(conditions, Filter::or),
        Condition::Not(condition) => Some(!filter(condition, diagrams, report)?),
        Condition::Word(word) => word_filter(word, report),
        Condition::Compare {
            quantity,
            comparison,
            bound,
        } => {
            let number = whole::<usize>(bound, "the bound", report);
            let known = ["edges", "ties", "parts"];
            let name = quantity.to_string();
            if !known.contains(&&name[..]) {
                let message = format!("diagrams have no number `{quantity}`");
                report.error(quantity, message, suggestion(&name, &known));
            }
            Some(match &name[..] {
                "edges" => Filter::Edges(*comparison, number?),
                "ties" => Filter::Ties(*comparison, number?),
                "parts" => Filter::Parts(*comparison, number?),
                _ => return None,
            })
        }
        Condition::Contains(name) => {
            let drawn = diagrams.get(name, report)?;
            if drawn.diagram.signed().count() > 1 {
                let message = format!("`{name}` has fuzzy outlines: it is no one diagram");
                let help = "look for the tied or the untied diagram";
                report.error(name, message, help);
                return None;
            }
            let nodes = drawn.diagram.tied().nodes();
            if nodes > MOST_CONTAINED {
                let message = format!(
                    "`{name}` has {nodes} nodes; diagrams to look for have up to {MOST_CONTAINED}"
                );
                report.error(name, message, "look for a smaller diagram");
                return None;
            }
            Some(Filter::Contains(drawn.diagram.tied().clone()))
        }
    }
}

/// The filter that a single word stands for.
fn word_filter(word: &Ident, report: &mut Report) -> Option<Filter> {
    let known = [
        ("trees", Filter::Trees),
        ("leaf_ties", Filter::LeafTies),
        ("non_gaussian", Filter::NonGaussian),
        ("irreducible", Filter::Irreducible),
    ];
    let found = known.iter().find(|(name, _)| word == name);
    if found.is_none() {
        let counted = ["edges", "ties", "parts"];
        let name = word.to_string();
        let help = if counted.contains(&&name[..]) {
            format!("compare it with a number: `{name} <= 2`")
        } else {
            suggestion(&name, &known.each_ref().map(|(name, _)| *name))
        };
        report.error(word, format!("unknown condition `{word}`"), help);
    }
    found.map(|(_, filter)| filter.clone())
}
