//! The documentation of a re-summed predictor: its diagrams, what they mean, and what is summed.

use diagram_calculus::measure::Measure;
use diagram_calculus::picture::meaning::{self, Notation};
use diagram_calculus::spacetime::{Batch, EpochSchedule, Parameter, Shuffle, Spacetime};
use diagram_language::Resummed;

use crate::emit::docs::{LONGEST, MOST_DRAWINGS, picture};

/// Lines of Markdown.
pub(super) fn of_predictor(content: &Resummed) -> Vec<String> {
    let source = content.source.trim_start_matches([':', '=', ' ']);
    let count = match content.terms.len() {
        1 => "1 diagram".to_string(),
        count => format!("{count} diagrams"),
    };
    let mut lines = vec![
        String::new(),
        format!(
            " Predicts the {} by re-summed diagrams of up to {} edges: `{source}`.",
            content.measure, content.order
        ),
        String::new(),
        format!(
            " The sum of {count} over all embeddings into {}: an edge Δt updates long carries K = K(Δt) = (I - ηH)^(Δt-1) η, and noise of a datapoint, δ, weighs 1/B on each \
             cell of its row. In the continuum the sum over the updates is an integral over time, and K is exp(-ηHΔt) η.",
            spacetime(&content.spacetime)
        ),
    ];
    if content.measure == Measure::GeneralizationGap {
        lines.push(" The root is noise as well, on each of the N rows with weight 1/N.".into());
    }
    if content.terms.len() <= LONGEST {
        lines.extend(table(content));
    }
    lines
}

fn table(content: &Resummed) -> Vec<String> {
    let drawn = content.terms.len() <= MOST_DRAWINGS;
    let mut lines = vec![
        String::new(),
        " | diagram | summed over embeddings | times ±1/automorphisms | meaning |".into(),
        " | --- | --- | --- | --- |".into(),
    ];
    for term in &content.terms {
        lines.push(format!(
            " | {} | `{}` | `{}` | {} |",
            picture(
                term.name.as_deref(),
                &term.sketch,
                term.diagram.diagram(),
                drawn
            ),
            meaning::resummed_expression(&term.diagram, Notation::Text),
            term.diagram.weight(),
            meaning::resummed_sentence(&term.diagram),
        ));
    }
    lines
}

/// In words.
fn spacetime(spacetime: &Spacetime) -> String {
    match spacetime {
        Spacetime::Grid(grid) => format!(
            "a grid of {} points and {} updates",
            grid.rows(),
            grid.updates()
        ),
        Spacetime::Schedule(EpochSchedule {
            train,
            batch: Batch::Full,
            epochs,
            ..
        }) => format!(
            "{} steps of gradient descent on {} points",
            size(epochs),
            size(train)
        ),
        Spacetime::Schedule(EpochSchedule {
            train,
            batch: Batch::Of(batch),
            epochs,
            shuffle,
        }) => format!(
            "SGD of {} points in batches of {} and {} epochs{}",
            size(train),
            size(batch),
            size(epochs),
            match shuffle {
                Shuffle::Never => "",
                Shuffle::EachEpoch => ", shuffled each (in expectation)",
            }
        ),
    }
}

fn size(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Literal(number) => number.to_string(),
        Parameter::Symbol(symbol) => symbol.clone(),
    }
}
