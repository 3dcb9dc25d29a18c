//! Sets with their names resolved, and the diagrams of which they consist for a given measure.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use diagram_calculus::filter::Filter;
use diagram_calculus::outline::Outlined;
use proc_macro2::{Span, TokenStream};
use syn::LitInt;

use super::all::all;
use super::list::listed;
use crate::lower::{Candidate, ExpandedMeasure};
use crate::parse::{EdgeBound, Operator};
use crate::report::{Report, at};

/// A set with its names resolved.
#[derive(Clone)]
pub(in crate::lower) enum Resolved {
    Named(Rc<SharedSet>),
    All {
        bound: EdgeBound,
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

/// A declared set. Its diagrams are found once for each kind of expansion, even if it is used several times.
pub(in crate::lower) struct SharedSet {
    set: Resolved,
    found: RefCell<BTreeMap<ExpandedMeasure, Option<Vec<Candidate>>>>,
}

impl SharedSet {
    pub(super) fn new(set: Resolved) -> Self {
        SharedSet {
            set,
            found: RefCell::default(),
        }
    }

    fn diagrams(&self, expanded: ExpandedMeasure, report: &mut Report) -> Option<Vec<Candidate>> {
        if let Some(found) = self.found.borrow().get(&expanded) {
            return found.clone();
        }
        let found = self.set.diagrams(expanded, report);
        self.found.borrow_mut().insert(expanded, found.clone());
        found
    }
}

impl Resolved {
    /// The diagrams for this kind of expansion, or `None` and errors in the report.
    pub(in crate::lower) fn diagrams(
        &self,
        expanded: ExpandedMeasure,
        report: &mut Report,
    ) -> Option<Vec<Candidate>> {
        match self {
            Resolved::Named(shared) => shared.diagrams(expanded, report),
            Resolved::All {
                bound,
                max,
                allowed,
                edges,
                tokens,
            } => all(expanded, *bound, *max, *allowed, edges, tokens, report),
            Resolved::List(candidates) => listed(expanded, candidates, report),
            Resolved::Joined {
                operator,
                first,
                others,
            } => {
                let mut set = first.diagrams(expanded, report);
                for (span, other) in others {
                    let other = other.diagrams(expanded, report);
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
                let mut kept = set.diagrams(expanded, report)?;
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

    /// The order of the expansion: the bound of `all(…)`, or the largest number of edges of the diagrams.
    pub(in crate::lower) fn order(&self, candidates: &[Candidate]) -> usize {
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

/// The diagrams of two sets joined by an operator, or `None` and an error if nothing is left or nothing is taken away.
fn join(
    operator: Operator,
    span: Span,
    left: Vec<Candidate>,
    right: Vec<Candidate>,
    report: &mut Report,
) -> Option<Vec<Candidate>> {
    let among = |candidates: &[Candidate]| -> BTreeSet<Outlined> {
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
