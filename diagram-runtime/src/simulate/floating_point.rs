//! The number types in which simulations run.

use num_rational::BigRational;

use super::control_variates::ControlVariates;
use super::engine::RanBlock;
use super::fold::{self, RunBlock};
use super::optimizer::{ProgramWeights, RunOnWeights};
use super::outcome::Measures;
use super::runner::{Processor, TrialRunner};
use super::weights::{FinalWeights, Gathered, KeptWeights};
use super::{Control, Simulated, Simulation, SimulationError, Summary, TrialBlock, check};
use crate::landscapes::Precision;
use crate::values::Arithmetic;

/// The number types in which simulations run: `f32` and `f64`, those that built-in landscapes are compiled for.
///
/// The methods are not generic and not inlined, so that the optimizers are compiled in this crate, once for each of the two types. Users call the
/// functions of [`Simulation`].
pub trait FloatingPoint: Arithmetic + Precision {
    /// What runs trials on the processor, with all optimizers.
    #[doc(hidden)]
    fn processor() -> Box<dyn TrialRunner<Self>>;

    /// What runs trials on the processor by a program.
    #[doc(hidden)]
    fn processor_by(program: &dyn RunOnWeights<Self>) -> Box<dyn TrialRunner<Self> + '_>;

    /// `sum += factor · other`
    #[doc(hidden)]
    fn add_scaled_weights(
        sum: &mut ProgramWeights<Self>,
        factor: &BigRational,
        other: &ProgramWeights<Self>,
    );

    /// `weights *= factor`
    #[doc(hidden)]
    fn scale_weights(weights: &mut ProgramWeights<Self>, factor: &BigRational);

