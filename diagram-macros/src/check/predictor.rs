//! Is this set of diagrams one that the measure can be expanded over, in this spacetime?

use diagram_calculus::Diagram;
use diagram_calculus::measure::{self, Measure, MeasureError};
use diagram_calculus::outline::Outlined;
use diagram_calculus::spacetime::{Parameter, Schedule, Spacetime};
use proc_macro2::TokenStream;
use syn::{Ident, LitInt};

use super::{Content, on_one_line};
use crate::names::{Names, suggestion};
use crate::report::Report;
use crate::syntax::{Bound, PredictorItem, Set};

/// How many diagrams `all(…)` may expand to without a `limit`.
const LIMIT: u128 = 10_000;

const MEASURES: [(&str, Measure); 5] = [
    ("test_loss", Measure::TestLoss),
    ("train_loss", Measure::TrainLoss),
    ("generalization_gap", Measure::GeneralizationGap),
    ("displacement", Measure::Displacement),
    ("second_moment", Measure::SecondMoment),
];

/// A term before expansion: its diagram, and its name if it was listed.
struct Candidate<'a> {
    diagram: Outlined,
    name: Option<&'a Ident>,
}

/// The predictor's terms, or `None` and its errors in the report.
pub(super) fn check(
    item: &PredictorItem,
    spacetime: Option<&Spacetime>,
    diagrams: &Names<Outlined>,
    report: &mut Report,
) -> Option<Content> {
    let measure = measure(&item.measure, report);
    let candidates = match &item.set {
        Set::All {
            bound,
            edges,
            limit,
            tokens,
        } => all(measure?, *bound, edges, limit.as_ref(), tokens, report),
        Set::List {
            diagrams: names,
            tokens,
        } => list(names, tokens, diagrams, report),
    };
    let (measure, spacetime, candidates) = (measure?, spacetime?, candidates?);
    let candidates = suitable(measure, spacetime, candidates, item, report)?;
    let order = order(item, &candidates);
    expand(measure, spacetime, candidates, order, item, report)
}

fn measure(name: &Ident, report: &mut Report) -> Option<Measure> {
    let found = MEASURES.iter().find(|(known, _)| name == known);
    if found.is_none() {
        let help = suggestion(&name.to_string(), &MEASURES.map(|(known, _)| known));
        report.error(name, format!("unknown measure `{name}`"), help);
    }
    found.map(|(_, measure)| *measure)
}

/// Counts before enumerating: the number of diagrams grows faster than any factorial of patience.
fn all<'a>(
    measure: Measure,
    bound: Bound,
    edges: &LitInt,
    limit: Option<&LitInt>,
    tokens: &TokenStream,
    report: &mut Report,
) -> Option<Vec<Candidate<'a>>> {
    let max = number::<usize>(edges, report)?;
    let allowed = match limit {
        Some(literal) => number::<u128>(literal, report)?,
        None => LIMIT,
    };
    let orders = match bound {
        Bound::UpTo => 0..=max,
        Bound::Exactly => max..=max,
    };
    let mut total = 0_u128;
    for order in orders {
        let Some(count) = measure::count_diagrams_for(measure, order) else {
            let message = format!("diagrams of {order} edges are too large to expand");
            report.error(edges, message, "lower the number of edges");
            return None;
        };
        total = total.saturating_add(count);
        if total > allowed {
            let help = format!(
                "lower the number of edges, or raise the limit: `all(edges {} {max}, limit: N)`",
                if bound == Bound::UpTo { "<=" } else { "==" }
            );
            let message = format!(
                "the diagrams with up to {order} edges are already {total}, more than the limit of {allowed}"
            );
            report.error(edges, message, help);
            return None;
        }
    }
    let candidates: Vec<Candidate<'a>> = measure::diagrams_for(measure, max)
        .into_iter()
        .filter(|diagram| bound == Bound::UpTo || diagram.edges() == max)
        .map(|diagram| Candidate {
            diagram: diagram.into(),
            name: None,
        })
        .collect();
    if candidates.is_empty() {
        let message = format!("the {measure} has no diagrams of so few edges");
        report.error(tokens, message, "raise the number of edges");
        return None;
    }
    Some(candidates)
}

fn number<N: std::str::FromStr<Err: std::fmt::Display>>(
    literal: &LitInt,
    report: &mut Report,
) -> Option<N> {
    match literal.base10_parse() {
        Ok(number) => Some(number),
        Err(error) => {
            report.error(literal, error, "write a small whole number, without suffix");
            None
        }
    }
}

fn list<'a>(
    names: &'a [Ident],
    tokens: &TokenStream,
    diagrams: &Names<Outlined>,
    report: &mut Report,
) -> Option<Vec<Candidate<'a>>> {
    let before = report.len();
    if names.is_empty() {
        let help = "list declared diagrams: `{ a, b }`, or take `all(edges <= 3)`";
        report.error(tokens, "a predictor needs at least one diagram", help);
    }
    let mut complete = true;
    let mut candidates: Vec<Candidate<'a>> = vec![];
    for name in names {
        let Some(diagram) = diagrams.get(name, report) else {
            complete = false;
            continue;
        };
        let twin = candidates.iter().find(|c| c.diagram == *diagram);
        if let Some(first) = twin.and_then(|twin| twin.name) {
            let message = if first == name {
                format!("`{name}` is listed twice")
            } else {
                format!("`{name}` is `{first}` drawn differently: both are {diagram}")
            };
            report.error(
                name,
                message,
                "a term that is listed twice would count twice; keep one",
            );
            report.also(first, "first listed here");
            continue;
        }
        candidates.push(Candidate {
            diagram: diagram.clone(),
            name: Some(name),
        });
    }
    (complete && report.len() == before).then_some(candidates)
}

