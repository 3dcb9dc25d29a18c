//! What stochastic gradient descent is expected to do, as a series of values with exact coefficients.

mod terms;

pub use terms::MeasureError;

use crate::coefficient::Coefficient;
use crate::diagram::Diagram;
use crate::enumerate;
use crate::outline::Outlined;
use crate::spacetime::Spacetime;
use crate::value_class::ValueClass;
use std::collections::BTreeMap;
use terms::DiagramWeights;

/// A quantity whose expectation, over training sets and shuffles, the calculus expands in powers of η (Theorem 1 and
/// section 2 of Tenka, *A Space-Time Approach to Analyzing SGD*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// Loss of the final weights on the population.
    TestLoss,
    /// Loss of the final weights on the training set.
    TrainLoss,
    /// Test loss minus train loss.
    GeneralizationGap,
    /// Final weights minus initial weights, a vector.
    Displacement,
    /// Square of the test loss; with [`TestLoss`](Measure::TestLoss) it gives the test loss's variance.
    SecondMoment,
}

/// What kind of thing a measure's values are. Values of one kind add; each is a sum of contractions, η for each edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MeasuredQuantity {
    /// A loss, or a difference of losses.
    Loss,
    /// A product of two losses.
    SquaredLoss,
    /// A vector of weights.
    Weights,
}

impl Measure {
    /// What kind of thing it is.
    pub fn quantity(self) -> MeasuredQuantity {
        match self {
            Self::TestLoss | Self::TrainLoss | Self::GeneralizationGap => MeasuredQuantity::Loss,
            Self::SecondMoment => MeasuredQuantity::SquaredLoss,
            Self::Displacement => MeasuredQuantity::Weights,
        }
    }
}

/// One diagram's share of an [`Expansion`].
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The diagram, fuzzy outlines and all.
    pub diagram: Outlined,
    /// Its weight: embeddings / |Aut| / (-B)^edges of the diagram with its outlines tied.
    pub coefficient: Coefficient,
    /// What stands in place of the diagram's value, to be multiplied by the weight: for the test loss the value
    /// itself, for the generalization gap the sum over the parts p but the root's of
    /// (diagram - diagram with p tied to the root) / N. Sorted by class, each once, none with factor 0.
    pub values: Vec<(ValueClass, Coefficient)>,
}

/// A measure in a spacetime, as a sum of terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    /// What is expanded.
    pub measure: Measure,
    /// Which points take part in which update.
    pub spacetime: Spacetime,
    /// One term for each diagram, in the order given.
    pub terms: Vec<Term>,
    /// The sum of all terms, gathered by value; the coefficient of η^k is the sum over the classes of order k. Sorted
    /// by order, then by class, none with coefficient 0.
    pub values: Vec<(ValueClass, Coefficient)>,
}

/// Expands a measure over these diagrams. Each is a term of the sum: one that comes twice counts twice.
///
/// Diagrams with fuzzy outlines are terms too: weighted as if tied, valued as tied minus untied.
///
/// With all diagrams of up to d edges ([`diagrams_for`]) the sum is the measure up to o(η^d) (Theorem 1).
///
/// # Errors
///
/// A diagram that is no term of the measure: a root that is tied, more or fewer roots than the measure has (two for
/// the second moment, else one), or for the displacement a root with another degree than 1. A spacetime without points.
pub fn expand<D: Into<Outlined>>(
    measure: Measure,
    spacetime: &Spacetime,
    diagrams: impl IntoIterator<Item = D>,
) -> Result<Expansion, MeasureError> {
    let mut weights = DiagramWeights::new(spacetime)?;
    let mut sums: BTreeMap<(usize, ValueClass), Coefficient> = BTreeMap::new();
    let mut terms = Vec::new();
    for diagram in diagrams {
        let diagram = diagram.into();
        let values = terms::values(measure, &diagram, spacetime)?;
        let coefficient = weights.of(diagram.tied());
        for (class, factor) in &values {
            let sum = sums
                .entry((class.order(), class.clone()))
                .or_insert_with(Coefficient::zero);
            *sum = sum.add(&factor.mul(&coefficient));
        }
        terms.push(Term {
            diagram,
            coefficient,
            values,
        });
    }
    let values = sums
        .into_iter()
        .map(|((_, class), sum)| (class, sum))
        .filter(|(_, sum)| !sum.is_zero())
        .collect();
    Ok(Expansion {
        measure,
        spacetime: spacetime.clone(),
        terms,
        values,
    })
}

/// All diagrams with up to `max_edges` edges that are terms of a measure, fewest edges first.
///
/// A measure that no longer expands at that order (more than [`crate::diagram::MAX_NODES`] nodes) just has no diagrams
/// there; ask [`count_diagrams_for`] first how many there are.
pub fn diagrams_for(measure: Measure, max_edges: usize) -> Vec<Diagram> {
    (0..=max_edges)
        .flat_map(|edges| diagrams_of(measure, edges))
        .collect()
}

/// All diagrams with exactly so many edges that are terms of a measure, as enumerated; none beyond
/// [`crate::diagram::MAX_NODES`] nodes.
pub fn diagrams_of(measure: Measure, edges: usize) -> Vec<Diagram> {
    match measure {
        // A root without edges is a loss before training, where there is no gap.
        Measure::GeneralizationGap if edges == 0 => vec![],
        Measure::TestLoss | Measure::TrainLoss | Measure::GeneralizationGap => {
            enumerate::diagrams(edges).collect()
        }
        Measure::Displacement => enumerate::diagrams(edges)
            .filter(|diagram| diagram.children(0).count() == 1)
            .collect(),
        Measure::SecondMoment => enumerate::diagram_pairs(edges).collect(),
    }
}

/// How many diagrams of so many edges [`diagrams_for`] goes through (the displacement keeps only some of them); `None` if their nodes are more than
/// a diagram may have.
pub fn count_diagrams_for(measure: Measure, edges: usize) -> Option<u128> {
    match measure {
        Measure::SecondMoment => enumerate::count_diagram_pairs(edges),
        _ => enumerate::count_diagrams(edges),
    }
}

/// The measure's name in running text.
impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::TestLoss => "test loss",
            Self::TrainLoss => "train loss",
            Self::GeneralizationGap => "generalization gap",
            Self::Displacement => "displacement",
            Self::SecondMoment => "second moment of the test loss",
        })
    }
}

/// The quantity's name in running text.
impl std::fmt::Display for MeasuredQuantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Loss => "a loss",
            Self::SquaredLoss => "a squared loss",
            Self::Weights => "a vector of weights",
        })
    }
}
