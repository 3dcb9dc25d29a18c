//! Derivatives of the losses of samples at one weight vector: the operations that plans are made of.

use diagram_calculus::plan::CostParameters;
pub use diagram_kernels::derivatives::{
    DIRECTIONS_PER_CALL, DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
    PointError, Preconditioned,
};

pub use crate::tensors::{ExplicitTensors, TensorError};

/// The properties of this implementation on which the costs of plans depend.
pub const COST_PARAMETERS: CostParameters = CostParameters {
    directions_per_call: DIRECTIONS_PER_CALL,
    highest_shared_power: 2,
    contraction_start: 32.0,
};
