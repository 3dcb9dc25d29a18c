//! Sets of all diagrams with a bound on the edges, such as `all(edges <= 3)`. The diagrams are counted before they are enumerated, since their number
//! grows faster than exponentially.

use diagram_calculus::diagram::Diagram;
use diagram_calculus::measure;
use diagram_calculus::picture::Sketch;
use diagram_calculus::resummed;
use proc_macro2::TokenStream;
use syn::LitInt;

use crate::lower::number::whole;
use crate::lower::{Candidate, ExpandedMeasure};
use crate::parse::EdgeBound;
use crate::report::Report;

/// The largest number of diagrams of `all(…)` without a `limit`.
pub(super) const LIMIT: u128 = 10_000;

/// The largest `limit`. More diagrams would exhaust the memory, and the generated code that of the compiler.
const LARGEST_LIMIT: u128 = 1_000_000;

/// All diagrams for this kind of expansion, or `None` and an error if they are too many.
pub(super) fn all(
    expanded: ExpandedMeasure,
    bound: EdgeBound,
    max: usize,
    allowed: u128,
    edges: &LitInt,
    tokens: &TokenStream,
    report: &mut Report,
) -> Option<Vec<Candidate>> {
    let orders = match bound {
        EdgeBound::UpTo => 0..=max,
        EdgeBound::Exactly => max..=max,
    };
    let mut total = 0_u128;
    for order in orders.clone() {
        let Some(count) = count(expanded, order) else {
            let message = format!("diagrams of {order} edges are too large to expand");
            report.error(edges, message, "lower the number of edges");
            return None;
        };
        total = total.saturating_add(count);
        if total > allowed {
            let help = format!(
                "lower the number of edges, or raise the limit: `all(edges {} {max}, limit: {})`",
                if bound == EdgeBound::UpTo { "<=" } else { "==" },
                rounded_up(total)
            );
            let help = if total > LARGEST_LIMIT {
                "lower the number of edges".into()
            } else {
                help
            };
            let message = match bound {
                EdgeBound::Exactly => format!(
                    "the diagrams with {order} edges are {total}, more than the limit of {allowed}"
                ),
                EdgeBound::UpTo if order == max => format!(
                    "the diagrams with up to {order} edges are {total}, more than the limit of {allowed}"
                ),
                EdgeBound::UpTo => format!(
                    "the diagrams with up to {order} edges are already {total}, more than the limit of {allowed}"
                ),
            };
            report.error(edges, message, help);
            return None;
        }
    }
    let candidates: Vec<Candidate> = orders
        .flat_map(|order| diagrams(expanded, order))
        .map(|diagram| Candidate {
            sketch: Sketch::from(&diagram),
            diagram: diagram.into(),
            nodes: vec![],
            name: None,
        })
        .collect();
    if candidates.is_empty() {
        let measure = expanded.measure();
        let message = format!("the {measure} has no diagrams of so few edges");
        report.error(tokens, message, "raise the number of edges");
        return None;
    }
    Some(candidates)
}

/// The number of diagrams with these edges that are enumerated, or `None` if they would have too many nodes.
fn count(expanded: ExpandedMeasure, edges: usize) -> Option<u128> {
    match expanded {
        ExpandedMeasure::Series(measure) => measure::count_diagrams_for(measure, edges),
        ExpandedMeasure::Resummed(measure) => resummed::count_candidates(measure, edges),
    }
}

/// The diagrams with the given number of edges.
fn diagrams(expanded: ExpandedMeasure, edges: usize) -> Vec<Diagram> {
    match expanded {
        ExpandedMeasure::Series(measure) => measure::diagrams_of(measure, edges),
        ExpandedMeasure::Resummed(measure) => resummed::resummed_of(measure, edges)
            .iter()
            .map(|term| term.diagram().clone())
            .collect(),
    }
}

/// The number rounded up to one significant digit.
fn rounded_up(number: u128) -> u128 {
    let mut unit = 1;
    while number / unit >= 10 {
        unit *= 10;
    }
    number.div_ceil(unit) * unit
}

/// The value of a `limit`, or `None` and an error if it is too large.
pub(super) fn limit_of(literal: &LitInt, report: &mut Report) -> Option<u128> {
    let limit = whole::<u128>(literal, "the limit", report)?;
    if limit > LARGEST_LIMIT {
        let message = format!("the limit is more than the largest one, {LARGEST_LIMIT}");
        let help = "that many diagrams are out of reach; lower the number of edges";
        report.error(literal, message, help);
        return None;
    }
    Some(limit)
}
