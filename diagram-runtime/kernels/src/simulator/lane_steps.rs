//! The simulator of a landscape on the processor. Each of its kernels is an operation that is generic in the instruction set.

use std::ops::Range;

use super::{Points, Simulator, TestSet};
use crate::device::DeviceError;
use crate::landscape::Landscape;
use crate::lanes::{Isa, IsaOp, dispatch};
use crate::layers::gradient_sink::{AddScaled, AddSlopesScaled, Descend};
use crate::recorded::Recorded;
use crate::rows::gather;
use crate::samples::Samples;
use crate::scalar::{Element, Lanes, Scalar};
use crate::slab::Slab;
use crate::weights::{Directions, DualWeights, Own, Shared};

impl<T: Element, L: Landscape> Simulator<T> for L {
    fn sizes(&self) -> (usize, usize) {
        (self.dimension(), self.input_width())
    }

    fn is_piecewise(&self) -> bool {
        Landscape::is_piecewise(self)
    }

    fn recorded(&self) -> Result<Recorded, DeviceError> {
        Ok(Landscape::recorded(self)?)
    }

    fn losses(
        &self,
        theta: &[T],
        population: &Samples<T>,
        points: Points<'_>,
        losses: &mut [T],
    ) -> Result<(), DeviceError> {
        dispatch(OwnLosses {
            landscape: self,
            theta,
            population,
            points,
            losses,
        });
        Ok(())
    }

    fn pack(&self, population: &Samples<T>) -> Slab<T> {
        dispatch(Pack(population))
    }

    fn test_losses(
        &self,
        theta: &[T],
        points: TestSet<'_, T>,
        losses: &mut [T],
    ) -> Result<(), DeviceError> {
        dispatch(SharedLosses {
            landscape: self,
            theta,
            points,
            losses,
        });
        Ok(())
    }

    fn add_gradients(
        &self,
        theta: &[T],
        population: &Samples<T>,
        points: Points<'_>,
        weights: &[T],
        total: &mut [T],
    ) -> Result<(), DeviceError> {
        dispatch(AddGradients {
            landscape: self,
            theta,
            population,
            points,
            weights,
            total,
        });
        Ok(())
    }

    fn add_hessian_products(
        &self,
        theta: &[T],
        direction: &[T],
        population: &Samples<T>,
        points: Points<'_>,
        weights: &[T],
        total: &mut [T],
    ) -> Result<(), DeviceError> {
        dispatch(AddHessianProducts {
            landscape: self,
            theta,
            direction,
            population,
            points,
            weights,
            total,
        });
        Ok(())
    }

    fn descend(
        &self,
        theta: &mut [T],
        population: &Samples<T>,
        points: Points<'_>,
        step: &T,
    ) -> Result<(), DeviceError> {
        dispatch(Steps {
            landscape: self,
            theta,
            population,
            points,
            step,
        });
        Ok(())
    }

    fn sum_gradients(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Range<usize>,
    ) -> Result<Vec<f64>, DeviceError> {
        Ok(sum_gradients(self, theta, population, points))
    }
}

/// Puts the datapoints of one step after the other into lanes.
struct Reader<'a, V: Lanes> {
    population: &'a Samples<V::Element>,
    points: Points<'a>,
    /// The datapoints of the step that was read last.
    x: Vec<V>,
}

impl<'a, V: Lanes<Element: Element>> Reader<'a, V> {
    #[inline(always)]
    fn new(population: &'a Samples<V::Element>, points: Points<'a>) -> Self {
        Reader {
            population,
            points,
            x: vec![V::constant(0.0); population.width()],
        }
    }

    fn steps(&self) -> usize {
        self.points.steps(V::WIDTH)
    }

    /// The datapoints of a step, one in each lane.
    #[inline(always)]
    fn read(&mut self, step: usize) -> &[V] {
        match self.points {
            Points::EachLane(rows) => {
                let rows = &rows[step * V::WIDTH..(step + 1) * V::WIDTH];
                gather_rows(self.population, rows, &mut self.x);
            }
            Points::AllLanes(rows) => {
                for (lanes, number) in self.x.iter_mut().zip(self.population.row(rows[step])) {
                    *lanes = V::splat(number.clone());
                }
            }
        }
        &self.x
    }
}

/// Compares sizes with what they should be.
///
/// # Panics
/// If one differs: [`Simulator`] asks callers for the right ones.
#[inline]
fn check_sizes(sizes: &[(usize, usize)]) {
    for (found, expected) in sizes {
        assert!(
            found == expected,
            "a slab has {found} numbers or registers where {expected} belong"
        );
    }
}

