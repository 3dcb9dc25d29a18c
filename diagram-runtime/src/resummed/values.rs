//! The tensors of re-summed diagrams on a landscape, from which curves for any schedule are computed.

use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::ResummedDiagram;

use super::basis::Basis;
use super::error::ResummedValueError;
use super::modes::Modes;
use super::moments::{NoiseMoments, check_size};
use super::tensor::Tensor;
use crate::derivatives::Derivatives;
use crate::interpret::Interpreted;
use crate::values::{Options, evaluate};
use crate::warning::Warning;

/// The tensors of re-summed diagrams in the eigenbasis of ηH, computed once from the samples of a landscape. The samples are read as a *population*:
/// they are the distribution. (Propagators are not polynomials in the data, so that there is no unbiased estimate from a sample.)
///
/// The tensors do not contain η.
#[derive(Clone, Debug)]
pub struct ResummedValues {
    pub(super) terms: Vec<TermValues>,
    pub(super) basis: Basis,
    /// The eigenvectors as displacements of θ, P numbers each.
    pub(super) displacements: Vec<Vec<f64>>,
    /// Whether predictions are displacements of the P weights; otherwise they are one number.
    pub(super) is_displacement: bool,
    /// The number of numbers of a prediction: P or 1.
    pub(super) width: usize,
    warnings: Vec<Warning>,
}

/// A diagram with its tensor.
#[derive(Clone, Debug)]
pub(super) struct TermValues {
    pub(super) term: ResummedDiagram,
    pub(super) tensor: Tensor,
    /// The value of the diagram with plain edges, contracted along all directions, minus the sum of the tensor; empty if no direction is left out.
    pub(super) left_out: Vec<f64>,
}

impl ResummedValues {
    /// Computes the tensors of the given diagrams from the samples of `derivatives`, which also provide the matrix of the [learning
    /// rate](crate::learning_rate) if there is one.
    ///
    /// With m eigenvectors, a diagram of e edges takes m^e numbers, and derivatives along all combinations of eigenvectors that its nodes need.
    ///
    /// # Errors
    /// [`ResummedValueError::MixedMeasures`] if only some diagrams are those of displacements; [`ResummedValueError::NoModes`],
    /// [`ResummedValueError::TooManyWeights`], [`ResummedValueError::NoEigenvalues`] and [`ResummedValueError::NotConverged`] for the eigenvectors;
    /// [`ResummedValueError::TooLarge`] if a tensor is too large; [`ResummedValueError::NotFinite`]; [`ResummedValueError::Value`] if the values of
    /// plain edges, which [`Modes::Leading`] needs, cannot be computed; [`ResummedValueError::Device`].
    pub fn new(
        terms: &[ResummedDiagram],
        derivatives: &dyn Derivatives<f64>,
        modes: Modes,
    ) -> Result<Self, ResummedValueError> {
        let is_displacement = |term: &ResummedDiagram| term.measure() == Measure::Displacement;
        let displacement = terms.first().is_some_and(is_displacement);
        if terms
            .iter()
            .any(|term| is_displacement(term) != displacement)
        {
            return Err(ResummedValueError::MixedMeasures);
        }
        let basis = modes.basis(derivatives)?;
        for term in terms {
            check_size(basis.vectors.len(), term.diagram().edges(), 1)?;
        }
        let mut moments = NoiseMoments::new(derivatives, &basis);
        let tensors = terms.iter().map(|term| Tensor::new(term, &mut moments));
        let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
        let displacements = basis
            .vectors
            .iter()
            .map(|vector| match derivatives.learning_rate() {
                Some(rate) => rate.to_theta(vector),
                None => vector.clone(),
            });
        let mut values = ResummedValues {
            displacements: displacements.collect(),
            terms: terms
                .iter()
                .zip(tensors)
                .map(|(term, tensor)| TermValues {
                    term: term.clone(),
                    tensor,
                    left_out: vec![],
                })
                .collect(),
            is_displacement: displacement,
            width: if displacement {
                derivatives.dimension()
            } else {
                1
            },
            basis,
            warnings: Warning::about(derivatives.is_piecewise()),
        };
        if values.basis.left_out.is_some() {
            values.find_left_out(derivatives)?;
        }
        Ok(values)
    }

    /// Returns the eigenvalues of ηH for η = 1 along which propagators are computed: in ascending order, or for [`Modes::Leading`] in descending
    /// order of their absolute values. Propagators along negative eigenvalues grow with time.
    pub fn curvatures(&self) -> &[f64] {
        &self.basis.curvatures
    }

    /// Returns an estimate of the largest absolute eigenvalue along the directions that are left out; `None` if none is left out.
    pub fn curvature_left_out(&self) -> Option<f64> {
        self.basis.left_out
    }

    /// Returns what to know about the values, and about what is predicted from them.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Adds an entry of a tensor to a prediction; for a displacement, along the eigenvector of the edge to the root.
    pub(super) fn add(&self, sum: &mut [f64], modes: &[usize], number: f64) {
        if !self.is_displacement {
            sum[0] += number;
            return;
        }
        let displacement = &self.displacements[modes[0]];
        for (sum, component) in sum.iter_mut().zip(displacement) {
            *sum += number * component;
        }
    }

    /// Computes what the directions that are left out contribute to the values of the diagrams with plain edges.
    fn find_left_out(
        &mut self,
        derivatives: &dyn Derivatives<f64>,
    ) -> Result<(), ResummedValueError> {
        let mut classes: Vec<_> = self
            .terms
            .iter()
            .flat_map(|values| values.term.plain_values())
            .map(|(class, _)| class)
            .collect();
        classes.sort_unstable();
        classes.dedup();
        let plain = evaluate(
            &Interpreted::new(&classes),
            derivatives,
            &Options::population(),
        )?;
        let mut all = vec![];
        for values in &self.terms {
            let mut left_out = vec![0.0; self.width];
            for (class, multiplicity) in values.term.plain_values() {
                for (sum, number) in left_out.iter_mut().zip(&plain.get(&class)?.estimate) {
                    *sum += multiplicity as f64 * number;
                }
            }
            for (modes, number) in &values.tensor.entries {
                self.add(&mut left_out, modes, -number);
            }
            all.push(left_out);
        }
        for (values, left_out) in self.terms.iter_mut().zip(all) {
            values.left_out = left_out;
        }
        Ok(())
    }
}
