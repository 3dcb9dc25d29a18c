//! l2 regularization of any landscape, with a coefficient that may be a weight.

use crate::landscape::Landscape;
use crate::scalar::Scalar;

/// `l_x(θ) + ½ λ |θ|²`, where `l_x` is another landscape's loss.
///
/// With a coefficient that is [the last weight](L2Coefficient::LastWeight) λ is a hyperparameter: a weight with a learning rate of 0, which no
/// descent moves, but along which anything is differentiated as along any other weight. [`Curvature`](crate::criteria::Curvature) takes such weights
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
/// use diagram_runtime::landscape::Landscape;
/// use diagram_runtime::landscapes::{L2, L2Coefficient, MeanEstimation};
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

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let (weights, rest) = theta.split_at(self.landscape.dimension());
        let mut square = S::constant(0.0);
        for weight in weights {
            square.add_product(weight, weight);
        }
        let half = square.scale_element(&S::Element::constant(0.5));
        let penalty = match (self.coefficient, rest) {
            (L2Coefficient::Constant(coefficient), _) => {
                half.scale_element(&S::Element::constant(coefficient))
            }
            (L2Coefficient::LastWeight, rest) => half * rest[0].clone(),
        };
        self.landscape.loss(weights, x) + penalty
    }
}
