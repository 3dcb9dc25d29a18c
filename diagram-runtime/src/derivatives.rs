//! Derivatives of the losses of samples at one weight: the operations that plans are made of.

mod dense;
mod local;
mod pass;
mod point;
mod preconditioned;
mod readout;

pub use dense::{Dense, DenseError};
pub use local::{Local, LocalError};
pub use preconditioned::Preconditioned;

use std::ops::Range;

use diagram_calculus::plan::CostParameters;

use crate::learning_rate::LearningRate;

/// How many sets of directions are given to one call of [`Derivatives::passes`], so that they share what depends on the
/// samples alone.
pub const DIRECTIONS_PER_CALL: usize = 16;

/// What the costs of plans depend on here.
pub const COST_PARAMETERS: CostParameters = CostParameters {
    directions_per_call: DIRECTIONS_PER_CALL,
    highest_shared_power: 2,
    contraction_start: 32.0,
};

/// A direction that a derivative is contracted with: a vector of P numbers.
#[derive(Debug)]
pub enum Direction<'a, T> {
    /// The same for all samples: P numbers.
    Shared(&'a [T]),
    /// One for each sample of the call: `samples.len()` x P numbers, row-major.
    PerSample(&'a [T]),
}

impl<T> Clone for Direction<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Direction<'_, T> {}

impl<T> Direction<'_, T> {
    /// Whether it is the same for all samples.
    pub fn is_shared(&self) -> bool {
        matches!(self, Direction::Shared(_))
    }
}

/// One derivative asked of a pass.
#[derive(Debug)]
pub struct PassOutput<'a, T> {
    /// How often each direction is contracted: with powers p the derivative is `∇^{1+Σp} l_s[u_1^{p_1}, …, u_q^{p_q}, ·]`, one index open.
    pub powers: &'a [u8],
    /// Where to write it for each sample: `samples.len()` x P numbers, overwritten.
    pub per_sample: Option<&'a mut [T]>,
    /// Where to *add* its sum over the samples: P numbers.
    pub sum: Option<&'a mut [T]>,
}

/// One set of directions, and what is asked of the derivatives along them.
#[derive(Debug)]
pub struct Job<'a, T> {
    /// Distinct directions; none for gradients.
    pub directions: Vec<Direction<'a, T>>,
    /// What to compute.
    pub outputs: Vec<PassOutput<'a, T>>,
}

/// Derivatives of n samples' losses at a weight θ0 with P components. Nothing here scales with η.
pub trait Derivatives<T>: Sync {
    /// n.
    fn samples(&self) -> usize;

    /// P.
    fn dimension(&self) -> usize;

    /// Floating point operations of one sample's gradient, multiply and add as two; `None` if unknown.
    fn gradient_flops(&self) -> Option<f64> {
        None
    }

    /// The learning rate whose coordinates directions and derivatives are in, if it is not a scalar; see [`Preconditioned`].
    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        None
    }

    /// Writes the losses of the samples in the range.
    fn losses(&self, samples: Range<usize>, out: &mut [T]);

    /// Derivatives of the losses of the samples in the range, contracted with directions, for one set of directions after the other.
    ///
    /// Sets of directions at the same samples share what does not depend on the directions, so they are best given in one call. All must ask for
    /// the same powers of the same kinds of directions, and a job for no derivative twice, kept or summed.
    ///
    /// # Panics
    /// If it is otherwise, or a table is not of the size that it should have.
    fn passes(&self, samples: Range<usize>, jobs: Vec<Job<'_, T>>);

    /// One job.
    ///
    /// # Panics
    /// As [`Derivatives::passes`].
    fn pass(&self, samples: Range<usize>, job: Job<'_, T>) {
        self.passes(samples, vec![job]);
    }

    /// The same for other samples: those with the given indices, in that order, repeats allowed.
    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_>;
}
