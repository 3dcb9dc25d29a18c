//! Which diagrams a set names: first what it says, then what that is for a measure.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use diagram_calculus::filter::Filter;
use diagram_calculus::measure::{self, Measure};
use diagram_calculus::outline::Outlined;
use diagram_calculus::picture::Sketch;
use proc_macro2::{Span, TokenStream};
use syn::{Ident, LitInt};

use super::Candidate;
use super::number::whole;
use crate::model::Drawn;
use crate::names::{Names, suggestion};
use crate::parse::{Bound, Condition, Operator, Set, SetItem};
use crate::report::{Report, at};

/// How many diagrams `all(…)` may expand to without a `limit`.
const LIMIT: u128 = 10_000;

/// The largest `limit`: more would fill the memory with diagrams alone, and the compiler's with code.
const LARGEST_LIMIT: u128 = 1_000_000;

/// How deep sets may be defined by sets that are defined by sets.
const DEEPEST: usize = 64;

/// The most nodes of a diagram to look for in others: the search tries maps from these to those.
const MOST_CONTAINED: usize = 7;

/// The most nodes below the roots of a listed diagram: counts go through the orders in time of its nodes and parts, unbiased estimates through the
/// coarser partitions, and both grow faster than any exponential.
const MOST_LISTED: usize = 8;

/// A set with its names looked up.
#[derive(Clone)]
pub(super) enum Resolved {
    Named(Rc<Shared>),
    All {
        bound: Bound,
        max: usize,
        allowed: u128,
        edges: LitInt,
        tokens: TokenStream,
    },
    List(Vec<Candidate>),
    Joined {
        operator: Operator,
        first: Box<Resolved>,
        others: Vec<(Span, Resolved)>,
    },
    Where {
        set: Box<Resolved>,
        filter: Filter,
        tokens: TokenStream,
    },
}

/// A declared set: its diagrams are found once for each measure, however often it is named.
pub(super) struct Shared {
    set: Resolved,
    found: RefCell<BTreeMap<Measure, Option<Vec<Candidate>>>>,
}

impl Shared {
    fn diagrams(&self, measure: Measure, report: &mut Report) -> Option<Vec<Candidate>> {
        if let Some(found) = self.found.borrow().get(&measure) {
            return found.clone();
        }
        let found = self.set.diagrams(measure, report);
        self.found.borrow_mut().insert(measure, found.clone());
        found
    }
}

/// Declared sets, resolved when they are first needed.
pub(super) struct Sets<'d> {
    diagrams: &'d Names<Drawn>,
    names: Names<()>,
    states: BTreeMap<String, State>,
    /// Sets that are being read, each because the one before names it.
    depth: usize,
}

enum State {
    Unread(SetItem),
    BeingRead,
    Read(Option<Rc<Shared>>),
}

impl<'d> Sets<'d> {
    pub(super) fn new(diagrams: &'d Names<Drawn>) -> Self {
        Sets {
            diagrams,
            names: Names::new("set"),
            states: BTreeMap::new(),
            depth: 0,
        }
    }

    /// A set, or one that cannot be read.
    pub(super) fn declare(&mut self, name: &Ident, item: Option<SetItem>, report: &mut Report) {
        if self.diagrams.contains(name) {
            let message = format!("`{name}` is the name of a diagram");
            report.error(name, message, "give the set another name");
        }
        self.names.declare(name, Some(()), report);
        let state = item.map_or(State::Read(None), State::Unread);
        self.states.entry(name.to_string()).or_insert(state);
    }

    /// Resolves all sets, used or not.
    pub(super) fn resolve_all(&mut self, report: &mut Report) {
        let names: Vec<String> = self.states.keys().cloned().collect();
        for name in names {
            self.read(&name, report);
        }
    }

    pub(super) fn unused(&self) -> impl Iterator<Item = (&'static str, &Ident)> {
        self.names.unused()
    }

    fn read(&mut self, name: &str, report: &mut Report) {
        let Some(state) = self.states.get_mut(name) else {
            return;
        };
        match std::mem::replace(state, State::BeingRead) {
            State::Unread(item) => {
                self.depth += 1;
                let resolved = self.resolve(&item.set, report);
                self.depth -= 1;
                let shared = resolved.map(|set| {
                    Rc::new(Shared {
                        set,
                        found: RefCell::default(),
                    })
                });
                self.states.insert(name.into(), State::Read(shared));
            }
            other => *state = other,
        }
    }

