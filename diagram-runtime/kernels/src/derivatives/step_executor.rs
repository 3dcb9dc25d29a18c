//! The steps of plans, executed where derivatives are computed.

use std::ops::Range;

use diagram_steps::{QuantityId, Step};

use crate::device::DeviceError;

/// Executes the steps of plans where derivatives are computed, so that tables of derivatives stay there.
pub trait StepExecutor<T> {
    /// Executes steps over all tuples of the samples in the range, which is not empty, and returns the quantities `wanted`, which have no sample axes: one number for a
    /// scalar, P for a vector. Steps come in an order in which quantities are written before they are read, and all that they write is needed.
    ///
    /// It is `None`, and nothing is computed, if there are steps that are not executed here. Whether it is does not depend on the memory that is free.
    ///
    /// # Errors
    /// [`DeviceError`]; [`DeviceError::OutOfMemory`] comes before anything is computed.
    fn execute(
        &self,
        samples: Range<usize>,
        steps: &[Step],
        wanted: &[QuantityId],
    ) -> Result<Option<Vec<Vec<T>>>, DeviceError>;
}
