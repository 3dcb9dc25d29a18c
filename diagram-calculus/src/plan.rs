//! How the values of many diagrams are computed together: a directed acyclic graph of tensor steps.
//!
//! Values factor along edges. Cutting a tree at an edge leaves two *messages*, vectors that are dotted with each other; the
//! message of a node is the derivative of its datapoint's loss with one index left open and the messages of its
//! children contracted into the others. A part of the partition is a *sample axis* of a message while some of its nodes lie on
//! the other side; once all its nodes are on one side, it is averaged away. Equal messages of different diagrams are one
//! quantity, and derivatives along the same directions are read off one *pass* of the derivative engine.
//!
//! A plan is data: the macro emits code from it, the runtime interprets it, and [`Plan`]'s `Display` prints it.

mod blueprint;
mod build;
mod cost;
mod dense;
mod display;
mod parameters;
mod schedule;
mod work;

use crate::value_class::ValueClass;

pub use blueprint::{Blueprint, Correction};
pub use cost::Cost;
pub use dense::DenseCost;
pub use parameters::CostParameters;
pub use work::Work;

/// Index of a [`Quantity`] of a [`Plan`].
pub type QuantityId = usize;

/// Whether a quantity is a number or a covector of length P for each choice of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One number.
    Scalar,
    /// P numbers.
    Vector,
}

/// A table computed by a step: for each tuple of `rank` samples, a scalar or a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Scalar or vector.
    pub kind: Kind,
    /// Number of sample axes; the table has `n^rank` entries.
    pub rank: usize,
    /// The step that computes it.
    pub step: usize,
}

/// A quantity used inside a step's loops: its axis `i` runs with loop axis `axes[i]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operand {
    /// What is used.
    pub quantity: QuantityId,
    /// Loop axis of each of its sample axes.
    pub axes: Vec<usize>,
}

/// One derivative read off a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassOutput {
    /// How often each direction is contracted: the derivative is of order `1 + Σ powers`, one index open.
    pub powers: Vec<u8>,
    /// Averaged over the sample axis, or kept for each sample.
    pub mean: bool,
    /// Where it goes. Its axes are the loop axes in order, less the sample axis if averaged.
    pub quantity: QuantityId,
}

/// One tensor operation over all tuples of samples on its loop axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The losses of the samples.
    Loss {
        /// One number for each sample.
        keep: Option<QuantityId>,
        /// Their mean.
        mean: Option<QuantityId>,
    },
    /// Derivatives of the losses of the samples on one axis, contracted with directions: one run of forward and reverse mode.
    Pass {
        /// Number of loop axes.
        axes: usize,
        /// The loop axis of the differentiated samples.
        sample: usize,
        /// Distinct directions, vectors.
        directions: Vec<Operand>,
        /// What is read off.
        outputs: Vec<PassOutput>,
    },
    /// Average over some axes.
    Mean {
        /// What is averaged.
        operand: QuantityId,
        /// Axes that stay, ascending; the others are averaged.
        kept: Vec<usize>,
        /// The result.
        quantity: QuantityId,
    },
    /// Contraction of two vectors (with the inverse metric η, which the series supplies).
    Dot {
        /// Number of loop axes.
        axes: usize,
        /// One vector.
        left: Operand,
        /// The other.
        right: Operand,
        /// Loop axes that stay, ascending; the others are averaged.
        kept: Vec<usize>,
        /// The result, a scalar.
        quantity: QuantityId,
    },
    /// Product of scalars, of the trees of a forest.
    Product {
        /// Number of loop axes.
        axes: usize,
        /// Scalars.
        factors: Vec<Operand>,
        /// Loop axes that stay, ascending; the others are averaged.
        kept: Vec<usize>,
        /// The result, a scalar.
        quantity: QuantityId,
    },
}

impl Step {
    /// The quantities that the step reads.
    pub fn reads(&self) -> Vec<QuantityId> {
        match self {
            Step::Loss { .. } => vec![],
            Step::Pass { directions, .. } => directions.iter().map(|d| d.quantity).collect(),
            Step::Mean { operand, .. } => vec![*operand],
            Step::Dot { left, right, .. } => vec![left.quantity, right.quantity],
            Step::Product { factors, .. } => factors.iter().map(|f| f.quantity).collect(),
        }
    }

    /// The quantities that the step writes.
    pub fn writes(&self) -> Vec<QuantityId> {
        match self {
            Step::Loss { keep, mean } => keep.iter().chain(mean).copied().collect(),
            Step::Pass { outputs, .. } => outputs.iter().map(|o| o.quantity).collect(),
            Step::Mean { quantity, .. }
            | Step::Dot { quantity, .. }
            | Step::Product { quantity, .. } => {
                vec![*quantity]
            }
        }
    }

    /// Number of nested sample loops: the step costs `n^axes` operations.
    pub fn axes(&self) -> usize {
        match self {
            Step::Loss { .. } => 1,
            Step::Pass { axes, .. } | Step::Dot { axes, .. } | Step::Product { axes, .. } => *axes,
            Step::Mean { .. } => 0,
        }
    }
}

/// Steps in an order in which every quantity is written before it is read, for the values of some classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The classes whose values are computed, as given.
    pub classes: Vec<ValueClass>,
    /// For each class, the quantity that is its value (a scalar or a vector, of rank 0).
    pub outputs: Vec<QuantityId>,
    /// All quantities.
    pub quantities: Vec<Quantity>,
    /// All steps.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Plans the values of `classes`, in their order: each class is cut where it adds the least cost to what is planned already.
    ///
    /// Classes later in the list never change how earlier ones are computed, so a caller may append classes that are only sometimes
    /// demanded (see [`Plan::demand`]).
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

    /// Which quantities are needed for the values of the classes with the given indices.
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

    /// The largest number of nested sample loops around a derivative among the steps that a class needs: its cost grows as `n^degree`.
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
