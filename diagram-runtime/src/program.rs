//! Programs that compute the values of diagrams: compiled predictors and interpreted plans.

use diagram_calculus::plan::{Blueprint, ContractionPlan};

use crate::executor::{Execute, ExecutorError};

/// The steps that compute the values of the classes of a blueprint.
pub trait Program: Sync {
    /// Returns the blueprint: the classes, and the quantities of the plan that are their values.
    fn blueprint(&self) -> &Blueprint;

    /// Executes all steps; the executor skips those whose results are not demanded.
    ///
    /// # Errors
    /// Those of the methods of [`Execute`].
    fn execute(&self, executor: &mut dyn Execute) -> Result<(), ExecutorError>;

    /// Returns the plan that computes the values of the same classes, in the same order, as contractions of moments; `None` if there is no such plan.
    fn contraction(&self) -> Option<&ContractionPlan> {
        None
    }
}

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
