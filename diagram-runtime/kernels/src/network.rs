//! Networks that are declared as lists of layers, as landscapes.
//!
//! ```
//! use diagram_kernels::network::NetworkLandscape;
//! use diagram_kernels::landscape::Landscape;
//! use diagram_networks::{Activation, Dense, Loss, Network, Shape};
//!
//! let network = Network::input(Shape::Vector(3))
//!     .then(Dense::new(4))
//!     .then(Activation::Softplus)
//!     .then(Dense::new(1))
//!     .loss(Loss::MeanSquared)?;
//! let landscape = NetworkLandscape::new(&network);
//! assert_eq!((landscape.dimension(), landscape.input_width()), (21, 4));
//! // All outputs are 0 at θ = 0, and the label is 2.
//! assert_eq!(landscape.loss::<f64>(&[0.0; 21], &[1.0, -1.0, 0.5, 2.0]), 4.0);
//! # Ok::<(), diagram_networks::NetworkErrors>(())
//! ```

mod affine;
mod build;
mod functions;
mod outputs;
mod stage;
#[doc(hidden)]
pub mod view;

use std::ops::Range;

use diagram_networks::Network;

use crate::graph::RecordError;
use crate::landscape::Landscape;
use crate::layers::{
    AllCoefficients, BeyondPrimal, CoefficientPart, GradientSink, PrimalCache, Pull, scratch,
    softmax_cross_entropy,
};
use crate::recorded::Recorded;
use crate::scalar::{Scalar, Weight};
use crate::weights::{Own, Weights};
use build::{LossStage, Stages};
pub use outputs::OutputsError;
use stage::{Memory, Stage};

/// The loss landscape of a declared network. A datapoint is the numbers of its input and then the label.
///
/// Its kernels serve layers of any sizes and are compiled in this crate, so a network takes no time to compile.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkLandscape {
    network: Network,
    stages: Stages,
    /// Parts of θ that do not overlap, in order, with the coefficient of the penalty on each.
    penalties: Vec<(Range<usize>, f64)>,
}

impl NetworkLandscape {
    /// Prepares the runs through a network.
    pub fn new(network: &Network) -> Self {
        NetworkLandscape {
            stages: build::stages(network),
            penalties: disjoint(network.penalties()),
            network: network.clone(),
        }
    }

    /// The landscape with one more penalty, `½ λ |θ|²` on all weights.
    pub(crate) fn penalized(&self, coefficient: f64) -> Self {
        let mut penalties = self.penalties.clone();
        penalties.push((0..self.dimension(), coefficient));
        NetworkLandscape {
            penalties: disjoint(&penalties),
            ..self.clone()
        }
    }

    /// Returns the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The forward pass, without the loss.
    fn run_forward<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        memory: &mut Memory<'_, A>,
    ) {
        for stage in &self.stages.list {
            stage.forward::<A, W, P>(theta, memory);
        }
    }

    /// The loss after the forward pass, without penalties. If it is the cross entropy, then the logits are overwritten with their adjoints.
    fn loss_of_outputs<A: Scalar>(&self, memory: &mut Memory<'_, A>) -> A {
        match &self.stages.loss {
            LossStage::CrossEntropy { logits, label } => {
                let logits = &mut memory.scalars[logits.clone()];
                softmax_cross_entropy(logits, &memory.x[label.clone()])
            }
            LossStage::Scalar(at) => memory.scalars[*at].clone(),
        }
    }

    /// The forward and the reverse pass. `numbers` is the memory for activations and adjoints; `overwritten`, unless it is empty, keeps the primal values
    /// of adjoints that are overwritten.
    fn run_gradient<
        A: Scalar,
        W: Weights<A>,
        S: GradientSink<A> + ?Sized,
        P: CoefficientPart<A>,
    >(
        &self,
        theta: W,
        x: &[A::Base],
        (numbers, overwritten): (&mut [A], &mut [A::Base]),
        gradient: &mut S,
    ) -> A {
        let (scalars, adjoints) = numbers.split_at_mut(self.stages.scalars);
        scratch::with(self.stages.constants, |constants: &mut [A::Base]| {
            let mut memory = Memory {
                x,
                constants,
                scalars,
            };
            self.run_forward::<A, W, P>(theta, &mut memory);
            let loss = self.loss_of_outputs(&mut memory);
            self.begin_reverse(memory.scalars, adjoints);
            let pull = |position: usize| {
                let weight = theta.at(position).lift();
                weight.scale_element(&A::Element::constant(self.coefficient(position)))
            };
            let pull: Pull<'_, A> = if self.penalties.is_empty() {
                None
            } else {
                Some(&pull)
            };
            for (at, stage) in self.stages.list.iter().enumerate().rev() {
                let wanted = at > self.stages.first_with_weights;
                stage.reverse::<A, W, S, P>(
                    theta,
                    &memory,
                    (adjoints, overwritten),
                    gradient,
                    (wanted, pull),
                );
            }
            self.add_penalty(theta, loss)
        })
    }

    /// Sets the adjoints of what the loss reads, and to 0 all those that are added to.
    fn begin_reverse<A: Scalar>(&self, scalars: &[A], adjoints: &mut [A]) {
        for stage in &self.stages.list {
            if let Stage::Recorded(stage) = stage {
                for at in &stage.accumulated {
                    adjoints[at.clone()].fill(A::constant(0.0));
                }
            }
        }
        match &self.stages.loss {
            LossStage::CrossEntropy { logits, .. } => {
                adjoints[logits.clone()].clone_from_slice(&scalars[logits.clone()]);
            }
            LossStage::Scalar(at) => adjoints[*at] = A::constant(1.0),
        }
    }

    /// The coefficient of the penalty on a weight.
    fn coefficient(&self, position: usize) -> f64 {
        let after = self
            .penalties
            .partition_point(|(part, _)| part.end <= position);
        match self.penalties.get(after) {
            Some((part, coefficient)) if part.contains(&position) => *coefficient,
            _ => 0.0,
        }
    }

    /// Adds the penalties to a loss.
    fn add_penalty<A: Scalar, W: Weights<A>>(&self, theta: W, loss: A) -> A {
        if self.penalties.is_empty() {
            loss
        } else {
            penalty(theta, &self.penalties, loss)
        }
    }
}

