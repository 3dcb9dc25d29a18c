//! What a landscape, its weights and its data are recognized by.

use serde::{Deserialize, Serialize};

use crate::derivatives::{DerivativeOutput, Derivatives, Direction, Pass, gradient_sum};
use crate::device::DeviceError;
use crate::scalar::Element;

/// Numbers that landscapes, weights, learning rates and data have in common only if they are the same, up to rounding and the order of the data.
///
/// The loss alone would not do: a penalty on weights that are 0, for example, is seen by second derivatives only.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Identity {
    samples: usize,
    weights: usize,
    loss: f64,
    /// The means of `∇l`, `∇²l[u]` and `∇³l[u, u]`: the length of each, and its product with another direction.
    derivatives: [[f64; 2]; 3],
}

impl Identity {
    pub(super) fn of<T: Element>(derivatives: &dyn Derivatives<T>) -> Result<Self, DeviceError> {
        let (samples, weights) = (derivatives.samples(), derivatives.dimension());
        let mut losses = vec![T::constant(0.0); samples];
        derivatives.losses(0..samples, &mut losses)?;
        let mean = |number: f64| number / samples as f64;

        let [along, across] = [1, 2].map(|salt| direction::<T>(weights, salt));
        let zero = || vec![T::constant(0.0); weights];
        let (mut second, mut third) = (zero(), zero());
        let output = |powers, sum| DerivativeOutput {
            powers,
            per_sample: None,
            sum: Some(sum),
        };
        derivatives.pass(
            0..samples,
            Pass {
                directions: vec![Direction::Shared(&along)],
                outputs: vec![output(&[1], &mut second), output(&[2], &mut third)],
            },
        )?;
        let first = gradient_sum(derivatives, 0..samples)?;
        let numbers = [first, second, third].map(|sum| {
            let dot = |with: &[T]| -> f64 {
                let pairs = sum.iter().zip(with);
                pairs.map(|(a, b)| a.to_f64() * b.to_f64()).sum()
            };
            [mean(dot(&sum).sqrt()), mean(dot(&across))]
        });
        Ok(Identity {
            samples,
            weights,
            loss: mean(losses.iter().map(T::to_f64).sum()),
            derivatives: numbers,
        })
    }

    /// Says in which number the identities differ, if they do by more than rounding in this type of numbers.
    ///
    /// Sums over n samples are rounded by less than n u times the largest summand, in units u of 6e-8 and 1.1e-16. Instruction sets and devices add in different orders, which for the few thousand samples
    /// of a single precision run is some 1e-5; both bounds have a factor of at least ten to spare.
    pub(super) fn difference(&self, other: &Identity, numbers: &str) -> Option<String> {
        let counts = [
            ("weights", self.weights, other.weights),
            ("datapoints", self.samples, other.samples),
        ];
        if let Some((what, saved, now)) = counts.into_iter().find(|(_, a, b)| a != b) {
            return Some(format!("{saved} {what} there, and {now} here"));
        }
        let tolerance = if numbers == "f32" { 1e-4 } else { 1e-9 };
        // A mean gradient may be as small as its rounding, so that it is compared with everything else.
        let size = self.loss.abs()
            + self
                .derivatives
                .iter()
                .map(|[length, _]| length)
                .sum::<f64>();
        let names = ["gradient", "second derivative", "third derivative"];
        let derivatives = names.into_iter().zip(self.derivatives);
        let pairs = derivatives
            .zip(other.derivatives)
            .flat_map(|((name, saved), now)| [0, 1].map(|at| (name, saved[at], now[at])));
        let mut all = std::iter::once(("loss", self.loss, other.loss)).chain(pairs);
        let (what, saved, now) =
            all.find(|(_, saved, now)| (saved - now).abs() > tolerance * size)?;
        Some(format!(
            "the mean {what} gives {saved} there, and {now} here"
        ))
    }
}

/// A direction of length 1 with components of one size, whose signs look like noise, so that no two weights of a landscape can be exchanged.
fn direction<T: Element>(weights: usize, salt: u64) -> Vec<T> {
    let size = 1.0 / (weights as f64).sqrt();
    let component = |index: usize| {
        let mixed = (index as u64 * 2 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let sign = if (mixed ^ (mixed >> 29)).count_ones().is_multiple_of(2) {
            size
        } else {
            -size
        };
        T::constant(sign)
    };
    (0..weights).map(component).collect()
}
