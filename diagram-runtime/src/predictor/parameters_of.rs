//! The sizes of a schedule, bound to the predictor that they are for.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use diagram_calculus::coefficient::Parameters;

/// The sizes of the schedule of the predictor `P`, which `P::parameters` returns. Sizes of another predictor are a type error, even if its schedule has as many of them.
///
/// They dereference to the [`Parameters`] that coefficients are evaluated at.
pub struct ParametersOf<P> {
    parameters: Parameters,
    predictor: PhantomData<fn() -> P>,
}

impl<P> ParametersOf<P> {
    /// Binds sizes to a predictor; for generated code, which has checked that they make a schedule.
    #[doc(hidden)]
    pub fn new(parameters: Parameters) -> Self {
        ParametersOf {
            parameters,
            predictor: PhantomData,
        }
    }
}

impl<P> Deref for ParametersOf<P> {
    type Target = Parameters;

    fn deref(&self) -> &Parameters {
        &self.parameters
    }
}

impl<P> Clone for ParametersOf<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for ParametersOf<P> {}

impl<P> PartialEq for ParametersOf<P> {
    fn eq(&self, other: &Self) -> bool {
        self.parameters == other.parameters
    }
}

impl<P> Eq for ParametersOf<P> {}

impl<P> fmt::Debug for ParametersOf<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parameters.fmt(f)
    }
}
