//! Names that are declared, and what someone might have meant.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use syn::Ident;

use crate::report::Report;

/// Declared things by name. `None` for a thing that was declared with an error: uses of it are no errors.
pub(crate) struct Names<T> {
    /// "spacetime", "diagram"…, for messages.
    what: &'static str,
    entries: BTreeMap<String, (Ident, Option<T>)>,
    used: RefCell<BTreeSet<String>>,
}

impl<T> Names<T> {
    pub(crate) fn new(what: &'static str) -> Self {
        Names {
            what,
            entries: BTreeMap::new(),
            used: RefCell::default(),
        }
    }

    /// Declares a name; reports one that is taken.
    pub(crate) fn declare(&mut self, name: &Ident, thing: Option<T>, report: &mut Report) {
        let what = self.what;
        match self.entries.entry(name.to_string()) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert((name.clone(), thing));
            }
            std::collections::btree_map::Entry::Occupied(entry) => {
                report.error(
                    name,
                    format!("the {what} `{name}` is declared twice"),
                    "give one of them another name",
                );
                report.also(&entry.get().0, "first declared here");
            }
        }
    }

    /// Whether the name is declared.
    pub(crate) fn contains(&self, name: &Ident) -> bool {
        self.entries.contains_key(&name.to_string())
    }

    /// What was declared without errors, by name.
    pub(crate) fn sound(&self) -> impl Iterator<Item = (&Ident, &T)> {
        let entries = self.entries.values();
        entries.filter_map(|(name, thing)| Some((name, thing.as_ref()?)))
    }

    /// What nothing names.
    pub(crate) fn unused(&self) -> impl Iterator<Item = (&'static str, &Ident)> {
        let entries = self.entries.iter();
        entries
            .filter(|(name, _)| !self.used.borrow().contains(*name))
            .map(|(_, (ident, _))| (self.what, ident))
    }

    /// The thing of that name; reports a name that is not declared.
    pub(crate) fn get(&self, name: &Ident, report: &mut Report) -> Option<&T> {
        if let Some((_, thing)) = self.entries.get(&name.to_string()) {
            self.used.borrow_mut().insert(name.to_string());
            return thing.as_ref();
        }
        let known: Vec<&str> = self.entries.keys().map(String::as_str).collect();
        report.error(
            name,
            format!("unknown {} `{name}`", self.what),
            suggestion(&name.to_string(), &known),
        );
        None
    }
}

/// "did you mean …?", or what there is.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .min();
    match nearest {
        None => "none is declared".into(),
        // A third of the letters may be wrong.
        Some((distance, candidate)) if distance <= (name.chars().count().max(3)) / 3 => {
            format!("did you mean `{candidate}`?")
        }
        Some(_) => format!(
            "there {} {}",
            if known.len() == 1 { "is" } else { "are" },
            known
                .iter()
                .map(|k| format!("`{k}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}
