//! l2 regularization of any landscape. The coefficient is a constant or one of the weights.

use crate::graph::RecordError;
use crate::landscape::Landscape;
use crate::layers::{GradientSink, PrimalCache};
use crate::recorded::Recorded;
use crate::scalar::{Scalar, Weight};
use crate::weights::{Own, Weights};

/// The regularized loss `l_x(θ) + ½ λ |θ|²`, where `l_x` is the loss of another landscape.
///
/// If the coefficient is [the last weight](L2Coefficient::LastWeight), then λ is a hyperparameter: a weight whose learning rate should be 0, so that
/// training does not move it, but along which results are differentiated as along any other weight. The runtime's `criteria::Curvature` takes such weights
/// by their indices; in a simulation a [`LearningRate`](crate::learning_rate::LearningRate::from_factor) whose factor has a row of zeros for λ keeps it
/// fixed.
///
/// A good λ balances the cost of regularization against its benefit. The cost is that the trained weight is pulled off the optimum of `l_x`, which the
/// unregularized loss `l_x` measures; the regularized loss does not, because it contains the penalty. The benefit is that the loss is steeper and the
/// weight overfits less, which the generalization gap measures. [`MeanEstimation`](super::MeanEstimation) with an optimum o that is not 0 shows both: the
/// regularized minimum is at `h o / (h + λ)`, where the unregularized loss is `½ h o² (λ / (h + λ))²`, and the gap after long training on N points is
/// `s² / (h + λ) / N`. The sum of both is least at a finite positive λ, near `s² / (N h o²)`; with o = 0 the cost is 0 for every λ.
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
    /// The landscape that is regularized.
    pub landscape: L,
    /// The coefficient λ.
    pub coefficient: L2Coefficient,
}

/// The source of the coefficient λ of [`L2`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum L2Coefficient {
    /// λ is a constant.
    Constant(f64),
    /// λ is one more weight, after those of the landscape that is regularized.
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

    fn is_piecewise(&self) -> bool {
        self.landscape.is_piecewise()
    }

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

    fn recorded(&self) -> Result<Recorded, RecordError> {
        match (self.landscape.recorded(), self.coefficient) {
            (Ok(Recorded::Network(network)), L2Coefficient::Constant(coefficient)) => {
                Ok(network.penalized(coefficient).into())
            }
            _ => Recorded::of_loss(self),
        }
    }

    /// The operations are those of the landscape, a square for each weight, and the product with λ.
    fn forward_flops(&self) -> Option<f64> {
        let weights = self.landscape.dimension() as f64;
        Some(self.landscape.forward_flops()? + 2.0 * weights + 3.0)
    }

    /// The operations are those of the landscape, the squares and the product as in the loss, and the product `λ θ_i` and its sum for each weight.
    fn gradient_flops(&self) -> Option<f64> {
        let weights = self.landscape.dimension() as f64;
        Some(self.landscape.gradient_flops()? + 4.0 * weights + 3.0)
    }
}

impl<L: Landscape> L2<L> {
    /// `½ |θ|²`, summed over the weights that are regularized.
    #[inline(always)]
    fn half_square<A: Scalar, W: Weights<A>>(&self, theta: W) -> A {
        let mut square = A::constant(0.0);
        for at in 0..self.landscape.dimension() {
            let weight = theta.at(at).lift();
            square.add_product(&weight, &weight);
        }
        square.scale_element(&A::Element::constant(0.5))
    }

    /// The product `λ · factor`.
    #[inline(always)]
    fn times_coefficient<A: Scalar, W: Weights<A>>(&self, theta: W, factor: A) -> A {
        match self.coefficient {
            L2Coefficient::Constant(coefficient) => {
                factor.scale_element(&A::Element::constant(coefficient))
            }
            L2Coefficient::LastWeight => factor * theta.at(self.landscape.dimension()).lift(),
        }
    }

    /// The penalty `½ λ |θ|²`.
    #[inline(always)]
    fn penalty<A: Scalar, W: Weights<A>>(&self, theta: W) -> A {
        let half = self.half_square(theta);
        self.times_coefficient(theta, half)
    }

    /// The sink for the landscape's own gradient, which adds that of the penalty.
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

    /// Gives the component of the gradient with respect to λ to the sink, if λ is a weight.
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

/// The sink that adds `λ θ_i` to each component of the landscape's gradient and gives the sum to another sink.
struct Regularized<'s, L, W, S: ?Sized> {
    l2: &'s L2<L>,
    /// All weights.
    theta: W,
    /// The weights without λ.
    weights: W,
    /// The sink that receives the regularized gradient.
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
