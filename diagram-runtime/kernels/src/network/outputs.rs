//! The outputs of a network's last layer.

use super::NetworkLandscape;
use super::stage::Memory;
use crate::landscape::Landscape;
use crate::landscapes::Precision;
use crate::layers::{AllCoefficients, scratch};
use crate::samples::Samples;
use crate::scalar::Scalar;
use crate::weights::Own;

/// The reason why weights or data do not fit a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputsError {
    /// θ does not have the network's number of weights.
    #[error("the network has {expected} weights, but θ has {found}")]
    Dimension {
        /// The number P of weights of the network.
        expected: usize,
        /// The length of θ.
        found: usize,
    },
    /// A datapoint is neither an input nor an input and a label.
    #[error(
        "the network reads {input} numbers, {with_label} with the label, but a datapoint has {found}"
    )]
    Width {
        /// The number of numbers of the input.
        input: usize,
        /// The number of numbers of the input and the label.
        with_label: usize,
        /// The number that a datapoint has.
        found: usize,
    },
}

impl NetworkLandscape {
    /// Returns the outputs of the last layer at `theta`, P numbers, for each datapoint: a row for each, row-major in the
    /// [shape of the outputs](diagram_networks::Network::output_shape). Before a cross entropy these are the logits. Datapoints may have labels, which are
    /// not read.
    ///
    /// They are computed one datapoint after the other on the calling thread.
    ///
    /// # Errors
    /// [`OutputsError`]. Numbers that are not finite are no error: the outputs that depend on them are not finite either.
    ///
    /// # Panics
    /// Never, because each datapoint has the same number of outputs.
    pub fn outputs<T: Precision>(
        &self,
        theta: &[T],
        samples: &Samples<T>,
    ) -> Result<Samples<T>, OutputsError> {
        let (expected, found) = (self.dimension(), theta.len());
        if expected != found {
            return Err(OutputsError::Dimension { expected, found });
        }
        let input = self.network.input_shape().len();
        let with_label = self.input_width();
        let found = samples.width();
        if found != input && found != with_label {
            return Err(OutputsError::Width {
                input,
                with_label,
                found,
            });
        }
        let mut numbers = Vec::with_capacity(samples.len() * self.stages.outputs.len());
        // The stages of a loss read a label, which the outputs do not depend on.
        let mut datapoint = vec![T::constant(0.0); with_label];
        for row in 0..samples.len() {
            datapoint[..input].clone_from_slice(&samples.row(row)[..input]);
            numbers.extend(T::network_outputs(self, theta, &datapoint));
        }
        let width = self.stages.outputs.len();
        Ok(Samples::new(width, numbers).expect("whole rows of at least one number"))
    }

    /// The outputs for one datapoint.
    pub(crate) fn outputs_of<A: Scalar>(&self, theta: &[A], x: &[A::Base]) -> Vec<A> {
        scratch::with(self.stages.constants, |constants: &mut [A::Base]| {
            scratch::with(self.stages.scalars, |scalars: &mut [A]| {
                let mut memory = Memory {
                    x,
                    constants,
                    scalars,
                };
                self.run_forward::<A, Own<'_, A>, AllCoefficients>(Own(theta), &mut memory);
                memory.scalars[self.stages.outputs.clone()].to_vec()
            })
        })
    }
}
