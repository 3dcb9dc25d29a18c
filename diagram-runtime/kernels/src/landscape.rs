//! Loss landscapes: one function, written once, for every algebra.

use crate::dual::Dual;
use crate::layers::{GradientSink, PrimalCache};
use crate::scalar::Scalar;
use crate::weights::Weights;

/// A smooth loss `l_x(θ)` of weights θ at a datapoint x.
///
/// A user writes [`Landscape::loss`] and the two sizes; derivatives of any order follow. Networks override [`Landscape::gradient`] with
/// reverse mode. `#[inline(always)]` lets the function be compiled for the machine's vector instructions together with what calls it; without,
/// results are the same, and mean estimation takes twice as long.
///
/// ```
/// use diagram_kernels::landscape::Landscape;
/// use diagram_algebra::scalar::Scalar;
/// use diagram_algebra::weights::Own;
///
/// /// Fits a line through the origin.
/// struct Line;
///
/// impl Landscape for Line {
///     fn dimension(&self) -> usize {
///         1
///     }
///     fn input_width(&self) -> usize {
///         2
///     }
///     #[inline(always)]
///     fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
///         let error = theta[0].clone().scale(&x[0]) - S::from_base(x[1].clone());
///         (error.clone() * error).scale_element(&<S::Element as Scalar>::constant(0.5))
///     }
/// }
///
/// let mut gradient = [0.0];
/// let loss: f64 = Line.gradient(Own(&[3.0]), &[2.0, 1.0], &mut gradient[..]);
/// assert_eq!((loss, gradient[0]), (12.5, 10.0));
/// ```
pub trait Landscape: Send + Sync {
    /// Whether [`Landscape::gradient_along`] is overridden, so that directions at the same samples are best given together.
    const CACHES_PRIMALS: bool = false;

    /// P, the number of weights.
    fn dimension(&self) -> usize;

    /// How many numbers one datapoint has: its features, then its label.
    fn input_width(&self) -> usize;

    /// The loss at weights `theta` (P scalars) and datapoint `x` (`input_width` constants).
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S;

    /// The loss, for weights that may be simpler than the algebra.
    #[inline(always)]
    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        self.loss(&theta.lift(), x)
    }

    /// Gives the gradient, component by component, to `gradient` and returns the loss. By default forward mode, P times the work of the loss.
    #[inline(always)]
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let constant = |value: A| Dual {
            value,
            slope: A::constant(0.0),
        };
        let mut moving: Vec<Dual<A>> = theta.lift().into_iter().map(constant).collect();
        let mut loss = A::constant(0.0);
        for at in 0..moving.len() {
            moving[at].slope = A::constant(1.0);
            let Dual { value, slope } = self.loss(&moving, x);
            moving[at].slope = A::constant(0.0);
            gradient.put(at, slope);
            loss = value;
        }
        loss
    }

    /// As [`Landscape::gradient`], for one direction after the other at the same datapoint and weights: `theta` differs from the `theta` of the
    /// run that `cache` [knows](PrimalCache::is_known) in its derivatives only.
    ///
    /// By default every run starts anew, and [`Landscape::CACHES_PRIMALS`] is false, so that nothing is compiled twice for it.
    #[inline(always)]
    fn gradient_along<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        cache: &mut PrimalCache<A>,
        gradient: &mut S,
    ) -> A {
        let _ = cache;
        self.gradient(theta, x, gradient)
    }

    /// Floating point operations of one loss, multiply and add as two, elementary functions not counted; `None` if unknown.
    fn forward_flops(&self) -> Option<f64> {
        None
    }

    /// Floating point operations of one gradient (forward and reverse); `None` if unknown.
    fn gradient_flops(&self) -> Option<f64> {
        None
    }
}
