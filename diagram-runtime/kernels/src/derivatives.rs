//! Derivatives of the losses of samples at one weight vector: the operations that plans ask of a landscape.

mod moving_point;
mod pass;
mod point_derivatives;
mod preconditioned;
mod read_off;
mod step_executor;

pub use point_derivatives::{PointDerivatives, PointError};
pub use preconditioned::Preconditioned;
pub use step_executor::StepExecutor;

use std::ops::Range;

use crate::device::DeviceError;
use crate::learning_rate::LearningRate;
use crate::recorded::RecordedPoint;

/// The number of sets of directions that are given to one call of [`Derivatives::passes`], which shares between them the computations that do not
/// depend on the directions.
pub const DIRECTIONS_PER_CALL: usize = 16;

/// A direction that a derivative is contracted with: a vector of P numbers.
#[derive(Debug)]
pub enum Direction<'a, T> {
    /// A direction that is the same for all samples: P numbers.
    Shared(&'a [T]),
    /// A direction for each sample of the call: `samples.len()` x P numbers, row-major.
    PerSample(&'a [T]),
}

impl<T> Clone for Direction<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Direction<'_, T> {}

impl<T> Direction<'_, T> {
    /// Whether the direction is the same for all samples.
    pub fn is_shared(&self) -> bool {
        matches!(self, Direction::Shared(_))
    }
}

/// One derivative that a pass computes, and where it goes.
#[derive(Debug)]
pub struct DerivativeOutput<'a, T> {
    /// The number of times that each direction is contracted. With powers p the derivative is `∇^{1+Σp} l_s[u_1^{p_1}, …, u_q^{p_q}, ·]`, a vector of P
    /// numbers for each sample s.
    pub powers: &'a [u8],
    /// The memory for the derivatives of all samples, which is overwritten: `samples.len()` x P numbers, row-major.
    pub per_sample: Option<&'a mut [T]>,
    /// The P numbers to which the sum of the derivatives over the samples is *added*.
    pub sum: Option<&'a mut [T]>,
}

/// One set of directions, and the derivatives along them that a pass computes.
#[derive(Debug)]
pub struct Pass<'a, T> {
    /// The distinct directions; none for gradients.
    pub directions: Vec<Direction<'a, T>>,
    /// The derivatives to compute, each with one power for each direction.
    pub outputs: Vec<DerivativeOutput<'a, T>>,
}

/// The derivatives of the losses of n samples at a weight vector θ0 with P components. They do not contain the scalar learning rate η.
pub trait Derivatives<T>: Sync {
    /// The number n of samples.
    fn samples(&self) -> usize;

    /// The number P of weights.
    fn dimension(&self) -> usize;

    /// The number of floating point operations of one sample's gradient, a multiply-add counted as two; `None` if unknown.
    fn gradient_flops(&self) -> Option<f64> {
        None
    }

    /// The learning rate in whose coordinates directions and derivatives are, or `None` if it is a scalar; see [`Preconditioned`].
    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        None
    }

    /// Whether the losses have kinks, of which power series in η do not know; see [`Graph::piecewise`](crate::graph::Graph::piecewise).
    fn is_piecewise(&self) -> bool {
        false
    }

    /// Landscape, weights and samples as data, from which a device computes the same derivatives.
    ///
    /// # Errors
    /// [`DeviceError::NotTraceable`] if the loss cannot be recorded; [`DeviceError::Unsupported`] if these are derivatives of another kind, as by default.
    fn recorded(&self) -> Result<RecordedPoint<T>, DeviceError> {
        Err(DeviceError::Unsupported {
            what: "derivatives of this kind are not computed on devices; move those of the landscape itself to the device, before a learning rate or anything else is put around them".into(),
        })
    }

    /// Who executes the steps of plans where these derivatives are computed. By default there is nobody: steps are executed on the processor, and ask for losses and passes.
    fn step_executor(&self) -> Option<&dyn StepExecutor<T>> {
        None
    }

    /// Writes the losses of the samples in the range, one number for each.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn losses(&self, samples: Range<usize>, out: &mut [T]) -> Result<(), DeviceError>;

    /// Computes derivatives of the losses of the samples in the range, contracted with directions, for one set of directions after the other.
    ///
    /// Sets of directions at the same samples are best given in one call, because an implementation may share between them what does not depend on the
    /// directions. All passes must have the same number of directions, shared or for each sample alike, and outputs with the same powers, kept or summed
    /// alike. A pass must not keep the same derivative twice, nor sum it twice.
    ///
    /// # Errors
    /// [`DeviceError`].
    ///
    /// # Panics
    /// An implementation may panic if the passes break one of these rules or a table does not have its size; if it does not, the results are unspecified.
    fn passes(&self, samples: Range<usize>, passes: Vec<Pass<'_, T>>) -> Result<(), DeviceError>;

    /// [`Derivatives::passes`] for a single pass.
    ///
    /// # Errors
    /// As [`Derivatives::passes`].
    ///
    /// # Panics
    /// As [`Derivatives::passes`].
    fn pass(&self, samples: Range<usize>, pass: Pass<'_, T>) -> Result<(), DeviceError> {
        self.passes(samples, vec![pass])
    }

    /// The derivatives at the same weights for the samples with the given indices, in that order; an index may be repeated.
    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_>;
}

/// What the box holds, so that it is given on as it is.
impl<T, D: Derivatives<T> + ?Sized> Derivatives<T> for Box<D>
where
    Self: Sync,
{
    fn samples(&self) -> usize {
        (**self).samples()
    }

    fn dimension(&self) -> usize {
        (**self).dimension()
    }

    fn gradient_flops(&self) -> Option<f64> {
        (**self).gradient_flops()
    }

    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        (**self).learning_rate()
    }

    fn is_piecewise(&self) -> bool {
        (**self).is_piecewise()
    }

    fn recorded(&self) -> Result<RecordedPoint<T>, DeviceError> {
        (**self).recorded()
    }

    fn step_executor(&self) -> Option<&dyn StepExecutor<T>> {
        (**self).step_executor()
    }

    fn losses(&self, samples: Range<usize>, out: &mut [T]) -> Result<(), DeviceError> {
        (**self).losses(samples, out)
    }

    fn passes(&self, samples: Range<usize>, passes: Vec<Pass<'_, T>>) -> Result<(), DeviceError> {
        (**self).passes(samples, passes)
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_> {
        (**self).select(indices)
    }
}
