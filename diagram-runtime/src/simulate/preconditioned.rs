//! Steps by a learning rate that is a matrix.

use super::{Blocks, Control, Outcome, Simulation, Simulator};
use crate::learning_rate::LearningRate;
use crate::samples::Samples;
use crate::scalar::Element;

/// A landscape for [`Simulation::landscape`], on which steps are `θ -= η/B · M · Σ gradients of the batch`: see
/// [`LearningRate::descent_on`], which makes it.
///
/// Weights, displacements and probes are in θ's coordinates. Gradients of a batch are summed before the step even if it has one point, so
/// nothing is compiled again for it; a full matrix takes 2 P² operations more for each step.
pub struct PreconditionedDescent<'a, T> {
    landscape: &'a dyn Simulator<T>,
    rate: LearningRate<T>,
}

impl<'a, T> PreconditionedDescent<'a, T> {
    /// For a learning rate that fits.
    pub(crate) fn new(landscape: &'a dyn Simulator<T>, rate: LearningRate<T>) -> Self {
        PreconditionedDescent { landscape, rate }
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

    fn blocks<'a>(
        &'a self,
        simulation: &'a Simulation<'_, T>,
        control: Control<'a>,
    ) -> Box<dyn Blocks + 'a> {
        self.landscape.blocks(simulation, control)
    }

    fn mean_gradient(&self, population: &Samples<f64>, theta: &[f64]) -> Vec<f64> {
        self.landscape.mean_gradient(population, theta)
    }

    fn run_trial(&self, simulation: &Simulation<'_, T>, trial: usize) -> Vec<Outcome> {
        self.landscape.run_trial(simulation, trial)
    }
}
