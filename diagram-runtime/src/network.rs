//! Layers of networks, forward and reverse, generic over the algebra and over what kind of weights it is multiplied by.
//!
//! Inner loops hold blocks of sums in registers; the block sizes follow from [`Scalar::COEFFICIENTS`]. Each layer's code is compiled once for
//! each algebra, inside [`Scalar::run`], where everything below is inlined and becomes vector code.

mod convolution;
mod dense;
pub(crate) mod scratch;

pub use convolution::Convolution;
pub use dense::Dense;

use crate::scalar::{Lanes, Scalar, Weight};

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

/// tanh of every activation, in place.
#[inline(never)]
pub fn tanh<A: Scalar>(activations: &mut [A]) {
    A::run(
        #[inline(always)]
        || {
            for a in activations {
                *a = a.clone().tanh();
            }
        },
    );
}

/// From adjoints of tanh's outputs to adjoints of its inputs, in place.
#[inline(never)]
pub fn tanh_reverse<A: Scalar>(outputs: &[A], adjoints: &mut [A]) {
    A::run(
        #[inline(always)]
        || {
            for (t, d) in outputs.iter().zip(adjoints) {
                let slope = A::constant(1.0) - t.clone() * t.clone();
                *d = d.clone() * slope;
            }
        },
    );
}

/// The cross entropy of a one-hot label with the softmax of `logits`, which are overwritten by their adjoints (probability minus label).
#[inline(never)]
pub fn softmax_cross_entropy<A: Scalar>(logits: &mut [A], label: &[A::Base]) -> A {
    A::run(
        #[inline(always)]
        || run_softmax_cross_entropy(logits, label),
    )
}

#[inline(always)]
fn run_softmax_cross_entropy<A: Scalar>(logits: &mut [A], label: &[A::Base]) -> A {
    // Shifted by the largest, so that no exponential overflows; the shift drops out.
    let mut largest = logits[0].primal().clone();
    for z in &logits[1..] {
        largest = largest.max(z.primal());
    }
    let mut loss = A::constant(0.0);
    let mut total = A::constant(0.0);
    for (z, y) in logits.iter_mut().zip(label) {
        let mut shifted = z.clone();
        shifted.add_base(&-largest.clone());
        loss.add_product_base(&shifted, &-y.clone());
        *z = shifted.exp();
        total += z.clone();
    }
    let inverse = total.clone().recip();
    for (z, y) in logits.iter_mut().zip(label) {
        *z = z.clone() * inverse.clone();
        z.add_base(&-y.clone());
    }
    loss + total.ln()
}
