//! The documentation of a predictor: the theory that it encodes, as tables.

use diagram_calculus::picture::meaning::{self, Notation};
use diagram_language::{Content, Term};

use crate::plan::PlannedContent;

/// Tables longer than this are left out; `TERMS` has them.
const LONGEST: usize = 400;
/// Diagrams of longer tables are written, not drawn: every drawing is a few hundred bytes of the expansion.
const MOST_DRAWINGS: usize = 120;

/// Lines of Markdown.
pub(super) fn of_predictor(planned: &PlannedContent) -> Vec<String> {
    let content = &planned.content;
    let values = content.combination.values().len();
    let steps = planned.blueprint.plan.steps.len();
    let what = content.measure.map_or_else(
        || "sum of measures".to_string(),
        |measure| measure.to_string(),
    );
    let terms = match content.terms.len() {
        0 => String::new(),
        1 => "1 diagram with ".into(),
        terms => format!("{terms} diagrams with "),
    };
    let mut lines = vec![
        String::new(),
        format!(
            " Predicts the {what} up to η^{}: `{}`.",
            content.order,
            content.source.trim_start_matches([':', '=', ' '])
        ),
        String::new(),
        format!(" {terms}{values} distinct values, read off a landscape in {steps} steps."),
    ];
    if content.terms.len() <= LONGEST {
        lines.extend(table_of_terms(content));
    }
    if values <= LONGEST {
        lines.extend(table_of_values(content));
    }
    lines
}

fn table_of_terms(content: &Content) -> Vec<String> {
    if content.terms.is_empty() {
        return vec![];
    }
    let symbols = content.combination.symbols();
    let drawn = content.terms.len() <= MOST_DRAWINGS;
    let mut lines = vec![
        String::new(),
        " | diagram | value | meaning | embeddings / automorphisms / (-B)^edges |".into(),
        " | --- | --- | --- | --- |".into(),
    ];
    for term in &content.terms {
        lines.push(format!(
            " | {} | `{}` | {} | `{}` |",
            picture(term, drawn),
            meaning::outlined(&term.diagram, Notation::Text),
            meaning::sentence(&term.sketch),
            term.coefficient.text(&symbols)
        ));
    }
    lines
}

/// Name, drawing and compact notation.
fn picture(term: &Term, drawn: bool) -> String {
    let name = term
        .name
        .as_ref()
        .map(|name| format!("{name} "))
        .unwrap_or_default();
    let drawing = if drawn {
        // A cell of a table is one line.
        term.sketch.svg().replace('\n', " ").replace('|', "&#124;") + "<br>"
    } else {
        String::new()
    };
    format!("{name}{drawing}`{}`", term.diagram)
}

fn table_of_values(content: &Content) -> Vec<String> {
    let symbols = content.combination.symbols();
    let mut lines = vec![
        String::new(),
        " | value | of | order | coefficient |".into(),
        " | --- | --- | --- | --- |".into(),
    ];
    for (class, coefficient) in content.combination.values() {
        lines.push(format!(
            " | `{}` | `{class}` | η^{} | `{}` |",
            meaning::expression(class, Notation::Text),
            class.order(),
            coefficient.text(&symbols)
        ));
    }
    lines
}
