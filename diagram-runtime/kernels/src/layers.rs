//! Layers of networks in forward and reverse mode, generic in the algebra and in the kind of weights.
//!
//! Inner loops hold a register tile of sums, whose size follows from the number of coefficients of a sum and from the number of registers. Each
//! operation of a layer is a function that is not inlined into its callers; it enters [`Scalar::run`], and all that it calls is inlined there, so that it
//! becomes vector code.
//!
//! Every operation has a [`CoefficientPart`] as a parameter. With [`BeyondPrimal`], the primal values of its results are known from a run along other
//! directions at the same sample and weights. They are left as they are, and the code that would compute them is removed when the operation is compiled.

mod convolution;
mod dense;
pub(crate) mod gradient_sink;
mod part;
mod patches;
mod primal_cache;
pub(crate) mod scratch;
mod softmax;
mod tanh;
mod tiles;

pub use convolution::Convolution;
pub use dense::Dense;
pub use gradient_sink::GradientSink;
pub use part::{AllCoefficients, BeyondPrimal, CoefficientPart, HighestCoefficient};
pub use patches::Patches;
pub use primal_cache::PrimalCache;
pub use softmax::softmax_cross_entropy;
pub use tanh::{tanh, tanh_reverse};

use crate::scalar::{Scalar, Weight};

/// The kind of a layer's inputs: constants, or activations that carry derivatives.
pub trait Input<A: Scalar> {
    /// The type of one input.
    type Item: Clone;
    /// `accumulator += weight * input`.
    fn weighted<W: Weight<A>>(weight: &W, input: &Self::Item, accumulator: &mut A);
    /// `accumulator += a * input`.
    fn multiplied(a: &A, input: &Self::Item, accumulator: &mut A);
}

/// Inputs that are data, and therefore constants.
#[derive(Clone, Copy, Debug)]
pub struct Data;

/// Inputs that are the activations of the layer before.
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

/// The fixed factor between a weight and its component of θ, as in Xavier's initialization: `√(2 / (inputs + outputs))`, where a weight connects so many
/// inputs and outputs.
pub(crate) fn xavier(inputs: usize, outputs: usize) -> f64 {
    (2.0 / (outputs + inputs) as f64).sqrt()
}

/// The fixed factors of a layer's weights and biases.
#[derive(Clone)]
struct Scales<E> {
    weight: E,
    bias: E,
}

impl<E: Scalar> Scales<E> {
    /// The factors of weights and of biases.
    #[inline(always)]
    fn constants([weight, bias]: [f64; 2]) -> Self {
        Scales {
            weight: E::constant(weight),
            bias: E::constant(bias),
        }
    }
}

/// What a penalty adds to each component of the gradient, by the position of the weight in θ; `None` without a penalty.
pub type Pull<'a, A> = Option<&'a dyn Fn(usize) -> A>;

/// Gives a component of the gradient to the sink, with what a penalty adds to it.
#[inline(always)]
pub(crate) fn put<A: Scalar, S: GradientSink<A> + ?Sized>(
    gradient: &mut S,
    position: usize,
    component: A,
    pull: Pull<'_, A>,
) {
    // There is one call of the sink, so that its code is compiled once.
    let component = match pull {
        Some(pull) => component + pull(position),
        None => component,
    };
    gradient.put(position, component);
}