    fn named(&mut self, name: &Ident, report: &mut Report) -> Option<Resolved> {
        if self.diagrams.contains(name) && !self.names.contains(name) {
            let message = format!("`{name}` is a diagram, not a set");
            report.error(name, message, format!("write `{{ {name} }}`"));
            return None;
        }
        self.names.get(name, report)?;
        if self.depth >= DEEPEST {
            let message = format!("more than {DEEPEST} sets are defined by each other");
            report.error(name, message, "define one of them by diagrams");
            return None;
        }
        let name_of_set = name.to_string();
        self.read(&name_of_set, report);
        match self.states.get(&name_of_set) {
            Some(State::Read(shared)) => shared.clone().map(Resolved::Named),
            _ => {
                let message = format!("the set `{name}` is defined by itself");
                report.error(name, message, "define one of the sets by diagrams");
                None
            }
        }
    }

    /// `None` if there are errors.
    pub(super) fn resolve(&mut self, set: &Set, report: &mut Report) -> Option<Resolved> {
        match set {
            Set::All {
                bound,
                edges,
                limit,
                tokens,
            } => {
                let max = whole::<usize>(edges, "the number of edges", report);
                let allowed = match limit {
                    Some(literal) => limit_of(literal, report),
                    None => Some(LIMIT),
                };
                Some(Resolved::All {
                    bound: *bound,
                    max: max?,
                    allowed: allowed?,
                    edges: edges.clone(),
                    tokens: tokens.clone(),
                })
            }
            Set::List { diagrams, tokens } => {
                list(diagrams, tokens, self.diagrams, report).map(Resolved::List)
            }
            Set::Named(name) => self.named(name, report),
            Set::Joined {
                operator,
                first,
                others,
            } => {
                let first = self.resolve(first, report);
                let others: Vec<_> = others
                    .iter()
                    .map(|(span, other)| Some((*span, self.resolve(other, report)?)))
                    .collect();
                Some(Resolved::Joined {
                    operator: *operator,
                    first: Box::new(first?),
                    others: others.into_iter().collect::<Option<_>>()?,
                })
            }
            Set::Where {
                set,
                condition,
                tokens,
            } => {
                let set = self.resolve(set, report);
                let filter = filter(condition, self.diagrams, report);
                Some(Resolved::Where {
                    set: Box::new(set?),
                    filter: filter?,
                    tokens: tokens.clone(),
                })
            }
        }
    }
}

/// Joins many in a tree that is as shallow as can be.
fn balanced(mut filters: Vec<Filter>, join: fn(Filter, Filter) -> Filter) -> Option<Filter> {
    if filters.len() < 2 {
        return filters.pop();
    }
    let right = filters.split_off(filters.len() / 2);
    Some(join(balanced(filters, join)?, balanced(right, join)?))
}

fn filter(condition: &Condition, diagrams: &Names<Drawn>, report: &mut Report) -> Option<Filter> {
    let mut all = |conditions: &[Condition], join: fn(Filter, Filter) -> Filter| {
        let filters: Vec<Option<Filter>> = conditions
            .iter()
            .map(|condition| filter(condition, diagrams, report))
            .collect();
        let filters: Option<Vec<Filter>> = filters.into_iter().collect();
        balanced(filters?, join)
    };
    match condition {
        Condition::Both(conditions) => all(conditions, Filter::and),
        Condition::Either(conditions) => all(conditions, Filter::or),
        Condition::Not(condition) => Some(!filter(condition, diagrams, report)?),
        Condition::Word(word) => word_filter(word, report),
        Condition::Compare {
            quantity,
            comparison,
            bound,
        } => {
            let number = whole::<usize>(bound, "the bound", report);
            let known = ["edges", "ties", "parts"];
            let name = quantity.to_string();
            if !known.contains(&&name[..]) {
                let message = format!("diagrams have no number `{quantity}`");
                report.error(quantity, message, suggestion(&name, &known));
            }
            Some(match &name[..] {
                "edges" => Filter::Edges(*comparison, number?),
                "ties" => Filter::Ties(*comparison, number?),
                "parts" => Filter::Parts(*comparison, number?),
                _ => return None,
            })
        }
        Condition::Contains(name) => {
            let drawn = diagrams.get(name, report)?;
            if drawn.diagram.signed().count() > 1 {
                let message = format!("`{name}` has fuzzy outlines: it is no one diagram");
                let help = "look for the tied or the untied diagram";
                report.error(name, message, help);
                return None;
            }
            let nodes = drawn.diagram.tied().nodes();
            if nodes > MOST_CONTAINED {
                let message = format!(
                    "`{name}` has {nodes} nodes; diagrams to look for have up to {MOST_CONTAINED}"
                );
                report.error(name, message, "look for a smaller diagram");
                return None;
            }
            Some(Filter::Contains(drawn.diagram.tied().clone()))
        }
    }
}

