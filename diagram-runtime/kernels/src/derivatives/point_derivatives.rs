//! The losses of samples near a weight.

use std::borrow::Cow;
use std::ops::Range;

use super::pass::Passes;
use super::{Derivatives, Job};
use crate::device::DeviceError;
use crate::landscape::Landscape;
use crate::lanes::{InstructionSet, InstructionSetError, IsaOp, dispatch_compiled};
use crate::samples::Samples;
use crate::scalar::Element;
use crate::simulator::TestSet;
use crate::simulator::lane_steps::SharedLosses;

/// A landscape, a weight and samples: derivatives by forward and reverse mode, lanes across samples.
///
/// Runs on the calling thread; callers split the work.
#[derive(Clone, Debug)]
pub struct PointDerivatives<'a, L, T: Clone> {
    landscape: &'a L,
    theta: Cow<'a, [T]>,
    samples: Cow<'a, Samples<T>>,
    instructions: InstructionSet,
}

/// Weights or data that do not fit a landscape.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PointError {
    /// Another number of weights than the landscape has.
    #[error("the landscape has {expected} weights, but θ has {found}")]
    Dimension {
        /// P.
        expected: usize,
        /// θ's length.
        found: usize,
    },
    /// A weight that is no number.
    #[error("θ has {value} at index {index}; all weights must be finite")]
    Weight {
        /// Where.
        index: usize,
        /// What.
        value: f64,
    },
    /// Data of another width.
    #[error("the landscape reads {expected} numbers for each datapoint, but the data have {found}")]
    Width {
        /// What the landscape reads.
        expected: usize,
        /// What the data have.
        found: usize,
    },
    /// A number of a datapoint that is none.
    #[error("datapoint {row} has {value} at index {index}; all data must be finite")]
    Datum {
        /// Which datapoint.
        row: usize,
        /// Where in it.
        index: usize,
        /// What.
        value: f64,
    },
    /// No data.
    #[error("the data set is empty")]
    Empty,
    /// An instruction set that cannot be run.
    #[error(transparent)]
    InstructionSet(#[from] InstructionSetError),
}

/// Checks weights and data against a landscape.
fn check<T: Element>(
    [dimension, width]: [usize; 2],
    theta: &[T],
    samples: &Samples<T>,
) -> Result<(), PointError> {
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
    /// The losses of `samples` near `theta` (P finite numbers).
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

    /// The same with weights and samples of its own.
    pub(crate) fn owned(
        landscape: &'a L,
        theta: Vec<T>,
        samples: Samples<T>,
    ) -> Result<Self, PointError> {
        Self::checked(landscape, Cow::Owned(theta), Cow::Owned(samples))
    }

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

    /// The same on another of the [available](InstructionSet::available) instruction sets.
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

    /// Runs a kernel with the instruction set that was checked when this was made.
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

    fn passes(&self, samples: Range<usize>, jobs: Vec<Job<'_, T>>) -> Result<(), DeviceError> {
        self.dispatch(Passes {
            landscape: self.landscape,
            theta: &self.theta,
            data: &self.samples,
            samples,
            jobs,
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
