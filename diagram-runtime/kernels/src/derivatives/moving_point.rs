//! Points near θ: which algebra moves along the directions of a job, and its weights.

use super::Direction;
use crate::dual::Dual;
use crate::rows::gather_consecutive;
use crate::scalar::{Element, Lanes};
use crate::taylor::Taylor;
use crate::weights::{Directions, DualWeights, Lines, Own, Shared, Weights};
use diagram_algebra::jet::Jet;

/// θ, moving along directions.
pub(super) trait Point<T: Element> {
    /// Samples side by side.
    type Lanes: Lanes<Element = T>;
    /// The algebra that carries the derivatives.
    type Algebra: Jet<Base = Self::Lanes, Element = T>;
    /// Weights in it.
    type Weights<'a>: Weights<Self::Algebra>
    where
        Self: 'a;
    /// Whether runs along several directions at the same samples share what does not depend on the directions. (Kernels are compiled once more
    /// for that.)
    const SHARES: bool;
    /// The weights for `count` samples, the first of which is at `offset` in the tables of directions.
    fn weights<'a>(
        &'a mut self,
        directions: &[Direction<'a, T>],
        offset: usize,
        count: usize,
    ) -> Self::Weights<'a>;
}

/// θ itself.
pub(super) struct GradientPoint<'t, R: Lanes>(&'t [R::Element]);

/// θ on a line that all lanes share, to order M - 1.
pub(super) struct SharedLineJet<'t, R: Lanes, const M: usize>(&'t [R::Element]);

/// θ on a line for each lane, to order M - 1.
pub(super) struct LineJet<'t, R: Lanes, const M: usize> {
    theta: &'t [R::Element],
    direction: Vec<R>,
}

/// θ moving with two dual components.
pub(super) struct MixedSecond<'t, R: Lanes>(DualComponents<'t, R, 2>);

/// θ moving with three dual components.
pub(super) struct MixedThird<'t, R: Lanes>(DualComponents<'t, R, 3>);

struct DualComponents<'t, R: Lanes, const Q: usize> {
    theta: &'t [R::Element],
    /// Which direction belongs to each dual component, the innermost first.
    which: [usize; Q],
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
    pub(super) fn new(theta: &'t [R::Element], which: [usize; 2]) -> Self {
        MixedSecond(DualComponents::new(theta, which))
    }
}

impl<'t, R: Lanes> MixedThird<'t, R> {
    pub(super) fn new(theta: &'t [R::Element], which: [usize; 3]) -> Self {
        MixedThird(DualComponents::new(theta, which))
    }
}

impl<'t, R: Lanes, const Q: usize> DualComponents<'t, R, Q> {
    fn new(theta: &'t [R::Element], which: [usize; Q]) -> Self {
        DualComponents {
            theta,
            which,
            directions: std::array::from_fn(|_| zeros(theta.len())),
        }
    }

    #[inline(always)]
    fn fill(&mut self, directions: &[Direction<'_, R::Element>], offset: usize, count: usize) {
        for i in 0..Q {
            side_by_side(
                directions[self.which[i]],
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

/// A direction's components, one in each lane.
#[inline(always)]
fn side_by_side<R: Lanes>(
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
            unreachable!("chosen for shared directions");
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
        side_by_side(directions[0], offset, count, &mut self.direction);
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
