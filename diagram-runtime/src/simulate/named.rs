//! The built-in landscapes' simulators, compiled in this crate.

use super::{Blocks, Control, Outcome, Simulation, Simulator};
use crate::landscapes::{Named, Precision};
use crate::samples::Samples;

impl<T: Precision> Simulator<T> for Named {
    fn sizes(&self) -> (usize, usize) {
        (self.dimension(), self.input_width())
    }

    fn blocks<'a>(
        &'a self,
        simulation: &'a Simulation<'_, T>,
        control: Control<'a>,
    ) -> Box<dyn Blocks + 'a> {
        T::simulator(*self).blocks(simulation, control)
    }

    fn mean_gradient(&self, population: &Samples<f64>, theta: &[f64]) -> Vec<f64> {
        T::simulator(*self).mean_gradient(population, theta)
    }

    fn run_trial(&self, simulation: &Simulation<'_, T>, trial: usize) -> Vec<Outcome> {
        T::simulator(*self).run_trial(simulation, trial)
    }
}
