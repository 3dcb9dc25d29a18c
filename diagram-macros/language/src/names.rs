//! Tables of declared names, and suggestions for misspelt ones.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use syn::Ident;

use crate::report::Report;

/// The largest length, in letters, of names that are compared.
const LONGEST: usize = 64;
/// Two names are taken for the same, one of them misspelt, if their Jaro-Winkler similarity exceeds this. It gives weight to equal beginnings, as of
/// `tranining` and `train`.
const ALIKE: f64 = 0.84;
/// The largest number of names that a help lists.
const MOST_NAMED: usize = 10;

/// Why a name that is declared somewhere is not known.
const ALONE: &str = "Each `diagrams!` block or text stands alone: what another one declares is not seen here, so declare it in the same one";

/// A table of declared items by name. An item is `None` if its declaration has an error, so that uses of its name are not further errors.
pub(crate) struct Names<T> {
    /// The kind of item for messages, such as "spacetime".
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

    /// Declares an item, and reports an error if its name is already declared.
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

    /// Whether the name is used.
    pub(crate) fn is_used(&self, name: &Ident) -> bool {
        self.used.borrow().contains(&name.to_string())
    }

    /// The items without errors, sorted by name.
    pub(crate) fn sound(&self) -> impl Iterator<Item = (&Ident, &T)> {
        let entries = self.entries.values();
        entries.filter_map(|(name, thing)| Some((name, thing.as_ref()?)))
    }

    /// The name of each item that is not used.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &Ident> {
        let names = self.entries.values().map(|(name, _)| name);
        names.filter(|name| !self.is_used(name))
    }

    /// The item of this name. Reports an error if the name is not declared.
    pub(crate) fn get(&self, name: &Ident, report: &mut Report) -> Option<&T> {
        if let Some((_, thing)) = self.entries.get(&name.to_string()) {
            self.used.borrow_mut().insert(name.to_string());
            return thing.as_ref();
        }
        if report.is_suspect(name) {
            return None;
        }
        let known: Vec<&str> = self.entries.keys().map(String::as_str).collect();
        let what = self.what;
        let help = match (&known[..], nearest(&name.to_string(), &known)) {
            ([], _) => format!("no {what} is declared here. {ALONE}"),
            (_, Some(meant)) => format!("did you mean `{meant}`? {ALONE}"),
            _ => format!("{}. {ALONE}", listed(&known)),
        };
        report.error(name, format!("unknown {what} `{name}`"), help);
        None
    }
}

/// The known name of which `name` is likely a misspelling, if there is one.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = name.to_lowercase();
    let letters = lower.chars().count();
    // The time and memory for the distance are proportional to the product of the lengths.
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

/// A help that suggests the likely meant name, or lists the known names.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => listed(known),
    }
}

/// A help for the name of a field, which suggests the likely meant one and lists those that there are.
pub(crate) fn fields(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(candidate) if known.len() > 1 => {
            format!("did you mean `{candidate}`? There are {}", all(known))
        }
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if known.len() > 1 => format!("there are {}", all(known)),
        None => listed(known),
    }
}

/// All names, separated by commas.
fn all(known: &[&str]) -> String {
    let names: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
    names.join(", ")
}

/// A sentence that lists the known names.
fn listed(known: &[&str]) -> String {
    let verb = if known.len() == 1 { "is" } else { "are" };
    format!("there {verb} {}", series(known))
}

/// The known names, separated by commas.
fn series(known: &[&str]) -> String {
    let shown: Vec<String> = known
        .iter()
        .take(MOST_NAMED)
        .map(|k| format!("`{k}`"))
        .collect();
    let more = match known.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}
