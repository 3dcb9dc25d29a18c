//! The layers with kernels of their own, which are affine in their inputs.

use std::ops::Range;

use super::stage::Memory;
use crate::layers::{
    AllCoefficients, CoefficientPart, Convolution, Data, Dense, GradientSink, Hidden, Patches, Pull,
};
use crate::scalar::Scalar;
use crate::weights::Weights;

/// A layer that is affine in its inputs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Affine {
    /// A dense layer.
    Dense(Dense),
    /// A convolution of the kind that the paper's networks have, for whose sizes the kernel is compiled.
    Convolution(Convolution<5, 2>),
    /// Any other convolution, or a dense layer of each token. Its inputs are scalars. It alone adds penalties, so that networks with penalties have no others.
    Patches(Patches),
}

/// Where the inputs of a layer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// In the datapoint.
    Datapoint(Range<usize>),
    /// Among the constants that are computed from the datapoint.
    Prepared(Range<usize>),
    /// Among the scalars.
    Scalars(Range<usize>),
}

/// A layer in a network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AffineStage {
    pub(super) layer: Affine,
    /// The positions of its weights and biases in θ.
    pub(super) theta: Range<usize>,
    pub(super) from: Source,
    pub(super) to: Range<usize>,
    /// Whether primal values that are known from another direction are used. They are not where a loss overwrites the outputs.
    pub(super) shares: bool,
}

impl Affine {
    /// The number of weights and biases.
    pub(super) fn weights(&self) -> usize {
        match self {
            Affine::Dense(layer) => layer.weights(),
            Affine::Convolution(layer) => layer.weights(),
            Affine::Patches(layer) => layer.weights(),
        }
    }

    /// The number of multiply-adds of the forward pass, of the weight gradient, and of the input gradient.
    pub(super) fn multiply_adds(&self) -> f64 {
        match self {
            Affine::Dense(layer) => layer.multiply_adds(),
            Affine::Convolution(layer) => layer.multiply_adds(),
            Affine::Patches(layer) => layer.multiply_adds(),
        }
    }

    /// The forward pass of a layer with data as inputs.
    fn forward_of_data<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        x: &[A::Base],
        z: &mut [A],
    ) {
        match self {
            Affine::Dense(layer) => layer.forward::<A, W, Data, P>(theta, x, z),
            Affine::Convolution(layer) => layer.forward::<A, W, Data, P>(theta, x, z),
            Affine::Patches(_) => unreachable!("{READS_SCALARS}"),
        }
    }

    /// The weight gradient of a layer with data as inputs.
    fn weight_gradient_of_data<A: Scalar, S: GradientSink<A> + ?Sized>(
        &self,
        x: &[A::Base],
        dz: &[A],
        sink: (&mut S, usize),
    ) {
        match self {
            Affine::Dense(layer) => layer.weight_gradient::<A, Data, S>(x, dz, sink),
            Affine::Convolution(layer) => layer.weight_gradient::<A, Data, S>(x, dz, sink),
            Affine::Patches(_) => unreachable!("{READS_SCALARS}"),
        }
    }

    fn forward<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        x: &[A],
        z: &mut [A],
    ) {
        match self {
            Affine::Dense(layer) => layer.forward::<A, W, Hidden, P>(theta, x, z),
            Affine::Convolution(layer) => layer.forward::<A, W, Hidden, P>(theta, x, z),
            Affine::Patches(layer) => layer.forward::<A, W, P>(theta, x, z),
        }
    }

    fn weight_gradient<A: Scalar, S: GradientSink<A> + ?Sized>(
        &self,
        x: &[A],
        dz: &[A],
        sink: (&mut S, usize),
        pull: Pull<'_, A>,
    ) {
        match self {
            Affine::Dense(layer) => layer.weight_gradient::<A, Hidden, S>(x, dz, sink),
            Affine::Convolution(layer) => layer.weight_gradient::<A, Hidden, S>(x, dz, sink),
            Affine::Patches(layer) => layer.weight_gradient::<A, S>(x, dz, sink, pull),
        }
    }

    fn input_gradient<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        dz: &[A],
        dx: &mut [A],
    ) {
        match self {
            Affine::Dense(layer) => layer.input_gradient::<A, W, P>(theta, dz, dx),
            Affine::Convolution(layer) => layer.input_gradient::<A, W, P>(theta, dz, dx),
            Affine::Patches(layer) => layer.input_gradient::<A, W, P>(theta, dz, dx),
        }
    }
}

const READS_SCALARS: &str = "data are made scalars before they are read by patches";

impl AffineStage {
    pub(super) fn forward<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        memory: &mut Memory<'_, A>,
    ) {
        if self.shares {
            self.run_forward::<A, W, P>(theta, memory);
        } else {
            self.run_forward::<A, W, AllCoefficients>(theta, memory);
        }
    }

    fn run_forward<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        memory: &mut Memory<'_, A>,
    ) {
        let theta = theta.range(self.theta.clone());
        let (before, rest) = memory.scalars.split_at_mut(self.to.start);
        let z = &mut rest[..self.to.len()];
        let data = match &self.from {
            Source::Datapoint(at) => &memory.x[at.clone()],
            Source::Prepared(at) => &memory.constants[at.clone()],
            Source::Scalars(at) => {
                return self.layer.forward::<A, W, P>(theta, &before[at.clone()], z);
            }
        };
        self.layer.forward_of_data::<A, W, P>(theta, data, z);
    }

    /// Overwrites the adjoints of the inputs, if they are wanted, and gives the weight gradient to the sink.
    pub(super) fn reverse<
        A: Scalar,
        W: Weights<A>,
        S: GradientSink<A> + ?Sized,
        P: CoefficientPart<A>,
    >(
        &self,
        theta: W,
        memory: &Memory<'_, A>,
        adjoints: &mut [A],
        gradient: &mut S,
        (wanted, pull): (bool, Pull<'_, A>),
    ) {
        let sink = (gradient, self.theta.start);
        let (before, rest) = adjoints.split_at_mut(self.to.start);
        let dz = &rest[..self.to.len()];
        let data = match &self.from {
            Source::Datapoint(at) => &memory.x[at.clone()],
            Source::Prepared(at) => &memory.constants[at.clone()],
            Source::Scalars(at) => {
                if wanted {
                    let theta = theta.range(self.theta.clone());
                    let dx = &mut before[at.clone()];
                    if self.shares {
                        self.layer.input_gradient::<A, W, P>(theta, dz, dx);
                    } else {
                        self.layer
                            .input_gradient::<A, W, AllCoefficients>(theta, dz, dx);
                    }
                }
                let x = &memory.scalars[at.clone()];
                return self.layer.weight_gradient(x, dz, sink, pull);
            }
        };
        self.layer.weight_gradient_of_data(data, dz, sink);
    }
}