    /// Checks the simulation, and runs its trials as [`TrialRunner::with_blocks`] says.
    #[doc(hidden)]
    fn with_blocks(
        runner: &dyn TrialRunner<Self>,
        simulation: &Simulation<'_, Self>,
        control: Control<'_>,
        kept: &[usize],
        fold: &mut dyn FnMut(usize, &RunBlock<'_>),
    ) -> Result<(), SimulationError>;

    #[doc(hidden)]
    fn run_trials(
        runner: &dyn TrialRunner<Self>,
        simulation: &Simulation<'_, Self>,
        control: Control<'_>,
        kept: &[KeptWeights],
    ) -> Result<(Simulated, Vec<FinalWeights>), SimulationError>;

    #[doc(hidden)]
    fn summarize(
        runner: &dyn TrialRunner<Self>,
        simulation: &Simulation<'_, Self>,
        control: Control<'_>,
        kept: &[KeptWeights],
        controls: Option<&ControlVariates>,
    ) -> Result<(Summary, Vec<FinalWeights>), SimulationError>;
}

macro_rules! floating_point {
    ($($number:ty),*) => {$(
        impl FloatingPoint for $number {
            #[inline(never)]
            fn processor() -> Box<dyn TrialRunner<$number>> {
                Box::new(Processor { program: None })
            }

            #[inline(never)]
            fn processor_by(program: &dyn RunOnWeights<$number>) -> Box<dyn TrialRunner<$number> + '_> {
                Box::new(Processor { program: Some(program) })
            }

            #[inline(never)]
            fn add_scaled_weights(
                sum: &mut ProgramWeights<$number>,
                factor: &BigRational,
                other: &ProgramWeights<$number>,
            ) {
                sum.add_scaled_by(factor, other);
            }

            #[inline(never)]
            fn scale_weights(weights: &mut ProgramWeights<$number>, factor: &BigRational) {
                weights.scale_by(factor);
            }

            #[inline(never)]
            fn with_blocks(
                runner: &dyn TrialRunner<$number>,
                simulation: &Simulation<'_, $number>,
                control: Control<'_>,
                kept: &[usize],
                fold: &mut dyn FnMut(usize, &RunBlock<'_>),
            ) -> Result<(), SimulationError> {
                with_blocks(runner, simulation, control, kept, fold)
            }

            #[inline(never)]
            fn run_trials(
                runner: &dyn TrialRunner<$number>,
                simulation: &Simulation<'_, $number>,
                control: Control<'_>,
                kept: &[KeptWeights],
            ) -> Result<(Simulated, Vec<FinalWeights>), SimulationError> {
                run_trials(runner, simulation, control, kept)
            }

            #[inline(never)]
            fn summarize(
                runner: &dyn TrialRunner<$number>,
                simulation: &Simulation<'_, $number>,
                control: Control<'_>,
                kept: &[KeptWeights],
                controls: Option<&ControlVariates>,
            ) -> Result<(Summary, Vec<FinalWeights>), SimulationError> {
                summarize(runner, simulation, control, kept, controls)
            }
        }
    )*};
}

floating_point!(f32, f64);

fn with_blocks<T: FloatingPoint>(
    runner: &dyn TrialRunner<T>,
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
    kept: &[usize],
    fold: &mut dyn FnMut(usize, &RunBlock<'_>),
) -> Result<(), SimulationError> {
    check::check(simulation)?;
    check::check_kept(simulation, kept)?;
    Ok(runner.with_blocks(simulation, control, kept, fold)?)
}

fn run_trials<T: FloatingPoint>(
    runner: &dyn TrialRunner<T>,
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
    kept: &[KeptWeights],
) -> Result<(Simulated, Vec<FinalWeights>), SimulationError> {
    let (blocks, weights) = with_weights(
        runner,
        simulation,
        control,
        kept,
        |block| vec![block],
        |mut left, right| {
            left.extend(right);
            left
        },
    )?;
    let blocks = blocks.unwrap_or_default();
    Ok((Simulated::new(simulation, &blocks), weights))
}

fn summarize<T: FloatingPoint>(
    runner: &dyn TrialRunner<T>,
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
    kept: &[KeptWeights],
    controls: Option<&ControlVariates>,
) -> Result<(Summary, Vec<FinalWeights>), SimulationError> {
    check::check_controls(simulation, controls)?;
    let measured = Measures::new(simulation);
    let (summary, weights) = with_weights(
        runner,
        simulation,
        control,
        kept,
        |block| Summary::of(simulation, &measured, &block, controls),
        Summary::merge,
    )?;
    let summary = summary.unwrap_or_else(|| Summary::empty(simulation, &measured, controls));
    Ok((summary, weights))
}

/// Folds the outcomes of trials, and together with them the kept weights.
fn with_weights<T: FloatingPoint, A: Send>(
    runner: &dyn TrialRunner<T>,
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
    kept: &[KeptWeights],
    of: impl Fn(TrialBlock) -> A + Sync,
    merge: impl Fn(A, A) -> A + Sync,
) -> Result<(Option<A>, Vec<FinalWeights>), SimulationError> {
    let measured = Measures::new(simulation);
    let dimension = simulation.theta0.len();
    let rates: Vec<usize> = kept.iter().map(|kept| kept.rate).collect();
    let mut folded = Ok(None);
    T::with_blocks(runner, simulation, control, &rates, &mut |blocks, run| {
        folded = fold::fold(
            blocks,
            run,
            control,
            &|block| {
                let RanBlock { trials, weights } = block;
                let weights: Vec<Gathered> = kept
                    .iter()
                    .zip(&weights)
                    .map(|(&kept, weights)| {
                        Gathered::of(kept, &trials, weights, dimension, &measured)
                    })
                    .collect();
                (of(trials), weights)
            },
            &|(a, weights): (A, Vec<Gathered>), (b, later)| {
                let weights = weights.into_iter().zip(later);
                let weights = weights.map(|(weights, later)| weights.merge(later));
                (merge(a, b), weights.collect())
            },
        );
    })?;
    let (outcomes, weights) = match folded? {
        Some((outcomes, weights)) => (Some(outcomes), weights),
        None => (
            None,
            kept.iter().map(|_| Gathered::nothing(dimension)).collect(),
        ),
    };
    let weights = weights.into_iter().zip(&rates);
    let weights = weights.map(|(weights, &rate)| weights.finish(simulation.etas[rate]));
    Ok((outcomes, weights.collect()))
}
