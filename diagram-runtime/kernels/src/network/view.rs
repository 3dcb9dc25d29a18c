//! A run through a network as plain data, for what compiles kernels of it elsewhere.

use std::ops::Range;

use super::NetworkLandscape;
use super::affine::{Affine, Source};
use super::build::LossStage;
use super::stage::{Prepare, Stage};
use crate::graph::{Node, Operation};
use crate::layers::Patches;

/// The stages of a run, on a list of scalars and a list of constants.
#[derive(Clone, Debug)]
pub struct View {
    /// The stages in order.
    pub stages: Vec<StageView>,
    /// Where the loss comes from.
    pub loss: LossView,
    /// The number of scalars.
    pub scalars: usize,
    /// The number of constants.
    pub constants: usize,
    /// The index of the first stage with weights: those before it need no adjoints of what they read.
    pub first_with_weights: usize,
    /// Parts of θ that do not overlap, in order, with the coefficient λ of the penalty ½ λ |θ|² on each.
    pub penalties: Vec<(Range<usize>, f64)>,
}

/// Where numbers are: in the datapoint, among the constants or among the scalars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the datapoint.
    Datapoint(Range<usize>),
    /// Among the constants.
    Constants(Range<usize>),
    /// Among the scalars.
    Scalars(Range<usize>),
}

/// A stage of a run. It overwrites the scalars or constants `to`, and in reverse reads their adjoints.
#[derive(Clone, Debug)]
pub enum StageView {
    /// Numbers of the datapoint in another order; `None` is 0.
    Gather {
        /// The index in the datapoint of each number.
        from: Vec<Option<usize>>,
        /// Constants.
        to: Range<usize>,
    },
    /// For each token number the list with 1 at that number and 0 elsewhere.
    OneHot {
        /// Indices in the datapoint.
        tokens: Range<usize>,
        /// Constants, as many for each token.
        to: Range<usize>,
    },
    /// Data as scalars.
    Inputs {
        /// Where the data are.
        from: Place,
        /// Scalars.
        to: Range<usize>,
    },
    /// Weights as scalars.
    Lift {
        /// Positions in θ.
        theta: Range<usize>,
        /// Scalars.
        to: Range<usize>,
    },
    /// A layer that is affine in its inputs.
    Affine {
        /// What it does.
        layer: Patches,
        /// Its part of θ.
        theta: Range<usize>,
        /// Its inputs. Their adjoints are overwritten: nothing else reads them.
        from: Place,
        /// Scalars.
        to: Range<usize>,
    },
    /// Hyperbolic tangents in place.
    Tanh {
        /// Scalars.
        at: Range<usize>,
    },
    /// A recorded function of scalars, to whose adjoints it adds, and of the datapoint.
    Recorded {
        /// Its operations, whose weights are the scalars at `weights`.
        operations: Vec<Operation>,
        /// The scalar that each weight of the operations is.
        weights: Vec<usize>,
        /// The nodes of the results.
        results: Vec<Node>,
        /// Scalars.
        to: Range<usize>,
    },
}

/// Where the loss comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LossView {
    /// The cross entropy of a softmax of scalars.
    CrossEntropy {
        /// Scalars.
        logits: Range<usize>,
        /// The label's numbers in the datapoint.
        label: Range<usize>,
    },
    /// A scalar.
    Scalar(usize),
}

impl From<&Source> for Place {
    fn from(source: &Source) -> Self {
        match source.clone() {
            Source::Datapoint(at) => Place::Datapoint(at),
            Source::Prepared(at) => Place::Constants(at),
            Source::Scalars(at) => Place::Scalars(at),
        }
    }
}

impl From<&Stage> for StageView {
    fn from(stage: &Stage) -> Self {
        match stage {
            Stage::Prepare(Prepare::Gather { from, to }) => StageView::Gather {
                from: from.clone(),
                to: to.clone(),
            },
            Stage::Prepare(Prepare::OneHot { tokens, to }) => StageView::OneHot {
                tokens: tokens.clone(),
                to: to.clone(),
            },
            Stage::Inputs(stage) => StageView::Inputs {
                from: (&stage.from).into(),
                to: stage.to.clone(),
            },
            Stage::Lift(stage) => StageView::Lift {
                theta: stage.theta.clone(),
                to: stage.to.clone(),
            },
            Stage::Affine(stage) => StageView::Affine {
                layer: patches(&stage.layer),
                theta: stage.theta.clone(),
                from: (&stage.from).into(),
                to: stage.to.clone(),
            },
            Stage::Tanh(stage) => StageView::Tanh {
                at: stage.at.clone(),
            },
            Stage::Recorded(stage) => StageView::Recorded {
                operations: stage.function.operations.clone(),
                weights: stage.weights.clone(),
                results: stage.function.results.clone(),
                to: stage.steps.results(),
            },
        }
    }
}

/// The layer in the form that all of them have.
fn patches(layer: &Affine) -> Patches {
    match layer {
        Affine::Patches(layer) => layer.clone(),
        Affine::Dense(layer) => Patches {
            groups: 1,
            outputs: layer.outputs,
            offsets: (0..layer.inputs).collect(),
            rows: 1,
            columns: 1,
            input_strides: [0, 0, layer.inputs],
            output_strides: [1, 0, layer.outputs],
            weight_strides: [layer.inputs, 1],
            scales: layer.scales,
            bias: layer.bias,
        },
        Affine::Convolution(layer) => {
            let (side, kernels) = (layer.side_in, layer.inputs * 25);
            Patches {
                groups: 1,
                outputs: layer.outputs,
                offsets: (0..kernels)
                    .map(|entry| {
                        let (channel, place) = (entry / 25, entry % 25);
                        (channel * side + place / 5) * side + place % 5
                    })
                    .collect(),
                rows: layer.side_out,
                columns: layer.side_out,
                input_strides: [0, 2 * side, 2],
                output_strides: [layer.side_out * layer.side_out, layer.side_out, 1],
                weight_strides: [kernels, 1],
                scales: layer.scales,
                bias: true,
            }
        }
    }
}

impl NetworkLandscape {
    /// A run through the network as plain data.
    #[doc(hidden)]
    pub fn view(&self) -> View {
        View {
            stages: self.stages.list.iter().map(StageView::from).collect(),
            loss: match self.stages.loss.clone() {
                LossStage::CrossEntropy { logits, label } => {
                    LossView::CrossEntropy { logits, label }
                }
                LossStage::Scalar(at) => LossView::Scalar(at),
            },
            scalars: self.stages.scalars,
            constants: self.stages.constants,
            first_with_weights: self.stages.first_with_weights,
            penalties: self.penalties.clone(),
        }
    }
}
