//! The steps of a run through a network, on one list of scalars for the activations of all layers.

use std::ops::Range;

use super::affine::{AffineStage, Source};
use crate::graph::fragment::Fragment;
use crate::graph::record::Recorded;
use crate::layers::{
    AllCoefficients, CoefficientPart, GradientSink, Pull, put, tanh, tanh_reverse,
};
use crate::scalar::{Lanes, Scalar, Weight};
use crate::weights::Weights;

/// A step of a run through a network.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    /// Lays out numbers of the datapoint as a layer reads them.
    Prepare(Prepare),
    /// Makes scalars of data, for a layer that reads no data.
    Inputs(Inputs),
    /// Makes scalars of weights, for the steps of a recorded layer.
    Lift(Lift),
    /// A layer with a kernel.
    Affine(AffineStage),
    /// Replaces the outputs of the stage before by their hyperbolic tangents.
    Tanh(TanhStage),
    /// A recorded layer or loss.
    Recorded(RecordedStage),
}

/// Numbers of the datapoint in another order, with zeros between them, or one-hot.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Prepare {
    /// Each constant is a number of the datapoint, or 0.
    Gather {
        from: Vec<Option<usize>>,
        to: Range<usize>,
    },
    /// For each token number of the datapoint the list that has 1 at that number and 0 elsewhere.
    OneHot {
        tokens: Range<usize>,
        to: Range<usize>,
    },
}

impl Prepare {
    fn run<R: Lanes>(&self, x: &[R], constants: &mut [R]) {
        match self {
            Prepare::Gather { from, to } => {
                for (constant, from) in constants[to.clone()].iter_mut().zip(from) {
                    *constant = from.map_or_else(|| R::constant(0.0), |at| x[at].clone());
                }
            }
            Prepare::OneHot { tokens, to } => {
                one_hot(&x[tokens.clone()], &mut constants[to.clone()]);
            }
        }
    }
}

/// Overwrites `lists`, a list for each token number, with 1 at that number and 0 elsewhere.
#[inline(never)]
fn one_hot<R: Lanes>(tokens: &[R], lists: &mut [R]) {
    R::run(
        #[inline(always)]
        || {
            let vocabulary = lists.len() / tokens.len();
            for (token, list) in tokens.iter().zip(lists.chunks_exact_mut(vocabulary)) {
                for (number, to) in list.iter_mut().enumerate() {
                    // Of whole numbers t and k this is 1 if they are equal, and 0 otherwise: max(0, 1 - |t - k|).
                    let difference = token.clone() - R::constant(number as f64);
                    let distance = difference.larger(&-difference.clone());
                    *to = (R::constant(1.0) - distance).larger(&R::constant(0.0));
                }
            }
        },
    );
}

/// Weights as scalars.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lift {
    /// The positions in θ.
    pub(super) theta: Range<usize>,
    /// The places among the scalars.
    pub(super) to: Range<usize>,
}

impl Lift {
    #[inline(never)]
    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, scalars: &mut [A]) {
        A::run(
            #[inline(always)]
            || {
                for (position, to) in self.theta.clone().zip(&mut scalars[self.to.clone()]) {
                    *to = theta.at(position).lift();
                }
            },
        );
    }

    #[inline(never)]
    fn reverse<A: Scalar, S: GradientSink<A> + ?Sized>(
        &self,
        adjoints: &[A],
        gradient: &mut S,
        pull: Pull<'_, A>,
    ) {
        A::run(
            #[inline(always)]
            || {
                for (position, adjoint) in self.theta.clone().zip(&adjoints[self.to.clone()]) {
                    put(gradient, position, adjoint.clone(), pull);
                }
            },
        );
    }
}

/// Data as scalars, for layers that read no data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Inputs {
    pub(super) from: Source,
    /// The places among the scalars.
    pub(super) to: Range<usize>,
}

impl Inputs {
    fn forward<A: Scalar>(&self, memory: &mut Memory<'_, A>) {
        let data = match &self.from {
            Source::Datapoint(at) => &memory.x[at.clone()],
            Source::Prepared(at) => &memory.constants[at.clone()],
            Source::Scalars(_) => unreachable!("these are scalars already"),
        };
        for (scalar, x) in memory.scalars[self.to.clone()].iter_mut().zip(data) {
            *scalar = A::from_base(x.clone());
        }
    }
}

/// Hyperbolic tangents in place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TanhStage {
    pub(super) at: Range<usize>,
    /// The places of the primal values of adjoints that are overwritten.
    pub(super) overwritten: Range<usize>,
    /// Whether the stage before uses known primal values.
    pub(super) forward_shares: bool,
    /// Whether the next stage does in the reverse pass.
    pub(super) reverse_shares: bool,
}

