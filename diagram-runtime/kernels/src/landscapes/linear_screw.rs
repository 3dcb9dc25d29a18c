//! The linear screw: a straight line of minima around which the Hessian rotates, so that noise drives the weight along it.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::landscape::Landscape;
use crate::layers::GradientSink;
use crate::scalar::{Scalar, Weight};
use crate::weights::Weights;

/// The loss `l_x = ½ (a² + b² + (a cos z + b sin z)²) + x (a cos(z - π/4) + b sin(z - π/4))` of the weights (a, b, z) at a number x.
///
/// In the paper x ~ N(0, 1), and training starts at 0. Every point of the z axis is then a minimum of the test loss. The Hessian there has the eigenvalues
/// 2, along (cos z, sin z, 0), 1 and 0, and the covariance of gradients is `v vᵀ` with a unit vector v that is π/4 behind the first eigenvector. The
/// noise makes the weight move up the axis without end, by η²/6 in a step for small η, where gradient flow would stay at rest (Corollary 1 of the paper).
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

    /// The derivatives are written out, so that one sine and one cosine are computed, where forward mode would compute three of each.
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

/// The weights in a frame that rotates with the Hessian.
struct Turned<S> {
    /// The sine of z.
    sine: S,
    /// The cosine of z.
    cosine: S,
    /// The component `a cos z + b sin z` along the first eigenvector of the Hessian.
    along: S,
    /// The component `b cos z - a sin z` across it, which is also the derivative of `along` with respect to z.
    across: S,
    /// The squared distance `a² + b²` from the axis.
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
        // cos(z - π/4) = (cos z + sin z) / √2 and sin(z - π/4) = (sin z - cos z) / √2, so no further sine and cosine are needed.
        let noise =
            (self.along.clone() - self.across).scale_element(&S::Element::constant(FRAC_1_SQRT_2));
        let squares = self.square + self.along.clone() * self.along;
        squares.scale_element(&S::Element::constant(0.5)) + noise.scale(x)
    }
}
