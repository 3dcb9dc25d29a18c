//! What runs trials: the processor, or a device.

use super::engine::{Descent, Stopped, Trials};
use super::fold::RunBlock;
use super::optimizer::{ByProgram, RunOnWeights, prepare};
use super::{Control, FloatingPoint, Simulation};
use crate::device::DeviceError;

/// What runs the trials of a simulation, in blocks.
///
/// What a trial gives depends on the simulation and the number of the trial alone, and how trials are divided into blocks depends on the simulation alone, so that averages are the
/// same bits in every run.
pub trait TrialRunner<T>: Send + Sync {
    /// Calls `fold` with the number of blocks and the function that runs the block with a given number, on any thread. The function keeps the final weights at the learning rates with the
    /// indices `kept`. `fold` is not called if the simulation is cancelled before.
    ///
    /// The simulation has been checked.
    ///
    /// # Errors
    /// [`DeviceError`], if no trial can be run.
    fn with_blocks(
        &self,
        simulation: &Simulation<'_, T>,
        control: Control<'_>,
        kept: &[usize],
        fold: &mut dyn FnMut(usize, &RunBlock<'_>),
    ) -> Result<(), DeviceError>;
}

/// The processor, by the kernels of the simulation's landscape: a block has a trial in each SIMD lane.
pub(super) struct Processor<'a, T> {
    /// What takes the place of the simulation's optimizer.
    pub(super) program: Option<&'a dyn RunOnWeights<T>>,
}

impl<T: FloatingPoint> TrialRunner<T> for Processor<'_, T> {
    fn with_blocks(
        &self,
        simulation: &Simulation<'_, T>,
        control: Control<'_>,
        kept: &[usize],
        fold: &mut dyn FnMut(usize, &RunBlock<'_>),
    ) -> Result<(), DeviceError> {
        let descent: Box<dyn Descent<T>> = match self.program {
            Some(program) => Box::new(ByProgram(program)),
            None => match prepare(simulation, control) {
                Ok(descent) => descent,
                Err(Stopped::Cancelled) => return Ok(()),
                Err(Stopped::Device(error)) => return Err(error),
            },
        };
        let trials = Trials::new(simulation, control, descent, kept);
        fold(trials.blocks(), &|block| match trials.run(block) {
            Ok(block) => Ok(Some(block)),
            Err(Stopped::Cancelled) => Ok(None),
            Err(Stopped::Device(error)) => Err(error),
        });
        Ok(())
    }
}
