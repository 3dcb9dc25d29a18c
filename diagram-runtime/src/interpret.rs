//! An interpreter of plans, for diagrams that are known only at run time.

use diagram_calculus::plan::{Blueprint, Plan, Step};
use diagram_calculus::value_class::ValueClass;

use crate::executor::{Execute, ExecutorError};
use crate::program::Program;

/// A program that interprets a plan. It computes the same values as a compiled predictor, for classes that are known only at run time.
#[derive(Clone, Debug)]
pub struct Interpreted {
    blueprint: Blueprint,
}

impl Interpreted {
    /// Makes the plan for the values of the given classes.
    pub fn new(classes: &[ValueClass]) -> Self {
        Interpreted {
            blueprint: Blueprint::new(classes),
        }
    }
}

impl Program for Interpreted {
    fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    fn execute(&self, executor: &mut dyn Execute) -> Result<(), ExecutorError> {
        interpret(&self.blueprint.plan, executor)
    }
}

/// Executes the steps of a plan in order.
///
/// # Errors
/// Those of the methods of [`Execute`].
pub fn interpret(plan: &Plan, executor: &mut dyn Execute) -> Result<(), ExecutorError> {
    for step in &plan.steps {
        match step {
            Step::Loss { keep, mean } => executor.losses(*keep, *mean)?,
            Step::Pass {
                axes,
                sample,
                directions,
                outputs,
            } => executor.pass(*axes, *sample, directions, outputs)?,
            Step::Mean {
                operand,
                kept,
                quantity,
            } => executor.mean(*operand, plan.quantities[*operand].rank, kept, *quantity)?,
            Step::Dot {
                axes,
                left,
                right,
                kept,
                quantity,
            } => executor.dot(*axes, left, right, kept, *quantity)?,
            Step::Product {
                axes,
                factors,
                kept,
                quantity,
            } => executor.product(*axes, factors, kept, *quantity)?,
        }
    }
    Ok(())
}
