//! From items to what their names stand for: diagrams, spacetimes, and the diagrams of each predictor.

mod diagram;
mod number;
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
use set::Sets;

/// Items with their names looked up.
pub(crate) struct Lowered {
    pub(crate) spacetimes: Names<DeclaredSpacetime>,
    pub(crate) diagrams: Names<DeclaredDiagram>,
    /// In the order of declaration, each name once.
    pub(crate) predictors: Vec<LoweredPredictor>,
    /// What nothing names.
    pub(crate) unused: Vec<(&'static str, Ident)>,
}

/// A predictor.
pub(crate) struct LoweredPredictor {
    pub(crate) head: Head,
    /// `None` if it has errors.
    pub(crate) body: Option<LoweredBody>,
    /// That of its sizes, if it is known.
    pub(crate) spacetime: Option<DeclaredSpacetime>,
    /// The declaration after the name.
    pub(crate) source: TokenStream,
    /// Whether its diagrams are read as re-summed ones.
    pub(crate) is_resummed: bool,
}

pub(crate) enum LoweredBody {
    Expansion(Box<LoweredExpansion>),
    /// Numbers times predictors of these names.
    Combination(Vec<(BigRational, Ident)>),
}

/// `measure in spacetime = set`
pub(crate) struct LoweredExpansion {
    pub(crate) measure: Measure,
    pub(crate) spacetime: DeclaredSpacetime,
    pub(crate) candidates: Vec<Candidate>,
    /// Highest power of η.
    pub(crate) order: usize,
    /// Where the spacetime is named.
    pub(crate) spacetime_name: Ident,
}

/// What the diagrams of a set are terms of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExpandedMeasure {
    /// The power series of a measure.
    Series(Measure),
    /// A re-summed measure.
    Resummed(Measure),
}

impl ExpandedMeasure {
    fn measure(self) -> Measure {
        match self {
            ExpandedMeasure::Series(measure) | ExpandedMeasure::Resummed(measure) => measure,
        }
    }
}

/// A term before expansion.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) diagram: Outlined,
    pub(crate) sketch: Sketch,
    /// The names of its nodes; none if it was not drawn by names.
    pub(crate) nodes: Vec<String>,
    /// Where it is listed, if it is.
    pub(crate) name: Option<Ident>,
}

/// Looks everything up, and goes on after errors. The order of items means nothing.
pub(crate) fn lower(items: Vec<Item>, report: &mut Report) -> Lowered {
    let mut spacetimes = Names::new("spacetime");
    let mut diagrams = Names::new("diagram");
    let mut sets = vec![];
    let mut predictors = vec![];
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
            Item::Unreadable(opening) => match opening.kind {
                ItemKind::Spacetime => spacetimes.declare(&opening.head.name, None, report),
                ItemKind::Diagram => diagrams.declare(&opening.head.name, None, report),
                ItemKind::Set => sets.push((opening.head.name, None)),
                ItemKind::Predictor => predictors.push((opening, None)),
            },
        }
    }
    let mut names = Sets::new(&diagrams);
    for (name, item) in sets {
        names.declare(&name, item, report);
    }
    names.resolve_all(report);
    let predictors = predictor::lower(predictors, &spacetimes, &mut names, report);
    let mut unused: Vec<(&'static str, Ident)> = vec![];
    for (what, name) in names.unused() {
        unused.push((what, name.clone()));
    }
    for (what, name) in spacetimes.unused().chain(diagrams.unused()) {
        unused.push((what, name.clone()));
    }
    Lowered {
        spacetimes,
        diagrams,
        predictors,
        unused,
    }
}
