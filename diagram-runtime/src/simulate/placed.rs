//! Simulations on devices.

use super::runner::TrialRunner;
use super::{
    Control, ControlVariates, FinalWeights, FloatingPoint, KeptWeights, Simulated, Simulation,
    SimulationError, Summary, TrialBlock, fold_by,
};

/// A [`Simulation`] with what runs its trials: a device, or the processor.
///
/// Trials draw the same training sets, shuffles and test points everywhere. Their outcomes on a device differ from those on the processor by rounding.
pub struct PlacedSimulation<'a, T> {
    simulation: Simulation<'a, T>,
    runner: Box<dyn TrialRunner<T> + 'a>,
    device: String,
}

impl<'a, T: FloatingPoint> PlacedSimulation<'a, T> {
    /// A simulation whose trials a device runs. The name is that of the device.
    pub fn new(
        simulation: Simulation<'a, T>,
        runner: Box<dyn TrialRunner<T> + 'a>,
        device: String,
    ) -> Self {
        PlacedSimulation {
            simulation,
            runner,
            device,
        }
    }

    /// A simulation on the processor.
    pub fn on_processor(simulation: Simulation<'a, T>) -> Self {
        Self::new(simulation, T::processor(), "cpu".into())
    }

    /// The name of the device.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// As [`Simulation::run`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn run(&self) -> Result<Simulated, SimulationError> {
        self.run_with(Control::unattended())
    }

    /// As [`Simulation::run_with`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn run_with(&self, control: Control<'_>) -> Result<Simulated, SimulationError> {
        Ok(self.run_with_weights(control, &[])?.0)
    }

    /// As [`Simulation::run_with_weights`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::run_with_weights`].
    pub fn run_with_weights(
        &self,
        control: Control<'_>,
        kept: &[KeptWeights],
    ) -> Result<(Simulated, Vec<FinalWeights>), SimulationError> {
        T::run_trials(&*self.runner, &self.simulation, control, kept)
    }

    /// As [`Simulation::summarize`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn summarize(&self) -> Result<Summary, SimulationError> {
        self.summarize_with(Control::unattended())
    }

    /// As [`Simulation::summarize_with`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn summarize_with(&self, control: Control<'_>) -> Result<Summary, SimulationError> {
        Ok(self.summarize_with_weights(control, &[])?.0)
    }

    /// As [`Simulation::summarize_with_weights`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::run_with_weights`].
    pub fn summarize_with_weights(
        &self,
        control: Control<'_>,
        kept: &[KeptWeights],
    ) -> Result<(Summary, Vec<FinalWeights>), SimulationError> {
        T::summarize(&*self.runner, &self.simulation, control, kept, None)
    }

    /// As [`Simulation::summarize_controlled`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::summarize_controlled`].
    pub fn summarize_controlled(
        &self,
        control: Control<'_>,
        kept: &[KeptWeights],
        controls: &ControlVariates,
    ) -> Result<(Summary, Vec<FinalWeights>), SimulationError> {
        T::summarize(
            &*self.runner,
            &self.simulation,
            control,
            kept,
            Some(controls),
        )
    }

    /// As [`Simulation::fold`].
    ///
    /// # Errors
    ///
    /// As [`Simulation::run`].
    pub fn fold<A: Send>(
        &self,
        control: Control<'_>,
        of: impl Fn(TrialBlock) -> A + Sync,
        merge: impl Fn(A, A) -> A + Sync,
    ) -> Result<Option<A>, SimulationError> {
        fold_by(&*self.runner, &self.simulation, control, of, merge)
    }
}
