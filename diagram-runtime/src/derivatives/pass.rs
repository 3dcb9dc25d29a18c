//! Lanes across samples, and the algebra that a pass needs.
//!
//! One direction, to whatever power, is a point that moves on a line: univariate Taylor series. Two different directions once each are nested
//! dual numbers. Anything else is rare and goes through multi-dual numbers of any order.

use std::ops::Range;

use super::{Direction, PassOutput};
use crate::dual::{Dual, DualWeight, PerLane};
use crate::landscape::Landscape;
use crate::lanes::{Isa, IsaOp};
use crate::multidual::MultiDual;
use crate::network::scratch;
use crate::samples::{Samples, gather};
use crate::scalar::{Broadcast, Element, Lanes, Scalar, Weight};
use crate::taylor::{Line, Taylor};

/// Losses of samples.
pub(super) struct Losses<'p, L, T> {
    pub(super) landscape: &'p L,
    pub(super) theta: &'p [T],
    pub(super) data: &'p Samples<T>,
    pub(super) samples: Range<usize>,
    pub(super) out: &'p mut [T],
}

impl<L: Landscape, T: Element> IsaOp for Losses<'_, L, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let theta: Vec<Broadcast<T>> = self.theta.iter().cloned().map(Broadcast).collect();
        for block in blocks::<T::Wide<I>>(self.samples.clone()) {
            let x = pack::<T::Wide<I>>(self.data, &block);
            let losses: T::Wide<I> = self.landscape.forward(&theta, &x);
            for (lane, sample) in block.enumerate() {
                self.out[sample - self.samples.start] = losses.lane(lane);
            }
        }
    }
}

/// Derivatives of samples' losses.
pub(super) struct Pass<'p, 'd, 'o, L, T> {
    pub(super) landscape: &'p L,
    pub(super) theta: &'p [T],
    pub(super) data: &'p Samples<T>,
    pub(super) samples: Range<usize>,
    pub(super) directions: &'p [Direction<'d, T>],
    pub(super) outputs: &'p mut [PassOutput<'o, T>],
}

impl<L: Landscape, T: Element> IsaOp for Pass<'_, '_, '_, L, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let highest = |at: usize| {
            self.outputs
                .iter()
                .map(|o| o.powers.get(at).copied().unwrap_or(0))
                .max()
                .unwrap_or(0)
        };
        match *self.directions {
            [] => self.plain::<T::Wide<I>>(),
            [direction] => match highest(0) {
                0 => self.plain::<T::Wide<I>>(),
                1 => self.along::<T::Wide<I>, 2>(direction),
                2 => self.along::<T::Wide<I>, 3>(direction),
                3 => self.along_own::<T::Wide<I>, 4>(direction),
                _ => self.any_order(),
            },
            [u, v] if highest(0) <= 1 && highest(1) <= 1 => self.mixed::<T::Wide<I>>(u, v),
            _ => self.any_order(),
        }
    }
}

