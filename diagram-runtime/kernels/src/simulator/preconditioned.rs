//! Steps by a learning rate that is a matrix.

use std::ops::Range;

use super::{Points, Simulator, TestSet, delegate};
use crate::device::DeviceError;
use crate::learning_rate::{LearningRate, LearningRateError};
use crate::samples::Samples;
use crate::scalar::Element;
use crate::slab::Slab;

/// A landscape for a simulation, on which steps are `θ -= η/B · M · Σ gradients of the batch`: see [`LearningRate::descent_on`], which makes it.
///
/// Weights, displacements and probes are in θ's coordinates. Gradients of a batch are summed before the step even if it has one point, so
/// nothing is compiled again for it; a full matrix takes 2 P² operations more for each step.
pub struct PreconditionedDescent<'a, T> {
    landscape: &'a dyn Simulator<T>,
    rate: LearningRate<T>,
}

impl<T: Element> LearningRate<T> {
    /// A landscape on which a simulation takes steps `θ -= η/B · M · Σ gradients of the batch`.
    ///
    /// # Errors
    /// [`LearningRateError::Dimension`], [`LearningRateError::Twice`].
    pub fn descent_on<'a>(
        &self,
        landscape: &'a dyn Simulator<T>,
    ) -> Result<PreconditionedDescent<'a, T>, LearningRateError> {
        self.check_fits(landscape.sizes().0, landscape.learning_rate())?;
        let rate = self.clone();
        Ok(PreconditionedDescent { landscape, rate })
    }
}

impl<T: Element> Simulator<T> for PreconditionedDescent<'_, T> {
    fn sizes(&self) -> (usize, usize) {
        self.landscape.sizes()
    }

    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        if self.rate.is_scalar() {
            self.landscape.learning_rate()
        } else {
            Some(&self.rate)
        }
    }

    delegate!(T, self => self.landscape);
}