/// Keeps what has a place in the spacetime; reports listed diagrams that have none, or that are no terms of the measure.
fn suitable<'a>(
    measure: Measure,
    spacetime: &Spacetime,
    candidates: Vec<Candidate<'a>>,
    item: &PredictorItem,
    report: &mut Report,
) -> Option<Vec<Candidate<'a>>> {
    let before = report.len();
    for candidate in &candidates {
        let Some(name) = candidate.name else {
            continue;
        };
        let expansion = measure::expand(measure, spacetime, [candidate.diagram.clone()]);
        match expansion {
            Err(error) => {
                let help = help_for(measure, &error);
                report.error(name, format!("`{name}`: {error}"), help);
            }
            Ok(expansion) if expansion.terms[0].coefficient.is_zero() => {
                let why = why_never(candidate.diagram.tied(), spacetime);
                report.error(
                    name,
                    format!("`{name}` never embeds in `{}`: {why}", item.spacetime),
                    "remove it, or choose a spacetime with more epochs, points or updates",
                );
            }
            Ok(expansion) if expansion.values.is_empty() => {
                let message = format!("`{name}` adds nothing to the {measure}");
                report.error(name, message, "remove it");
            }
            Ok(_) => {}
        }
    }
    (report.len() == before).then_some(candidates)
}

fn help_for(measure: Measure, error: &MeasureError) -> String {
    match error {
        MeasureError::RootTied { .. } => {
            "untie the root: its point is a test point (the generalization gap and the train loss tie it by themselves)".into()
        }
        MeasureError::Roots { .. } if measure == Measure::SecondMoment => {
            "draw two trees: `first(a) * second(b) where a ~ b`".into()
        }
        MeasureError::Roots { .. } => {
            "draw one tree; pairs of trees are terms of the `second_moment`".into()
        }
        MeasureError::RootDegree { .. } => "hang the tree from one child of the root: `root(a(…))`".into(),
        MeasureError::EmptySpacetime => "give the spacetime at least one point".into(),
    }
}

/// Why no embedding exists.
fn why_never(diagram: &Diagram, spacetime: &Spacetime) -> String {
    let strict = "along an edge time increases strictly";
    if is_one_epoch(spacetime)
        && let Some((child, ancestor)) = tied_along_path(diagram)
    {
        return format!(
            "{strict}, but nodes {child} and {ancestor} of {diagram} are tied and so share a row, which is visited only once"
        );
    }
    let parts = diagram.parts() - diagram.roots();
    if let Spacetime::Grid(grid) = spacetime
        && parts > grid.rows()
    {
        return format!(
            "it has {parts} parts below the root for {} rows",
            grid.rows()
        );
    }
    format!("{strict} and untied nodes never share a row, which leaves no place for {diagram}")
}

fn is_one_epoch(spacetime: &Spacetime) -> bool {
    matches!(
        spacetime,
        Spacetime::Schedule(Schedule {
            epochs: Parameter::Literal(1),
            ..
        })
    )
}

/// A node and one of its ancestors below the root, tied.
fn tied_along_path(diagram: &Diagram) -> Option<(usize, usize)> {
    (0..diagram.nodes()).find_map(|node| {
        let mut ancestor = diagram.parent(node);
        while let Some(at) = ancestor {
            if diagram.parent(at).is_some() && diagram.part(at) == diagram.part(node) {
                return Some((node, at));
            }
            ancestor = diagram.parent(at);
        }
        None
    })
}

/// `all(edges <= d)` is of order d, even if nothing of that order has a place.
fn order(item: &PredictorItem, candidates: &[Candidate<'_>]) -> usize {
    let largest = candidates.iter().map(|c| c.diagram.tied().edges()).max();
    match &item.set {
        Set::All { edges, .. } => edges.base10_parse().unwrap_or_default(),
        Set::List { .. } => largest.unwrap_or_default(),
    }
}

fn expand(
    measure: Measure,
    spacetime: &Spacetime,
    candidates: Vec<Candidate<'_>>,
    order: usize,
    item: &PredictorItem,
    report: &mut Report,
) -> Option<Content> {
    let names: Vec<Option<String>> = candidates
        .iter()
        .map(|candidate| candidate.name.map(Ident::to_string))
        .collect();
    let diagrams = candidates.into_iter().map(|candidate| candidate.diagram);
    match measure::expand(measure, spacetime, diagrams) {
        Ok(expansion) => Some(Content {
            expansion,
            names,
            order,
            source: source(item),
        }),
        Err(error) => {
            let help = help_for(measure, &error);
            report.error(&item.measure, error, help);
            None
        }
    }
}

fn source(item: &PredictorItem) -> String {
    let (Set::All { tokens, .. } | Set::List { tokens, .. }) = &item.set;
    format!(
        "{} in {} = {}",
        item.measure,
        item.spacetime,
        on_one_line(tokens)
    )
}
