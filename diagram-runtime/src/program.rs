//! What can compute the values of diagrams: compiled predictors and interpreted plans.

use diagram_calculus::plan::Blueprint;

use crate::derivatives::Derivatives;
use crate::machine::{Machine, MachineError};
use crate::scalar::Element;

/// Steps that compute the values of the classes of a blueprint.
pub trait Program {
    /// Which classes, in which quantities.
    fn blueprint(&self) -> &Blueprint;

    /// Runs all steps; the machine skips what is not demanded.
    ///
    /// # Errors
    /// What [`Machine`]'s steps give.
    fn execute<T: Element, D: Derivatives<T> + ?Sized>(
        &self,
        machine: &mut Machine<'_, T, D>,
    ) -> Result<(), MachineError>;
}
