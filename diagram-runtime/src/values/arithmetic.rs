//! The number types in which values are computed.

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
