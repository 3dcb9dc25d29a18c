//! The documentation of a predictor: the theory that it encodes, as tables.

use crate::plan::PlannedContent;

/// Tables longer than this are left out; `TERMS` has them.
const LONGEST: usize = 400;

/// Lines of Markdown.
pub(super) fn of_predictor(content: &PlannedContent) -> Vec<String> {
    let expansion = &content.expansion;
    let symbols = expansion.spacetime.symbols();
    let mut lines = vec![
        String::new(),
        format!(
            " Predicts the {} up to η^{}: `{}`.",
            expansion.measure, content.order, content.source
        ),
        String::new(),
        format!(
            " {} diagrams with {} distinct values, read off a landscape in {} steps.",
            expansion.terms.len(),
            expansion.values.len(),
            content.blueprint.plan.steps.len()
        ),
    ];
    if expansion.terms.len() > LONGEST {
        return lines;
    }
    lines.extend([
        String::new(),
        " | value | tensor expression | order | coefficient |".into(),
        " | --- | --- | --- | --- |".into(),
    ]);
    let plan = &content.blueprint.plan;
    for ((class, coefficient), &output) in expansion.values.iter().zip(&plan.outputs) {
        lines.push(format!(
            " | `{class}` | `{}` | η^{} | `{}` |",
            plan.expression(output),
            class.order(),
            coefficient.text(&symbols)
        ));
    }
    lines.extend([
        String::new(),
        " | diagram | embeddings / automorphisms / (-B)^edges |".into(),
        " | --- | --- |".into(),
    ]);
    for (term, name) in expansion.terms.iter().zip(&content.names) {
        let name = name
            .as_ref()
            .map(|name| format!("{name}: "))
            .unwrap_or_default();
        lines.push(format!(
            " | {name}`{}` | `{}` |",
            term.diagram,
            term.coefficient.text(&symbols)
        ));
    }
    lines
}
