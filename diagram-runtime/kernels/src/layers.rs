//! Layers of networks, forward and reverse, generic over the algebra and over what kind of weights it is multiplied by.
//!
//! Inner loops hold blocks of sums in registers; the block sizes follow from the numbers in a sum and from the machine's registers. Each
//! layer's code is compiled once for each algebra, inside [`Scalar::run`], where everything below is inlined and becomes vector code.
//!
//! Every operation has a [`CoefficientPart`] as a parameter. With [`BeyondPrimal`], the values of its results without derivatives are there already,
//! from a run along other directions at the same sample and weights; they stay as they are, and their computation falls away.

mod convolution;
mod dense;
pub(crate) mod gradient_sink;
mod part;
mod primal_cache;
pub(crate) mod scratch;
mod softmax;
mod tanh;
mod tiles;

pub use convolution::Convolution;
pub use dense::Dense;
pub use gradient_sink::GradientSink;
pub use part::{AllCoefficients, BeyondPrimal, CoefficientPart, HighestCoefficient};
pub use primal_cache::PrimalCache;
pub use softmax::softmax_cross_entropy;
pub use tanh::{tanh, tanh_reverse};

use crate::scalar::{Scalar, Weight};

/// What a layer's inputs are: constants, or activations that carry derivatives.
pub trait Input<A: Scalar> {
    /// One input.
    type Item: Clone;
    /// `accumulator += weight * input`.
    fn weighted<W: Weight<A>>(weight: &W, input: &Self::Item, accumulator: &mut A);
    /// `accumulator += a * input`.
    fn multiplied(a: &A, input: &Self::Item, accumulator: &mut A);
}

/// Inputs are data: constants.
#[derive(Clone, Copy, Debug)]
pub struct Data;

/// Inputs are activations of the layer before.
#[derive(Clone, Copy, Debug)]
pub struct Hidden;

impl<A: Scalar> Input<A> for Data {
    type Item = A::Base;

    #[inline(always)]
    fn weighted<W: Weight<A>>(weight: &W, input: &A::Base, accumulator: &mut A) {
        weight.add_times_base(input, accumulator);
    }

    #[inline(always)]
    fn multiplied(a: &A, input: &A::Base, accumulator: &mut A) {
        accumulator.add_product_base(a, input);
    }
}

impl<A: Scalar> Input<A> for Hidden {
    type Item = A;

    #[inline(always)]
    fn weighted<W: Weight<A>>(weight: &W, input: &A, accumulator: &mut A) {
        weight.add_times(input, accumulator);
    }

    #[inline(always)]
    fn multiplied(a: &A, input: &A, accumulator: &mut A) {
        accumulator.add_product(a, input);
    }
}

/// The fixed factor between a weight and its component of θ, after Xavier: `√(2 / (shape[0] + Π shape[1..]))`.
fn scale<A: Scalar>(shape: [usize; 2]) -> A::Element {
    A::Element::constant((2.0 / (shape[0] + shape[1]) as f64).sqrt())
}

/// The fixed factors of a layer.
#[derive(Clone)]
struct Scales<E> {
    weight: E,
    bias: E,
}
