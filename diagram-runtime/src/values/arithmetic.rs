//! The number types in which values are computed, and the functions that are compiled for each of them.

use super::{Options, Strategy, TimeForecast, UnitCosts, ValueError, Values, estimate, strategy};
use crate::derivatives::Derivatives;
use crate::exact::Exact;
use crate::executor::ExecutorError;
use crate::program::Program;
use crate::scalar::Element;
use diagram_calculus::plan::Plan;

/// The number types in which values are computed: `f32`, `f64` and [`Exact`].
///
/// The methods are not generic and not inlined, so that the functions which compute values are compiled in this crate, once for each of the three
/// types. Users call the functions of [`Strategy`] and [`UnitCosts`] with the same names.
pub trait Arithmetic: Element + sealed::Sealed {
    #[doc(hidden)]
    fn choose(
        program: &dyn Program,
        derivatives: &dyn Derivatives<Self>,
        options: &Options,
    ) -> Result<Strategy, ValueError>;

    #[doc(hidden)]
    fn evaluate(
        strategy: &Strategy,
        program: &dyn Program,
        derivatives: &dyn Derivatives<Self>,
        seed: u64,
    ) -> Result<Values<Self>, ValueError>;

    #[doc(hidden)]
    fn predict(
        strategy: &Strategy,
        program: &dyn Program,
        derivatives: &dyn Derivatives<Self>,
    ) -> Result<TimeForecast, ValueError>;

    #[doc(hidden)]
    fn measure(
        derivatives: &dyn Derivatives<Self>,
        plan: &Plan,
        demand: &[bool],
    ) -> Result<UnitCosts, ExecutorError>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! arithmetic {
    ($($number:ty),*) => {$(
        impl sealed::Sealed for $number {}

        impl Arithmetic for $number {
            #[inline(never)]
            fn choose(
                program: &dyn Program,
                derivatives: &dyn Derivatives<$number>,
                options: &Options,
            ) -> Result<Strategy, ValueError> {
                strategy::choose(program, derivatives, options)
            }

            #[inline(never)]
            fn evaluate(
                strategy: &Strategy,
                program: &dyn Program,
                derivatives: &dyn Derivatives<$number>,
                seed: u64,
            ) -> Result<Values<$number>, ValueError> {
                estimate::evaluate(strategy, program, derivatives, seed)
            }

            #[inline(never)]
            fn predict(
                strategy: &Strategy,
                program: &dyn Program,
                derivatives: &dyn Derivatives<$number>,
            ) -> Result<TimeForecast, ValueError> {
                strategy::forecast(strategy, program, derivatives)
            }

            #[inline(never)]
            fn measure(
                derivatives: &dyn Derivatives<$number>,
                plan: &Plan,
                demand: &[bool],
            ) -> Result<UnitCosts, ExecutorError> {
                super::unit_costs::measure(derivatives, plan, demand)
            }
        }
    )*};
}

arithmetic!(f32, f64, Exact);

impl Strategy {
    /// Chooses a strategy for the given options. Times are measured if, and only if, the options bound the time.
    ///
    /// # Errors
    /// [`ValueError::Empty`] if there are no data; [`ValueError::TooFewBlocks`] for a sample reading; [`ValueError::Budget`] if no evaluation that
    /// the options allow fits the budget; [`ValueError::NoContraction`] if the options ask for a contraction and the program has none;
    /// [`ValueError::Executor`] if the measurement of times fails.
    pub fn choose<T: Arithmetic>(
        program: &dyn Program,
        derivatives: &dyn Derivatives<T>,
        options: &Options,
    ) -> Result<Strategy, ValueError> {
        T::choose(program, derivatives, options)
    }

    /// Computes the values of all classes. `seed` is the seed of the draws, if the strategy makes any.
    ///
    /// # Errors
    /// [`ValueError::TooFewSamples`] if a block has fewer samples than a class has parts; [`ValueError::NotFinite`] if a value is not finite;
    /// [`ValueError::Executor`] if a step fails; [`ValueError::Tensors`] if explicit tensors or their moments are too large or cannot be computed;
    /// [`ValueError::NoContraction`] if the method is a contraction and the program has none.
    pub fn evaluate<T: Arithmetic>(
        &self,
        program: &dyn Program,
        derivatives: &dyn Derivatives<T>,
        seed: u64,
    ) -> Result<Values<T>, ValueError> {
        T::evaluate(self, program, derivatives, seed)
    }

    /// Predicts how long [`Strategy::evaluate`] takes, from unit costs that are measured now.
    ///
    /// # Errors
    /// [`ValueError::Executor`] if there are no samples to measure with or a step fails; [`ValueError::Tensors`] if explicit tensors are too large or
    /// cannot be computed; [`ValueError::NoContraction`] if the method is a contraction and the program has none.
    pub fn predict<T: Arithmetic>(
        &self,
        program: &dyn Program,
        derivatives: &dyn Derivatives<T>,
    ) -> Result<TimeForecast, ValueError> {
        T::predict(self, program, derivatives)
    }
}

impl UnitCosts {
    /// Measures the operations that the demanded quantities of `plan` need (see [`Plan::demand`]), on the first samples of `derivatives`.
    ///
    /// # Errors
    /// [`ExecutorError::NoSamples`] if there are no samples; [`ExecutorError::Device`] if the derivatives cannot be computed.
    ///
    /// # Panics
    /// If `demand` has fewer entries than the plan has quantities.
    pub fn measure<T: Arithmetic>(
        derivatives: &dyn Derivatives<T>,
        plan: &Plan,
        demand: &[bool],
    ) -> Result<Self, ExecutorError> {
        T::measure(derivatives, plan, demand)
    }
}
