//! Dot products of lists of numbers.

use crate::scalar::Element;
use crate::unroll::array;

/// `Σ a_i b_i` over the components that both lists have.
///
/// The order of the additions depends on the number of components alone.
pub fn dot<T: Element>(a: &[T], b: &[T]) -> T {
    const ACCUMULATORS: usize = 16;
    let mut sums: [T; ACCUMULATORS] = array(|_| T::constant(0.0));
    let both = a.len().min(b.len());
    let (a, b) = (&a[..both], &b[..both]);
    let tail = both / ACCUMULATORS * ACCUMULATORS;
    for first in (0..tail).step_by(ACCUMULATORS) {
        let (x, y) = (&a[first..][..ACCUMULATORS], &b[first..][..ACCUMULATORS]);
        for i in 0..ACCUMULATORS {
            sums[i] += x[i].clone() * y[i].clone();
        }
    }
    let mut total = T::constant(0.0);
    for (x, y) in a[tail..].iter().zip(&b[tail..]) {
        total += x.clone() * y.clone();
    }
    for sum in sums {
        total += sum;
    }
    total
}
