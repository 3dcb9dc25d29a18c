//! Softmax and cross entropy.

use crate::scalar::{Lanes, Scalar};

/// The cross entropy of a one-hot label with the softmax of `logits`, which are overwritten by their adjoints (probability minus label).
#[inline(never)]
pub fn softmax_cross_entropy<A: Scalar>(logits: &mut [A], label: &[A::Base]) -> A {
    A::run(
        #[inline(always)]
        || run_softmax_cross_entropy(logits, label),
    )
}

#[inline(always)]
fn run_softmax_cross_entropy<A: Scalar>(logits: &mut [A], label: &[A::Base]) -> A {
    // Shifted by the largest, so that no exponential overflows; the shift drops out.
    let mut largest = logits[0].primal().clone();
    for z in &logits[1..] {
        largest = largest.max(z.primal());
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
