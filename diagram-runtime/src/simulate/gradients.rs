//! Gradients and Hessian-vector products, added up. Each is a function of its own, so that a landscape is compiled into it once.

use rayon::prelude::*;

use super::evaluate::gather_block;
use crate::landscape::Landscape;
use crate::lanes::{Isa, IsaOp, dispatch};
use crate::network::sink::{AddScaled, AddSlopesScaled};
use crate::samples::Samples;
use crate::scalar::{Element, Lanes, Scalar};
use crate::weights::{Directions, DualWeights, Own};

/// `total += weight · ∇l_x(theta)`, lane by lane.
#[inline(never)]
pub(super) fn add_gradients<L: Landscape, V: Lanes>(
    landscape: &L,
    theta: &[V],
    x: &[V],
    weight: &V,
    total: &mut [V],
) {
    V::run_lanes(
        #[inline(always)]
        || {
            let by = weight.clone();
            landscape.gradient(Own(theta), x, &mut AddScaled { total, by });
        },
    );
}

/// `total += weight · ∇∇l_x(theta) · direction`, lane by lane.
#[inline(never)]
pub(super) fn add_hessian_products<L: Landscape, V: Lanes>(
    landscape: &L,
    theta: &[V],
    direction: &[V],
    x: &[V],
    weight: &V,
    total: &mut [V],
) {
    V::run_lanes(
        #[inline(always)]
        || {
            let moving = DualWeights {
                values: Own(theta),
                slopes: Directions(direction),
            };
            let by = weight.clone();
            landscape.gradient(moving, x, &mut AddSlopesScaled { total, by });
        },
    );
}

/// Datapoints whose gradients are added on one thread.
const POINTS: usize = 128;

/// The gradient of the mean loss of a population, P numbers. On all threads; the same bits on any number of them.
pub(super) fn mean_gradient<L: Landscape>(
    landscape: &L,
    population: &Samples<f64>,
    theta: &[f64],
) -> Vec<f64> {
    let sum = |block: usize| {
        let first = block * POINTS;
        dispatch(Sum {
            landscape,
            population,
            theta,
            points: first..population.len().min(first + POINTS),
        })
    };
    let blocks = population.len().div_ceil(POINTS);
    let sums: Vec<Vec<f64>> = if blocks == 1 {
        vec![sum(0)]
    } else {
        (0..blocks).into_par_iter().map(sum).collect()
    };
    let mut mean = vec![0.0; theta.len()];
    for sum in sums {
        for (mean, sum) in mean.iter_mut().zip(sum) {
            *mean += sum / population.len() as f64;
        }
    }
    mean
}

/// The gradients of some points, summed.
struct Sum<'a, L> {
    landscape: &'a L,
    population: &'a Samples<f64>,
    theta: &'a [f64],
    points: std::ops::Range<usize>,
}

impl<L: Landscape> IsaOp for Sum<'_, L> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Vec<f64> {
        self.in_lanes::<<f64 as Element>::Wide<I>>()
    }
}

impl<L: Landscape> Sum<'_, L> {
    #[inline(always)]
    fn in_lanes<V: Lanes<Element = f64>>(self) -> Vec<f64> {
        let theta: Vec<V> = self.theta.iter().map(|&w| V::splat(w)).collect();
        let mut total = vec![V::constant(0.0); theta.len()];
        let mut x = vec![V::constant(0.0); self.population.width()];
        let points: Vec<usize> = self.points.collect();
        for block in points.chunks(V::WIDTH) {
            gather_block(self.population, block, &mut x);
            // Lanes beyond the last point repeat it, and do not count.
            let counts = V::from_fn(|lane| f64::from(u8::from(lane < block.len())));
            add_gradients(self.landscape, &theta, &x, &counts, &mut total);
        }
        total.iter().map(Scalar::primal).map(Lanes::sum).collect()
    }
}
