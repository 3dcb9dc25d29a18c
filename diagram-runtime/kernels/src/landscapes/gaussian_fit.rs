//! Fitting the width of a Gaussian.

use crate::landscape::Landscape;
use crate::layers::GradientSink;
use crate::scalar::{Scalar, Weight};
use crate::weights::Weights;

/// The loss `l_x(h) = (h + x² e^-h) / 2`, which is the negative log-likelihood of x under N(0, e^h) up to a constant.
///
/// In the paper x ~ N(0, 1), and training starts at h = 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaussianFit;

impl Landscape for GaussianFit {
    fn dimension(&self) -> usize {
        1
    }

    fn input_width(&self) -> usize {
        1
    }

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let square = x[0].clone() * x[0].clone();
        let h = theta[0].clone();
        (h.clone() + (-h).exp().scale(&square)).scale_element(&S::Element::constant(0.5))
    }

    /// The derivative is written out, so that no lists of weights are allocated, as they are by the default in forward mode.
    #[inline(always)]
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let half = <A::Element as Scalar>::constant(0.5);
        let square = x[0].clone() * x[0].clone();
        let h = theta.at(0).lift();
        let scaled = (-h.clone()).exp().scale(&square);
        gradient.put(0, (A::constant(1.0) + -scaled.clone()).scale_element(&half));
        (h + scaled).scale_element(&half)
    }
}
