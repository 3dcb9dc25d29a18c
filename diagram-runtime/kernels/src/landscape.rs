//! Loss landscapes: a loss is one function, written once and generic in the algebra.

use crate::dual::Dual;
use crate::graph::RecordError;
use crate::layers::{GradientSink, PrimalCache};
use crate::recorded::Recorded;
use crate::scalar::Scalar;
use crate::weights::Weights;

/// A smooth loss `l_x(θ)` of weights θ at a datapoint x.
///
/// A user writes [`Landscape::loss`] and the two sizes; derivatives of any order follow. Networks override [`Landscape::gradient`] with reverse mode.
/// Mark the functions as `#[inline(always)]`, so that they are compiled with the vector instructions that their callers enable. Without the attribute a
/// function may be compiled by itself, where each vector operation is left as a function call; the results are the same.
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
///         theta[0].clone().scale(&x[0]).minus_base(&x[1]).square().times(0.5)
///     }
/// }
///
/// let mut gradient = [0.0];
/// let loss: f64 = Line.gradient(Own(&[3.0]), &[2.0, 1.0], &mut gradient[..]);
/// assert_eq!((loss, gradient[0]), (12.5, 10.0));
/// ```
pub trait Landscape: Send + Sync {
    /// Whether [`Landscape::gradient_along`] is overridden, and so uses a primal cache. It is not called if this is false.
    const CACHES_PRIMALS: bool = false;

    /// The number P of weights.
    fn dimension(&self) -> usize;

    /// The number of numbers in a datapoint: its features, and then its label.
    fn input_width(&self) -> usize;

    /// Whether the loss has kinks, at which its derivatives are those of one side.
    fn is_piecewise(&self) -> bool {
        false
    }

    /// The loss at the weights `theta`, P scalars, and the datapoint `x`, [`input_width`](Landscape::input_width) constants.
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S;

    /// The loss at weights of any kind, which may be simpler than scalars of the algebra.
    #[inline(always)]
    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        self.loss(&theta.lift(), x)
    }

    /// Gives the components of the gradient to the sink `gradient` and returns the loss.
    ///
    /// By default it is computed in forward mode, by P evaluations of the loss in dual numbers.
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

    /// [`Landscape::gradient`] for one direction after the other at the same datapoint and weights. If the primal values in `cache` are
    /// [known](PrimalCache::is_known), then the present run has the same datapoint as the run that they are from, and its `theta` differs only in the
    /// derivatives.
    ///
    /// By default the cache is not used, and [`Landscape::CACHES_PRIMALS`] is false, so that nothing is compiled for it.
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

    /// The landscape as data, from which devices make kernels of their own. By default the loss is [recorded](crate::graph::Graph::record).
    ///
    /// # Errors
    /// [`RecordError`] if the loss is no graph of operations.
    fn recorded(&self) -> Result<Recorded, RecordError>
    where
        Self: Sized,
    {
        Recorded::of_loss(self)
    }

    /// The number of floating point operations of one loss, a multiply-add counted as two and elementary functions not counted; `None` if unknown.
    fn forward_flops(&self) -> Option<f64> {
        None
    }

    /// The number of floating point operations of one gradient, counted in the same way, including those of the loss; `None` if unknown.
    fn gradient_flops(&self) -> Option<f64> {
        None
    }
}
