//! What optimizers ask of a landscape: losses and gradients for many weights side by side.

pub(crate) mod lane_steps;
mod preconditioned;

use std::ops::Range;

pub use preconditioned::PreconditionedDescent;

use crate::device::DeviceError;
use crate::learning_rate::LearningRate;
use crate::samples::Samples;
use crate::scalar::Element;
use crate::slab::Slab;

/// Datapoints for trials that run side by side, step after step, as rows of a population.
#[derive(Clone, Copy, Debug)]
pub enum Points<'a> {
    /// One for each lane: that of step k in lane l is row `rows[k * lanes + l]`.
    EachLane(&'a [usize]),
    /// The same in all lanes: that of step k is row `rows[k]`.
    AllLanes(&'a [usize]),
}

impl Points<'_> {
    /// How many steps there are.
    ///
    /// # Panics
    /// If the rows for each lane are no multiple of the lanes.
    pub fn steps(&self, lanes: usize) -> usize {
        match self {
            Points::EachLane(rows) => {
                assert!(
                    rows.len().is_multiple_of(lanes),
                    "{} rows do not fill steps of {lanes} lanes",
                    rows.len()
                );
                rows.len() / lanes
            }
            Points::AllLanes(rows) => rows.len(),
        }
    }
}

/// Where losses for a single list of weights are evaluated: datapoints fill the lanes.
#[derive(Clone, Copy, Debug)]
pub enum TestSet<'a, T> {
    /// At these rows of a population.
    Rows(&'a Samples<T>, &'a [usize]),
    /// At the first points of a population, made by [`Simulator::pack`].
    Packed(&'a [T]),
}

/// A landscape, its type erased, as a simulation wants it: every landscape implements this.
///
/// Weights of several trials lie in a [`Slab`], [`lanes`](Simulator::lanes) trials side by side: component i of trial l
/// is at `i * lanes + l`. P is the number of weights.
///
/// The kernels of a landscape are large. They are compiled where a `&L` becomes a `&dyn Simulator<T>`; those of [`Named`](crate::landscapes::Named)
/// landscapes are compiled in this crate.
///
/// # Panics
/// All methods panic if a slab is not of the size that it should have.
pub trait Simulator<T: Element>: Send + Sync {
    /// P, and how many numbers a datapoint has.
    fn sizes(&self) -> (usize, usize);

    /// The matrix that steps are multiplied by, if there is one. It is not part of what the other methods compute.
    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        None
    }

    /// How many trials lie side by side in a slab.
    fn lanes(&self) -> usize {
        T::LANES
    }

    /// The loss of each trial at its own points: `steps * lanes` numbers.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn losses(
        &self,
        theta: &[T],
        population: &Samples<T>,
        points: Points<'_>,
        losses: &mut [T],
    ) -> Result<(), DeviceError>;

    /// A population as [`TestSet::Packed`] wants it.
    fn pack(&self, population: &Samples<T>) -> Slab<T>;

    /// The loss at each point of a test set for a single list of P weights. There are as many losses as points.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn test_losses(
        &self,
        theta: &[T],
        points: TestSet<'_, T>,
        losses: &mut [T],
    ) -> Result<(), DeviceError>;

    /// `total += weights[k] · ∇l_x(theta)` for each step k and its point x, lane by lane; `weights` are `steps * lanes` numbers.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn add_gradients(
        &self,
        theta: &[T],
        population: &Samples<T>,
        points: Points<'_>,
        weights: &[T],
        total: &mut [T],
    ) -> Result<(), DeviceError>;

    /// `total += weights[k] · ∇∇l_x(theta) · direction` for each step k and its point x, lane by lane.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn add_hessian_products(
        &self,
        theta: &[T],
        direction: &[T],
        population: &Samples<T>,
        points: Points<'_>,
        weights: &[T],
        total: &mut [T],
    ) -> Result<(), DeviceError>;

    /// `theta += step · ∇l_x(theta)` for one step after the other and its point x, lane by lane: an epoch of stochastic gradient descent with batches
    /// of one point.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn descend(
        &self,
        theta: &mut [T],
        population: &Samples<T>,
        points: Points<'_>,
        step: &T,
    ) -> Result<(), DeviceError>;

    /// The sum of the gradients at some points of a population in double precision, P numbers.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn sum_gradients(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Range<usize>,
    ) -> Result<Vec<f64>, DeviceError>;
}

/// The kernels of a [`Simulator<$number>`](Simulator) that are those of another one.
macro_rules! delegate {
    ($number:ty, $self:ident => $to:expr) => {
        fn lanes(&$self) -> usize {
            $to.lanes()
        }

        fn losses(
            &$self,
            theta: &[$number],
            population: &Samples<$number>,
            points: Points<'_>,
            losses: &mut [$number],
        ) -> Result<(), DeviceError> {
            $to.losses(theta, population, points, losses)
        }

        fn pack(&$self, population: &Samples<$number>) -> Slab<$number> {
            $to.pack(population)
        }

        fn test_losses(
            &$self,
            theta: &[$number],
            points: TestSet<'_, $number>,
            losses: &mut [$number],
        ) -> Result<(), DeviceError> {
            $to.test_losses(theta, points, losses)
        }

        fn add_gradients(
            &$self,
            theta: &[$number],
            population: &Samples<$number>,
            points: Points<'_>,
            weights: &[$number],
            total: &mut [$number],
        ) -> Result<(), DeviceError> {
            $to.add_gradients(theta, population, points, weights, total)
        }

        fn add_hessian_products(
            &$self,
            theta: &[$number],
            direction: &[$number],
            population: &Samples<$number>,
            points: Points<'_>,
            weights: &[$number],
            total: &mut [$number],
        ) -> Result<(), DeviceError> {
            $to.add_hessian_products(theta, direction, population, points, weights, total)
        }

        fn descend(
            &$self,
            theta: &mut [$number],
            population: &Samples<$number>,
            points: Points<'_>,
            step: &$number,
        ) -> Result<(), DeviceError> {
            $to.descend(theta, population, points, step)
        }

        fn sum_gradients(
            &$self,
            theta: &[f64],
            population: &Samples<f64>,
            points: Range<usize>,
        ) -> Result<Vec<f64>, DeviceError> {
            $to.sum_gradients(theta, population, points)
        }
    };
}

pub(crate) use delegate;