impl TanhStage {
    fn forward<A: Scalar, P: CoefficientPart<A>>(&self, scalars: &mut [A]) {
        let activations = &mut scalars[self.at.clone()];
        if self.forward_shares {
            tanh::<A, P>(activations);
        } else {
            tanh::<A, AllCoefficients>(activations);
        }
    }

    fn reverse<A: Scalar, P: CoefficientPart<A>>(
        &self,
        scalars: &[A],
        adjoints: &mut [A],
        overwritten: &mut [A::Base],
    ) {
        let (outputs, adjoints) = (&scalars[self.at.clone()], &mut adjoints[self.at.clone()]);
        if self.reverse_shares {
            let kept = if overwritten.is_empty() {
                0..0
            } else {
                self.overwritten.clone()
            };
            tanh_reverse::<A, P>(outputs, adjoints, &mut overwritten[kept]);
        } else {
            tanh_reverse::<A, AllCoefficients>(outputs, adjoints, &mut []);
        }
    }
}

/// The steps of a recorded layer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RecordedStage {
    pub(super) steps: Fragment,
    /// The function that the steps compute, and the scalars that its weights are.
    pub(super) function: Recorded,
    pub(super) weights: Vec<usize>,
    /// The places of the constants that the steps compute.
    pub(super) constants: Range<usize>,
    /// The scalars whose adjoints the reverse pass adds to.
    pub(super) accumulated: Vec<Range<usize>>,
}

/// What a run through a network reads and writes.
pub(super) struct Memory<'m, A: Scalar> {
    /// The datapoint.
    pub(super) x: &'m [A::Base],
    /// Constants that are computed from the datapoint.
    pub(super) constants: &'m mut [A::Base],
    /// The activations of all layers.
    pub(super) scalars: &'m mut [A],
}

impl Stage {
    /// Whether the stage has weights.
    pub(super) fn has_weights(&self) -> bool {
        matches!(self, Stage::Lift(_) | Stage::Affine(_))
    }

    /// The number of floating point operations of the forward pass, and of the reverse pass if the adjoints of the inputs are wanted or not.
    pub(super) fn flops(&self, wanted: bool) -> [f64; 2] {
        match self {
            Stage::Affine(stage) => {
                let once = 2.0 * stage.layer.multiply_adds();
                [once, if wanted { 2.0 * once } else { once }]
            }
            Stage::Recorded(stage) => {
                let forward = stage.steps.flops(1.0);
                let all = stage.steps.flops(3.0);
                [forward, if wanted { all - forward } else { 0.0 }]
            }
            _ => [0.0, 0.0],
        }
    }

    pub(super) fn forward<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        memory: &mut Memory<'_, A>,
    ) {
        match self {
            Stage::Prepare(stage) => stage.run(memory.x, memory.constants),
            Stage::Inputs(stage) => stage.forward(memory),
            Stage::Lift(stage) => stage.forward(theta, memory.scalars),
            Stage::Affine(stage) => stage.forward::<A, W, P>(theta, memory),
            Stage::Tanh(stage) => stage.forward::<A, P>(memory.scalars),
            Stage::Recorded(stage) => {
                let constants = &mut memory.constants[stage.constants.clone()];
                let inputs = stage.steps.run_inputs(memory.x, constants);
                stage.steps.run(inputs, memory.scalars);
            }
        }
    }

    /// Runs the stage in reverse. If the adjoints of its inputs are not wanted, only the weight gradient is computed.
    pub(super) fn reverse<
        A: Scalar,
        W: Weights<A>,
        S: GradientSink<A> + ?Sized,
        P: CoefficientPart<A>,
    >(
        &self,
        theta: W,
        memory: &Memory<'_, A>,
        (adjoints, overwritten): (&mut [A], &mut [A::Base]),
        gradient: &mut S,
        (wanted, pull): (bool, Pull<'_, A>),
    ) {
        match self {
            Stage::Affine(stage) => {
                stage.reverse::<A, W, S, P>(theta, memory, adjoints, gradient, (wanted, pull));
            }
            Stage::Lift(stage) => stage.reverse(adjoints, gradient, pull),
            Stage::Tanh(stage) if wanted => {
                stage.reverse::<A, P>(memory.scalars, adjoints, overwritten);
            }
            Stage::Recorded(stage) if wanted => {
                let inputs = match &memory.constants[stage.constants.clone()] {
                    [] => memory.x,
                    computed => computed,
                };
                stage.steps.reverse(inputs, memory.scalars, adjoints);
            }
            Stage::Prepare(_) | Stage::Inputs(_) | Stage::Tanh(_) | Stage::Recorded(_) => {}
        }
    }
}
