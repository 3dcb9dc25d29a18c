//! The algebras in which gradients along the directions of a pass are computed, and the weights in them.

use super::Direction;
use crate::dual::Dual;
use crate::rows::gather_consecutive;
use crate::scalar::{Element, Lanes};
use crate::taylor::Taylor;
use crate::weights::{Directions, DualWeights, Lines, Own, Shared, Weights};
use diagram_algebra::jet::Jet;

/// θ plus a formal combination of the directions of a pass: a point whose derivatives are those along the directions.
pub(super) trait Point<T: Element> {
    /// The ground ring, with one sample in each SIMD lane.
    type Lanes: Lanes<Element = T>;
    /// The algebra that carries the derivatives.
    type Algebra: Jet<Base = Self::Lanes, Element = T>;
    /// The list of weights in this algebra.
    type Weights<'a>: Weights<Self::Algebra>
    where
        Self: 'a;
    /// Whether runs along several directions at the same samples share a primal cache. Kernels are then compiled twice: with and without known primal
    /// values.
    const SHARES: bool;
    /// The weights for `count` samples, the first of which has the row `offset` in tables of directions for each sample.
    fn weights<'a>(
        &'a mut self,
        directions: &[Direction<'a, T>],
        offset: usize,
        count: usize,
    ) -> Self::Weights<'a>;
}

/// θ without directions, for gradients.
pub(super) struct GradientPoint<'t, R: Lanes>(&'t [R::Element]);

/// The line jet of order M - 1 through θ along a direction that all lanes share.
pub(super) struct SharedLineJet<'t, R: Lanes, const M: usize>(&'t [R::Element]);

/// The line jet of order M - 1 through θ along a direction for each lane.
pub(super) struct LineJet<'t, R: Lanes, const M: usize> {
    theta: &'t [R::Element],
    direction: Vec<R>,
}

/// θ with two dual components, for mixed second derivatives.
pub(super) struct MixedSecond<'t, R: Lanes>(DualComponents<'t, R, 2>);

/// θ with three dual components, for mixed third derivatives.
pub(super) struct MixedThird<'t, R: Lanes>(DualComponents<'t, R, 3>);

/// θ and the directions of Q dual components.
struct DualComponents<'t, R: Lanes, const Q: usize> {
    theta: &'t [R::Element],
    /// The index in the pass of the direction of each dual component, that of the innermost first.
    indices: [usize; Q],
    /// The direction of each dual component, for the samples in the lanes.
    directions: [Vec<R>; Q],
}

impl<'t, R: Lanes> GradientPoint<'t, R> {
    pub(super) fn new(theta: &'t [R::Element]) -> Self {
        GradientPoint(theta)
    }
}

impl<'t, R: Lanes, const M: usize> SharedLineJet<'t, R, M> {
    pub(super) fn new(theta: &'t [R::Element]) -> Self {
        SharedLineJet(theta)
    }
}

impl<'t, R: Lanes, const M: usize> LineJet<'t, R, M> {
    pub(super) fn new(theta: &'t [R::Element]) -> Self {
        LineJet {
            theta,
            direction: zeros(theta.len()),
        }
    }
}

impl<'t, R: Lanes> MixedSecond<'t, R> {
    pub(super) fn new(theta: &'t [R::Element], indices: [usize; 2]) -> Self {
        MixedSecond(DualComponents::new(theta, indices))
    }
}

impl<'t, R: Lanes> MixedThird<'t, R> {
    pub(super) fn new(theta: &'t [R::Element], indices: [usize; 3]) -> Self {
        MixedThird(DualComponents::new(theta, indices))
    }
}

impl<'t, R: Lanes, const Q: usize> DualComponents<'t, R, Q> {
    fn new(theta: &'t [R::Element], indices: [usize; Q]) -> Self {
        DualComponents {
            theta,
            indices,
            directions: std::array::from_fn(|_| zeros(theta.len())),
        }
    }

