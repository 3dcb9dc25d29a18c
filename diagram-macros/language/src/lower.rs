//! The second stage: resolution of names to spacetimes and diagrams, and of sets to the diagrams of each predictor.

mod diagram;
mod network;
mod number;
mod optimizer;
mod predictor;
mod set;
mod spacetime;

use diagram_calculus::measure::Measure;
use diagram_calculus::outline::Outlined;
use diagram_calculus::picture::Sketch;
use num_rational::BigRational;
use proc_macro2::TokenStream;
use syn::Ident;

use crate::model::{DeclaredDiagram, DeclaredSpacetime};
use crate::names::Names;
use crate::parse::{Head, Item, ItemKind};
use crate::report::Report;
use network::LoweredNetwork;
pub(crate) use network::{NetworkBody, body as network_body};
use set::Sets;

/// The items with their names resolved.
pub(crate) struct Lowered {
    pub(crate) spacetimes: Names<DeclaredSpacetime>,
    pub(crate) diagrams: Names<DeclaredDiagram>,
    /// The predictors in the order of declaration, each name once.
    pub(crate) predictors: Vec<LoweredPredictor>,
    /// The networks in the order of declaration, each name once.
    pub(crate) networks: Vec<LoweredNetwork>,
    /// The name of each item that is not used.
    pub(crate) unused: Vec<Ident>,
}

/// A predictor with its names resolved.
pub(crate) struct LoweredPredictor {
    pub(crate) head: Head,
    /// What it predicts; `None` if it has errors.
    pub(crate) body: Option<LoweredBody>,
    /// The spacetime, if there is one and it has no errors.
    pub(crate) spacetime: Option<DeclaredSpacetime>,
    /// The tokens of the declaration after the name.
    pub(crate) source: TokenStream,
    /// Whether its diagrams are terms of the re-summed measure.
    pub(crate) is_resummed: bool,
    /// Whether another predictor is a sum with this one.
    pub(crate) is_summand: bool,
}

/// What a predictor predicts.
pub(crate) enum LoweredBody {
    /// A measure, by an expansion over diagrams.
    Expansion(Box<LoweredExpansion>),
    /// A linear combination of the predictors with these names.
    Combination(Vec<(BigRational, Ident)>),
}

/// An expansion `measure in spacetime = set`.
pub(crate) struct LoweredExpansion {
    pub(crate) measure: Measure,
    pub(crate) spacetime: DeclaredSpacetime,
    pub(crate) candidates: Vec<Candidate>,
    /// The highest power of η.
    pub(crate) order: usize,
    /// The name of the spacetime in the declaration.
    pub(crate) spacetime_name: Ident,
}

/// The kind of expansion that the diagrams of a set are terms of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExpandedMeasure {
    /// The power series of a measure in η.
    Series(Measure),
    /// The re-summed expansion of a measure.
    Resummed(Measure),
}

impl ExpandedMeasure {
    fn measure(self) -> Measure {
        match self {
            ExpandedMeasure::Series(measure) | ExpandedMeasure::Resummed(measure) => measure,
        }
    }
}

/// A diagram of an expansion, before the rules of the language are checked.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) diagram: Outlined,
    pub(crate) sketch: Sketch,
    /// The names of its nodes; empty if the nodes have no names.
    pub(crate) nodes: Vec<String>,
    /// The name in the list, if it is listed by name.
    pub(crate) name: Option<Ident>,
}

/// Resolves the names of all items, and continues after errors. The order of the items does not matter.
pub(crate) fn lower(items: Vec<Item>, report: &mut Report) -> Lowered {
    let mut spacetimes = Names::new("spacetime");
    let mut diagrams = Names::new("diagram");
    let mut sets = vec![];
    let mut predictors = vec![];
    let mut networks = vec![];
    let mut drawers = diagram::Drawers::default();
    for item in &items {
        if let Item::Diagram(item) = item {
            drawers.add(item);
        }
    }
    for item in items {
        match item {
            Item::Spacetime(item) => {
                let spacetime = spacetime::lower(&item, report);
                spacetimes.declare(&item.name, spacetime, report);
            }
            Item::Diagram(item) => {
                let diagram = diagram::lower(&item, &drawers, report);
                diagrams.declare(&item.name, diagram, report);
            }
            Item::Set(item) => sets.push((item.name.clone(), Some(item))),
            Item::Predictor(item) => predictors.push((item.opening.clone(), Some(item))),
            Item::Network(opening, item) => networks.push((opening, Some(item))),
            Item::Unreadable(opening) => match opening.kind {
                ItemKind::Spacetime => spacetimes.declare(&opening.head.name, None, report),
                ItemKind::Diagram => diagrams.declare(&opening.head.name, None, report),
                ItemKind::Set => sets.push((opening.head.name, None)),
                ItemKind::Predictor => predictors.push((opening, None)),
                ItemKind::Network => networks.push((opening, None)),
            },
        }
    }
    let mut names = Sets::new(&diagrams);
    for (name, item) in sets {
        names.declare(&name, item, report);
    }
    names.resolve_all(report);
    let predictors = predictor::lower(predictors, &spacetimes, &mut names, report);
    let types: Vec<Ident> = predictors.iter().map(|p| p.head.name.clone()).collect();
    let networks = network::lower(networks, &types, report);
    let mut unused: Vec<Ident> = names.unused().cloned().collect();
    unused.extend(spacetimes.unused().chain(diagrams.unused()).cloned());
    Lowered {
        spacetimes,
        diagrams,
        predictors,
        networks,
        unused,
    }
}
