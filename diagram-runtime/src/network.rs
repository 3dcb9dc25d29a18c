//! Layers of networks, forward and reverse, generic over the algebra and over what kind of weights it is multiplied by.
//!
//! Inner loops hold blocks of sums in registers; the block sizes follow from the numbers in a sum and from the machine's registers. Each
//! layer's code is compiled once for each algebra, inside [`Scalar::run`], where everything below is inlined and becomes vector code.
//!
//! Every operation has a [`Part`] as a parameter. With [`Beyond`], the values of its results without derivatives are there already, from a run
//! along other directions at the same sample and weights; they stay as they are, and their computation falls away.

mod convolution;
mod dense;
mod memory;
mod part;
pub(crate) mod scratch;
pub(crate) mod sink;
mod tiles;

pub use convolution::Convolution;
pub use dense::Dense;
pub use memory::Memory;
use part::write;
pub use part::{Beyond, Highest, Part, Whole};
pub use sink::Sink;

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

/// The fixed factors of a layer.
#[derive(Clone)]
struct Scales<E> {
    weight: E,
    bias: E,
}

/// tanh of every activation, in place.
#[inline(never)]
pub fn tanh<A: Scalar, P: Part<A>>(activations: &mut [A]) {
    A::run(
        #[inline(always)]
        || {
            for a in activations {
                *a = if P::KNOWN {
                    let primal = a.primal().clone();
                    a.clone().tanh_from(primal)
                } else {
                    a.clone().tanh()
                };
            }
        },
    );
}

/// From adjoints of tanh's outputs to adjoints of its inputs, in place.
///
/// `overwritten` keeps the values without derivatives that are overwritten, unless it is empty; if they are known, they are read from there.
#[inline(never)]
pub fn tanh_reverse<A: Scalar, P: Part<A>>(
    outputs: &[A],
    adjoints: &mut [A],
    overwritten: &mut [A::Base],
) {
    A::run(
        #[inline(always)]
        || {
            let slope = |t: &A| A::constant(1.0) - t.clone() * t.clone();
            if P::KNOWN {
                for ((t, d), primal) in outputs.iter().zip(adjoints).zip(overwritten) {
                    let before = d.clone().with_primal(primal.clone());
                    write::<A, P>(d, before * slope(t));
                }
            } else {
                for (primal, d) in overwritten.iter_mut().zip(&*adjoints) {
                    *primal = d.primal().clone();
                }
                for (t, d) in outputs.iter().zip(adjoints) {
                    *d = d.clone() * slope(t);
                }
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