    /// Puts the directions of `count` samples into lanes.
    #[inline(always)]
    fn fill(&mut self, directions: &[Direction<'_, R::Element>], offset: usize, count: usize) {
        for i in 0..Q {
            fill_lanes(
                directions[self.indices[i]],
                offset,
                count,
                &mut self.directions[i],
            );
        }
    }
}

fn zeros<R: Lanes>(length: usize) -> Vec<R> {
    vec![R::constant(0.0); length]
}

/// Puts the components of a direction into lanes: broadcast if all samples share it, and otherwise those of each sample in its lane.
#[inline(always)]
fn fill_lanes<R: Lanes>(
    direction: Direction<'_, R::Element>,
    offset: usize,
    count: usize,
    lanes: &mut [R],
) {
    match direction {
        Direction::Shared(u) => {
            for (lanes, x) in lanes.iter_mut().zip(u) {
                *lanes = R::splat(x.clone());
            }
        }
        Direction::PerSample(rows) => {
            let dimension = lanes.len();
            gather_consecutive(
                &rows[offset * dimension..(offset + count) * dimension],
                lanes,
            );
        }
    }
}

impl<T: Element, R: Lanes<Element = T>> Point<T> for GradientPoint<'_, R> {
    type Lanes = R;
    type Algebra = R;
    type Weights<'a>
        = Shared<'a, T>
    where
        Self: 'a;
    const SHARES: bool = false;

    #[inline(always)]
    fn weights<'a>(&'a mut self, _: &[Direction<'a, T>], _: usize, _: usize) -> Shared<'a, T> {
        Shared(self.0)
    }
}

impl<T: Element, R: Lanes<Element = T>, const M: usize> Point<T> for SharedLineJet<'_, R, M> {
    type Lanes = R;
    type Algebra = Taylor<R, M>;
    type Weights<'a>
        = Lines<Shared<'a, T>, Shared<'a, T>>
    where
        Self: 'a;
    const SHARES: bool = true;

    #[inline(always)]
    fn weights<'a>(
        &'a mut self,
        directions: &[Direction<'a, T>],
        _: usize,
        _: usize,
    ) -> Self::Weights<'a> {
        let Direction::Shared(slopes) = directions[0] else {
            unreachable!("this point is chosen for shared directions alone");
        };
        Lines {
            values: Shared(self.0),
            slopes: Shared(slopes),
        }
    }
}

impl<T: Element, R: Lanes<Element = T>, const M: usize> Point<T> for LineJet<'_, R, M> {
    type Lanes = R;
    type Algebra = Taylor<R, M>;
    type Weights<'a>
        = Lines<Shared<'a, T>, Own<'a, R>>
    where
        Self: 'a;
    const SHARES: bool = false;

    #[inline(always)]
    fn weights<'a>(
        &'a mut self,
        directions: &[Direction<'a, T>],
        offset: usize,
        count: usize,
    ) -> Self::Weights<'a> {
        fill_lanes(directions[0], offset, count, &mut self.direction);
        Lines {
            values: Shared(self.theta),
            slopes: Own(&self.direction),
        }
    }
}

impl<T: Element, R: Lanes<Element = T>> Point<T> for MixedSecond<'_, R> {
    type Lanes = R;
    type Algebra = Dual<Dual<R>>;
    type Weights<'a>
        = DualWeights<DualWeights<Shared<'a, T>, Directions<'a, R>>, Directions<'a, R>>
    where
        Self: 'a;
    const SHARES: bool = false;

    #[inline(always)]
    fn weights<'a>(
        &'a mut self,
        directions: &[Direction<'a, T>],
        offset: usize,
        count: usize,
    ) -> Self::Weights<'a> {
        self.0.fill(directions, offset, count);
        let [u, v] = &self.0.directions;
        DualWeights {
            values: DualWeights {
                values: Shared(self.0.theta),
                slopes: Directions(u),
            },
            slopes: Directions(v),
        }
    }
}

impl<T: Element, R: Lanes<Element = T>> Point<T> for MixedThird<'_, R> {
    type Lanes = R;
    type Algebra = Dual<Dual<Dual<R>>>;
    type Weights<'a>
        = DualWeights<
        DualWeights<DualWeights<Shared<'a, T>, Directions<'a, R>>, Directions<'a, R>>,
        Directions<'a, R>,
    >
    where
        Self: 'a;
    const SHARES: bool = false;

    #[inline(always)]
    fn weights<'a>(
        &'a mut self,
        directions: &[Direction<'a, T>],
        offset: usize,
        count: usize,
    ) -> Self::Weights<'a> {
        self.0.fill(directions, offset, count);
        let [u, v, w] = &self.0.directions;
        DualWeights {
            values: DualWeights {
                values: DualWeights {
                    values: Shared(self.0.theta),
                    slopes: Directions(u),
                },
                slopes: Directions(v),
            },
            slopes: Directions(w),
        }
    }
}
