//! What can compute the values of diagrams: compiled predictors and interpreted plans.

use diagram_calculus::plan::{Blueprint, ContractionPlan};

use crate::executor::{Execute, ExecutorError};

/// Steps that compute the values of the classes of a blueprint.
pub trait Program: Sync {
    /// Which classes, in which quantities.
    fn blueprint(&self) -> &Blueprint;

    /// Runs all steps; the executor skips what is not demanded.
    ///
    /// # Errors
    /// What the steps of [`Execute`] give.
    fn execute(&self, executor: &mut dyn Execute) -> Result<(), ExecutorError>;

    /// The same values, of the same classes in the same order, as contractions of moments, if that has been planned.
    fn contraction(&self) -> Option<&ContractionPlan> {
        None
    }
}

/// A program behind a reference.
impl<P: Program + ?Sized> Program for &P {
    fn blueprint(&self) -> &Blueprint {
        (**self).blueprint()
    }

    fn execute(&self, executor: &mut dyn Execute) -> Result<(), ExecutorError> {
        (**self).execute(executor)
    }

    fn contraction(&self) -> Option<&ContractionPlan> {
        (**self).contraction()
    }
}
