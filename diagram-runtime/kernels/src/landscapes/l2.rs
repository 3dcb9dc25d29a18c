//! l2 regularization of any landscape, with a coefficient that may be a weight.

use crate::landscape::Landscape;
use crate::layers::{GradientSink, PrimalCache};
use crate::scalar::{Scalar, Weight};
use crate::weights::{Own, Weights};

/// `l_x(θ) + ½ λ |θ|²`, where `l_x` is another landscape's loss.
///
/// With a coefficient that is [the last weight](L2Coefficient::LastWeight) λ is a hyperparameter: a weight with a learning rate of 0, which no
/// descent moves, but along which anything is differentiated as along any other weight. The runtime's `criteria::Curvature` takes such weights
/// by their indices; in a simulation a [`LearningRate`](crate::learning_rate::LearningRate::from_factor) holds them still.
///
/// To choose λ, weigh what regularization costs against what it saves. It pulls the trained weight off the optimum of `l_x`, which `l_x` itself,
/// without the coefficient's term, measures; and it steepens the loss, so that less is overfitted, which the generalization gap measures. (The
/// regularized loss at its own minimum counts half of the pull as its own cost, and does not do.) [`MeanEstimation`](super::MeanEstimation) with an
/// optimum o that is not 0 shows both sides: the minimum is at `h o / (h + λ)`, a loss of `½ h o² (λ / (h + λ))²`, and the gap is
/// `s² / (h + λ) / N` after a long time. Their sum is least at a λ that is neither 0 nor infinite, near `s² / (N h o²)`; with o = 0, nothing would be
/// lost by any λ.
///
/// ```
/// use diagram_kernels::landscape::Landscape;
/// use diagram_kernels::landscapes::{L2, L2Coefficient, MeanEstimation};
///
/// let fixed = L2 { landscape: MeanEstimation::default(), coefficient: L2Coefficient::Constant(3.0) };
/// let tunable = L2 { landscape: MeanEstimation::default(), coefficient: L2Coefficient::LastWeight };
/// // ½ w² + w x + ½ λ w² at w = 2, x = 5, λ = 3.
/// assert_eq!(fixed.loss::<f64>(&[2.0], &[5.0]), 18.0);
/// assert_eq!(tunable.loss::<f64>(&[2.0, 3.0], &[5.0]), 18.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L2<L> {
    /// What is regularized.
    pub landscape: L,
    /// λ.
    pub coefficient: L2Coefficient,
}

/// Where the coefficient of [`L2`] comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum L2Coefficient {
    /// A number of the landscape.
    Constant(f64),
    /// One more weight, after those of what is regularized.
    LastWeight,
}

impl<L: Landscape> Landscape for L2<L> {
    fn dimension(&self) -> usize {
        let more = usize::from(self.coefficient == L2Coefficient::LastWeight);
        self.landscape.dimension() + more
    }

    fn input_width(&self) -> usize {
        self.landscape.input_width()
    }

    const CACHES_PRIMALS: bool = L::CACHES_PRIMALS;

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    #[inline(always)]
    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        let weights = theta.range(0..self.landscape.dimension());
        let penalty = self.penalty(theta);
        self.landscape.forward(weights, x) + penalty
    }

    #[inline(always)]
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let mut sink = self.sink(theta, gradient);
        let loss = self.landscape.gradient(sink.weights, x, &mut sink);
        self.put_coefficient(theta, gradient);
        loss + self.penalty(theta)
    }

    #[inline(always)]
    fn gradient_along<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        cache: &mut PrimalCache<A>,
        gradient: &mut S,
    ) -> A {
        let mut sink = self.sink(theta, gradient);
        let weights = sink.weights;
        let loss = self.landscape.gradient_along(weights, x, cache, &mut sink);
        self.put_coefficient(theta, gradient);
        loss + self.penalty(theta)
    }

    /// Those of the landscape, a square for each weight, and the product with λ.
    fn forward_flops(&self) -> Option<f64> {
        let weights = self.landscape.dimension() as f64;
        Some(self.landscape.forward_flops()? + 2.0 * weights + 3.0)
    }

    /// Those of the landscape, the square as in the loss, and `λ θ_i` for each weight.
    fn gradient_flops(&self) -> Option<f64> {
        let weights = self.landscape.dimension() as f64;
        Some(self.landscape.gradient_flops()? + 4.0 * weights + 3.0)
    }
}

impl<L: Landscape> L2<L> {
    /// `½ |θ|²` over the weights that are regularized.
    #[inline(always)]
    fn half_square<A: Scalar, W: Weights<A>>(&self, theta: W) -> A {
        let mut square = A::constant(0.0);
        for at in 0..self.landscape.dimension() {
            let weight = theta.at(at).lift();
            square.add_product(&weight, &weight);
        }
        square.scale_element(&A::Element::constant(0.5))
    }

    /// `λ · factor`.
    #[inline(always)]
    fn times_coefficient<A: Scalar, W: Weights<A>>(&self, theta: W, factor: A) -> A {
        match self.coefficient {
            L2Coefficient::Constant(coefficient) => {
                factor.scale_element(&A::Element::constant(coefficient))
            }
            L2Coefficient::LastWeight => factor * theta.at(self.landscape.dimension()).lift(),
        }
    }

    #[inline(always)]
    fn penalty<A: Scalar, W: Weights<A>>(&self, theta: W) -> A {
        let half = self.half_square(theta);
        self.times_coefficient(theta, half)
    }

    #[inline(always)]
    fn sink<'s, A: Scalar, W: Weights<A>, S: ?Sized>(
        &'s self,
        theta: W,
        gradient: &'s mut S,
    ) -> Regularized<'s, L, W, S> {
        Regularized {
            l2: self,
            weights: theta.range(0..self.landscape.dimension()),
            theta,
            gradient,
        }
    }

    /// The component along λ, if it is a weight.
    #[inline(always)]
    fn put_coefficient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        gradient: &mut S,
    ) {
        if self.coefficient == L2Coefficient::LastWeight {
            gradient.put(self.landscape.dimension(), self.half_square(theta));
        }
    }
}

/// Adds `λ θ_i` to the components of a gradient on their way.
struct Regularized<'s, L, W, S: ?Sized> {
    l2: &'s L2<L>,
    theta: W,
    /// Without λ.
    weights: W,
    gradient: &'s mut S,
}

impl<A: Scalar, L: Landscape, W: Weights<A>, S: GradientSink<A> + ?Sized> GradientSink<A>
    for Regularized<'_, L, W, S>
{
    type Part = S::Part;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        let weight = self.weights.at(position).lift();
        let pull = self.l2.times_coefficient(self.theta, weight);
        self.gradient.put(position, component + pull);
    }
}
