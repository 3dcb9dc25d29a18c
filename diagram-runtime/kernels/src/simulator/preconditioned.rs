//! Simulations whose learning rate is a matrix.

use std::ops::Range;

use super::{Points, Simulator, TestSet, delegate};
use crate::device::DeviceError;
use crate::learning_rate::{LearningRate, LearningRateError};
use crate::recorded::Recorded;
use crate::samples::Samples;
use crate::scalar::Element;
use crate::slab::Slab;

/// A landscape for a simulation whose steps are `θ -= η/B · M · Σ gradients of the batch`. [`LearningRate::descent_on`] makes it.
///
/// Weights, displacements and probes are in the coordinates θ. The methods are those of the landscape without M, which the simulation applies to the
/// summed gradient of each batch, so that no kernel is compiled again. A full matrix takes 2 P² floating point operations more for each step.
pub struct PreconditionedDescent<'a, T> {
    landscape: &'a dyn Simulator<T>,
    rate: LearningRate<T>,
}

impl<T: Element> LearningRate<T> {
    /// The landscape on which a simulation takes steps `θ -= η/B · M · Σ gradients of the batch`.
    ///
    /// # Errors
    /// [`LearningRateError::Dimension`] if M is for another number of weights, [`LearningRateError::Twice`] if `landscape` already has such a learning
    /// rate.
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

    fn is_piecewise(&self) -> bool {
        self.landscape.is_piecewise()
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
