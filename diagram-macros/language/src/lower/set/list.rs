//! Lists of declared diagrams, such as `{ a, b }`.

use proc_macro2::TokenStream;
use syn::Ident;

use crate::lower::{Candidate, ExpandedMeasure};
use crate::model::DeclaredDiagram;
use crate::names::Names;
use crate::report::Report;

/// The largest number of nodes below the roots of a listed diagram. Counts enumerate weak orders of the parts, and unbiased estimates enumerate coarser
/// partitions; the numbers of both grow faster than exponentially.
const MOST_LISTED: usize = 7;

/// The listed diagrams, or `None` and errors in the report if one is not declared, too large, or listed twice.
pub(super) fn list(
    names: &[Ident],
    tokens: &TokenStream,
    diagrams: &Names<DeclaredDiagram>,
    report: &mut Report,
) -> Option<Vec<Candidate>> {
    let before = report.len();
    if names.is_empty() {
        let help = "list declared diagrams: `{ a, b }`, or take `all(edges <= 3)`";
        report.error(tokens, "a predictor needs at least one diagram", help);
    }
    let mut candidates: Vec<Candidate> = vec![];
    let mut complete = true;
    for name in names {
        let Some(drawn) = diagrams.get(name, report) else {
            complete = false;
            continue;
        };
        let nodes = drawn.diagram.tied().edges();
        if nodes > MOST_LISTED {
            let message = format!(
                "`{name}` has {nodes} nodes below the root, more than the {MOST_LISTED} that can be expanded"
            );
            report.error(name, message, "draw a smaller diagram");
            continue;
        }
        let twin = candidates.iter().find(|c| c.diagram == drawn.diagram);
        if let Some(first) = twin.and_then(|twin| twin.name.as_ref()) {
            let message = if first == name {
                format!("`{name}` is listed twice")
            } else {
                format!(
                    "`{name}` is the same diagram as `{first}`, drawn differently: both are {}",
                    drawn.diagram
                )
            };
            let help = "a term that is listed twice would count twice; keep one";
            report.error(name, message, help);
            report.also(first, "first listed here");
            continue;
        }
        candidates.push(Candidate {
            diagram: drawn.diagram.clone(),
            sketch: drawn.sketch.clone(),
            nodes: drawn.nodes.clone(),
            name: Some(name.clone()),
        });
    }
    (complete && report.len() == before).then_some(candidates)
}

/// The listed diagrams as terms of this kind of expansion.
pub(super) fn listed(
    expanded: ExpandedMeasure,
    candidates: &[Candidate],
    report: &mut Report,
) -> Option<Vec<Candidate>> {
    match expanded {
        ExpandedMeasure::Series(_) => Some(candidates.to_vec()),
        ExpandedMeasure::Resummed(_) => without_outlines(candidates, report),
    }
}

/// The diagrams with their outlines replaced by ties, which both stand for noise in a re-summed expansion.
fn without_outlines(candidates: &[Candidate], report: &mut Report) -> Option<Vec<Candidate>> {
    let before = report.len();
    let mut tied: Vec<Candidate> = vec![];
    for candidate in candidates {
        let diagram = candidate.diagram.tied().clone().into();
        let twin = tied.iter().find(|known| known.diagram == diagram);
        if let (Some(first), Some(name)) = (twin.and_then(|t| t.name.as_ref()), &candidate.name) {
            let message = format!(
                "re-summed, `{name}` is the same diagram as `{first}`: ties and outlines both stand for noise"
            );
            let help = "a term that is listed twice would count twice; keep one";
            report.error(name, message, help);
            report.also(first, "first listed here");
            continue;
        }
        tied.push(Candidate {
            diagram,
            ..candidate.clone()
        });
    }
    (report.len() == before).then_some(tied)
}