impl<L: Landscape, T: Element> Pass<'_, '_, '_, L, T> {
    #[inline(always)]
    fn broadcast(&self) -> Vec<Broadcast<T>> {
        self.theta.iter().cloned().map(Broadcast).collect()
    }

    /// Gradients.
    #[inline(always)]
    fn plain<R: Lanes<Element = T>>(&mut self) {
        let theta = self.broadcast();
        self.each_block::<R, R, _>(|_, _| theta.clone(), |g, _| g.clone());
    }

    /// Derivatives along one direction.
    #[inline(always)]
    fn along<R: Lanes<Element = T>, const M: usize>(&mut self, direction: Direction<'_, T>) {
        let theta = self.theta;
        match direction {
            Direction::Shared(u) => {
                let line = |(value, slope): (&T, &T)| Line {
                    value: Broadcast(value.clone()),
                    slope: Broadcast(slope.clone()),
                };
                let weights: Vec<_> = theta.iter().zip(u).map(line).collect();
                self.each_block::<R, Taylor<R, M>, _>(|_, _| weights.clone(), read_taylor);
            }
            Direction::PerSample(_) => self.along_own::<R, M>(direction),
        }
    }

    /// Derivatives along one direction that differs from lane to lane.
    #[inline(always)]
    fn along_own<R: Lanes<Element = T>, const M: usize>(&mut self, direction: Direction<'_, T>) {
        let theta = self.theta;
        self.each_block::<R, Taylor<R, M>, _>(
            #[inline(always)]
            |block, offset| {
                let slopes = lanes_of::<R>(direction, theta.len(), block, offset);
                let mut weights = Vec::with_capacity(theta.len());
                for (value, slope) in theta.iter().zip(slopes) {
                    weights.push(Line {
                        value: R::splat(value.clone()),
                        slope,
                    });
                }
                weights
            },
            read_taylor,
        );
    }

    /// Derivatives along two directions at once.
    #[inline(always)]
    fn mixed<R: Lanes<Element = T>>(&mut self, u: Direction<'_, T>, v: Direction<'_, T>) {
        let theta = self.theta;
        self.each_block::<R, Dual<Dual<R>>, _>(
            #[inline(always)]
            |block, offset| {
                let us = lanes_of::<R>(u, theta.len(), block, offset);
                let vs = lanes_of::<R>(v, theta.len(), block, offset);
                let mut weights = Vec::with_capacity(theta.len());
                for (value, (u, v)) in theta.iter().zip(us.into_iter().zip(vs)) {
                    weights.push(DualWeight {
                        value: DualWeight {
                            value: Broadcast(value.clone()),
                            slope: PerLane(u),
                        },
                        slope: PerLane(v),
                    });
                }
                weights
            },
            |g, powers| match powers {
                [0, 0] => g.value.value.clone(),
                [1, 0] => g.value.slope.clone(),
                [0, _] => g.slope.value.clone(),
                _ => g.slope.slope.clone(),
            },
        );
    }

    /// Anything: each direction as many infinitesimals as its highest power, one sample at a time.
    #[inline(never)]
    fn any_order(&mut self) {
        let powers = |at: usize| {
            self.outputs
                .iter()
                .map(|o| usize::from(o.powers[at]))
                .max()
                .unwrap_or(0)
        };
        let copies: Vec<usize> = (0..self.directions.len()).map(powers).collect();
        let (theta, directions) = (self.theta, self.directions);
        self.each_block::<T, MultiDual<T>, _>(
            |block, offset| {
                let all: Vec<Vec<T>> = directions
                    .iter()
                    .map(|&d| lanes_of::<T>(d, theta.len(), block, offset))
                    .collect();
                (0..theta.len())
                    .map(|i| {
                        let slopes: Vec<T> = all
                            .iter()
                            .zip(&copies)
                            .flat_map(|(u, &count)| std::iter::repeat_n(u[i].clone(), count))
                            .collect();
                        MultiDual::variable(theta[i].clone(), &slopes)
                    })
                    .collect()
            },
            |g, powers| {
                // The first `power` copies of each direction.
                let mut set = 0;
                let mut bit = 0;
                for (&power, &count) in powers.iter().zip(&copies) {
                    set |= ((1 << power) - 1) << bit;
                    bit += count;
                }
                g.coefficient(set)
            },
        );
    }

    /// Runs the gradient in algebra A on one block of lanes after the other, and reads the outputs off.
    ///
    /// `weights` makes the weights for a block from the block and its place in the range.
    #[inline(always)]
    fn each_block<R: Lanes<Element = T>, A: Scalar<Base = R, Element = T>, W: Weight<A>>(
        &mut self,
        weights: impl Fn(&Range<usize>, usize) -> Vec<W>,
        read: impl Fn(&A, &[u8]) -> R,
    ) {
        let dimension = self.theta.len();
        let mut sums: Vec<Vec<R>> = self
            .outputs
            .iter()
            .map(|o| {
                if o.sum.is_some() {
                    vec![R::constant(0.0); dimension]
                } else {
                    vec![]
                }
            })
            .collect();
        let mut shared: Option<Vec<W>> = None;
        let all_shared = self
            .directions
            .iter()
            .all(|d| matches!(d, Direction::Shared(_)));
        scratch::with(
            dimension,
            #[inline(always)]
            |gradient: &mut [A]| {
                for block in blocks::<R>(self.samples.clone()) {
                    let offset = block.start - self.samples.start;
                    let theta = match shared.take() {
                        Some(theta) if all_shared => theta,
                        _ => weights(&block, offset),
                    };
                    let x = pack::<R>(self.data, &block);
                    self.landscape.gradient(&theta, &x, gradient);
                    shared = Some(theta);
                    for (output, sum) in self.outputs.iter_mut().zip(&mut sums) {
                        if let Some(rows) = &mut output.per_sample {
                            let rows =
                                &mut rows[offset * dimension..(offset + block.len()) * dimension];
                            for (i, g) in gradient.iter().enumerate() {
                                let lanes = read(g, output.powers);
                                for lane in 0..block.len() {
                                    rows[lane * dimension + i] = lanes.lane(lane);
                                }
                            }
                        }
                        if output.sum.is_some() {
                            if block.len() == R::WIDTH {
                                for (sum, g) in sum.iter_mut().zip(gradient.iter()) {
                                    *sum += read(g, output.powers);
                                }
                            } else {
                                // Lanes beyond the data repeat the last datapoint and do not count.
                                for (sum, g) in sum.iter_mut().zip(gradient.iter()) {
                                    let lanes = read(g, output.powers);
                                    let zero = T::constant(0.0);
                                    *sum += R::from_fn(|lane| {
                                        if lane < block.len() {
                                            lanes.lane(lane)
                                        } else {
                                            zero.clone()
                                        }
                                    });
                                }
                            }
                        }
                    }
                }
            },
        );
        for (output, sum) in self.outputs.iter_mut().zip(sums) {
            if let Some(total) = &mut output.sum {
                for (total, lanes) in total.iter_mut().zip(sum) {
                    *total += lanes.sum();
                }
            }
        }
    }
}

