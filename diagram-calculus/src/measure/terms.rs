//! The weight of a diagram, and the values that it is multiplied by.

use super::Measure;
use crate::coefficient::Coefficient;
use crate::diagram::Diagram;
use crate::outline::Outlined;
use crate::spacetime::Spacetime;
use crate::value_class::ValueClass;
use std::collections::BTreeMap;

/// Why a diagram is not a term of a measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// A root shares its part with other nodes.
    #[error("{diagram} ties root {root}, which must be alone in its part: roots are test losses")]
    RootTied {
        /// The diagram.
        diagram: Diagram,
        /// The first such root.
        root: usize,
    },
    /// The number of roots is not that of the measure's diagrams.
    #[error("{diagram} has {}, but the {measure} needs {expected}", roots(diagram.roots()))]
    Roots {
        /// The diagram.
        diagram: Diagram,
        /// The measure.
        measure: Measure,
        /// The number of roots that its diagrams have.
        expected: usize,
    },
    /// The root of a displacement's diagram has more than one child, or none.
    #[error(
        "the root of {diagram} has degree {degree}; in a displacement its index is left open, so it has degree 1"
    )]
    RootDegree {
        /// The diagram.
        diagram: Diagram,
        /// The degree of its root.
        degree: usize,
    },
    /// The spacetime has no training points, or no points in a batch.
    #[error("the spacetime has no training points, or no points in a batch")]
    EmptySpacetime,
}

fn roots(count: usize) -> String {
    format!("{count} root{}", if count == 1 { "" } else { "s" })
}

/// The weights of diagrams in one spacetime. The embeddings of each forest below the roots are counted once.
pub(super) struct DiagramWeights<'a> {
    spacetime: &'a Spacetime,
    /// The factor -1/B of each edge.
    step: Coefficient,
    embeddings: BTreeMap<Diagram, Coefficient>,
}

impl<'a> DiagramWeights<'a> {
    pub(super) fn new(spacetime: &'a Spacetime) -> Result<Self, MeasureError> {
        Ok(Self {
            spacetime,
            step: reciprocal(&spacetime.batch())?.neg(),
            embeddings: BTreeMap::new(),
        })
    }

    /// The weight `embeddings / |Aut| / (-B)^edges`.
    pub(super) fn of(&mut self, diagram: &Diagram) -> Coefficient {
        let forest = with_one_root(diagram);
        let embeddings = self
            .embeddings
            .entry(forest)
            .or_insert_with_key(|forest| self.spacetime.embeddings(forest));
        let symmetry = Coefficient::from_ratio(1, diagram.automorphisms());
        let weight = embeddings.mul(&symmetry);
        (0..diagram.edges()).fold(weight, |weight, _| weight.mul(&self.step))
    }
}

/// The diagram with all roots merged into one. All roots are after all updates, so that this does not change the number of embeddings.
pub(crate) fn with_one_root(diagram: &Diagram) -> Diagram {
    if diagram.roots() == 1 {
        return diagram.clone();
    }
    let shift = diagram.roots() - 1;
    let nodes = diagram.nodes() - shift;
    let mut children = vec![Vec::new(); nodes];
    for node in 1..nodes {
        let parent = diagram.parent(node + shift).unwrap_or(0);
        children[parent.saturating_sub(shift)].push(node);
    }
    // The roots are alone in their parts, so that the part of root 0 has no other nodes.
    let parts: Vec<usize> = std::iter::once(0)
        .chain(shift + 1..diagram.nodes())
        .map(|node| diagram.part(node))
        .collect();
    Diagram::from_children(&[0], children, &parts)
}

/// The linear combination of values in the term of a diagram: see [`Term::values`](super::Term::values).
///
/// `train` is N, which the gap and the train loss divide by.
pub(crate) fn values(
    measure: Measure,
    outlined: &Outlined,
    train: &Coefficient,
) -> Result<Vec<(ValueClass, Coefficient)>, MeasureError> {
    let mut values = BTreeMap::new();
    for (diagram, multiplicity) in outlined.signed() {
        check(measure, diagram)?;
        let sign = Coefficient::from_integer(multiplicity);
        add_diagram(&mut values, measure, diagram, train, &sign)?;
    }
    Ok(values
        .into_iter()
        .filter(|(_, factor)| !factor.is_zero())
        .collect())
}

/// Adds `factor` times the values of one diagram without outlines.
fn add_diagram(
    values: &mut BTreeMap<ValueClass, Coefficient>,
    measure: Measure,
    diagram: &Diagram,
    train: &Coefficient,
    factor: &Coefficient,
) -> Result<(), MeasureError> {
    match measure {
        Measure::TestLoss | Measure::SecondMoment => add(values, diagram.value_class(), factor),
        Measure::GeneralizationGap => {
            let per_train = reciprocal(train)?;
            add_gap(values, diagram, &factor.mul(&per_train));
        }
        Measure::TrainLoss => {
            let per_train = reciprocal(train)?;
            add(values, diagram.value_class(), factor);
            add_gap(values, diagram, &factor.mul(&per_train).neg());
        }
        Measure::Displacement => {
            let class = diagram.displacement_class();
            let class = class.ok_or_else(|| MeasureError::RootDegree {
                degree: diagram.children(0).count(),
                diagram: diagram.clone(),
            })?;
            add(values, class, factor);
        }
    }
    Ok(())
}

fn check(measure: Measure, diagram: &Diagram) -> Result<(), MeasureError> {
    let expected = if measure == Measure::SecondMoment {
        2
    } else {
        1
    };
    if diagram.roots() != expected {
        return Err(MeasureError::Roots {
            diagram: diagram.clone(),
            measure,
            expected,
        });
    }
    let tied = |&root: &usize| diagram.members(diagram.part(root)).count() > 1;
    match (0..diagram.roots()).find(tied) {
        Some(root) => Err(MeasureError::RootTied {
            diagram: diagram.clone(),
            root,
        }),
        None => Ok(()),
    }
}

/// Adds `factor` times the sum of (diagram - diagram with p tied to the root) over the parts p other than the root's.
///
/// With the factor 1/N this is the test loss minus the train loss: the train loss evaluates the root on each of the N training points with weight 1/N.
/// One of them is that of part p; a point that is in no part gives the same value as a test point.
fn add_gap(
    values: &mut BTreeMap<ValueClass, Coefficient>,
    diagram: &Diagram,
    factor: &Coefficient,
) {
    let root = diagram.part(0);
    for part in (0..diagram.parts()).filter(|&part| part != root) {
        add(values, diagram.value_class(), factor);
        add(
            values,
            diagram.join(root, part).value_class(),
            &factor.neg(),
        );
    }
}

fn add(values: &mut BTreeMap<ValueClass, Coefficient>, class: ValueClass, factor: &Coefficient) {
    let sum = values.entry(class).or_insert_with(Coefficient::zero);
    *sum = sum.add(factor);
}

/// The reciprocal of a size of a spacetime, which is a symbol or a number.
fn reciprocal(size: &Coefficient) -> Result<Coefficient, MeasureError> {
    size.recip().ok_or(MeasureError::EmptySpacetime)
}