fn word_filter(word: &Ident, report: &mut Report) -> Option<Filter> {
    let known = [
        ("trees", Filter::Trees),
        ("leaf_ties", Filter::LeafTies),
        ("non_gaussian", Filter::NonGaussian),
        ("irreducible", Filter::Irreducible),
    ];
    let found = known.iter().find(|(name, _)| word == name);
    if found.is_none() {
        let counted = ["edges", "ties", "parts"];
        let name = word.to_string();
        let help = if counted.contains(&&name[..]) {
            format!("compare it with a number: `{name} <= 2`")
        } else {
            suggestion(&name, &known.each_ref().map(|(name, _)| *name))
        };
        report.error(word, format!("unknown condition `{word}`"), help);
    }
    found.map(|(_, filter)| filter.clone())
}

fn list(
    names: &[Ident],
    tokens: &TokenStream,
    diagrams: &Names<Drawn>,
    report: &mut Report,
) -> Option<Vec<Candidate>> {
    let before = report.len();
    if names.is_empty() {
        let help = "list declared diagrams: `{ a, b }`, or take `all(edges <= 3)`";
        report.error(tokens, "a predictor needs at least one diagram", help);
    }
    let mut candidates: Vec<Candidate> = vec![];
    let mut complete = true;
    for name in names {
        let Some(drawn) = diagrams.get(name, report) else {
            complete = false;
            continue;
        };
        let nodes = drawn.diagram.tied().edges();
        if nodes > MOST_LISTED {
            let message = format!(
                "`{name}` has {nodes} nodes below the root, more than the {MOST_LISTED} that can be expanded"
            );
            report.error(name, message, "draw a smaller diagram");
            continue;
        }
        let twin = candidates.iter().find(|c| c.diagram == drawn.diagram);
        if let Some(first) = twin.and_then(|twin| twin.name.as_ref()) {
            let message = if first == name {
                format!("`{name}` is listed twice")
            } else {
                format!(
                    "`{name}` is the same diagram as `{first}`, drawn differently: both are {}",
                    drawn.diagram
                )
            };
            let help = "a term that is listed twice would count twice; keep one";
            report.error(name, message, help);
            report.also(first, "first listed here");
            continue;
        }
        candidates.push(Candidate {
            diagram: drawn.diagram.clone(),
            sketch: drawn.sketch.clone(),
            nodes: drawn.nodes.clone(),
            name: Some(name.clone()),
        });
    }
    (complete && report.len() == before).then_some(candidates)
}

impl Resolved {
    /// The diagrams for a measure, or `None` and errors in the report.
    pub(super) fn diagrams(&self, measure: Measure, report: &mut Report) -> Option<Vec<Candidate>> {
        match self {
            Resolved::Named(shared) => shared.diagrams(measure, report),
            Resolved::All {
                bound,
                max,
                allowed,
                edges,
                tokens,
            } => all(measure, *bound, *max, *allowed, edges, tokens, report),
            Resolved::List(candidates) => Some(candidates.clone()),
            Resolved::Joined {
                operator,
                first,
                others,
            } => {
                let mut set = first.diagrams(measure, report);
                for (span, other) in others {
                    let other = other.diagrams(measure, report);
                    if let (Some(left), Some(right)) = (set.take(), other) {
                        set = join(*operator, *span, left, right, report);
                    }
                }
                set
            }
            Resolved::Where {
                set,
                filter,
                tokens,
            } => {
                let mut kept = set.diagrams(measure, report)?;
                kept.retain(|candidate| filter.admits(&candidate.diagram));
                if kept.is_empty() {
                    let help = "loosen the condition, or leave `where` out";
                    report.error(tokens, "no diagram of the set satisfies this", help);
                    return None;
                }
                Some(kept)
            }
        }
    }

