//! Predictions: exact sums over all embeddings.

use diagram_calculus::resummed::{Course, EmbeddingSum};
use num_traits::ToPrimitive;
use rayon::prelude::*;

use super::values::{ResummedValues, TermValues};

/// A re-summed prediction as a function of the learning rate, in one course of updates.
#[derive(Debug)]
pub struct ResummedCurve<'v> {
    values: &'v ResummedValues,
    /// In the order of the terms.
    sums: Vec<EmbeddingSum<f64>>,
}

/// What is predicted at one learning rate. A loss is one number, a displacement one for each weight.
#[derive(Clone, Debug, PartialEq)]
pub struct ResummedPrediction {
    excess: Vec<f64>,
    noiseless: Vec<f64>,
    truncation: f64,
}

/// A prediction that is no number, since a propagator has grown beyond all: a curvature is below zero or above 2/η, and there are many updates.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the prediction at the learning rate {eta} is not finite")]
pub struct NotFinite {
    /// η.
    pub eta: f64,
}

impl<'v> ResummedCurve<'v> {
    pub(super) fn new(values: &'v ResummedValues, course: &Course) -> Self {
        let terms = values.terms.iter();
        ResummedCurve {
            values,
            sums: terms
                .map(|values| EmbeddingSum::new(&values.term, course))
                .collect(),
        }
    }

    /// The prediction at a learning rate, a multiple of the matrix if there is one.
    ///
    /// # Errors
    /// [`NotFinite`].
    pub fn at(&self, eta: f64) -> Result<ResummedPrediction, NotFinite> {
        let curvatures = &self.values.basis.curvatures;
        let factor = |curvature: f64| 1.0 - eta * curvature;
        ResummedPrediction::new(self.values, eta, |at, modes| {
            let factors: Vec<f64> = match modes {
                Along::Modes(modes) => modes.iter().map(|&mode| factor(curvatures[mode])).collect(),
                Along::Curvature(curvature, edges) => vec![factor(curvature); edges],
            };
            self.sums[at].at(&factors)
        })
    }
}

/// What the edges of a diagram run along.
pub(super) enum Along<'a> {
    /// An eigenvector for each.
    Modes(&'a [usize]),
    /// Directions of one curvature, for so many edges.
    Curvature(f64, usize),
}

impl ResummedPrediction {
    /// Adds up all terms; `sum` is the sum over embeddings of a term, by its place.
    pub(super) fn new(
        values: &ResummedValues,
        eta: f64,
        sum: impl Fn(usize, Along<'_>) -> f64 + Sync,
    ) -> Result<Self, NotFinite> {
        let mut prediction = ResummedPrediction {
            excess: vec![0.0; values.width],
            noiseless: vec![0.0; values.width],
            truncation: 0.0,
        };
        for (
            at,
            TermValues {
                term,
                tensor,
                left_out,
            },
        ) in values.terms.iter().enumerate()
        {
            let edges = term.diagram().edges();
            let weight = term.weight().to_f64().unwrap_or(f64::NAN) * eta.powi(edges as i32);
            let sums: Vec<f64> = tensor
                .entries
                .par_iter()
                .map(|(modes, _)| sum(at, Along::Modes(modes)))
                .collect();
            let total = if term.is_noiseless() {
                &mut prediction.noiseless
            } else {
                &mut prediction.excess
            };
            for ((modes, number), sum) in tensor.entries.iter().zip(sums) {
                values.add(total, modes, weight * number * sum);
            }
            if let Some(curvature) = values.basis.left_out {
                let flat = sum(at, Along::Curvature(0.0, edges));
                for (total, number) in total.iter_mut().zip(left_out) {
                    *total += weight * number * flat;
                }
                let size = left_out
                    .iter()
                    .map(|number| number * number)
                    .sum::<f64>()
                    .sqrt();
                // Up or down: whatever moves the sum more.
                let apart = [curvature, -curvature]
                    .map(|curvature| (sum(at, Along::Curvature(curvature, edges)) - flat).abs());
                prediction.truncation += (weight * size * apart[0].max(apart[1])).abs();
            }
        }
        let finite = prediction
            .excess
            .iter()
            .chain(&prediction.noiseless)
            .all(|number| number.is_finite());
        if finite && prediction.truncation.is_finite() {
            Ok(prediction)
        } else {
            Err(NotFinite { eta })
        }
    }

    /// What noise adds to the noiseless path, gradient descent on the test loss: for the generalization gap all there is. Of a displacement the first
    /// component; see [`ResummedPrediction::excess_vector`].
    pub fn excess(&self) -> f64 {
        self.excess[0]
    }

    /// What noise adds: P components of a displacement, or one number.
    pub fn excess_vector(&self) -> &[f64] {
        &self.excess
    }

    /// The noiseless path as far as its diagrams go: at a minimum exactly, elsewhere a power series in the gradients. There
    /// [`noiseless_path`](crate::simulate::noiseless_path) takes the steps themselves.
    pub fn noiseless(&self) -> f64 {
        self.noiseless[0]
    }

    /// The noiseless path: P components of a displacement, or one number.
    pub fn noiseless_vector(&self) -> &[f64] {
        &self.noiseless
    }

    /// Noiseless path and excess, all by diagrams.
    pub fn total(&self) -> f64 {
        self.noiseless[0] + self.excess[0]
    }

    /// An estimate of what is wrong because of directions whose curvature counts as 0: their share of the plain values, times what their largest
    /// curvature would change of the sums if all of them had it, with either sign. 0 if all modes are told apart. For a displacement, a length.
    pub fn truncation(&self) -> f64 {
        self.truncation
    }
}
