//! Fitting the width of a Gaussian.

use crate::landscape::Landscape;
use crate::scalar::Scalar;

/// `l_x(h) = (h + x² e^-h) / 2`: the negative log-likelihood of x under N(0, e^h), up to a constant. In the paper x ~ N(0, 1), start h = 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaussianFit;

impl Landscape for GaussianFit {
    fn dimension(&self) -> usize {
        1
    }

    fn input_width(&self) -> usize {
        1
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let square = x[0].clone() * x[0].clone();
        let h = theta[0].clone();
        (h.clone() + (-h).exp().scale(&square)).scale_element(&S::Element::constant(0.5))
    }
}
