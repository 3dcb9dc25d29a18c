//! Derivatives of the losses of samples at one weight: the operations that plans are made of.

use diagram_calculus::plan::CostParameters;
pub use diagram_kernels::derivatives::{
    Derivatives, Direction, Job, PassOutput, PointDerivatives, PointError, Preconditioned,
};

pub use crate::tensors::{ExplicitTensors, TensorError};

/// How many sets of directions are given to one call of [`Derivatives::passes`], so that they share what depends on the
/// samples alone.
pub const DIRECTIONS_PER_CALL: usize = 16;

/// What the costs of plans depend on here.
pub const COST_PARAMETERS: CostParameters = CostParameters {
    directions_per_call: DIRECTIONS_PER_CALL,
    highest_shared_power: 2,
    contraction_start: 32.0,
};
