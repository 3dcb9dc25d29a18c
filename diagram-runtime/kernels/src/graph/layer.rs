//! Sums of products of streamed weights: the dense layers of networks, however their losses are written.

use std::ops::Range;

use super::plan::{Factors, Row};
use super::results::Results;
use crate::layers::{Data, GradientSink, Hidden, Input};
use crate::scalar::{Scalar, Weight, filled};
use crate::unroll::{array, each};
use crate::weights::Weights;

/// A kind of factors, and the list that they are in.
pub(super) trait Factor<A: Scalar>: Input<A> {
    fn list(results: Results<'_, A>) -> &[Self::Item];
}

impl<A: Scalar> Factor<A> for Data {
    #[inline(always)]
    fn list(results: Results<'_, A>) -> &[A::Base] {
        results.inputs
    }
}

impl<A: Scalar> Factor<A> for Hidden {
    #[inline(always)]
    fn list(results: Results<'_, A>) -> &[A] {
        results.scalars
    }
}

/// The number of sums that are computed together: as many as the registers of every instruction set hold. The last ones are repeated where fewer are left, so
/// that one size alone is compiled.
const fn together<A: Scalar>() -> usize {
    if A::COEFFICIENTS <= 4 { 4 } else { 2 }
}

/// Computes the sums of a layer, whose factors are at the given places.
#[inline(never)]
pub(super) fn forward<A: Scalar, W: Weights<A>, I: Factor<A>>(
    rows: &[Row],
    factors: Range<usize>,
    theta: W,
    inputs: &[A::Base],
    scalars: &mut [A],
) {
    A::run(
        #[inline(always)]
        || {
            let mut first = 0;
            while first < rows.len() {
                let factors = factors.clone();
                if const { together::<A>() == 4 } {
                    sums::<A, W, I, 4>(&rows[first..], factors, theta, inputs, scalars);
                } else {
                    sums::<A, W, I, 2>(&rows[first..], factors, theta, inputs, scalars);
                }
                first += const { together::<A>() };
            }
        },
    );
}

/// Computes the first R sums. If there are fewer, the last is computed several times.
#[inline(always)]
fn sums<A: Scalar, W: Weights<A>, I: Factor<A>, const R: usize>(
    rows: &[Row],
    factors: Range<usize>,
    theta: W,
    inputs: &[A::Base],
    scalars: &mut [A],
) {
    let rows: [Row; R] = array(|r| rows[r.min(rows.len() - 1)]);
    let results = Results { scalars, inputs };
    let factors = &I::list(results)[factors];
    let weights: [W; R] = array(|r| {
        let at = rows[r].weights;
        theta.range(at..at + factors.len())
    });
    let mut sums: [A; R] = filled(&A::constant(0.0));
    each::<R>(
        #[inline(always)]
        |r| sums[r] = results.lifted(rows[r].start),
    );
    for (at, factor) in factors.iter().enumerate() {
        each::<R>(
            #[inline(always)]
            |r| I::weighted(&weights[r].at(at), factor, &mut sums[r]),
        );
    }
    // All sums have been read: a result may lie where another sum began.
    each::<R>(
        #[inline(always)]
        |r| scalars[rows[r].place] = sums[r].clone(),
    );
}

/// Gives the gradient with respect to the weights of a layer to the sink, from the adjoints of the sums.
#[inline(never)]
pub(super) fn weight_gradient<A: Scalar, S: GradientSink<A> + ?Sized>(
    rows: &[Row],
    factors: &Factors,
    results: Results<'_, A>,
    adjoints: &[A],
    gradient: &mut S,
) {
    A::run(
        #[inline(always)]
        || {
            let (data, hidden, count) = match factors {
                Factors::Inputs(places) => (&results.inputs[places.clone()], &[][..], places.len()),
                Factors::Scalars(places) => {
                    (&[][..], &results.scalars[places.clone()], places.len())
                }
            };
            for row in rows {
                let adjoint = adjoints[row.place].clone();
                for at in 0..count {
                    // One loop for both kinds, because sinks are long.
                    let product = match data.get(at) {
                        Some(factor) => adjoint.clone().scale(factor),
                        None => adjoint.clone() * hidden[at].clone(),
                    };
                    gradient.put(row.weights + at, product);
                }
            }
        },
    );
}

/// Gives the gradient with respect to the weights that are not streamed to the sink: the adjoints at the given places, and zeros.
#[inline(never)]
pub(super) fn put_adjoints<A: Scalar, S: GradientSink<A> + ?Sized>(
    weights: &[(usize, Option<usize>)],
    adjoints: &[A],
    gradient: &mut S,
) {
    A::run(
        #[inline(always)]
        || {
            for &(position, place) in weights {
                let component = match place {
                    Some(place) => adjoints[place].clone(),
                    None => A::constant(0.0),
                };
                gradient.put(position, component);
            }
        },
    );
}

/// Adds to the adjoints of the factors of a layer, which are at the given places, before those of the sums.
#[inline(never)]
pub(super) fn factor_gradient<A: Scalar, W: Weights<A>>(
    rows: &[Row],
    factors: Range<usize>,
    theta: W,
    adjoints: &mut [A],
) {
    A::run(
        #[inline(always)]
        || {
            let (before, sums) = adjoints.split_at_mut(factors.end);
            let sums = (&*sums, factors.end);
            let factors = &mut before[factors.start..];
            let mut first = 0;
            while first < factors.len() {
                if const { together::<A>() == 4 } {
                    adjoints_of_factors::<A, W, 4>(rows, first, theta, sums, factors);
                } else {
                    adjoints_of_factors::<A, W, 2>(rows, first, theta, sums, factors);
                }
                first += const { together::<A>() };
            }
        },
    );
}

/// Adds to the adjoints of R factors, or of as many as are left. `sums` are the adjoints of all results from the place `end` on.
#[inline(always)]
fn adjoints_of_factors<A: Scalar, W: Weights<A>, const R: usize>(
    rows: &[Row],
    first: usize,
    theta: W,
    (sums, end): (&[A], usize),
    factors: &mut [A],
) {
    let last = factors.len() - 1;
    let mut adjoints: [A; R] = filled(&A::constant(0.0));
    each::<R>(
        #[inline(always)]
        |r| adjoints[r] = factors[last.min(first + r)].clone(),
    );
    for row in rows {
        let adjoint = &sums[row.place - end];
        each::<R>(
            #[inline(always)]
            |r| {
                let weight = theta.at(row.weights + last.min(first + r));
                weight.add_times(adjoint, &mut adjoints[r]);
            },
        );
    }
    each::<R>(
        #[inline(always)]
        |r| factors[last.min(first + r)] = adjoints[r].clone(),
    );
}
