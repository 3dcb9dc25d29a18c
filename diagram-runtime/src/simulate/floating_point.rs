//! The number types in which simulations run.

use super::engine::{Stopped, Trials};
use super::fold::RunBlock;
use super::optimizer::prepare;
use super::outcome::Measures;
use super::{Control, Simulated, Simulation, SimulationError, Summary, check};
use crate::landscapes::Precision;
use crate::values::Arithmetic;

/// The number types in which simulations run: `f32` and `f64`, those that built-in landscapes are compiled for.
///
/// The methods are not generic and not inlined, so that the optimizers are compiled in this crate, once for each of the two types. Users call the
/// functions of [`Simulation`].
pub trait FloatingPoint: Arithmetic + Precision {
    /// Checks the simulation, prepares its optimizer, and calls `fold` with the number of blocks of trials and the function that runs one. `fold` is
    /// not called if the simulation is cancelled before that.
    #[doc(hidden)]
    fn with_blocks(
        simulation: &Simulation<'_, Self>,
        control: Control<'_>,
        fold: &mut dyn FnMut(usize, &RunBlock<'_>),
    ) -> Result<(), SimulationError>;

    #[doc(hidden)]
    fn run_trials(
        simulation: &Simulation<'_, Self>,
        control: Control<'_>,
    ) -> Result<Simulated, SimulationError>;

    #[doc(hidden)]
    fn summarize(
        simulation: &Simulation<'_, Self>,
        control: Control<'_>,
    ) -> Result<Summary, SimulationError>;
}

macro_rules! floating_point {
    ($($number:ty),*) => {$(
        impl FloatingPoint for $number {
            #[inline(never)]
            fn with_blocks(
                simulation: &Simulation<'_, $number>,
                control: Control<'_>,
                fold: &mut dyn FnMut(usize, &RunBlock<'_>),
            ) -> Result<(), SimulationError> {
                with_blocks(simulation, control, fold)
            }

            #[inline(never)]
            fn run_trials(
                simulation: &Simulation<'_, $number>,
                control: Control<'_>,
            ) -> Result<Simulated, SimulationError> {
                run_trials(simulation, control)
            }

            #[inline(never)]
            fn summarize(
                simulation: &Simulation<'_, $number>,
                control: Control<'_>,
            ) -> Result<Summary, SimulationError> {
                summarize(simulation, control)
            }
        }
    )*};
}

floating_point!(f32, f64);

fn with_blocks<T: FloatingPoint>(
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
    fold: &mut dyn FnMut(usize, &RunBlock<'_>),
) -> Result<(), SimulationError> {
    check::check(simulation)?;
    let descent = match prepare(simulation, control) {
        Ok(descent) => descent,
        Err(Stopped::Cancelled) => return Ok(()),
        Err(Stopped::Device(error)) => return Err(error.into()),
    };
    let trials = Trials::new(simulation, control, descent);
    fold(trials.blocks(), &|block| match trials.run(block) {
        Ok(block) => Ok(Some(block)),
        Err(Stopped::Cancelled) => Ok(None),
        Err(Stopped::Device(error)) => Err(error),
    });
    Ok(())
}

fn run_trials<T: FloatingPoint>(
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
) -> Result<Simulated, SimulationError> {
    let blocks = simulation.fold(
        control,
        |block| vec![block],
        |mut left, right| {
            left.extend(right);
            left
        },
    )?;
    Ok(Simulated::new(simulation, &blocks.unwrap_or_default()))
}

fn summarize<T: FloatingPoint>(
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
) -> Result<Summary, SimulationError> {
    let measured = Measures::new(simulation);
    let summary = simulation.fold(
        control,
        |block| Summary::of(simulation, &measured, &block),
        Summary::merge,
    )?;
    Ok(summary.unwrap_or_else(|| Summary::empty(simulation, &measured)))
}
