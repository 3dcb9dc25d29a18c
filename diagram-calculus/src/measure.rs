//! Expansions of the expected results of stochastic gradient descent, as sums of values with exact coefficients.

pub(crate) mod terms;

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
    /// The loss of the final weights on the population.
    TestLoss,
    /// The loss of the final weights on the training set.
    TrainLoss,
    /// The test loss minus the train loss.
    GeneralizationGap,
    /// The final weights minus the initial weights, a vector.
    Displacement,
    /// The square of the test loss. Together with [`TestLoss`](Measure::TestLoss) it gives the variance of the test loss.
    SecondMoment,
}

/// The kind of quantity that a measure is. Only expansions of the same kind can be added.
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
    /// The kind of quantity that is measured.
    pub fn quantity(self) -> MeasuredQuantity {
        match self {
            Self::TestLoss | Self::TrainLoss | Self::GeneralizationGap => MeasuredQuantity::Loss,
            Self::SecondMoment => MeasuredQuantity::SquaredLoss,
            Self::Displacement => MeasuredQuantity::Weights,
        }
    }
}

/// The term of one diagram in an [`Expansion`].
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The diagram, with its fuzzy outlines.
    pub diagram: Outlined,
    /// The weight `embeddings / |Aut| / (-B)^edges` of the diagram with its outlines tied.
    pub coefficient: Coefficient,
    /// The linear combination of values that is multiplied by the weight. For the test loss it is the value of the diagram. For the generalization gap
    /// it is the sum over the parts p other than the root's of `(diagram - diagram with p tied to the root) / N`. It is sorted by class, with each
    /// class once and no factor 0.
    pub values: Vec<(ValueClass, Coefficient)>,
}

/// A measure in a spacetime, as a sum of terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Expansion {
    /// The measure that is expanded.
    pub measure: Measure,
    /// The spacetime, which says which points take part in which update.
    pub spacetime: Spacetime,
    /// One term for each diagram, in the order given.
    pub terms: Vec<Term>,
    /// The sum of all terms, with one coefficient for each value class. The coefficient of η^k is the sum over the classes of order k. It is sorted by
    /// order, then by class, and no coefficient is 0.
    pub values: Vec<(ValueClass, Coefficient)>,
}

/// Expands a measure over these diagrams. Each is a term of the sum, so that a diagram that occurs twice counts twice.
///
/// A diagram with fuzzy outlines has the weight of the tied diagram, and its value is the difference of the tied and the untied diagram's.
///
/// The sum over all diagrams of up to d edges ([`diagrams_for`]) is the measure up to o(η^d) (Theorem 1).
///
/// # Errors
///
/// [`MeasureError`] if a diagram is not a term of the measure or if the spacetime has no points. In a term every root is untied. The second moment has
/// terms with two roots, the other measures with one, which for the displacement has degree 1.
pub fn expand<D: Into<Outlined>>(
    measure: Measure,
    spacetime: &Spacetime,
    diagrams: impl IntoIterator<Item = D>,
) -> Result<Expansion, MeasureError> {
    let mut weights = DiagramWeights::new(spacetime)?;
    let train = spacetime.train();
    let mut sums: BTreeMap<(usize, ValueClass), Coefficient> = BTreeMap::new();
    let mut terms = Vec::new();
    for diagram in diagrams {
        let diagram = diagram.into();
        let values = terms::values(measure, &diagram, &train)?;
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

/// The linear combination of values in the term of a diagram, as [`Term::values`], whatever the diagram's weight is: no embedding is counted.
///
/// # Errors
/// As [`expand`].
pub fn values_of<D: Into<Outlined>>(
    measure: Measure,
    spacetime: &Spacetime,
    diagram: D,
) -> Result<Vec<(ValueClass, Coefficient)>, MeasureError> {
    terms::values(measure, &diagram.into(), &spacetime.train())
}

/// All diagrams with up to `max_edges` edges that are terms of a measure, fewest edges first.
///
/// There are none with more than [`crate::diagram::MAX_NODES`] nodes. Their number grows fast with the edges; see [`count_diagrams_for`].
pub fn diagrams_for(measure: Measure, max_edges: usize) -> Vec<Diagram> {
    (0..=max_edges)
        .flat_map(|edges| diagrams_of(measure, edges))
        .collect()
}

/// All diagrams with the given number of edges that are terms of a measure, in the order of [`enumerate`]. There are none with more than
/// [`crate::diagram::MAX_NODES`] nodes.
pub fn diagrams_of(measure: Measure, edges: usize) -> Vec<Diagram> {
    match measure {
        // The diagram without edges is the loss before training, which has no generalization gap.
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

/// The number of diagrams with the given number of edges that [`diagrams_of`] enumerates, of which the displacement keeps only some. `None` if they would
/// have more nodes than a diagram may have.
pub fn count_diagrams_for(measure: Measure, edges: usize) -> Option<u128> {
    match measure {
        Measure::SecondMoment => enumerate::count_diagram_pairs(edges),
        _ => enumerate::count_diagrams(edges),
    }
}

/// Writes the name of the measure for running text.
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

/// Writes the name of the quantity for running text.
impl std::fmt::Display for MeasuredQuantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Loss => "a loss",
            Self::SquaredLoss => "a squared loss",
            Self::Weights => "a vector of weights",
        })
    }
}
