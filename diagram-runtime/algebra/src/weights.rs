//! Lists of weights as layers read them.
//!
//! θ is the same for all samples of a pass, whereas directions often differ between samples. A weight with derivatives is therefore never stored: it is
//! put together when it is read, from one array that holds values and one array for each direction, each of which has lanes only if it needs them.

use std::ops::Range;

use crate::dual::{Dual, DualWeight, PerLane, Slope};
use crate::scalar::{Broadcast, Lanes, Scalar, Weight};
use crate::taylor::{Line, Taylor};

/// A list of weights for activations of algebra `A`.
pub trait Weights<A: Scalar>: Copy + Send + Sync {
    /// The type of one weight.
    type Weight: Weight<A>;
    /// The number of weights.
    fn len(self) -> usize;
    /// Whether the list has no weights.
    fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// The weight at a position.
    ///
    /// # Panics
    /// If the position is not below [`len`](Weights::len).
    fn at(self, position: usize) -> Self::Weight;
    /// The consecutive weights at the positions of a range, as a list.
    ///
    /// # Panics
    /// If the range ends beyond [`len`](Weights::len).
    #[must_use]
    fn range(self, range: Range<usize>) -> Self;
    /// All weights as scalars of the algebra.
    fn lift(self) -> Vec<A> {
        (0..self.len()).map(|i| self.at(i).lift()).collect()
    }
}

/// Weights that are scalars of the activations' own algebra.
#[derive(Debug)]
pub struct Own<'a, A>(pub &'a [A]);

/// Weights without derivatives that are the same in every lane; each is [broadcast](Broadcast) when it is read.
#[derive(Debug)]
pub struct Shared<'a, E>(pub &'a [E]);

/// The components of a direction that differs from lane to lane.
#[derive(Debug)]
pub struct Directions<'a, R>(pub &'a [R]);

macro_rules! slice_wrapper {
    ($wrapper:ident) => {
        impl<T> Clone for $wrapper<'_, T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<T> Copy for $wrapper<'_, T> {}
    };
}
slice_wrapper!(Own);
slice_wrapper!(Shared);
slice_wrapper!(Directions);

impl<A: Scalar> Weights<A> for Own<'_, A> {
    type Weight = A;
    #[inline(always)]
    fn len(self) -> usize {
        self.0.len()
    }
    #[inline(always)]
    fn at(self, position: usize) -> A {
        self.0[position].clone()
    }
    #[inline(always)]
    fn range(self, range: Range<usize>) -> Self {
        Own(&self.0[range])
    }
}

impl<A: Scalar> Weights<A> for Shared<'_, A::Element> {
    type Weight = Broadcast<A::Element>;
    #[inline(always)]
    fn len(self) -> usize {
        self.0.len()
    }
    #[inline(always)]
    fn at(self, position: usize) -> Broadcast<A::Element> {
        Broadcast(self.0[position].clone())
    }
    #[inline(always)]
    fn range(self, range: Range<usize>) -> Self {
        Shared(&self.0[range])
    }
}

/// Weights on a line, `values + slopes·t`, for [`Taylor`] series.
#[derive(Clone, Copy, Debug)]
pub struct Lines<V, D> {
    /// The weights at t = 0.
    pub values: V,
    /// The direction of the line.
    pub slopes: D,
}

impl<R: Lanes, V: Weights<R>, D: Weights<R>, const M: usize> Weights<Taylor<R, M>> for Lines<V, D> {
    type Weight = Line<V::Weight, D::Weight>;
    #[inline(always)]
    fn len(self) -> usize {
        self.values.len()
    }
    #[inline(always)]
    fn at(self, position: usize) -> Self::Weight {
        Line {
            value: self.values.at(position),
            slope: self.slopes.at(position),
        }
    }
    #[inline(always)]
    fn range(self, range: Range<usize>) -> Self {
        Lines {
            values: self.values.range(range.clone()),
            slopes: self.slopes.range(range),
        }
    }
}

/// Weights with one more dual component, `values + slopes·ε`, for [`Dual`] numbers.
#[derive(Clone, Copy, Debug)]
pub struct DualWeights<V, D> {
    /// The weights without this dual component.
    pub values: V,
    /// The direction of this dual component.
    pub slopes: D,
}

/// The components of a direction, for weights that are [`Dual`] numbers over `S`.
pub trait Slopes<S: Scalar>: Copy + Send + Sync {
    /// The type of one component.
    type Slope: Slope<S>;
    /// The component at a position.
    ///
    /// # Panics
    /// If there is no such position.
    fn slope(self, position: usize) -> Self::Slope;
    /// The consecutive components at the positions of a range.
    ///
    /// # Panics
    /// If the range ends beyond the last position.
    #[must_use]
    fn slopes(self, range: Range<usize>) -> Self;
}

impl<S: Scalar> Slopes<S> for Directions<'_, S::Base> {
    type Slope = PerLane<S::Base>;
    #[inline(always)]
    fn slope(self, position: usize) -> PerLane<S::Base> {
        PerLane(self.0[position].clone())
    }
    #[inline(always)]
    fn slopes(self, range: Range<usize>) -> Self {
        Directions(&self.0[range])
    }
}

impl<S: Scalar, V: Weights<S>, D: Slopes<S>> Weights<Dual<S>> for DualWeights<V, D> {
    type Weight = DualWeight<V::Weight, D::Slope>;
    #[inline(always)]
    fn len(self) -> usize {
        self.values.len()
    }
    #[inline(always)]
    fn at(self, position: usize) -> Self::Weight {
        DualWeight {
            value: self.values.at(position),
            slope: self.slopes.slope(position),
        }
    }
    #[inline(always)]
    fn range(self, range: Range<usize>) -> Self {
        DualWeights {
            values: self.values.range(range.clone()),
            slopes: self.slopes.slopes(range),
        }
    }
}
