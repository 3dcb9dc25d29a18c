//! Derivatives in the coordinates of the weights in which a learning rate that is a matrix becomes a number.

use std::ops::{Deref, Range};

use super::{DerivativeOutput, Derivatives, Direction, Pass};
use crate::device::DeviceError;
use crate::learning_rate::{LearningRate, LearningRateError};
use crate::scalar::Element;

/// Derivatives in the coordinates φ of `θ = L φ`, where `M = L Lᵀ` is a learning rate. [`LearningRate::on`] makes them.
///
/// Directions and derivatives are in the coordinates φ, so that their plain contractions are contractions with M in the coordinates θ. A result that
/// keeps an open index, such as a displacement, is converted to the coordinates θ where values are read off. The scalar learning rate η does not occur.
#[derive(Clone, Debug)]
pub struct Preconditioned<T, R> {
    derivatives: R,
    rate: LearningRate<T>,
}

impl<T: Element> LearningRate<T> {
    /// The derivatives from which values are computed with M in each contraction.
    ///
    /// `derivatives` is a reference or a `Box`. Values then contain M once for each edge, where they would otherwise contain the identity; displacements
    /// are in the coordinates θ.
    ///
    /// # Errors
    /// [`LearningRateError::Dimension`] if M is for another number of weights, [`LearningRateError::Twice`] if `derivatives` already has such a learning
    /// rate.
    pub fn on<R>(&self, derivatives: R) -> Result<Preconditioned<T, R>, LearningRateError>
    where
        R: Deref<Target: Derivatives<T>>,
    {
        self.check_fits(derivatives.dimension(), derivatives.learning_rate())?;
        let rate = self.clone();
        Ok(Preconditioned { derivatives, rate })
    }
}

/// The numbers of each direction of a pass, in the coordinates θ.
type Moved<T> = Vec<Vec<T>>;
/// For each output of a pass the sum in the coordinates θ, if it is summed.
type Sums<T> = Vec<Option<Vec<T>>>;

impl<T, R> Derivatives<T> for Preconditioned<T, R>
where
    T: Element,
    R: Deref<Target: Derivatives<T>> + Sync,
{
    fn samples(&self) -> usize {
        self.derivatives.samples()
    }

    fn dimension(&self) -> usize {
        self.derivatives.dimension()
    }

    fn is_piecewise(&self) -> bool {
        self.derivatives.is_piecewise()
    }

    fn gradient_flops(&self) -> Option<f64> {
        let flops = self.derivatives.gradient_flops()?;
        Some(flops + self.rate.flops())
    }

    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        if self.rate.is_scalar() {
            self.derivatives.learning_rate()
        } else {
            Some(&self.rate)
        }
    }

    fn losses(&self, samples: Range<usize>, out: &mut [T]) -> Result<(), DeviceError> {
        self.derivatives.losses(samples, out)
    }

    fn passes(
        &self,
        samples: Range<usize>,
        mut passes: Vec<Pass<'_, T>>,
    ) -> Result<(), DeviceError> {
        if self.rate.is_scalar() {
            return self.derivatives.passes(samples, passes);
        }
        let moved: Vec<Moved<T>> = passes
            .iter()
            .map(|pass| {
                let numbers = pass.directions.iter().map(|direction| match *direction {
                    Direction::Shared(u) | Direction::PerSample(u) => self.rate.to_theta(u),
                });
                numbers.collect()
            })
            .collect();
        // The sums of the caller are in the coordinates φ already. Those of this call are made apart, in the coordinates θ, and converted once before they
        // are added.
        let mut sums: Vec<Sums<T>> = passes
            .iter()
            .map(|pass| {
                let zeros = |length| vec![T::constant(0.0); length];
                let sums = pass.outputs.iter();
                sums.map(|output| output.sum.as_ref().map(|sum| zeros(sum.len())))
                    .collect()
            })
            .collect();
        let in_theta = passes
            .iter_mut()
            .zip(&moved)
            .zip(&mut sums)
            .map(|((pass, moved), sums)| in_theta(pass, moved, sums))
            .collect();
        self.derivatives.passes(samples, in_theta)?;
        for (pass, sums) in passes.iter_mut().zip(sums) {
            for (output, sum) in pass.outputs.iter_mut().zip(sums) {
                if let Some(rows) = &mut output.per_sample {
                    self.rate.pull_back(rows);
                }
                if let (Some(total), Some(mut sum)) = (&mut output.sum, sum) {
                    self.rate.pull_back(&mut sum);
                    for (total, x) in total.iter_mut().zip(sum) {
                        *total += x;
                    }
                }
            }
        }
        Ok(())
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_> {
        Box::new(Preconditioned {
            derivatives: self.derivatives.select(indices),
            rate: self.rate.clone(),
        })
    }
}

/// A pass in the coordinates θ, with the given numbers of its directions and with its own sums. The derivatives for each sample are written to the memory
/// of the original pass, where they are converted to the coordinates φ afterwards.
fn in_theta<'j, T>(
    pass: &'j mut Pass<'_, T>,
    moved: &'j [Vec<T>],
    sums: &'j mut [Option<Vec<T>>],
) -> Pass<'j, T> {
    let directions = pass.directions.iter().zip(moved);
    let outputs = pass.outputs.iter_mut().zip(sums);
    Pass {
        directions: directions
            .map(|(direction, numbers)| match direction {
                Direction::Shared(_) => Direction::Shared(numbers),
                Direction::PerSample(_) => Direction::PerSample(numbers),
            })
            .collect(),
        outputs: outputs
            .map(|(output, sum)| DerivativeOutput {
                powers: output.powers,
                per_sample: output.per_sample.as_deref_mut(),
                sum: sum.as_deref_mut(),
            })
            .collect(),
    }
}
