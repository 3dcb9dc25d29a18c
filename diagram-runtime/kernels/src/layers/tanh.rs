//! The hyperbolic tangent of activations.

use super::part::{CoefficientPart, write};
use crate::scalar::Scalar;

/// Replaces every activation by its hyperbolic tangent.
///
/// If primal values are known, those of `activations` are already the hyperbolic tangents, and their derivatives are those of the inputs.
#[inline(never)]
pub fn tanh<A: Scalar, P: CoefficientPart<A>>(activations: &mut [A]) {
    A::run(
        #[inline(always)]
        || {
            for a in activations {
                *a = if P::KNOWN {
                    let primal = a.primal().clone();
                    a.clone().tanh_from(primal)
                } else {
                    a.clone().tanh()
                };
            }
        },
    );
}

/// Replaces the adjoints of the outputs of [`tanh`] by the adjoints of its inputs.
///
/// The primal values of `adjoints` that are overwritten are stored in `overwritten`, unless that is empty. If primal values are known, they are read
/// from `overwritten` instead, because `adjoints` already has those of the inputs.
#[inline(never)]
pub fn tanh_reverse<A: Scalar, P: CoefficientPart<A>>(
    outputs: &[A],
    adjoints: &mut [A],
    overwritten: &mut [A::Base],
) {
    A::run(
        #[inline(always)]
        || {
            let slope = |t: &A| A::constant(1.0) - t.clone() * t.clone();
            if P::KNOWN {
                for ((t, d), primal) in outputs.iter().zip(adjoints).zip(overwritten) {
                    let before = d.clone().with_primal(primal.clone());
                    write::<A, P>(d, before * slope(t));
                }
            } else {
                for (primal, d) in overwritten.iter_mut().zip(&*adjoints) {
                    *primal = d.primal().clone();
                }
                for (t, d) in outputs.iter().zip(adjoints) {
                    *d = d.clone() * slope(t);
                }
            }
        },
    );
}
