//! From items to a model: names looked up, declarations proven sensible, predictors expanded into terms.

mod diagram;
mod predictor;
mod spacetime;

use diagram_calculus::measure::Expansion;
use diagram_calculus::spacetime::Spacetime;
use proc_macro2::TokenStream;

use crate::names::Names;
use crate::report::Report;
use crate::syntax::{Head, Item, Kind};

/// A declaration of which nothing is wrong, or whose errors are reported.
pub(crate) struct Model {
    pub(crate) predictors: Vec<Predictor>,
}

/// A predictor that becomes a type.
pub(crate) struct Predictor {
    pub(crate) head: Head,
    /// `None` if it is not known.
    pub(crate) spacetime: Option<Spacetime>,
    /// `None` if it has errors: the type is declared all the same, so that one mistake does not become many.
    pub(crate) content: Option<Content>,
}

/// What a predictor predicts.
pub(crate) struct Content {
    pub(crate) expansion: Expansion,
    /// For each term the declared name of its diagram, if it has one.
    pub(crate) names: Vec<Option<String>>,
    /// Highest power of η.
    pub(crate) order: usize,
    /// The declaration, for documentation.
    pub(crate) source: String,
}

/// Checks everything, and goes on after errors.
pub(crate) fn check(items: Vec<Item>, report: &mut Report) -> Model {
    let mut spacetimes = Names::new("spacetime");
    let mut diagrams = Names::new("diagram");
    let mut declared = vec![];
    for item in items {
        match item {
            Item::Spacetime(item) => {
                let spacetime = spacetime::check(&item, report);
                spacetimes.declare(&item.name, spacetime, report);
            }
            Item::Diagram(item) => {
                let diagram = diagram::check(&item, report);
                diagrams.declare(&item.name, diagram, report);
            }
            Item::Predictor(item) => declared.push((item.head.clone(), Some(item))),
            Item::Unreadable(opening) => match opening.kind {
                Kind::Spacetime => spacetimes.declare(&opening.head.name, None, report),
                Kind::Diagram => diagrams.declare(&opening.head.name, None, report),
                Kind::Predictor => declared.push((opening.head, None)),
            },
        }
    }
    // Predictors come last, so that the order of items means nothing.
    let mut names = Names::new("predictor");
    let mut predictors: Vec<Predictor> = vec![];
    for (head, item) in declared {
        let spacetime = item
            .as_ref()
            .and_then(|item| spacetimes.get(&item.spacetime, report))
            .cloned();
        let content =
            item.and_then(|item| predictor::check(&item, spacetime.as_ref(), &diagrams, report));
        names.declare(&head.name, Some(()), report);
        // A second type of the same name would only add errors of its own.
        if predictors.iter().all(|p| p.head.name != head.name) {
            predictors.push(Predictor {
                head,
                spacetime,
                content,
            });
        }
    }
    Model { predictors }
}

/// A declaration's tokens on one line.
fn on_one_line(tokens: &TokenStream) -> String {
    tokens
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
