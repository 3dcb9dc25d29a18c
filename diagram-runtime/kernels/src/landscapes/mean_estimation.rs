//! Mean estimation: a quadratic loss with noise in its gradient.

use crate::landscape::Landscape;
use crate::scalar::Scalar;

/// The loss `l_x(w) = ½ h (w - o)² + w s x`. In the paper x ~ N(0, 1), the optimum is o = 0, and training starts there.
///
/// For x of variance 1 the gradient has variance s² at every w, so that every prediction has a closed form. Moving the optimum o shifts the weight, which
/// matters together with [`L2`](super::L2): the penalty pulls the weight towards 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanEstimation {
    /// The Hessian h, which may be positive, 0 or negative.
    pub hessian: f64,
    /// The standard deviation s of gradients for x of variance 1.
    pub noise: f64,
    /// The weight o at which the test loss is least, if x has mean 0 and h is positive.
    pub optimum: f64,
}

impl MeanEstimation {
    /// The landscape of the paper: h = s = 1 and o = 0.
    pub const STANDARD: MeanEstimation = MeanEstimation {
        hessian: 1.0,
        noise: 1.0,
        optimum: 0.0,
    };
}

/// The default is [`MeanEstimation::STANDARD`].
impl Default for MeanEstimation {
    fn default() -> Self {
        MeanEstimation::STANDARD
    }
}

impl Landscape for MeanEstimation {
    fn dimension(&self) -> usize {
        1
    }

    fn input_width(&self) -> usize {
        1
    }

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let number = S::Element::constant;
        let off = theta[0].clone() - S::constant(self.optimum);
        let noise = theta[0].clone().scale(&x[0]);
        (off.clone() * off).scale_element(&number(0.5 * self.hessian))
            + noise.scale_element(&number(self.noise))
    }
}
