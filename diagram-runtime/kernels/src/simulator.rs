//! What optimizers ask of a landscape: losses and gradients for several trials at once, one in each SIMD lane.

pub(crate) mod lane_steps;
mod preconditioned;

use std::ops::Range;

pub use preconditioned::PreconditionedDescent;

use crate::device::DeviceError;
use crate::learning_rate::LearningRate;
use crate::recorded::Recorded;
use crate::samples::Samples;
use crate::scalar::Element;
use crate::slab::Slab;

/// The datapoints of the steps of several trials, as rows of a population.
#[derive(Clone, Copy, Debug)]
pub enum Points<'a> {
    /// A datapoint for each lane: in step k, that of lane l is row `rows[k * lanes + l]`.
    EachLane(&'a [usize]),
    /// The same datapoint in all lanes: in step k, row `rows[k]`.
    AllLanes(&'a [usize]),
}

impl Points<'_> {
    /// The number of steps, if there are `lanes` lanes.
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

/// The datapoints at which the losses of a single weight vector are evaluated, one datapoint in each lane.
#[derive(Clone, Copy, Debug)]
pub enum TestSet<'a, T> {
    /// The given rows of a population.
    Rows(&'a Samples<T>, &'a [usize]),
    /// The first datapoints of a population that [`Simulator::pack`] has laid out in lanes.
    Packed(&'a [T]),
}

/// A landscape as simulations know it, without its type. Every [`Landscape`](crate::landscape::Landscape) implements this trait.
///
/// The weights of several trials lie in a [`Slab`], one trial in each of the [`lanes`](Simulator::lanes): component i of
/// trial l is at `i * lanes + l`. P is the number of weights.
///
/// The kernels of a landscape `L` are large. They are compiled in the crate whose code turns a `&L` into a `&dyn Simulator<T>`; those of
/// [`Named`](crate::landscapes::Named) landscapes are compiled in this crate.
///
/// # Panics
/// All methods panic if a slab or a list does not have its size.
pub trait Simulator<T: Element>: Send + Sync {
    /// The number P of weights, and the number of numbers in a datapoint.
    fn sizes(&self) -> (usize, usize);

    /// Whether the losses have kinks, of which power series in η do not know; see [`Graph::piecewise`](crate::graph::Graph::piecewise).
    fn is_piecewise(&self) -> bool {
        false
    }

    /// The matrix that steps are multiplied by, if there is one. The other methods do not multiply by it.
    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        None
    }

    /// The landscape as data, without the matrix of the learning rate, from which a device runs the same trials.
    ///
    /// # Errors
    /// [`DeviceError::NotTraceable`] if the loss cannot be recorded; [`DeviceError::Unsupported`] if this is a simulator of another kind, as by default.
    fn recorded(&self) -> Result<Recorded, DeviceError> {
        Err(DeviceError::Unsupported {
            what: "a simulator of this kind does not run on devices; choose the device cpu".into(),
        })
    }

    /// The number of trials in a slab, one in each lane.
    fn lanes(&self) -> usize {
        T::LANES
    }

    /// Writes the loss of each trial at each of its points: `steps * lanes` numbers, with the lanes innermost.
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

    /// Lays out a population in lanes, for [`TestSet::Packed`].
    fn pack(&self, population: &Samples<T>) -> Slab<T>;

    /// Writes the loss at each datapoint of a test set for a single list of P weights. `losses` has as many numbers as there are datapoints to evaluate.
    ///
    /// # Errors
    /// [`DeviceError`].
    fn test_losses(
        &self,
        theta: &[T],
        points: TestSet<'_, T>,
        losses: &mut [T],
    ) -> Result<(), DeviceError>;

    /// `total += weights[k] · ∇l_x(theta)` in each lane, for each step k and its point x; `weights` are `steps * lanes` numbers.
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

    /// `total += weights[k] · ∇∇l_x(theta) · direction` in each lane, for each step k and its point x: products with Hessians.
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

    /// `theta += step · ∇l_x(theta)` in each lane, for one step after the other and its point x: an epoch of stochastic gradient descent with batches of
    /// one point, where `step` is the negative learning rate.
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

    /// The sum of the gradients at a range of points of a population, in double precision: P numbers.
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

/// Implements the methods of a [`Simulator<$number>`](Simulator) that compute, by those of another simulator.
macro_rules! delegate {
    ($number:ty, $self:ident => $to:expr) => {
        fn recorded(&$self) -> Result<Recorded, DeviceError> {
            $to.recorded()
        }

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
