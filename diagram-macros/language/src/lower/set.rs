//! Resolution of sets: first the names in a set, then the diagrams of which it consists for a given measure.

mod all;
mod filter;
mod list;
mod resolved;

use std::collections::BTreeMap;
use std::rc::Rc;

use syn::Ident;

use super::number::whole;
use crate::model::DeclaredDiagram;
use crate::names::Names;
use crate::parse::{SetExpression, SetItem};
use crate::report::Report;
use all::{LIMIT, limit_of};
use filter::filter;
use list::list;
use resolved::{Resolved, SharedSet};

/// The largest depth of definitions of sets by other sets.
const DEEPEST: usize = 64;

/// The declared sets. A set is resolved when it is first needed.
pub(super) struct Sets<'d> {
    diagrams: &'d Names<DeclaredDiagram>,
    names: Names<()>,
    states: BTreeMap<String, State>,
    /// The number of sets that are being resolved, each because the previous one names it.
    depth: usize,
}

/// How far a set is resolved.
enum State {
    /// It is not resolved yet.
    Unread(SetItem),
    /// It is being resolved.
    BeingRead,
    /// It is resolved, or has errors.
    Read(Option<Rc<SharedSet>>),
}

impl<'d> Sets<'d> {
    pub(super) fn new(diagrams: &'d Names<DeclaredDiagram>) -> Self {
        Sets {
            diagrams,
            names: Names::new("set"),
            states: BTreeMap::new(),
            depth: 0,
        }
    }

    /// Declares a set; without an item if it could not be parsed.
    pub(super) fn declare(&mut self, name: &Ident, item: Option<SetItem>, report: &mut Report) {
        if self.diagrams.contains(name) {
            let message = format!("`{name}` is the name of a diagram");
            report.error(name, message, "give the set another name");
        }
        self.names.declare(name, Some(()), report);
        let state = item.map_or(State::Read(None), State::Unread);
        self.states.entry(name.to_string()).or_insert(state);
    }

    /// Resolves all sets, including those that are not used.
    pub(super) fn resolve_all(&mut self, report: &mut Report) {
        let names: Vec<String> = self.states.keys().cloned().collect();
        for name in names {
            self.read(&name, report);
        }
    }

    /// The name of each set that is not used.
    pub(super) fn unused(&self) -> impl Iterator<Item = &Ident> {
        self.names.unused()
    }

    /// Resolves a set unless it is resolved already.
    fn read(&mut self, name: &str, report: &mut Report) {
        let Some(state) = self.states.get_mut(name) else {
            return;
        };
        match std::mem::replace(state, State::BeingRead) {
            State::Unread(item) => {
                self.depth += 1;
                let resolved = self.resolve(&item.set, report);
                self.depth -= 1;
                let shared = resolved.map(|set| Rc::new(SharedSet::new(set)));
                self.states.insert(name.into(), State::Read(shared));
            }
            other => *state = other,
        }
    }

    /// The set of this name, or `None` and an error.
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
        if let Some(State::Read(shared)) = self.states.get(&name_of_set) {
            return shared.clone().map(Resolved::Named);
        }
        let message = format!("the set `{name}` is defined by itself");
        report.error(name, message, "define one of the sets by diagrams");
        None
    }

    /// Resolves the names in a set, or returns `None` and adds errors to the report.
    pub(super) fn resolve(&mut self, set: &SetExpression, report: &mut Report) -> Option<Resolved> {
        match set {
            SetExpression::All {
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
            SetExpression::List { diagrams, tokens } => {
                list(diagrams, tokens, self.diagrams, report).map(Resolved::List)
            }
            SetExpression::Named(name) => self.named(name, report),
            SetExpression::Joined {
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
            SetExpression::Where {
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
