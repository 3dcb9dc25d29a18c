//! The softmax function together with the cross entropy.

use crate::scalar::{Lanes, Scalar};

/// The cross entropy of a one-hot label with the softmax of `logits`. The logits are overwritten with their adjoints, probability minus label.
///
/// # Panics
/// If there are no logits.
#[inline(never)]
pub fn softmax_cross_entropy<A: Scalar>(logits: &mut [A], label: &[A::Base]) -> A {
    A::run(
        #[inline(always)]
        || run_softmax_cross_entropy(logits, label),
    )
}

#[inline(always)]
fn run_softmax_cross_entropy<A: Scalar>(logits: &mut [A], label: &[A::Base]) -> A {
    // All logits are shifted by the largest primal value, so that no exponential overflows. The result does not depend on the shift.
    let mut largest = logits[0].primal().clone();
    for z in &logits[1..] {
        largest = largest.larger(z.primal());
    }
    let mut loss = A::constant(0.0);
    let mut total = A::constant(0.0);
    for (z, y) in logits.iter_mut().zip(label) {
        let mut shifted = z.clone();
        shifted.add_base(&-largest.clone());
        loss.add_product_base(&shifted, &-y.clone());
        *z = shifted.exp();
        total += z.clone();
    }
    let inverse = total.clone().recip();
    for (z, y) in logits.iter_mut().zip(label) {
        *z = z.clone() * inverse.clone();
        z.add_base(&-y.clone());
    }
    loss + total.ln()
}
