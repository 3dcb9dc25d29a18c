//! The tensors of re-summed diagrams on a landscape, from which curves for any schedule are computed.

use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::{Course, NoContinuum, ResummedDiagram};

use super::basis::{Basis, Modes};
use super::continuum::ContinuumCurve;
use super::curve::ResummedCurve;
use super::moments::{NoiseMoments, check_size};
use super::tensor::Tensor;
use crate::derivatives::Derivatives;
use crate::device::DeviceError;
use crate::interpret::Interpreted;
use crate::values::{Options, ValueError, evaluate};

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
}

/// A diagram with its tensor.
#[derive(Clone, Debug)]
pub(super) struct TermValues {
    pub(super) term: ResummedDiagram,
    pub(super) tensor: Tensor,
    /// The value of the diagram with plain edges, contracted along all directions, minus the sum of the tensor; empty if no direction is left out.
    pub(super) left_out: Vec<f64>,
}

/// The reason why re-summed values cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum ResummedValueError {
    /// No eigenvectors were asked for.
    #[error("at least one mode is needed")]
    NoModes,
    /// There are too many weights to compute the whole Hessian.
    #[error(
        "{dimension} weights are more than the {most} of which a Hessian is diagonalised; ask for its leading modes"
    )]
    TooManyWeights {
        /// The number P of weights.
        dimension: usize,
        /// The largest number of weights that is allowed.
        most: usize,
    },
    /// A tensor is too large to be stored.
    #[error(
        "a tensor of {indices} indices in {modes} modes takes {numbers:.1e} numbers; ask for fewer modes, or lower the order"
    )]
    TooLarge {
        /// The number m of eigenvectors.
        modes: usize,
        /// The number of indices of the tensor.
        indices: usize,
        /// The number of numbers of the tensor, times the number of samples if it is stored for each sample.
        numbers: f64,
    },
    /// A number is NaN or infinite.
    #[error("{0} is not finite")]
    NotFinite(&'static str),
    /// The decomposition of the Hessian did not converge.
    #[error("the eigenvalues of the Hessian were not found")]
    NoEigenvalues,
    /// The Krylov method did not converge within the largest number of products.
    #[error(
        "after {products} products with the Hessian a leading eigenvector still has a residual of {residual:.1e} of the largest eigenvalue; ask for fewer modes"
    )]
    NotConverged {
        /// The number of products of the Hessian with a vector.
        products: usize,
        /// The largest residual of a wanted eigenvector, relative to the largest eigenvalue.
        residual: f64,
    },
    /// Diagrams of displacements were given together with diagrams of losses.
    #[error("displacements are vectors and do not add to losses: give diagrams of one kind")]
    MixedMeasures,
    /// The values of plain edges cannot be computed.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The derivatives cannot be computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
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
        let basis = Basis::new(derivatives, modes)?;
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

    /// Returns the prediction for a course of updates, as exact sums over all embeddings, for any learning rate.
    pub fn curve(&self, course: &Course) -> ResummedCurve<'_> {
        ResummedCurve::new(self, course)
    }

    /// Returns the prediction in the limit of many small steps; see [`Generator`](diagram_calculus::resummed::Generator).
    ///
    /// # Errors
    /// [`NoContinuum`] if the course is neither one epoch of SGD nor full-batch gradient descent.
    pub fn continuum(&self, course: &Course) -> Result<ContinuumCurve<'_>, NoContinuum> {
        ContinuumCurve::new(self, course)
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
