//! Expansion of re-summed diagrams into the values of Theorem 1.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::truncated_polynomial::TruncatedPolynomial;
use super::{Course, EmbeddingSum, ResummedDiagram};
use crate::diagram::{Diagram, MAX_NODES};
use crate::measure::Measure;
use crate::value_class::ValueClass;

/// The power series of a sum of re-summed diagrams up to η^order, as value classes with exact coefficients. They are sorted by order, then by class, and no
/// coefficient is 0.
///
/// For all diagrams with up to `order` edges the result equals that of [`expand`](crate::measure::expand), class by class.
///
/// Powers of η from [`MAX_NODES`] on are left out, since no [`Diagram`] has so many edges.
///
/// ```
/// use diagram_calculus::coefficient::Parameters;
/// use diagram_calculus::measure::{Measure, diagrams_for, expand};
/// use diagram_calculus::resummed::{Course, expand_resummed, resummed_for};
/// use diagram_calculus::spacetime::{Grid, Spacetime};
///
/// let spacetime = Spacetime::Grid(Grid::from_rows(&["#.#.", ".#.#"])?);
/// let parameters = Parameters::new(2, 1, 2)?;
/// let plain = expand(Measure::TestLoss, &spacetime, diagrams_for(Measure::TestLoss, 3))?;
/// let course = Course::new(&spacetime, &parameters)?;
/// let resummed = expand_resummed(&resummed_for(Measure::TestLoss, 3), &course, 3);
/// assert_eq!(resummed.len(), plain.values.len());
/// for ((class, number), (other, coefficient)) in resummed.iter().zip(&plain.values) {
///     assert_eq!((class, number), (other, &coefficient.evaluate(&parameters)?));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn expand_resummed<'a>(
    terms: impl IntoIterator<Item = &'a ResummedDiagram>,
    course: &Course,
    order: usize,
) -> Vec<(ValueClass, BigRational)> {
    let order = order.min(MAX_NODES - 1);
    let mut sums: BTreeMap<(usize, ValueClass), BigRational> = BTreeMap::new();
    for term in terms {
        let edges = term.diagram().edges();
        let Some(room) = order.checked_sub(edges) else {
            continue;
        };
        let factors: Vec<TruncatedPolynomial> = (0..edges)
            .map(|edge| TruncatedPolynomial::one_minus(edge, room))
            .collect();
        let polynomial = EmbeddingSum::new(term, course).at(&factors);
        for (hessians, coefficient) in polynomial.terms() {
            let weight = term.weight() * coefficient;
            for (class, sign) in classes(term.measure(), &with_hessians(term.diagram(), hessians)) {
                let sum = sums
                    .entry((class.order(), class))
                    .or_insert_with(BigRational::zero);
                *sum += &weight * BigInt::from(sign);
            }
        }
    }
    let nonzero = sums.into_iter().filter(|(_, sum)| !sum.is_zero());
    nonzero.map(|((_, class), sum)| (class, sum)).collect()
}

/// See [`ResummedDiagram::plain_values`].
pub(super) fn plain_values(term: &ResummedDiagram) -> Vec<(ValueClass, i64)> {
    let mut sums = BTreeMap::new();
    for (class, sign) in classes(term.measure(), &with_hessians(term.diagram(), &[])) {
        *sums.entry(class).or_insert(0) += sign;
    }
    sums.into_iter().filter(|(_, sum)| *sum != 0).collect()
}

/// The value of a diagram of mean and noise nodes, as a signed sum of value classes.
fn classes(measure: Measure, drawing: &TreeWithParts) -> Vec<(ValueClass, i64)> {
    let class = |(diagram, sign): (Diagram, i64)| {
        let class = match measure {
            // The root is alone in its part and has one child, also after Hessians are inserted.
            Measure::Displacement => diagram.displacement_class()?,
            _ => diagram.value_class(),
        };
        Some((class, sign))
    };
    partial_ties(drawing)
        .into_iter()
        .filter_map(class)
        .collect()
}

/// The parents and the parts of nodes, where parts have arbitrary names.
type TreeWithParts = (Vec<Option<usize>>, Vec<usize>);

/// The diagram with the given number of mean nodes of degree 2 inserted into the edge above each non-root node.
fn with_hessians(diagram: &Diagram, hessians: &[u8]) -> TreeWithParts {
    let nodes = diagram.nodes();
    let mut parents: Vec<Option<usize>> = (0..nodes).map(|node| diagram.parent(node)).collect();
    let mut parts: Vec<usize> = (0..nodes).map(|node| diagram.part(node)).collect();
    for (edge, &count) in hessians.iter().enumerate() {
        let below = edge + 1;
        for _ in 0..count {
            let hessian = parents.len();
            let above = parents[below].replace(hessian);
            parents.push(above);
            parts.push(nodes + hessian);
        }
    }
    (parents, parts)
}

/// The joint moments of noise as moments of derivatives: the signed sum in which every noise node is either tied to the others of its part or, with a
/// minus sign, a mean node.
fn partial_ties((parents, parts): &TreeWithParts) -> Vec<(Diagram, i64)> {
    let is_tied = |node: &usize| parts.iter().filter(|&&part| part == parts[*node]).count() > 1;
    let noise: Vec<usize> = (0..parts.len()).filter(is_tied).collect();
    let alone = parts.iter().max().map_or(0, |last| last + 1);
    let untie = |untied: usize| {
        let mut parts = parts.clone();
        let mut sign = 1;
        for (at, &node) in noise.iter().enumerate() {
            if untied >> at & 1 == 1 {
                parts[node] = alone + at;
                sign = -sign;
            }
        }
        // The nodes form a tree, and the order bounds their number, so that this is a diagram.
        Diagram::new(parents, &parts)
            .ok()
            .map(|diagram| (diagram, sign))
    };
    (0..1_usize << noise.len()).filter_map(untie).collect()
}
