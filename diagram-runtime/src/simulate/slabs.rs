//! Operations on slabs that do not depend on the landscape, as vector code.

mod update;

use diagram_algebra::rows;

use crate::lanes::{Isa, IsaOp, dispatch};
use crate::learning_rate::LearningRate;
use crate::scalar::{Element, Lanes, Scalar};

pub(super) use update::{Average, Decay, Memory, Update, average, update};

/// Writes the weights of one trial after the other, P numbers each, for as many trials as `numbers` has room for.
pub(super) fn scatter<T: Element>(slab: &[T], numbers: &mut [T]) {
    dispatch(Scatter(slab, numbers));
}

/// Writes a row for each lane to a slab. It is the inverse of [`scatter`].
pub(super) fn gather<T: Element>(rows: &[&[T]], slab: &mut [T]) {
    dispatch(Gather(rows, slab));
}

/// `theta += step · M · total` with the matrix M of a learning rate, or 1 if there is none; `total` is then set to 0.
pub(super) fn step<T: Element>(
    rate: Option<&LearningRate<T>>,
    step: &T,
    total: &mut [T],
    theta: &mut [T],
) {
    dispatch(DescentStep {
        rate,
        by: step,
        total: &*total,
        theta,
    });
    total.fill(T::constant(0.0));
}

/// `sum += factor · other`
pub(super) fn add_scaled<T: Element>(factor: &T, other: &[T], sum: &mut [T]) {
    dispatch(DescentStep {
        rate: None,
        by: factor,
        total: other,
        theta: sum,
    });
}

/// `slab *= factor`
pub(super) fn scale<T: Element>(factor: &T, slab: &mut [T]) {
    dispatch(Scale(factor, slab));
}

/// `weights = shift + scale · signs`, for each group of lanes of `signs`. `shift` has one number for each lane.
pub(super) fn shift_and_scale<T: Element>(shift: &[T], scale: &T, signs: &[T], weights: &mut [T]) {
    dispatch(ShiftAndScale {
        shift,
        scale,
        signs,
        weights,
    });
}

/// Returns `Σ along_i (theta_i - theta0_i)` for each lane.
///
/// Products are summed in the lanes over runs of [`RUN`] weights, which are short enough for single precision, and the sums of the runs are added in
/// double precision.
pub(super) fn displacements<T: Element>(theta: &[T], theta0: &[T], along: &[T]) -> Vec<f64> {
    dispatch(Displacements {
        theta,
        theta0,
        along,
    })
}

/// `sum = theta + step · total`; `total` is then set to 0.
pub(super) fn moved<T: Element>(theta: &[T], step: &T, total: &mut [T], sum: &mut [T]) {
    sum.clone_from_slice(theta);
    self::step(None, step, total, sum);
}

/// The square of the Euclidean norm in each lane, summed as [`displacements`] are.
pub(super) fn squared_norms<T: Element>(slab: &[T]) -> Vec<f64> {
    dispatch(SquaredNorms(slab))
}

/// The number of weights whose products are summed in the lanes.
const RUN: usize = 64;

struct Scatter<'a, T>(&'a [T], &'a mut [T]);

impl<T: Element> IsaOp for Scatter<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        rows::scatter(<T::Wide<I>>::vectors(self.0), self.1);
    }
}

struct Gather<'a, T>(&'a [&'a [T]], &'a mut [T]);

impl<T: Element> IsaOp for Gather<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        rows::gather(self.0, <T::Wide<I>>::vectors_mut(self.1));
    }
}

struct DescentStep<'a, T> {
    rate: Option<&'a LearningRate<T>>,
    by: &'a T,
    total: &'a [T],
    theta: &'a mut [T],
}

impl<T: Element> IsaOp for DescentStep<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let theta = <T::Wide<I>>::vectors_mut(self.theta);
        let total = <T::Wide<I>>::vectors(self.total);
        if let Some(rate) = self.rate {
            rate.descend(self.by, total, theta);
        } else {
            for (weight, total) in theta.iter_mut().zip(total) {
                weight.add_scaled(total, self.by);
            }
        }
    }
}

struct Scale<'a, T>(&'a T, &'a mut [T]);

impl<T: Element> IsaOp for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        for number in <T::Wide<I>>::vectors_mut(self.1) {
            *number = number.clone().scale_element(self.0);
        }
    }
}

struct ShiftAndScale<'a, T> {
    shift: &'a [T],
    scale: &'a T,
    signs: &'a [T],
    weights: &'a mut [T],
}

impl<T: Element> IsaOp for ShiftAndScale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let shift = &<T::Wide<I>>::vectors(self.shift)[0];
        let signs = <T::Wide<I>>::vectors(self.signs);
        let weights = <T::Wide<I>>::vectors_mut(self.weights);
        for (weight, sign) in weights.iter_mut().zip(signs) {
            *weight = shift.clone();
            weight.add_scaled(sign, self.scale);
        }
    }
}

struct Displacements<'a, T> {
    theta: &'a [T],
    theta0: &'a [T],
    along: &'a [T],
}

impl<T: Element> IsaOp for Displacements<'_, T> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Vec<f64> {
        let mut displacements = vec![0.0; T::LANES];
        let theta = <T::Wide<I>>::vectors(self.theta);
        let runs = theta.chunks(RUN).zip(self.theta0.chunks(RUN));
        for ((to, from), along) in runs.zip(self.along.chunks(RUN)) {
            let mut sum = <T::Wide<I>>::constant(0.0);
            for ((to, from), along) in to.iter().zip(from).zip(along) {
                let moved = to.clone() - <T::Wide<I>>::splat(from.clone());
                sum.add_scaled(&moved, along);
            }
            for (lane, displacement) in displacements.iter_mut().enumerate() {
                *displacement += sum.lane(lane).to_f64();
            }
        }
        displacements
    }
}

struct SquaredNorms<'a, T>(&'a [T]);

impl<T: Element> IsaOp for SquaredNorms<'_, T> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Vec<f64> {
        let mut squares = vec![0.0; T::LANES];
        for run in <T::Wide<I>>::vectors(self.0).chunks(RUN) {
            let mut sum = <T::Wide<I>>::constant(0.0);
            for number in run {
                sum.add_product(number, number);
            }
            for (lane, square) in squares.iter_mut().enumerate() {
                *square += sum.lane(lane).to_f64();
            }
        }
        squares
    }
}
