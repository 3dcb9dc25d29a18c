//! The documentation of a predictor: the theory that it encodes, as tables.

use std::fmt::Display;

use diagram_calculus::measure::Measure;
use diagram_calculus::outline::Outlined;
use diagram_calculus::picture::Sketch;
use diagram_calculus::picture::meaning::{self, Notation};
use diagram_language::Content;

use crate::plan::PlannedContent;

/// Tables longer than this are left out; `TERMS` has them.
pub(super) const LONGEST: usize = 400;
/// Diagrams of longer tables are written, not drawn: every drawing is a few hundred bytes of the expansion.
pub(super) const MOST_DRAWINGS: usize = 120;

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
    let measure = content.measure.unwrap_or(Measure::TestLoss);
    let mut lines = vec![
        String::new(),
        " | diagram | value | meaning | embeddings / automorphisms / (-B)^edges |".into(),
        " | --- | --- | --- | --- |".into(),
    ];
    for term in &content.terms {
        lines.push(format!(
            " | {} | `{}` | {} | `{}` |",
            picture(term.name.as_deref(), &term.sketch, &term.diagram, drawn),
            value(measure, &term.diagram),
            meaning::sentence_for(measure, &term.sketch),
            term.coefficient.text(&symbols)
        ));
    }
    let in_its_place = match measure {
        Measure::GeneralizationGap => {
            "-Σ (the diagram with a part tied to the root's part, minus the diagram)/N"
        }
        Measure::TrainLoss => {
            "itself and Σ (the diagram with a part tied to the root's part, minus the diagram)/N"
        }
        _ => return lines,
    };
    lines.extend([
        String::new(),
        format!(" Each diagram stands for {in_its_place}, over the parts below the root."),
    ]);
    lines
}

/// The diagram as a tensor expression; in a displacement the root's index is open.
fn value(measure: Measure, diagram: &Outlined) -> String {
    if measure != Measure::Displacement {
        return meaning::outlined(diagram, Notation::Text);
    }
    let mut text = String::new();
    for (diagram, sign) in diagram.signed() {
        let Some(class) = diagram.displacement_class() else {
            continue;
        };
        text.push_str(match (text.is_empty(), sign > 0) {
            (true, true) => "",
            (true, false) => "-",
            (false, true) => " + ",
            (false, false) => " - ",
        });
        if sign.abs() > 1 {
            text.extend([&sign.abs().to_string(), " "]);
        }
        text.push_str(&meaning::expression(&class, Notation::Text));
    }
    text
}

/// Name, drawing and compact notation.
pub(super) fn picture(
    name: Option<&str>,
    sketch: &Sketch,
    notation: impl Display,
    drawn: bool,
) -> String {
    let name = name.map(|name| format!("{name} ")).unwrap_or_default();
    let drawing = if drawn {
        // A cell of a table is one line.
        sketch.svg().replace('\n', " ").replace('|', "&#124;") + "<br>"
    } else {
        String::new()
    };
    format!("{name}{drawing}`{notation}`")
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
