//! Reading derivatives off the coefficients of an algebra.

use crate::dual::Dual;
use crate::scalar::{Lanes, Scalar};
use crate::taylor::Taylor;

/// An algebra whose coefficients are derivatives, up to known factors.
pub trait Jet: Scalar {
    /// The derivative with the given index.
    ///
    /// For [`Taylor`] series the index is the number of times that the direction is contracted. For dual numbers it is the set of dual components along
    /// which the derivative is taken, as bits, of which the lowest belongs to the innermost dual component.
    fn derivative(&self, index: usize) -> Self::Base;
}

impl<R: Lanes> Jet for R {
    #[inline(always)]
    fn derivative(&self, _: usize) -> R {
        self.clone()
    }
}

impl<R: Lanes, const M: usize> Jet for Taylor<R, M> {
    #[inline(always)]
    fn derivative(&self, power: usize) -> R {
        let factorial: f64 = (1..=power).map(|k| k as f64).product();
        self.coefficients[power].clone() * R::constant(factorial)
    }
}

impl<S: Jet> Jet for Dual<S> {
    #[inline(always)]
    fn derivative(&self, set: usize) -> S::Base {
        let last = S::COEFFICIENTS;
        if set & last == 0 {
            self.value.derivative(set)
        } else {
            self.slope.derivative(set & !last)
        }
    }
}
