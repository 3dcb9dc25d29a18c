//! The losses of samples near a weight.

use std::borrow::Cow;
use std::ops::Range;

use super::pass::{Losses, Passes};
use super::{Derivatives, Job};
use crate::landscape::Landscape;
use crate::lanes::{InstructionSet, dispatch_to};
use crate::samples::Samples;
use crate::scalar::Element;

/// A landscape, a weight and samples: derivatives by forward and reverse mode, lanes across samples.
///
/// Runs on the calling thread; callers split the work.
#[derive(Clone, Debug)]
pub struct Local<'a, L, T: Clone> {
    landscape: &'a L,
    theta: &'a [T],
    samples: Cow<'a, Samples<T>>,
    instructions: InstructionSet,
}

/// Weights or data that do not fit a landscape.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LocalError {
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
}

/// Checks weights and data against a landscape.
pub(crate) fn check<L: Landscape, T: Element>(
    landscape: &L,
    theta: &[T],
    samples: &Samples<T>,
) -> Result<(), LocalError> {
    let (expected, found) = (landscape.dimension(), theta.len());
    if expected != found {
        return Err(LocalError::Dimension { expected, found });
    }
    if let Some(index) = theta.iter().position(|w| !w.is_finite()) {
        return Err(LocalError::Weight {
            index,
            value: theta[index].to_f64(),
        });
    }
    if samples.is_empty() {
        return Err(LocalError::Empty);
    }
    let (expected, found) = (landscape.input_width(), samples.width());
    if expected != found {
        return Err(LocalError::Width { expected, found });
    }
    let numbers = samples.rows(0..samples.len());
    if let Some(at) = numbers.iter().position(|x| !x.is_finite()) {
        return Err(LocalError::Datum {
            row: at / found,
            index: at % found,
            value: numbers[at].to_f64(),
        });
    }
    Ok(())
}

impl<'a, L: Landscape, T: Element> Local<'a, L, T> {
    /// The losses of `samples` near `theta` (P finite numbers).
    ///
    /// # Errors
    /// [`LocalError`].
    pub fn new(
        landscape: &'a L,
        theta: &'a [T],
        samples: &'a Samples<T>,
    ) -> Result<Self, LocalError> {
        check(landscape, theta, samples)?;
        let instructions = InstructionSet::detect();
        Ok(Local {
            landscape,
            theta,
            samples: Cow::Borrowed(samples),
            instructions,
        })
    }

    /// The same on another instruction set (the portable one if the machine lacks it).
    #[must_use]
    pub fn with_instructions(mut self, instructions: InstructionSet) -> Self {
        self.instructions = instructions;
        self
    }
}

impl<L: Landscape, T: Element> Derivatives<T> for Local<'_, L, T> {
    fn samples(&self) -> usize {
        self.samples.len()
    }

    fn dimension(&self) -> usize {
        self.theta.len()
    }

    fn gradient_flops(&self) -> Option<f64> {
        self.landscape.gradient_flops()
    }

    fn losses(&self, samples: Range<usize>, out: &mut [T]) {
        let (landscape, theta, data) = (self.landscape, self.theta, &*self.samples);
        dispatch_to(
            self.instructions,
            Losses {
                landscape,
                theta,
                data,
                samples,
                out,
            },
        );
    }

    fn passes(&self, samples: Range<usize>, jobs: Vec<Job<'_, T>>) {
        let (landscape, theta, data) = (self.landscape, self.theta, &*self.samples);
        dispatch_to(
            self.instructions,
            Passes {
                landscape,
                theta,
                data,
                samples,
                jobs,
            },
        );
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_> {
        Box::new(Local {
            landscape: self.landscape,
            theta: self.theta,
            samples: Cow::Owned(self.samples.select(indices)),
            instructions: self.instructions,
        })
    }
}
