//! Where the components of a gradient go as they are computed.

use super::part::{Part, Whole};
use crate::scalar::Scalar;

/// What becomes of a gradient's components, each of which is given once.
///
/// Kernels are inlined together with the sink.
pub trait Sink<A: Scalar> {
    /// The part of a component that is used.
    type Part: Part<A>;
    /// Takes the component of the gradient with respect to the weight at a position in θ.
    fn put(&mut self, position: usize, component: A);
}

/// Stores the gradient.
impl<A: Scalar> Sink<A> for [A] {
    type Part = Whole;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self[position] = component;
    }
}

/// Adds the gradient.
#[derive(Debug)]
pub(crate) struct Accumulate<'a, A>(pub(crate) &'a mut [A]);

impl<A: Scalar> Sink<A> for Accumulate<'_, A> {
    type Part = Whole;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self.0[position] += component;
    }
}

/// Takes a step: `to = from + step · gradient`.
#[derive(Debug)]
pub(crate) struct Descend<'a, A: Scalar> {
    pub(crate) from: &'a [A],
    pub(crate) to: &'a mut [A],
    pub(crate) step: A::Element,
}

impl<A: Scalar> Sink<A> for Descend<'_, A> {
    type Part = Whole;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        let mut weight = self.from[position].clone();
        weight.add_scaled(&component, &self.step);
        self.to[position] = weight;
    }
}
