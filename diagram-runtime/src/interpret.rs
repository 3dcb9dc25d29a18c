//! Plans executed as data, for diagrams known only at run time.

use diagram_calculus::plan::{Blueprint, Plan, Step};
use diagram_calculus::value_class::ValueClass;

use crate::derivatives::Derivatives;
use crate::machine::{Machine, MachineError, Operand, Output};
use crate::program::Program;
use crate::scalar::Element;

/// A plan with an interpreter: the same values as compiled code, for classes known only at run time.
#[derive(Clone, Debug)]
pub struct Interpreted {
    blueprint: Blueprint,
}

impl Interpreted {
    /// Plans the values of the given classes.
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

    fn execute<T: Element, D: Derivatives<T> + ?Sized>(
        &self,
        machine: &mut Machine<'_, T, D>,
    ) -> Result<(), MachineError> {
        interpret(&self.blueprint.plan, machine)
    }
}

/// Executes the steps of a plan in order.
///
/// # Errors
/// What [`Machine`]'s steps give.
pub fn interpret<T: Element, D: Derivatives<T> + ?Sized>(
    plan: &Plan,
    machine: &mut Machine<'_, T, D>,
) -> Result<(), MachineError> {
    for step in &plan.steps {
        match step {
            Step::Loss { keep, mean } => machine.losses(*keep, *mean)?,
            Step::Pass {
                axes,
                sample,
                directions,
                outputs,
            } => {
                let directions: Vec<_> = directions.iter().map(Operand::from).collect();
                let outputs: Vec<_> = outputs.iter().map(Output::from).collect();
                machine.pass(*axes, *sample, &directions, &outputs)?;
            }
            Step::Mean {
                operand,
                kept,
                quantity,
            } => {
                machine.mean(*operand, plan.quantities[*operand].rank, kept, *quantity)?;
            }
            Step::Dot {
                axes,
                left,
                right,
                kept,
                quantity,
            } => {
                machine.dot(*axes, left.into(), right.into(), kept, *quantity)?;
            }
            Step::Product {
                axes,
                factors,
                kept,
                quantity,
            } => {
                let factors: Vec<_> = factors.iter().map(Operand::from).collect();
                machine.product(*axes, &factors, kept, *quantity)?;
            }
        }
    }
    Ok(())
}
