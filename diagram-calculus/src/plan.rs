//! Plans of how the values of many diagrams are computed together, as directed acyclic graphs of tensor steps.
//!
//! Values factor along edges. Cutting a tree at an edge leaves two *messages*, which are vectors whose dot product is the value. The message of a node
//! is the derivative of the loss of its datapoint, with one index left open and the messages of its children contracted into the others. A part of the
//! partition is a *sample axis* of a message as long as some of its nodes are on the other side of the cut; once all its nodes are on one side, the
//! message is averaged over this axis. Equal messages of different diagrams are one quantity, and derivatives along the same directions are outputs of
//! one *pass*, a forward and reverse run through the loss.
//!
//! A plan is data: the macro emits code from it and writes it down as a constant (see [`Blueprint::encode`]), the runtime interprets it, and the
//! `Display` of [`Plan`] prints it.

mod blueprint;
mod build;
mod contraction;
mod cost;
mod dense;
mod display;
mod encoding;
mod parameters;
mod schedule;
mod work;

use crate::value_class::ValueClass;

pub use blueprint::{Blueprint, Correction};
pub use contraction::{ContractionPlan, Numbers, TensorId, TensorShape, TensorStep};
pub use cost::Cost;
pub use dense::DenseCost;
pub use diagram_steps::{Operand, PassOutput, QuantityId, Step};
pub use encoding::EncodingError;
pub use parameters::CostParameters;
pub use work::Work;

/// Whether a quantity is, for each choice of samples, a number or a covector of length P, the number of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number for each choice of samples.
    Scalar,
    /// P numbers for each choice of samples.
    Vector,
}

/// A table that a step computes. It has a scalar or a vector for each tuple of `rank` samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Whether the entries are scalars or vectors.
    pub kind: Kind,
    /// The number of sample axes; the table has `n^rank` entries for n samples.
    pub rank: usize,
    /// The step that computes it.
    pub step: usize,
}

/// The steps that compute the values of some classes, in an order in which every quantity is written before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The classes whose values are computed, in the order given.
    pub classes: Vec<ValueClass>,
    /// For each class, the quantity that is its value, a scalar or a vector of rank 0.
    pub outputs: Vec<QuantityId>,
    /// The tables that the steps compute.
    pub quantities: Vec<Quantity>,
    /// The steps, in the order in which they are run.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Plans the values of `classes` in their order. Each tree is cut at the edge that adds the least cost to the steps planned so far.
    ///
    /// Later classes do not change how earlier ones are computed. So a caller may append classes that are demanded only sometimes (see
    /// [`Plan::demand`]).
    pub fn new(classes: &[ValueClass]) -> Plan {
        let mut builder = build::Builder::default();
        let outputs = classes.iter().map(|class| builder.add(class)).collect();
        let plan = Plan {
            classes: classes.to_vec(),
            outputs,
            quantities: builder.quantities,
            steps: builder.steps,
        };
        schedule::consume_early(plan)
    }

    /// For each quantity, whether the values of the classes with the given indices depend on it.
    pub fn demand(&self, classes: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut needed = vec![false; self.quantities.len()];
        for class in classes {
            needed[self.outputs[class]] = true;
        }
        for step in self.steps.iter().rev() {
            if step.writes().iter().any(|&q| needed[q]) {
                for q in step.reads() {
                    needed[q] = true;
                }
            }
        }
        needed
    }

    /// The largest number of nested sample loops among the passes that a class needs. The cost of its value grows as `n^degree`.
    pub fn degree(&self, class: usize) -> usize {
        let needed = self.demand([class]);
        self.steps
            .iter()
            .filter(|step| matches!(step, Step::Pass { .. }))
            .filter(|step| step.writes().iter().any(|&q| needed[q]))
            .map(Step::axes)
            .max()
            .unwrap_or(1)
    }
}
