//! Predictions by exact sums over all embeddings.

use diagram_calculus::resummed::{Course, EmbeddingSum};
use num_traits::ToPrimitive;
use rayon::prelude::*;

use super::values::{ResummedValues, TermValues};
use crate::warning::Warning;

/// A re-summed prediction as a function of the learning rate, for one course of updates.
#[derive(Debug)]
pub struct ResummedCurve<'v> {
    values: &'v ResummedValues,
    /// The sums over the embeddings of the diagrams, in the order of the terms.
    sums: Vec<EmbeddingSum<f64>>,
}

/// A re-summed prediction at one learning rate. A loss is one number; a displacement has one for each weight.
#[derive(Clone, Debug, PartialEq)]
pub struct ResummedPrediction {
    excess: Vec<f64>,
    noiseless: Vec<f64>,
    truncation: f64,
}

/// A prediction is not finite. A propagator has grown beyond the range of numbers, as happens after many updates if an eigenvalue of the Hessian is
/// below 0 or above 2/η.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the prediction at the learning rate {eta} is not finite")]
pub struct NotFinite {
    /// The learning rate η.
    pub eta: f64,
}

impl ResummedValues {
    /// Returns the prediction for a course of updates, as exact sums over all embeddings, for any learning rate.
    pub fn curve(&self, course: &Course) -> ResummedCurve<'_> {
        ResummedCurve::new(self, course)
    }
}

impl<'v> ResummedCurve<'v> {
    fn new(values: &'v ResummedValues, course: &Course) -> Self {
        let terms = values.terms.iter();
        ResummedCurve {
            values,
            sums: terms
                .map(|values| EmbeddingSum::new(&values.term, course))
                .collect(),
        }
    }

    /// Returns what to know about the predictions.
    pub fn warnings(&self) -> &[Warning] {
        self.values.warnings()
    }

    /// Returns the prediction at a learning rate. If the learning rate is a matrix, `eta` multiplies it.
    ///
    /// # Errors
    /// [`NotFinite`] if the prediction is infinite or NaN.
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

/// The directions along which the edges of a diagram propagate.
pub(super) enum Along<'a> {
    /// An eigenvector for each edge, by its index.
    Modes(&'a [usize]),
    /// Directions with the given eigenvalue for all of the given number of edges.
    Curvature(f64, usize),
}

impl ResummedPrediction {
    /// Adds up all terms. `sum` returns the sum over the embeddings of the term with the given index.
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
                // The eigenvalues that are left out can have either sign; the estimate takes the sign that changes the sum more.
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

    /// Returns what noise adds to the noiseless path, which is gradient descent on the test loss. For the generalization gap this is the whole
    /// prediction. For a displacement it is the first component; see [`ResummedPrediction::excess_vector`].
    pub fn excess(&self) -> f64 {
        self.excess[0]
    }

    /// Returns what noise adds: the P components of a displacement, or one number.
    pub fn excess_vector(&self) -> &[f64] {
        &self.excess
    }

    /// Returns the noiseless path as the sum of its diagrams; for a displacement this is the first component. At a minimum it is exact. Elsewhere it
    /// is a power series in the gradient, and [`noiseless_path`](crate::simulate::noiseless_path) computes the steps themselves.
    pub fn noiseless(&self) -> f64 {
        self.noiseless[0]
    }

    /// Returns the noiseless path: the P components of a displacement, or one number.
    pub fn noiseless_vector(&self) -> &[f64] {
        &self.noiseless
    }

    /// Returns the sum of the noiseless path and the excess; for a displacement this is its first component.
    pub fn total(&self) -> f64 {
        self.noiseless[0] + self.excess[0]
    }

    /// Returns an estimate of the error that is made because eigenvalues count as 0 along the directions that are left out. It is 0 if no direction
    /// is left out. For a displacement it is a length.
    ///
    /// The estimate multiplies the share of these directions in the values of plain edges by the change of the sums over embeddings that would result
    /// if all of these directions had the largest eigenvalue left out, with either sign.
    pub fn truncation(&self) -> f64 {
        self.truncation
    }
}