/// Puts the given rows of a population into lanes. If there are fewer rows than lanes, the remaining lanes repeat the last row.
fn gather_rows<V: Lanes>(population: &Samples<V::Element>, rows: &[usize], x: &mut [V]) {
    let rows: Vec<&[V::Element]> = (0..V::WIDTH)
        .map(|lane| population.row(rows[lane.min(rows.len() - 1)]))
        .collect();
    gather(&rows, x);
}

/// The losses of several trials, each with its own weights in a lane: [`Simulator::losses`].
struct OwnLosses<'a, L, T> {
    landscape: &'a L,
    theta: &'a [T],
    population: &'a Samples<T>,
    points: Points<'a>,
    losses: &'a mut [T],
}

impl<L: Landscape, T: Element> IsaOp for OwnLosses<'_, L, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let theta = <T::Wide<I>>::vectors(self.theta);
        let mut reader = Reader::<T::Wide<I>>::new(self.population, self.points);
        check_sizes(&[
            (theta.len(), self.landscape.dimension()),
            (self.losses.len(), reader.steps() * T::LANES),
        ]);
        for step in 0..reader.steps() {
            let loss = self.landscape.forward(Own(theta), reader.read(step));
            let lanes = &mut self.losses[step * T::LANES..(step + 1) * T::LANES];
            for (lane, to) in lanes.iter_mut().enumerate() {
                *to = loss.lane(lane);
            }
        }
    }
}

/// All datapoints of a population in lanes, block after block: [`Simulator::pack`]. The last block is filled up with the last datapoint.
struct Pack<'a, T>(&'a Samples<T>);

impl<T: Element> IsaOp for Pack<'_, T> {
    type Output = Slab<T>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Slab<T> {
        let population = self.0;
        let points: Vec<usize> = (0..population.len()).collect();
        let width = population.width();
        let mut slab = Slab::zeros(points.len().div_ceil(T::LANES) * T::LANES * width);
        let blocks = slab.chunks_exact_mut(T::LANES * width);
        for (points, block) in points.chunks(T::LANES).zip(blocks) {
            gather_rows(population, points, <T::Wide<I>>::vectors_mut(block));
        }
        slab
    }
}

/// The losses of a single list of weights, with one datapoint in each lane: [`Simulator::test_losses`].
pub(crate) struct SharedLosses<'a, L, T> {
    pub(crate) landscape: &'a L,
    pub(crate) theta: &'a [T],
    pub(crate) points: TestSet<'a, T>,
    pub(crate) losses: &'a mut [T],
}

impl<L: Landscape, T: Element> IsaOp for SharedLosses<'_, L, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let width = self.landscape.input_width();
        check_sizes(&[(self.theta.len(), self.landscape.dimension())]);
        let mut gathered = match self.points {
            TestSet::Rows(..) => vec![<T::Wide<I>>::constant(0.0); width],
            TestSet::Packed(_) => vec![],
        };
        for (block, losses) in self.losses.chunks_mut(T::LANES).enumerate() {
            let first = block * T::LANES;
            let x = match self.points {
                TestSet::Rows(population, rows) => {
                    let rows = &rows[first..first + losses.len()];
                    gather_rows(population, rows, &mut gathered);
                    &gathered
                }
                TestSet::Packed(slab) => {
                    <T::Wide<I>>::vectors(&slab[first * width..(first + T::LANES) * width])
                }
            };
            let loss: T::Wide<I> = self.landscape.forward(Shared(self.theta), x);
            for (lane, to) in losses.iter_mut().enumerate() {
                *to = loss.lane(lane);
            }
        }
    }
}

/// Sums of weighted gradients of several trials: [`Simulator::add_gradients`].
struct AddGradients<'a, L, T> {
    landscape: &'a L,
    theta: &'a [T],
    population: &'a Samples<T>,
    points: Points<'a>,
    weights: &'a [T],
    total: &'a mut [T],
}

impl<L: Landscape, T: Element> IsaOp for AddGradients<'_, L, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let theta = <T::Wide<I>>::vectors(self.theta);
        let weights = <T::Wide<I>>::vectors(self.weights);
        let total = <T::Wide<I>>::vectors_mut(self.total);
        let mut reader = Reader::<T::Wide<I>>::new(self.population, self.points);
        check_sizes(&[
            (theta.len(), self.landscape.dimension()),
            (total.len(), theta.len()),
            (weights.len(), reader.steps()),
        ]);
        for step in 0..reader.steps() {
            let by = weights[step].clone();
            let mut sink = AddScaled { total, by };
            self.landscape
                .gradient(Own(theta), reader.read(step), &mut sink);
        }
    }
}

