//! Steps of a plan that wait for their execution.

use diagram_calculus::plan::{Operand, PassOutput};

/// A step with its demanded outputs. It can be deferred until a stream that it reads is computed.
#[derive(Clone, Debug)]
pub(crate) struct PendingStep {
    pub(super) axes: usize,
    pub(super) kind: StepKind,
    pub(super) outputs: Vec<StepOutput>,
    /// The index of the stream whose pass this is; its outputs are then read from the stream.
    pub(super) stream: Option<usize>,
}

/// The operation of a step, with the quantities that it reads.
#[derive(Clone, Debug)]
pub(super) enum StepKind {
    Pass {
        sample: usize,
        directions: Vec<Operand>,
    },
    Mean {
        operand: Operand,
    },
    Dot {
        left: Operand,
        right: Operand,
    },
    Product {
        factors: Vec<Operand>,
    },
}

/// An output of a step.
#[derive(Clone, Debug)]
pub(super) struct StepOutput {
    pub(super) quantity: usize,
    pub(super) powers: Vec<u8>,
    /// The loop axes of the output, in ascending order. The result is averaged over the other axes.
    pub(super) kept: Vec<usize>,
}

impl PendingStep {
    pub(super) fn pass(
        axes: usize,
        sample: usize,
        directions: &[Operand],
        outputs: &[&PassOutput],
    ) -> Self {
        let outputs = outputs
            .iter()
            .map(|o| StepOutput {
                quantity: o.quantity,
                powers: o.powers.to_vec(),
                kept: (0..axes).filter(|&a| !(o.mean && a == sample)).collect(),
            })
            .collect();
        let directions = directions.to_vec();
        PendingStep {
            axes,
            kind: StepKind::Pass { sample, directions },
            outputs,
            stream: None,
        }
    }

    pub(super) fn mean(operand: usize, rank: usize, kept: &[usize], quantity: usize) -> Self {
        let operand = Operand {
            quantity: operand,
            axes: (0..rank).collect(),
        };
        PendingStep {
            axes: rank,
            kind: StepKind::Mean { operand },
            outputs: vec![output(quantity, kept)],
            stream: None,
        }
    }

    pub(super) fn dot(
        axes: usize,
        left: &Operand,
        right: &Operand,
        kept: &[usize],
        quantity: usize,
    ) -> Self {
        let kind = StepKind::Dot {
            left: left.clone(),
            right: right.clone(),
        };
        PendingStep {
            axes,
            kind,
            outputs: vec![output(quantity, kept)],
            stream: None,
        }
    }

    pub(super) fn product(
        axes: usize,
        factors: &[Operand],
        kept: &[usize],
        quantity: usize,
    ) -> Self {
        let factors = factors.to_vec();
        PendingStep {
            axes,
            kind: StepKind::Product { factors },
            outputs: vec![output(quantity, kept)],
            stream: None,
        }
    }

    /// Returns the quantities that the step reads.
    pub(super) fn reads(&self) -> impl Iterator<Item = usize> {
        let operands: Vec<usize> = match &self.kind {
            StepKind::Pass { directions, .. } => directions.iter().map(|d| d.quantity).collect(),
            StepKind::Mean { operand } => vec![operand.quantity],
            StepKind::Dot { left, right } => vec![left.quantity, right.quantity],
            StepKind::Product { factors } => factors.iter().map(|f| f.quantity).collect(),
        };
        operands.into_iter()
    }

    /// Returns whether the outputs are numbers rather than vectors.
    pub(super) fn is_scalar(&self) -> bool {
        matches!(self.kind, StepKind::Dot { .. } | StepKind::Product { .. })
    }
}

/// An output that is not a derivative.
fn output(quantity: usize, kept: &[usize]) -> StepOutput {
    StepOutput {
        quantity,
        powers: vec![],
        kept: kept.to_vec(),
    }
}
