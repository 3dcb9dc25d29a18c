//! Rules for diagrams that are listed by name: each is a term of the measure, has an embedding in the spacetime, and contributes to the sum. Diagrams of
//! `all(…)` are not reported.

use diagram_calculus::measure::{Measure, MeasureError, Term};
use syn::Ident;

use super::drawn_forest::DrawnForest;
use super::embedding::why_never;
use crate::lower::{Candidate, LoweredExpansion};
use crate::report::Report;

/// Reports a listed diagram whose term is zero.
pub(super) fn contributes(
    candidate: &Candidate,
    term: &Term,
    expansion: &LoweredExpansion,
    report: &mut Report,
) {
    let Some(name) = &candidate.name else {
        return;
    };
    if term.coefficient.is_zero() {
        let (why, help) = why_never(&DrawnForest::new(candidate), &expansion.spacetime.spacetime);
        let message = format!(
            "`{name}` never embeds in `{}`: {why}",
            expansion.spacetime_name
        );
        report.error(name, message, help);
    } else if term.values.is_empty() {
        let message = format!("`{name}` adds nothing to the {}", expansion.measure);
        let help = match expansion.measure {
            Measure::GeneralizationGap => {
                "remove it: without a training point there is no gap between test and train loss"
            }
            _ => "remove it",
        };
        report.error(name, message, help);
    }
}

/// Reports a listed diagram that is not a term of the measure.
pub(super) fn is_none(
    candidate: &Candidate,
    measure: Measure,
    error: &MeasureError,
    report: &mut Report,
) {
    let Some(name) = &candidate.name else {
        return;
    };
    let forest = &DrawnForest::new(candidate);
    match error {
        MeasureError::RootTied { .. } => root_tied(name, forest, measure, report),
        MeasureError::Roots { diagram, .. } => {
            let (found, needed, help) = match (diagram.roots(), measure) {
                (1, _) => (
                    "one tree".into(),
                    "two, one for each factor of the square",
                    "draw two: `first(a) * second(b) where a ~ b`",
                ),
                (trees, Measure::SecondMoment) => (
                    format!("{trees} trees"),
                    "two, one for each factor of the square",
                    "draw two: `first(a) * second(b) where a ~ b`",
                ),
                (trees, _) => (
                    format!("{trees} trees"),
                    "one",
                    "draw one; pairs of trees are terms of the `second_moment`",
                ),
            };
            let message =
                format!("`{name}` is made of {found}, but terms of the {measure} of {needed}");
            report.error(name, message, help);
        }
        MeasureError::RootDegree { degree, .. } => {
            root_degree(name, forest, *degree, report);
        }
        MeasureError::EmptySpacetime => {
            report.error(name, error, "give the spacetime at least one point");
        }
    }
}

/// Reports a root of a displacement whose degree is not 1.
pub(super) fn root_degree(name: &Ident, forest: &DrawnForest, degree: usize, report: &mut Report) {
    let message = format!(
        "the root {} of `{name}` has {degree} children; in a displacement its index is left open, so it has one",
        forest.name(forest.root())
    );
    let help = "hang the tree from one child of the root: `root(a(…))`; trees with other roots are terms of losses";
    report.error(name, message, help);
}

/// Reports a tied root.
fn root_tied(name: &Ident, forest: &DrawnForest, measure: Measure, report: &mut Report) {
    let mut roots = forest.nodes().filter(|&node| forest.is_root(node));
    let tied = roots.find_map(|root| Some((root, forest.tied_to(root).next()?)));
    let Some((root, other)) = tied else {
        return;
    };
    let (root, other) = (forest.name(root), forest.name(other));
    let why = match measure {
        Measure::Displacement => "its index is left open, and it stands for no point",
        _ => "it is a fresh test point",
    };
    let message = format!(
        "`{name}` ties the root {root} to {other}, but in terms of the {measure} a root is alone: {why}"
    );
    let help = match measure {
        Measure::GeneralizationGap | Measure::TrainLoss => {
            format!("untie {root}: the {measure} ties it to each part by itself")
        }
        _ => format!(
            "untie {root}; no measure takes a tied root, and `generalization_gap` and `train_loss` tie it by themselves"
        ),
    };
    report.error(name, message, help);
}
