//! Names that are declared, and what someone might have meant.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use syn::Ident;

use crate::report::Report;

/// Longer names, in letters, are not compared.
const LONGEST: usize = 64;
/// Names more alike than this (by Jaro and Winkler, which looks at beginnings) are likely slips: `tranining` is `train`.
const ALIKE: f64 = 0.84;
/// How many names a help lists.
const MOST_NAMED: usize = 10;

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
        if report.is_suspect(name) {
            return None;
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

/// The known name that is likely meant, if one is near.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = name.to_lowercase();
    let letters = lower.chars().count();
    // The distance takes time and memory like the product of the lengths.
    if letters > LONGEST {
        return None;
    }
    // A third of the letters may be wrong, but not all of them.
    let allowed = (letters.max(3) / 3).min(letters - 1);
    let near = |candidate: &'k str| {
        let other = candidate.to_lowercase();
        if other.chars().count() > LONGEST {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&lower, &other);
        let longer = letters > 3 && other.len() > 3 && lower.starts_with(&other);
        (distance <= allowed || longer || strsim::jaro_winkler(&lower, &other) > ALIKE)
            .then_some((distance, candidate))
    };
    let candidates = known.iter().filter_map(|candidate| near(candidate));
    candidates.min().map(|(_, candidate)| candidate)
}

/// "did you mean …?", or what there is.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    if known.is_empty() {
        return "none is declared".into();
    }
    if let Some(candidate) = nearest(name, known) {
        return format!("did you mean `{candidate}`?");
    }
    let verb = if known.len() == 1 { "is" } else { "are" };
    let shown: Vec<String> = known
        .iter()
        .take(MOST_NAMED)
        .map(|k| format!("`{k}`"))
        .collect();
    let more = match known.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("there {verb} {}{more}", shown.join(", "))
}
