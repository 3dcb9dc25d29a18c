//! Which coefficients of a result are computed.

use crate::scalar::{Scalar, filled};

/// A part of the coefficients of scalars.
///
/// Kernels keep a [`Sum`](CoefficientPart::Sum), and for each term make it whole, add the term, and take its part again: what was added to the other
/// coefficients is never used and falls away at compile time.
pub trait CoefficientPart<A: Scalar> {
    /// The part of a sum.
    type Sum: Clone;
    /// Ground-ring numbers in it: kernels choose their register blocks by it.
    const COEFFICIENTS: usize;
    /// Whether the value without derivatives is left out. Where results are written, it is there already.
    const KNOWN: bool;
    /// The part of a scalar.
    fn of(whole: A) -> Self::Sum;
    /// A scalar with this part; zeros elsewhere.
    fn whole(sum: Self::Sum) -> A;
}

/// All coefficients.
#[derive(Clone, Copy, Debug)]
pub struct AllCoefficients;

/// All but the value without derivatives.
#[derive(Clone, Copy, Debug)]
pub struct BeyondPrimal;

/// The highest coefficient.
#[derive(Clone, Copy, Debug)]
pub struct HighestCoefficient;

impl<A: Scalar> CoefficientPart<A> for AllCoefficients {
    type Sum = A;
    const COEFFICIENTS: usize = A::COEFFICIENTS;
    const KNOWN: bool = false;

    #[inline(always)]
    fn of(whole: A) -> A {
        whole
    }
    #[inline(always)]
    fn whole(sum: A) -> A {
        sum
    }
}

impl<A: Scalar> CoefficientPart<A> for BeyondPrimal {
    type Sum = A;
    const COEFFICIENTS: usize = if A::COEFFICIENTS > 1 {
        A::COEFFICIENTS - 1
    } else {
        1
    };
    const KNOWN: bool = true;

    #[inline(always)]
    fn of(whole: A) -> A {
        whole.with_primal(A::Base::constant(0.0))
    }
    #[inline(always)]
    fn whole(sum: A) -> A {
        sum
    }
}

impl<A: Scalar> CoefficientPart<A> for HighestCoefficient {
    type Sum = A::Base;
    const COEFFICIENTS: usize = 1;
    const KNOWN: bool = true;

    #[inline(always)]
    fn of(whole: A) -> A::Base {
        whole.highest()
    }
    #[inline(always)]
    fn whole(sum: A::Base) -> A {
        A::from_highest(sum)
    }
}

/// Zeros.
#[inline(always)]
pub(super) fn zeros<A: Scalar, P: CoefficientPart<A>, const C: usize, const R: usize>()
-> [[P::Sum; C]; R] {
    filled(&filled(&P::of(A::constant(0.0))))
}

/// Adds a term to a sum.
#[inline(always)]
pub(super) fn accumulate<A: Scalar, P: CoefficientPart<A>>(
    sum: &mut P::Sum,
    add: impl FnOnce(&mut A),
) {
    let mut whole = P::whole(sum.clone());
    add(&mut whole);
    *sum = P::of(whole);
}

/// Writes the part of a result; the rest of the place stays as it is, or does not matter.
#[inline(always)]
pub(super) fn write<A: Scalar, P: CoefficientPart<A>>(place: &mut A, result: A) {
    *place = if P::KNOWN {
        result.with_primal(place.primal().clone())
    } else {
        result
    };
}
