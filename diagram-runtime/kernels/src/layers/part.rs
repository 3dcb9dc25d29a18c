//! The choice of the coefficients of a result that are computed.

use crate::scalar::Scalar;
use crate::unroll::array;

/// A choice of some of the coefficients of a scalar.
///
/// Kernels keep these coefficients of a sum as a [`Sum`](CoefficientPart::Sum). To add a term they make a whole scalar of it, add the term, and take the
/// chosen coefficients again. What was added to the other coefficients is never used, so the compiler removes its computation.
pub trait CoefficientPart<A: Scalar> {
    /// The chosen coefficients of a sum.
    type Sum: Clone;
    /// The number of chosen coefficients. Kernels choose the size of their register tiles by it.
    const COEFFICIENTS: usize;
    /// Whether the primal value is left out because it is known: the place to which a result is written holds it already.
    const KNOWN: bool;
    /// The chosen coefficients of a scalar.
    fn of(whole: A) -> Self::Sum;
    /// The scalar that has the chosen coefficients and zeros for the others.
    fn whole(sum: Self::Sum) -> A;
}

/// All coefficients.
#[derive(Clone, Copy, Debug)]
pub struct AllCoefficients;

/// All coefficients but the primal value.
#[derive(Clone, Copy, Debug)]
pub struct BeyondPrimal;

/// The coefficient of the highest order alone.
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

/// A register tile of R x C sums that are zero.
#[inline(always)]
pub(super) fn zeros<A: Scalar, P: CoefficientPart<A>, const C: usize, const R: usize>()
-> [[P::Sum; C]; R] {
    array(
        #[inline(always)]
        |_| {
            array(
                #[inline(always)]
                |_| P::of(A::constant(0.0)),
            )
        },
    )
}

/// Adds a term to a sum. The function `add` adds it to the whole scalar that has the coefficients of the sum.
#[inline(always)]
pub(super) fn accumulate<A: Scalar, P: CoefficientPart<A>>(
    sum: &mut P::Sum,
    add: impl FnOnce(&mut A),
) {
    let mut whole = P::whole(sum.clone());
    add(&mut whole);
    *sum = P::of(whole);
}

/// Writes a result to a place. If its primal value is known, the place keeps the primal value that it has.
#[inline(always)]
pub(super) fn write<A: Scalar, P: CoefficientPart<A>>(place: &mut A, result: A) {
    *place = if P::KNOWN {
        result.with_primal(place.primal().clone())
    } else {
        result
    };
}
