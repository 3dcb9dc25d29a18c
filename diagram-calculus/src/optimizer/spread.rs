//! The spread of the final weights: the trace of their covariance.

use std::collections::BTreeMap;

use super::tied_forest::TiedForest;
use super::training::{Training, TrainingError};
use crate::diagram::Diagram;
use crate::enumerate::diagram_pairs;
use crate::measure::Measure;
use crate::resummed::RationalAlgebra;
use crate::value_class::ValueClass;

/// The expected squared length of the displacement and the expected displacement, of whose squared length it is the rest: together the trace of the covariance of the final weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread<R> {
    /// The expectation of |Δ|², with the displacement Δ, as scalar classes with their weights. A class with e edges is multiplied by η^(e + 1), since one of its edges contracts the two displacements and has no step.
    pub squared: Vec<(ValueClass, R)>,
    /// The expectation of Δ as vector classes with their weights.
    pub mean: Vec<(ValueClass, R)>,
}

impl Training {
    /// The spread of the final weights up to η^order. Its diagrams are pairs of trees whose roots are displacements, with one edge each: the trace joins the two edges to one.
    ///
    /// # Errors
    /// [`TrainingError::WeightDecay`] if the rule has weight decay; [`TrainingError::TooMuchWork`].
    pub fn spread<R: RationalAlgebra>(&self, order: usize) -> Result<Spread<R>, TrainingError> {
        self.check_work(order)?;
        let mean = self.expand(Measure::Displacement, order)?;
        let mut weights = self.weights::<R>(None);
        let mut sums: BTreeMap<(usize, ValueClass), R> = BTreeMap::new();
        for pair in (2..=order).flat_map(diagram_pairs) {
            let Some(class) = joined(&pair) else {
                continue;
            };
            *sums.entry((class.order(), class)).or_insert_with(R::zero) += weights.of(&pair);
        }
        let squared = sums.into_iter().map(|((_, class), sum)| (class, sum));
        Ok(Spread {
            squared: squared.collect(),
            mean,
        })
    }
}

/// The class of a pair of trees whose roots are removed and whose children are joined by an edge; `None` unless each root has one child.
fn joined(pair: &Diagram) -> Option<ValueClass> {
    let forest = TiedForest::from(pair);
    let children = forest.children();
    let [[first], [second]] = [&children[0][..], &children[1][..]] else {
        return None;
    };
    let below = |node: usize| node - forest.roots;
    let mut edges: Vec<(usize, usize)> = (forest.roots..)
        .zip(&forest.parents)
        .filter(|&(_, &parent)| parent >= forest.roots)
        .map(|(child, &parent)| (below(child), below(parent)))
        .collect();
    edges.push((below(*first), below(*second)));
    let parts: Vec<usize> = forest.rows.iter().copied().flatten().collect();
    ValueClass::from_edges(parts.len(), &edges, &parts, None).ok()
}
