//! The steps of plans: tensor operations over all tuples of datapoints on some axes, as data.
//!
//! A plan computes the values of diagrams by steps, each of which reads and writes *quantities*: tables with a scalar or a vector of P numbers for each tuple
//! of samples. `diagram-calculus` makes plans. What executes them is above, on the processor, or below, where derivatives are computed on a device; so both
//! know this crate, and nothing else of each other.

#![forbid(unsafe_code)]

use std::borrow::Cow;

/// Index of a quantity of a plan.
pub type QuantityId = usize;

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

    /// Whether any of the quantities that it writes is demanded.
    pub fn is_demanded(&self, demand: &[bool]) -> bool {
        self.writes().iter().any(|&q| demand[q])
    }
}
