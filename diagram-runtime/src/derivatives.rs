//! Derivatives of the losses of samples at one weight vector: the operations that plans are made of.

use std::ops::Range;

use diagram_calculus::plan::CostParameters;
pub use diagram_kernels::derivatives::{
    DIRECTIONS_PER_CALL, DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
    PointError, Preconditioned,
};

pub use crate::tensors::{ExplicitTensors, TensorError};

use crate::device::DeviceError;
use crate::scalar::Element;

/// Returns the sum of the gradients of the losses of the samples in the range, P numbers, in one call for derivatives.
///
/// # Errors
/// [`DeviceError`].
pub fn gradient_sum<T: Element>(
    derivatives: &dyn Derivatives<T>,
    samples: Range<usize>,
) -> Result<Vec<T>, DeviceError> {
    let mut gradient = vec![T::constant(0.0); derivatives.dimension()];
    let output = DerivativeOutput {
        powers: &[],
        per_sample: None,
        sum: Some(&mut gradient),
    };
    let pass = Pass {
        directions: vec![],
        outputs: vec![output],
    };
    derivatives.pass(samples, pass)?;
    Ok(gradient)
}

/// The properties of this implementation on which the costs of plans depend.
pub const COST_PARAMETERS: CostParameters = CostParameters {
    directions_per_call: DIRECTIONS_PER_CALL,
    highest_shared_power: 2,
    contraction_start: 32.0,
};
