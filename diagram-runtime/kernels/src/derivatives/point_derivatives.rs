//! The derivatives of a landscape at one weight vector, computed on the processor.

use std::borrow::Cow;
use std::ops::Range;

use super::pass::RunPasses;
use super::{Derivatives, Pass};
use crate::device::DeviceError;
use crate::landscape::Landscape;
use crate::lanes::{InstructionSet, InstructionSetError, IsaOp, dispatch_compiled};
use crate::recorded::RecordedPoint;
use crate::samples::Samples;
use crate::scalar::Element;
use crate::simulator::TestSet;
use crate::simulator::lane_steps::SharedLosses;

/// The derivatives of a landscape at a weight vector θ for some samples, one sample in each SIMD lane.
///
/// Directions are forward mode; the gradient itself is reverse mode where the landscape has it, and forward mode otherwise. All work is done on the
/// calling thread: callers divide the samples among threads.
#[derive(Clone, Debug)]
pub struct PointDerivatives<'a, L, T: Clone> {
    landscape: &'a L,
    theta: Cow<'a, [T]>,
    samples: Cow<'a, Samples<T>>,
    instructions: InstructionSet,
}

/// The reason why weights or data do not fit a landscape, or why its derivatives cannot be computed on this machine.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PointError {
    /// The landscape has no weights.
    #[error("the landscape has no weights")]
    NoWeights,
    /// θ does not have the landscape's number of weights.
    #[error("the landscape has {expected} weights, but θ has {found}")]
    Dimension {
        /// The number P of weights of the landscape.
        expected: usize,
        /// The length of θ.
        found: usize,
    },
    /// A weight is infinite or NaN, or undefined in exact arithmetic.
    #[error("θ has {value} at index {index}; all weights must be finite")]
    Weight {
        /// The index of the weight.
        index: usize,
        /// The weight; NaN if it is undefined.
        value: f64,
    },
    /// A datapoint does not have as many numbers as the landscape reads.
    #[error("the landscape reads {expected} numbers for each datapoint, but the data have {found}")]
    Width {
        /// The number that the landscape reads.
        expected: usize,
        /// The number that a datapoint has.
        found: usize,
    },
    /// A number of a datapoint is infinite or NaN, or undefined in exact arithmetic.
    #[error("datapoint {row} has {value} at index {index}; all data must be finite")]
    Datum {
        /// The index of the datapoint.
        row: usize,
        /// The index of the number in the datapoint.
        index: usize,
        /// The number; NaN if it is undefined.
        value: f64,
    },
    /// There are no datapoints.
    #[error("the data set is empty")]
    Empty,
    /// No instruction set can be used on this machine.
    #[error(transparent)]
    InstructionSet(#[from] InstructionSetError),
}

/// Checks weights and data against the dimension and the input width of a landscape.
fn check<T: Element>(
    [dimension, width]: [usize; 2],
    theta: &[T],
    samples: &Samples<T>,
) -> Result<(), PointError> {
    if dimension == 0 {
        return Err(PointError::NoWeights);
    }
    let (expected, found) = (dimension, theta.len());
    if expected != found {
        return Err(PointError::Dimension { expected, found });
    }
    if let Some(index) = theta.iter().position(|w| !w.is_finite()) {
        return Err(PointError::Weight {
            index,
            value: theta[index].to_f64(),
        });
    }
    if samples.is_empty() {
        return Err(PointError::Empty);
    }
    let (expected, found) = (width, samples.width());
    if expected != found {
        return Err(PointError::Width { expected, found });
    }
    let numbers = samples.rows(0..samples.len());
    if let Some(at) = numbers.iter().position(|x| !x.is_finite()) {
        return Err(PointError::Datum {
            row: at / found,
            index: at % found,
            value: numbers[at].to_f64(),
        });
    }
    Ok(())
}

impl<'a, L: Landscape, T: Element> PointDerivatives<'a, L, T> {
    /// The derivatives of `landscape` at `theta`, P finite numbers, for `samples`.
    ///
    /// # Errors
    /// [`PointError`].
    pub fn new(
        landscape: &'a L,
        theta: &'a [T],
        samples: &'a Samples<T>,
    ) -> Result<Self, PointError> {
        Self::checked(landscape, Cow::Borrowed(theta), Cow::Borrowed(samples))
    }

    /// As [`PointDerivatives::new`], with weights and samples that the result owns.
    pub(crate) fn owned(
        landscape: &'a L,
        theta: Vec<T>,
        samples: Samples<T>,
    ) -> Result<Self, PointError> {
        Self::checked(landscape, Cow::Owned(theta), Cow::Owned(samples))
    }

    /// Checks weights and samples and chooses the instruction set.
    fn checked(
        landscape: &'a L,
        theta: Cow<'a, [T]>,
        samples: Cow<'a, Samples<T>>,
    ) -> Result<Self, PointError> {
        let sizes = [landscape.dimension(), landscape.input_width()];
        check(sizes, &theta, &samples)?;
        Ok(PointDerivatives {
            landscape,
            theta,
            samples,
            instructions: InstructionSet::detect()?,
        })
    }

    /// The same derivatives, computed with another of the [available](InstructionSet::available) instruction sets.
    ///
    /// # Errors
    /// [`InstructionSetError`].
    pub fn with_instructions(
        mut self,
        instructions: InstructionSet,
    ) -> Result<Self, InstructionSetError> {
        instructions.check()?;
        self.instructions = instructions;
        Ok(self)
    }

    /// Runs a kernel with the instruction set that was checked when it was chosen.
    fn dispatch<Op: IsaOp>(&self, op: Op) -> Op::Output {
        dispatch_compiled(self.instructions, op).expect("the instruction set has been checked")
    }
}

impl<L: Landscape, T: Element> Derivatives<T> for PointDerivatives<'_, L, T> {
    fn samples(&self) -> usize {
        self.samples.len()
    }

    fn dimension(&self) -> usize {
        self.theta.len()
    }

    fn gradient_flops(&self) -> Option<f64> {
        self.landscape.gradient_flops()
    }

    fn is_piecewise(&self) -> bool {
        self.landscape.is_piecewise()
    }

    fn recorded(&self) -> Result<RecordedPoint<T>, DeviceError> {
        Ok(RecordedPoint {
            landscape: self.landscape.recorded()?,
            theta: self.theta.to_vec(),
            samples: Samples::clone(&self.samples),
        })
    }

    fn losses(&self, samples: Range<usize>, out: &mut [T]) -> Result<(), DeviceError> {
        let rows: Vec<usize> = samples.collect();
        self.dispatch(SharedLosses {
            landscape: self.landscape,
            theta: &self.theta,
            points: TestSet::Rows(&self.samples, &rows),
            losses: out,
        });
        Ok(())
    }

    fn passes(&self, samples: Range<usize>, passes: Vec<Pass<'_, T>>) -> Result<(), DeviceError> {
        self.dispatch(RunPasses {
            landscape: self.landscape,
            theta: &self.theta,
            data: &self.samples,
            samples,
            passes,
        });
        Ok(())
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_> {
        Box::new(PointDerivatives {
            landscape: self.landscape,
            theta: Cow::Borrowed(&self.theta),
            samples: Cow::Owned(self.samples.select(indices)),
            instructions: self.instructions,
        })
    }
}