/// Sums of weighted products with Hessians of several trials: [`Simulator::add_hessian_products`].
struct AddHessianProducts<'a, L, T> {
    landscape: &'a L,
    theta: &'a [T],
    direction: &'a [T],
    population: &'a Samples<T>,
    points: Points<'a>,
    weights: &'a [T],
    total: &'a mut [T],
}

impl<L: Landscape, T: Element> IsaOp for AddHessianProducts<'_, L, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let moving = DualWeights {
            values: Own(<T::Wide<I>>::vectors(self.theta)),
            slopes: Directions(<T::Wide<I>>::vectors(self.direction)),
        };
        let weights = <T::Wide<I>>::vectors(self.weights);
        let total = <T::Wide<I>>::vectors_mut(self.total);
        let mut reader = Reader::<T::Wide<I>>::new(self.population, self.points);
        check_sizes(&[
            (moving.values.0.len(), self.landscape.dimension()),
            (moving.slopes.0.len(), moving.values.0.len()),
            (total.len(), moving.values.0.len()),
            (weights.len(), reader.steps()),
        ]);
        for step in 0..reader.steps() {
            let by = weights[step].clone();
            let mut sink = AddSlopesScaled { total, by };
            self.landscape
                .gradient(moving, reader.read(step), &mut sink);
        }
    }
}

/// Steps of gradient descent of several trials: [`Simulator::descend`].
struct Steps<'a, L, T> {
    landscape: &'a L,
    theta: &'a mut [T],
    population: &'a Samples<T>,
    points: Points<'a>,
    step: &'a T,
}

impl<L: Landscape, T: Element> IsaOp for Steps<'_, L, T> {
    type Output = ();

    /// Each step reads one of two lists of weights and writes the other while the gradient is computed; then the lists change roles.
    #[inline(always)]
    fn run<I: Isa>(self) {
        let theta = <T::Wide<I>>::vectors_mut(self.theta);
        let mut from = theta.to_vec();
        let mut to = theta.to_vec();
        let mut reader = Reader::<T::Wide<I>>::new(self.population, self.points);
        check_sizes(&[(from.len(), self.landscape.dimension())]);
        for step in 0..reader.steps() {
            let mut descend = Descend {
                from: &from,
                to: &mut to,
                step: self.step.clone(),
            };
            self.landscape
                .gradient(Own(&from), reader.read(step), &mut descend);
            std::mem::swap(&mut from, &mut to);
        }
        theta.clone_from_slice(&from);
    }
}

/// The sum of the gradients at a range of points of a population: each lane sums the gradients of its points, and the lanes are summed at the end.
fn sum_gradients<L: Landscape>(
    landscape: &L,
    theta: &[f64],
    population: &Samples<f64>,
    points: Range<usize>,
) -> Vec<f64> {
    let lanes = <f64 as Element>::LANES;
    let mut own = Slab::zeros(theta.len() * lanes);
    for (own, weight) in own.chunks_exact_mut(lanes).zip(theta) {
        own.fill(*weight);
    }
    let mut total = Slab::zeros(own.len());
    // The lanes beyond the last point repeat it with a weight of 0.
    let filled = points.len().next_multiple_of(lanes);
    let mut rows = Vec::with_capacity(filled);
    let mut counts = Slab::zeros(filled);
    for (at, count) in counts.iter_mut().enumerate() {
        rows.push((points.start + at).min(points.end - 1));
        *count = f64::from(u8::from(at < points.len()));
    }
    dispatch(AddGradients {
        landscape,
        theta: &own,
        population,
        points: Points::EachLane(&rows),
        weights: &counts,
        total: &mut total,
    });
    dispatch(SumLanes(&total))
}

/// The sum over the lanes of each component.
struct SumLanes<'a>(&'a [f64]);

impl IsaOp for SumLanes<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Vec<f64> {
        let mut sums = Vec::with_capacity(self.0.len() / <f64 as Element>::LANES);
        for lanes in <<f64 as Element>::Wide<I>>::vectors(self.0) {
            sums.push(lanes.sum());
        }
        sums
    }
}
