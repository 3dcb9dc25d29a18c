//! A valley of minima that winds, along which noise pushes.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::landscape::Landscape;
use crate::scalar::Scalar;

/// With weights (a, b, z) and a number x, `l_x = ½ (a² + b² + (a cos z + b sin z)²) + x (a cos(z - π/4) + b sin(z - π/4))`.
///
/// In the paper x ~ N(0, 1), start 0. Every point of the z axis is then a minimum of the test loss, its Hessian has the eigenvalues 2, along
/// (cos z, sin z, 0), 1 and 0, and gradients have the covariance of a unit vector π/4 behind the first. The noise makes the weight wind
/// up the axis at a speed of η²/6 a step for small η, and for ever, where gradient flow would rest (Corollary 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinearScrew;

impl Landscape for LinearScrew {
    fn dimension(&self) -> usize {
        3
    }

    fn input_width(&self) -> usize {
        1
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let half = S::Element::constant(0.5);
        let (sine, cosine) = theta[2].clone().sin_cos();
        let (a, b) = (&theta[0], &theta[1]);
        let along = a.clone() * cosine.clone() + b.clone() * sine.clone();
        // cos(z - π/4) = (cos z + sin z) / √2, and so on: one sine and one cosine do.
        let across = b.clone() * cosine - a.clone() * sine;
        let noise = (along.clone() - across).scale_element(&S::Element::constant(FRAC_1_SQRT_2));
        let squares = a.clone() * a.clone() + b.clone() * b.clone() + along.clone() * along;
        squares.scale_element(&half) + noise.scale(&x[0])
    }
}