/// Adds `½ λ |θ|²` over each part of θ to a loss.
#[inline(never)]
fn penalty<A: Scalar, W: Weights<A>>(theta: W, parts: &[(Range<usize>, f64)], loss: A) -> A {
    A::run(
        #[inline(always)]
        || {
            let mut total = loss;
            for (part, coefficient) in parts {
                let mut square = A::constant(0.0);
                for position in part.clone() {
                    let weight = theta.at(position).lift();
                    square.add_product(&weight, &weight);
                }
                total.add_scaled(&square, &A::Element::constant(0.5 * coefficient));
            }
            total
        },
    )
}

/// The parts of θ on which the same penalties are, in order, with the sum of their coefficients.
fn disjoint(penalties: &[(Range<usize>, f64)]) -> Vec<(Range<usize>, f64)> {
    let mut ends: Vec<usize> = penalties
        .iter()
        .flat_map(|(part, _)| [part.start, part.end])
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let parts = ends.windows(2).map(|ends| {
        let part = ends[0]..ends[1];
        let over = penalties
            .iter()
            .filter(|(other, _)| other.start <= part.start && part.end <= other.end);
        let coefficient = over.map(|(_, coefficient)| coefficient).sum();
        (part, coefficient)
    });
    parts
        .filter(|&(_, coefficient)| coefficient != 0.0)
        .collect()
}

impl Landscape for NetworkLandscape {
    fn dimension(&self) -> usize {
        self.network.dimension()
    }

    fn input_width(&self) -> usize {
        self.network.input_width()
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        scratch::with(self.stages.constants, |constants: &mut [A::Base]| {
            scratch::with(self.stages.scalars, |scalars: &mut [A]| {
                let mut memory = Memory {
                    x,
                    constants,
                    scalars,
                };
                self.run_forward::<A, W, AllCoefficients>(theta, &mut memory);
                let loss = self.loss_of_outputs(&mut memory);
                self.add_penalty(theta, loss)
            })
        })
    }

    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        scratch::with(2 * self.stages.scalars, |numbers: &mut [A]| {
            self.run_gradient::<A, W, S, AllCoefficients>(theta, x, (numbers, &mut []), gradient)
        })
    }

    const CACHES_PRIMALS: bool = true;

    fn gradient_along<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        cache: &mut PrimalCache<A>,
        gradient: &mut S,
    ) -> A {
        let sizes = [2 * self.stages.scalars, self.stages.overwritten];
        let known = cache.is_known();
        let memory = cache.learn(sizes);
        if known {
            self.run_gradient::<A, W, S, BeyondPrimal>(theta, x, memory, gradient)
        } else {
            self.run_gradient::<A, W, S, AllCoefficients>(theta, x, memory, gradient)
        }
    }

    fn recorded(&self) -> Result<Recorded, RecordError> {
        Ok(self.clone().into())
    }

    fn forward_flops(&self) -> Option<f64> {
        Some(
            self.stages
                .list
                .iter()
                .map(|stage| stage.flops(true)[0])
                .sum(),
        )
    }

    fn gradient_flops(&self) -> Option<f64> {
        let stages = self.stages.list.iter().enumerate();
        let flops = stages.map(|(at, stage)| {
            let [forward, reverse] = stage.flops(at > self.stages.first_with_weights);
            forward + reverse
        });
        Some(flops.sum())
    }
}
