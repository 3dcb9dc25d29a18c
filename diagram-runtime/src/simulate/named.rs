//! The built-in landscapes' simulators, compiled in this crate.

use super::{Control, Outcome, Simulation, Simulator};
use crate::landscapes::{Named, Precision};

impl<T: Precision> Simulator<T> for Named {
    fn sizes(&self) -> (usize, usize) {
        (self.dimension(), self.input_width())
    }

    fn run_trials(
        &self,
        simulation: &Simulation<'_, T>,
        control: Control<'_>,
    ) -> Vec<(usize, Vec<Outcome>)> {
        T::simulator(*self).run_trials(simulation, control)
    }

    fn run_trial(&self, simulation: &Simulation<'_, T>, trial: usize) -> Vec<Outcome> {
        T::simulator(*self).run_trial(simulation, trial)
    }
}
