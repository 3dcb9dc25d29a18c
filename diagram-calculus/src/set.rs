//! Sets of diagrams that remember their order.

use crate::filter::Filter;
use crate::measure::{Measure, diagrams_for, diagrams_of};
use crate::outline::Outlined;
use std::collections::BTreeSet;

/// Diagrams, each once, in the order in which they were first listed; those of a measure fewest edges first, then as enumerated.
///
/// A diagram and the same with a fuzzy outline are different members.
///
/// ```
/// use diagram_calculus::filter::Filter;
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::set::DiagramSet;
///
/// let all = DiagramSet::all_up_to(Measure::TestLoss, 2);
/// let noise = all.difference(&all.filter(&Filter::Trees));
/// let listed: Vec<String> = noise.iter().map(ToString::to_string).collect();
/// assert_eq!(listed, ["(01-12)(0-12)", "(01-02)(0-12)"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct DiagramSet {
    listed: Vec<Outlined>,
    /// The same diagrams, to be found fast.
    known: BTreeSet<Outlined>,
}

impl DiagramSet {
    /// No diagrams.
    pub fn new() -> Self {
        Self::default()
    }

    /// All diagrams of a measure with up to so many edges. Their number grows fast: ask
    /// [`count_diagrams_for`](crate::measure::count_diagrams_for) first.
    pub fn all_up_to(measure: Measure, max_edges: usize) -> Self {
        diagrams_for(measure, max_edges).into_iter().collect()
    }

    /// All diagrams of a measure with exactly so many edges.
    pub fn all_of(measure: Measure, edges: usize) -> Self {
        diagrams_of(measure, edges).into_iter().collect()
    }

    /// Adds a diagram at the end; false if it is there already.
    pub fn insert(&mut self, diagram: Outlined) -> bool {
        let new = self.known.insert(diagram.clone());
        if new {
            self.listed.push(diagram);
        }
        new
    }

    /// Whether the diagram is there.
    pub fn contains(&self, diagram: &Outlined) -> bool {
        self.known.contains(diagram)
    }

    /// How many diagrams there are.
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The diagrams in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Outlined> {
        self.listed.iter()
    }

    /// These diagrams, then those of the other set that are not among them.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other).cloned().collect()
    }

    /// The diagrams that are in both, in this set's order.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.keep(|diagram| other.contains(diagram))
    }

    /// The diagrams that are not in the other set.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.keep(|diagram| !other.contains(diagram))
    }

    /// The diagrams that a filter admits.
    #[must_use]
    pub fn filter(&self, filter: &Filter) -> Self {
        self.keep(|diagram| filter.admits(diagram))
    }

    fn keep(&self, condition: impl Fn(&Outlined) -> bool) -> Self {
        let kept = self.iter().filter(|diagram| condition(diagram));
        kept.cloned().collect()
    }
}

/// Sets are equal if their members are, in whatever order.
impl PartialEq for DiagramSet {
    fn eq(&self, other: &Self) -> bool {
        self.known == other.known
    }
}

impl Eq for DiagramSet {}

impl<D: Into<Outlined>> FromIterator<D> for DiagramSet {
    fn from_iter<I: IntoIterator<Item = D>>(diagrams: I) -> Self {
        let mut set = Self::new();
        set.extend(diagrams);
        set
    }
}

impl<D: Into<Outlined>> Extend<D> for DiagramSet {
    fn extend<I: IntoIterator<Item = D>>(&mut self, diagrams: I) {
        for diagram in diagrams {
            self.insert(diagram.into());
        }
    }
}

impl IntoIterator for DiagramSet {
    type Item = Outlined;
    type IntoIter = std::vec::IntoIter<Outlined>;

    fn into_iter(self) -> Self::IntoIter {
        self.listed.into_iter()
    }
}

impl<'a> IntoIterator for &'a DiagramSet {
    type Item = &'a Outlined;
    type IntoIter = std::slice::Iter<'a, Outlined>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
