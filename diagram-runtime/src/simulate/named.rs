//! The built-in landscapes' simulators, compiled in this crate.

use super::{Blocks, Control, Outcome, Simulation, Simulator};
use crate::landscapes::{Named, Precision};

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

    fn run_trial(&self, simulation: &Simulation<'_, T>, trial: usize) -> Vec<Outcome> {
        T::simulator(*self).run_trial(simulation, trial)
    }
}
