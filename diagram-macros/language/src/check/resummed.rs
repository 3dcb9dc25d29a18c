//! Rules for re-summed predictors.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::{Course, ResummedDiagram, ResummedError};
use diagram_calculus::spacetime::{Batch, Parameter, Spacetime};
use syn::Ident;

use super::drawn_forest::DrawnForest;
use super::embedding::why_never;
use super::term::root_degree;
use crate::lower::{Candidate, LoweredExpansion};
use crate::model::{DeclaredSpacetime, Resummed, ResummedTerm};
use crate::report::Report;

/// The prediction of the predictor, or `None` and errors in the report.
pub(super) fn check(
    name: &Ident,
    expansion: &LoweredExpansion,
    source: String,
    report: &mut Report,
) -> Option<Resummed> {
    let before = report.len();
    if expansion.spacetime.training.is_some() {
        let message = format!(
            "`{}` has an optimizer or a sampling of its own, and re-summed predictors are of SGD in epochs",
            expansion.spacetime_name
        );
        let help = "leave `resummed` out, or take a spacetime without options";
        report.error(&expansion.spacetime_name, message, help);
        return None;
    }
    let mut terms = vec![];
    for candidate in &expansion.candidates {
        let diagram = candidate.diagram.tied().clone();
        match ResummedDiagram::new(expansion.measure, diagram) {
            Ok(diagram) if embeds(&diagram, &expansion.spacetime) => terms.push(ResummedTerm {
                name: candidate.name.as_ref().map(Ident::to_string),
                diagram,
                sketch: candidate.sketch.clone(),
            }),
            Ok(_) => never_embeds(candidate, expansion, report),
            Err(error) => is_none(candidate, expansion.measure, &error, report),
        }
    }
    if terms.is_empty() && report.len() == before {
        let message = format!(
            "no diagram of `{name}` embeds in `{}`: it is 0 whatever the landscape",
            expansion.spacetime_name
        );
        let help = "choose other diagrams, or a larger spacetime";
        report.error(name, message, help);
    }
    (report.len() == before).then_some(Resummed {
        measure: expansion.measure,
        order: expansion.order,
        spacetime: expansion.spacetime.spacetime.clone(),
        terms,
        source,
    })
}

/// Whether the diagram has an embedding for some values of the open sizes.
fn embeds(diagram: &ResummedDiagram, declared: &DeclaredSpacetime) -> bool {
    // If there is no such course, the diagram is not known to be wrong.
    largest_course(declared, diagram.diagram().edges()).is_none_or(|course| diagram.embeds(&course))
}

/// A course in which a diagram of this many nodes has an embedding if it has one in the spacetime. Its sizes are no larger than the nodes need.
fn largest_course(declared: &DeclaredSpacetime, nodes: usize) -> Option<Course> {
    let schedule = match &declared.spacetime {
        Spacetime::Schedule(schedule) => schedule,
        grid @ Spacetime::Grid(_) => {
            return Course::new(grid, &Parameters::new(1, 1, 1).ok()?).ok();
        }
    };
    let enough = nodes.max(1) as u64;
    let [train, batch, epochs] = &declared.sizes;
    let up_to = |size: Option<u64>| size.map_or(enough, |size| size.min(enough));
    let full = matches!(schedule.batch, Batch::Full) || train == batch;
    let (points, batches) = match (train.literal(), batch.literal()) {
        (train, _) if full => (up_to(train), 1),
        (Some(train), Some(batch)) => (up_to(Some(batch)), up_to(train.checked_div(batch))),
        // With an open batch size, batches of one point leave the most freedom.
        (Some(train), None) => (1, up_to(Some(train))),
        (None, batch) => (up_to(batch), enough),
    };
    let literal = |size| Parameter::Literal(size);
    let spacetime = Spacetime::sgd(
        literal(points * batches),
        literal(points),
        literal(up_to(epochs.literal())),
        schedule.shuffle,
    );
    Course::new(&spacetime, &Parameters::new(1, 1, 1).ok()?).ok()
}

/// Reports a diagram without embedding, unless it comes from `all(…)`.
fn never_embeds(candidate: &Candidate, expansion: &LoweredExpansion, report: &mut Report) {
    let Some(name) = &candidate.name else {
        return;
    };
    let forest = DrawnForest::resummed(candidate);
    let (why, help) = why_never(&forest, &expansion.spacetime.spacetime);
    let message = format!(
        "`{name}` never embeds in `{}`: {why}",
        expansion.spacetime_name
    );
    report.error(name, message, help);
}

/// Reports a diagram that is not a term of the measure.
fn is_none(candidate: &Candidate, measure: Measure, error: &ResummedError, report: &mut Report) {
    let Some(name) = &candidate.name else {
        return;
    };
    let forest = &DrawnForest::resummed(candidate);
    match error {
        // Such predictors are refused before their sets are resolved.
        ResummedError::Measure(_) => {
            report.error(name, error, "leave `resummed` out");
        }
        ResummedError::Roots(diagram) => {
            let message = format!(
                "`{name}` is made of {} trees, but terms of a re-summed {measure} of one",
                diagram.roots()
            );
            let help =
                "draw one; pairs of trees are terms of the `second_moment`, which is not re-summed";
            report.error(name, message, help);
        }
        ResummedError::Reducible { .. } => reducible(name, forest, report),
        ResummedError::RootTie { is_tied: true, .. } => root_tied(name, forest, measure, report),
        ResummedError::RootTie { is_tied: false, .. } => {
            let root = forest.name(forest.root());
            let message = format!(
                "the root {root} of `{name}` is not tied, but a re-summed {measure} is the noise of a training point, measured at the root"
            );
            let help = format!(
                "tie {root} to the node whose datapoint it is measured on; diagrams with a root alone are terms of the `test_loss`"
            );
            report.error(name, message, help);
        }
        ResummedError::RootDegree { degree, .. } => root_degree(name, forest, *degree, report),
    }
}

/// Reports a mean node of degree 2.
fn reducible(name: &Ident, forest: &DrawnForest, report: &mut Report) {
    let degree_2 = |&node: &usize| {
        let children = forest
            .parents
            .iter()
            .filter(|&&parent| parent == Some(node));
        !forest.is_root(node) && children.count() == 1 && forest.tied_to(node).next().is_none()
    };
    let node = forest.nodes().find(degree_2).unwrap_or(0);
    let node = forest.name(node);
    let message = format!(
        "{node} of `{name}` is not tied and has degree 2: a mean Hessian, which the propagator along its edges counts already"
    );
    let help = format!("leave {node} out and hang its child from its parent, or tie {node}");
    report.error(name, message, help);
}

/// Reports a tied root in a measure whose roots are means.
fn root_tied(name: &Ident, forest: &DrawnForest, measure: Measure, report: &mut Report) {
    let root = forest.root();
    let other = forest.tied_to(root).next().unwrap_or(root);
    let (root, other) = (forest.name(root), forest.name(other));
    let why = match measure {
        Measure::Displacement => "its index is left open, and it stands for no point",
        _ => "it is the mean, on no training point",
    };
    let message = format!(
        "`{name}` ties the root {root} to {other}, but in terms of a re-summed {measure} a root is alone: {why}"
    );
    let help = format!(
        "untie {root}; tied roots are terms of a re-summed `generalization_gap` or `train_loss`"
    );
    report.error(name, message, help);
}