    /// The highest number of edges that it asks for, whether or not anything of that order has a place.
    pub(super) fn order(&self, candidates: &[Candidate]) -> usize {
        match self {
            Resolved::All { max, .. } => *max,
            Resolved::Named(shared) => shared.set.order(candidates),
            _ => {
                let edges = candidates.iter().map(|c| c.diagram.tied().edges());
                edges.max().unwrap_or(0)
            }
        }
    }
}

fn join(
    operator: Operator,
    span: Span,
    left: Vec<Candidate>,
    right: Vec<Candidate>,
    report: &mut Report,
) -> Option<Vec<Candidate>> {
    let among = |candidates: &[Candidate]| -> std::collections::BTreeSet<Outlined> {
        candidates.iter().map(|c| c.diagram.clone()).collect()
    };
    let (lefts, rights) = (among(&left), among(&right));
    let mut joined = left;
    match operator {
        Operator::Union => {
            joined.extend(right.into_iter().filter(|c| !lefts.contains(&c.diagram)));
        }
        Operator::Intersection => joined.retain(|c| rights.contains(&c.diagram)),
        Operator::Difference => {
            if lefts.is_disjoint(&rights) {
                let help = "remove it, or name diagrams that are in the set";
                let message = "this takes nothing away: the sets have no diagram in common";
                report.error(at(span), message, help);
                return None;
            }
            joined.retain(|c| !rights.contains(&c.diagram));
        }
    }
    if joined.is_empty() {
        let message = "nothing is left of the set";
        report.error(at(span), message, "choose sets of which something is left");
        return None;
    }
    Some(joined)
}

/// Counts before enumerating: the number of diagrams grows faster than any factorial of patience.
fn all(
    measure: Measure,
    bound: Bound,
    max: usize,
    allowed: u128,
    edges: &LitInt,
    tokens: &TokenStream,
    report: &mut Report,
) -> Option<Vec<Candidate>> {
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
                "lower the number of edges, or raise the limit: `all(edges {} {max}, limit: {})`",
                if bound == Bound::UpTo { "<=" } else { "==" },
                rounded_up(total)
            );
            let help = if total > LARGEST_LIMIT {
                "lower the number of edges".into()
            } else {
                help
            };
            let message = match bound {
                Bound::Exactly => format!(
                    "the diagrams with {order} edges are {total}, more than the limit of {allowed}"
                ),
                Bound::UpTo if order == max => format!(
                    "the diagrams with up to {order} edges are {total}, more than the limit of {allowed}"
                ),
                Bound::UpTo => format!(
                    "the diagrams with up to {order} edges are already {total}, more than the limit of {allowed}"
                ),
            };
            report.error(edges, message, help);
            return None;
        }
    }
    let candidates: Vec<Candidate> = measure::diagrams_for(measure, max)
        .into_iter()
        .filter(|diagram| bound == Bound::UpTo || diagram.edges() == max)
        .map(|diagram| Candidate {
            sketch: Sketch::from(&diagram),
            diagram: diagram.into(),
            nodes: vec![],
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

/// To one digit.
fn rounded_up(number: u128) -> u128 {
    let mut unit = 1;
    while number / unit >= 10 {
        unit *= 10;
    }
    number.div_ceil(unit) * unit
}

fn limit_of(literal: &LitInt, report: &mut Report) -> Option<u128> {
    let limit = whole::<u128>(literal, "the limit", report)?;
    if limit > LARGEST_LIMIT {
        let message = format!("the limit is more than the largest one, {LARGEST_LIMIT}");
        let help = "that many diagrams are out of reach; lower the number of edges";
        report.error(literal, message, help);
        return None;
    }
    Some(limit)
}