/// The derivative of the given order along the line.
#[inline(always)]
fn read_taylor<R: Lanes, const M: usize>(g: &Taylor<R, M>, powers: &[u8]) -> R {
    let power = usize::from(powers[0]);
    let factorial: f64 = (1..=power).map(|k| k as f64).product();
    g.coefficients[power].clone() * R::constant(factorial)
}

/// Blocks of as many samples as there are lanes; the last may be shorter.
fn blocks<R: Lanes>(samples: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = samples.end;
    samples
        .step_by(R::WIDTH)
        .map(move |start| start..end.min(start + R::WIDTH))
}

/// The datapoints of a block side by side; lanes beyond it repeat its last one.
#[inline(always)]
fn pack<R: Lanes>(data: &Samples<R::Element>, block: &Range<usize>) -> Vec<R> {
    let last = block.end - 1;
    let rows: Vec<&[R::Element]> = (0..R::WIDTH)
        .map(|lane| data.row((block.start + lane).min(last)))
        .collect();
    let mut lanes = vec![R::constant(0.0); data.width()];
    gather(&rows, &mut lanes);
    lanes
}

/// A direction's components side by side, for the samples of a block that begins at `offset` in the call's range.
#[inline(always)]
fn lanes_of<R: Lanes>(
    direction: Direction<'_, R::Element>,
    dimension: usize,
    block: &Range<usize>,
    offset: usize,
) -> Vec<R> {
    let mut lanes = vec![R::constant(0.0); dimension];
    match direction {
        Direction::Shared(u) => {
            for (lanes, x) in lanes.iter_mut().zip(u) {
                *lanes = R::splat(x.clone());
            }
        }
        Direction::PerSample(rows) => {
            let rows: Vec<&[R::Element]> = (0..R::WIDTH)
                .map(|lane| (offset + lane.min(block.len() - 1)) * dimension)
                .map(|start| &rows[start..start + dimension])
                .collect();
            gather(&rows, &mut lanes);
        }
    }
    lanes
}
