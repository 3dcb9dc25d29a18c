//! A valley of minima that winds, along which noise pushes.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::landscape::Landscape;
use crate::layers::GradientSink;
use crate::scalar::{Scalar, Weight};
use crate::weights::Weights;

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

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        Turned::new(&theta[0], &theta[1], &theta[2]).loss(&x[0])
    }

    /// With one sine and one cosine, where forward mode takes three.
    #[inline(always)]
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let [a, b, z] = [0, 1, 2].map(|at| theta.at(at).lift());
        let turned = Turned::new(&a, &b, &z);
        let Turned {
            sine,
            cosine,
            along,
            across,
            ..
        } = &turned;
        let noise = |slope: A| {
            slope
                .scale_element(&A::Element::constant(FRAC_1_SQRT_2))
                .scale(&x[0])
        };
        let by_a = a.clone() + along.clone() * cosine.clone();
        let by_b = b.clone() + along.clone() * sine.clone();
        gradient.put(0, by_a + noise(cosine.clone() + sine.clone()));
        gradient.put(1, by_b + noise(sine.clone() - cosine.clone()));
        gradient.put(
            2,
            along.clone() * across.clone() + noise(along.clone() + across.clone()),
        );
        turned.loss(&x[0])
    }
}

/// The weights seen from a frame that turns with the screw.
struct Turned<S> {
    sine: S,
    cosine: S,
    /// `a cos z + b sin z`.
    along: S,
    /// `b cos z - a sin z`, by how much `along` changes with z.
    across: S,
    /// `a² + b²`.
    square: S,
}

impl<S: Scalar> Turned<S> {
    #[inline(always)]
    fn new(a: &S, b: &S, z: &S) -> Self {
        let (sine, cosine) = z.clone().sin_cos();
        Turned {
            along: a.clone() * cosine.clone() + b.clone() * sine.clone(),
            across: b.clone() * cosine.clone() - a.clone() * sine.clone(),
            square: a.clone() * a.clone() + b.clone() * b.clone(),
            sine,
            cosine,
        }
    }

    #[inline(always)]
    fn loss(self, x: &S::Base) -> S {
        // cos(z - π/4) = (cos z + sin z) / √2, and so on: one sine and one cosine do.
        let noise =
            (self.along.clone() - self.across).scale_element(&S::Element::constant(FRAC_1_SQRT_2));
        let squares = self.square + self.along.clone() * self.along;
        squares.scale_element(&S::Element::constant(0.5)) + noise.scale(x)
    }
}
