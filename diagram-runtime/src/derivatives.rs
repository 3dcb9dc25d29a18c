//! Derivatives of the losses of samples at one weight: the operations that plans are made of.

pub use diagram_kernels::derivatives::{
    Derivatives, Direction, Job, PassOutput, PointDerivatives, PointError, Preconditioned,
};

pub use crate::tensors::{ExplicitTensors, TensorError};
