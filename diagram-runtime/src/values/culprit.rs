//! The datapoint at fault when a value is not finite.

use std::fmt;
use std::ops::Range;

use crate::derivatives::{Derivatives, gradient_sum};
use crate::scalar::Element;

/// The first datapoint whose loss is NaN or infinite, or if there is none, the first whose gradient is. Higher derivatives are not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// The loss of a datapoint.
    Loss {
        /// The number of the datapoint, from 0.
        datapoint: usize,
    },
    /// The gradient of the loss of a datapoint.
    Gradient {
        /// The number of the datapoint, from 0.
        datapoint: usize,
    },
}

impl Culprit {
    /// Looks for the datapoint, with a gradient of all datapoints and as many others as they can be halved.
    pub(super) fn find<T: Element>(derivatives: &dyn Derivatives<T>) -> Option<Culprit> {
        let n = derivatives.samples();
        let mut losses = vec![T::constant(0.0); n];
        derivatives.losses(0..n, &mut losses).ok()?;
        if let Some(datapoint) = losses.iter().position(|loss| !loss.is_finite()) {
            return Some(Culprit::Loss { datapoint });
        }
        let mut samples = 0..n;
        if has_finite_gradient(derivatives, samples.clone())? {
            return None;
        }
        while samples.len() > 1 {
            let middle = samples.start + samples.len() / 2;
            let first = samples.start..middle;
            // A sum of finite gradients may be infinite, so that neither half need be at fault.
            samples = match has_finite_gradient(derivatives, first.clone())? {
                false => first,
                true if has_finite_gradient(derivatives, middle..samples.end)? => return None,
                true => middle..samples.end,
            };
        }
        Some(Culprit::Gradient {
            datapoint: samples.start,
        })
    }
}

/// Whether the sum of the gradients of these samples is finite; `None` if it cannot be computed.
fn has_finite_gradient<T: Element>(
    derivatives: &dyn Derivatives<T>,
    samples: Range<usize>,
) -> Option<bool> {
    let gradient = gradient_sum(derivatives, samples).ok()?;
    Some(gradient.iter().all(Element::is_finite))
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Culprit::Loss { datapoint } => {
                write!(f, "the loss of datapoint {datapoint} is not finite")
            }
            Culprit::Gradient { datapoint } => {
                write!(
                    f,
                    "the gradient of the loss of datapoint {datapoint} is not finite"
                )
            }
        }
    }
}
