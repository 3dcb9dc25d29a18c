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

use std::borrow::Cow;

use crate::value_class::ValueClass;

pub use blueprint::{Blueprint, Correction};
pub use contraction::{ContractionPlan, Numbers, TensorId, TensorShape, TensorStep};
pub use cost::Cost;
pub use dense::DenseCost;
pub use encoding::EncodingError;
pub use parameters::CostParameters;
pub use work::Work;

/// Index of a [`Quantity`] of a [`Plan`].
pub type QuantityId = usize;

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

/// A quantity that a step reads: its sample axis `i` is the loop axis `axes[i]` of the step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operand {
    /// The quantity that is read.
    pub quantity: QuantityId,
    /// The loop axis of each of its sample axes.
    pub axes: Cow<'static, [usize]>,
}

impl Operand {
    /// A quantity whose sample axes run with these loop axes.
    pub const fn new(quantity: QuantityId, axes: &'static [usize]) -> Self {
        Operand {
            quantity,
            axes: Cow::Borrowed(axes),
        }
    }
}

/// One derivative that a pass computes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassOutput {
    /// How often each direction is contracted. The derivative has the order `1 + Σ powers`, with one index left open.
    pub powers: Cow<'static, [u8]>,
    /// Whether the derivative is averaged over the sample axis; otherwise it is kept for each sample.
    pub mean: bool,
    /// The quantity that is written. Its sample axes are the loop axes in order, without the sample axis if it is averaged.
    pub quantity: QuantityId,
}

impl PassOutput {
    /// The derivative of each sample.
    pub const fn of_each(powers: &'static [u8], quantity: QuantityId) -> Self {
        PassOutput {
            powers: Cow::Borrowed(powers),
            mean: false,
            quantity,
        }
    }

    /// The mean of the samples' derivatives.
    pub const fn mean(powers: &'static [u8], quantity: QuantityId) -> Self {
        PassOutput {
            powers: Cow::Borrowed(powers),
            mean: true,
            quantity,
        }
    }
}

/// One tensor operation over all tuples of samples on its loop axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The losses of the samples.
    Loss {
        /// The quantity that holds one number for each sample, if it is needed.
        keep: Option<QuantityId>,
        /// The quantity that holds their mean, if it is needed.
        mean: Option<QuantityId>,
    },
    /// Derivatives of the losses of the samples on one axis, contracted with directions, in one run of forward and reverse mode.
    Pass {
        /// The number of loop axes.
        axes: usize,
        /// The loop axis of the differentiated samples.
        sample: usize,
        /// The directions, which are vectors and differ from each other.
        directions: Vec<Operand>,
        /// The derivatives that are computed.
        outputs: Vec<PassOutput>,
    },
    /// An average over some axes.
    Mean {
        /// The quantity that is averaged.
        operand: QuantityId,
        /// The axes that are kept, in ascending order; the others are averaged over.
        kept: Vec<usize>,
        /// The quantity that is written.
        quantity: QuantityId,
    },
    /// The dot product of two vectors. (The learning rate η, with which indices are contracted, is a factor of the series.)
    Dot {
        /// The number of loop axes.
        axes: usize,
        /// The first vector.
        left: Operand,
        /// The second vector.
        right: Operand,
        /// The loop axes that are kept, in ascending order; the others are averaged over.
        kept: Vec<usize>,
        /// The quantity that is written, which is a scalar.
        quantity: QuantityId,
    },
    /// The product of scalars, which are the values of the trees of a forest.
    Product {
        /// The number of loop axes.
        axes: usize,
        /// The scalars.
        factors: Vec<Operand>,
        /// The loop axes that are kept, in ascending order; the others are averaged over.
        kept: Vec<usize>,
        /// The quantity that is written, which is a scalar.
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

    /// The number of nested loops over the samples; the work of the step is proportional to `n^axes`.
    pub fn axes(&self) -> usize {
        match self {
            Step::Loss { .. } => 1,
            Step::Pass { axes, .. } | Step::Dot { axes, .. } | Step::Product { axes, .. } => *axes,
            Step::Mean { .. } => 0,
        }
    }
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
