//! What re-summed diagrams are worth on a landscape, before any schedule.

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

/// The tensors of re-summed diagrams in the eigenbasis of ηH, read off the samples of a landscape once: the *population* reading, in which the samples
/// are the distribution. (Propagators are no polynomials in the data, so that nothing is unbiased for a sample.)
///
/// Nothing here scales with η.
#[derive(Clone, Debug)]
pub struct ResummedValues {
    pub(super) terms: Vec<TermValues>,
    pub(super) basis: Basis,
    /// The eigenvectors as displacements of θ.
    pub(super) displacements: Vec<Vec<f64>>,
    /// Whether predictions are displacements of the P weights; else they are one number.
    pub(super) is_displacement: bool,
    /// P, or 1.
    pub(super) width: usize,
}

#[derive(Clone, Debug)]
pub(super) struct TermValues {
    pub(super) term: ResummedDiagram,
    pub(super) tensor: Tensor,
    /// What the value of plain edges, contracted in all directions, exceeds the sum of the tensor by; empty if no direction is left out.
    pub(super) left_out: Vec<f64>,
}

/// Values that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ResummedValueError {
    /// No eigenvectors were asked for.
    #[error("at least one mode is needed")]
    NoModes,
    /// A Hessian that is too large to be made.
    #[error(
        "{dimension} weights are more than the {most} of which a Hessian is diagonalised; ask for its leading modes"
    )]
    TooManyWeights {
        /// P.
        dimension: usize,
        /// The most that is allowed.
        most: usize,
    },
    /// A tensor that does not fit the memory.
    #[error(
        "a tensor of {indices} indices in {modes} modes takes {numbers:.1e} numbers; ask for fewer modes, or lower the order"
    )]
    TooLarge {
        /// m.
        modes: usize,
        /// Its indices.
        indices: usize,
        /// How many numbers, those of all samples counted where they are kept.
        numbers: f64,
    },
    /// NaN or infinite.
    #[error("{0} is not finite")]
    NotFinite(&'static str),
    /// Eigenvalues were not found.
    #[error("the eigenvalues of the Hessian were not found")]
    NoEigenvalues,
    /// The Krylov method did not end.
    #[error(
        "after {products} products with the Hessian a leading eigenvector still has a residual of {residual:.1e} of the largest eigenvalue; ask for fewer modes"
    )]
    NotConverged {
        /// Products of the Hessian with a vector.
        products: usize,
        /// Largest residual, relative to the largest eigenvalue.
        residual: f64,
    },
    /// Displacements beside losses.
    #[error("displacements are vectors and do not add to losses: give diagrams of one kind")]
    MixedMeasures,
    /// The values of plain edges.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The derivatives cannot be computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl ResummedValues {
    /// Reads the tensors of these diagrams off the samples of `derivatives`; a learning rate that is a matrix comes [with them](crate::learning_rate).
    ///
    /// For m modes, a diagram of e edges takes m^e numbers and derivatives along all combinations of modes that its nodes need.
    ///
    /// # Errors
    /// [`ResummedValueError`].
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

    /// The eigenvalues of ηH, for η = 1, of the modes that are told apart: ascending, or if they are [leading](Modes::Leading) modes the largest in
    /// size first. Where one is negative, propagators along it grow.
    pub fn curvatures(&self) -> &[f64] {
        &self.basis.curvatures
    }

    /// The largest curvature, in size, of the directions that are not told apart; `None` if there are none.
    pub fn curvature_left_out(&self) -> Option<f64> {
        self.basis.left_out
    }

    /// The prediction in a course of updates: exact sums over all embeddings, for any learning rate.
    pub fn curve(&self, course: &Course) -> ResummedCurve<'_> {
        ResummedCurve::new(self, course)
    }

    /// The prediction in the limit of many small steps; see [`Generator`](diagram_calculus::resummed::Generator).
    ///
    /// # Errors
    /// [`NoContinuum`] if the course is neither one epoch of SGD nor full-batch gradient descent.
    pub fn continuum(&self, course: &Course) -> Result<ContinuumCurve<'_>, NoContinuum> {
        ContinuumCurve::new(self, course)
    }

    /// A number for each component of a prediction: an entry of a tensor goes to where its open index points.
    pub(super) fn add(&self, sum: &mut [f64], modes: &[usize], number: f64) {
        if !self.is_displacement {
            sum[0] += number;
            return;
        }
        // The edge to the root.
        let displacement = &self.displacements[modes[0]];
        for (sum, component) in sum.iter_mut().zip(displacement) {
            *sum += number * component;
        }
    }

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
