//! The hyperbolic tangent of activations.

use super::part::{CoefficientPart, write};
use crate::scalar::Scalar;

/// tanh of every activation, in place.
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

/// From adjoints of tanh's outputs to adjoints of its inputs, in place.
///
/// `overwritten` keeps the values without derivatives that are overwritten, unless it is empty; if they are known, they are read from there.
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
