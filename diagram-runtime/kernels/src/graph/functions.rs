//! Elementary functions of steps, in any algebra. They are compiled once for each algebra, apart from the steps.

use super::Function;
use crate::scalar::{Lanes, Scalar};

/// The value of a function at `x`.
#[inline(never)]
pub(super) fn value<A: Scalar>(function: Function, x: &A) -> A {
    A::run(
        #[inline(always)]
        || match function {
            Function::Exp => x.clone().exp(),
            Function::Ln => x.clone().ln(),
            Function::Tanh => x.clone().tanh(),
            Function::Sin | Function::Cos => {
                let (sine, cosine) = x.clone().sin_cos();
                if function == Function::Sin {
                    sine
                } else {
                    cosine
                }
            }
            Function::Sqrt => x.clone().sqrt(),
            Function::Erf => x.clone().erf(),
            Function::Sigmoid => x.clone().sigmoid(),
            Function::Softplus => x.clone().softplus(),
            Function::Relu => {
                let primal = x.primal().larger(&A::Base::constant(0.0));
                x.clone().scale(&positive(x.primal())).with_primal(primal)
            }
            Function::Abs => {
                let primal = x.primal().larger(&-x.primal().clone());
                x.clone().scale(&sign(x.primal())).with_primal(primal)
            }
        },
    )
}

/// The derivative of a function at `x`, where it has the given value.
#[inline(never)]
pub(super) fn slope<A: Scalar>(function: Function, x: &A, value_at_x: &A) -> A {
    A::run(
        #[inline(always)]
        || {
            let y = || value_at_x.clone();
            match function {
                Function::Exp => y(),
                Function::Ln => x.clone().recip(),
                Function::Tanh => A::constant(1.0) - y() * y(),
                Function::Sin => value(Function::Cos, x),
                Function::Cos => -value(Function::Sin, x),
                Function::Sqrt => A::constant(0.5) / y(),
                Function::Erf => x.clone().erf_derivative(),
                Function::Sigmoid => y() - y() * y(),
                Function::Softplus => value(Function::Sigmoid, x),
                Function::Relu => A::from_base(positive(x.primal())),
                Function::Abs => A::from_base(sign(x.primal())),
            }
        },
    )
}

/// The larger number, with its derivatives; those of `b` where both are equal.
#[inline(never)]
pub(super) fn max<A: Scalar>(a: &A, b: &A) -> A {
    A::run(
        #[inline(always)]
        || {
            let of_a = a_is_larger(a, b);
            let of_b = A::Base::constant(1.0) - of_a.clone();
            let larger = a.primal().larger(b.primal());
            (a.clone().scale(&of_a) + b.clone().scale(&of_b)).with_primal(larger)
        },
    )
}

/// 1 in each lane in which a is larger than b, and 0 in the others.
#[inline(always)]
pub(super) fn a_is_larger<A: Scalar>(a: &A, b: &A) -> A::Base {
    positive(&(a.primal().clone() - b.primal().clone()))
}

/// 1 in each lane with a positive number, and -1 in the others.
#[inline(always)]
fn sign<R: Lanes>(x: &R) -> R {
    let positive = positive(x);
    positive.clone() + positive - R::constant(1.0)
}

/// 1 in each lane with a positive number, and 0 in the others.
#[inline(never)]
fn positive<R: Lanes>(x: &R) -> R {
    let zero = R::Element::constant(0.0);
    R::from_fn(|lane| R::Element::constant(f64::from(u8::from(x.lane(lane) > zero))))
}

/// `ln(exp a + exp b)`, as [`Scalar::log_add_exp`] computes it.
#[inline(never)]
pub(super) fn log_add_exp<A: Scalar>(a: &A, b: &A) -> A {
    A::run(
        #[inline(always)]
        || {
            let primal = a.primal().clone().log_add_exp(b.primal().clone());
            let rest = value(Function::Softplus, &(b.clone() - a.clone()));
            (a.clone() + rest).with_primal(primal)
        },
    )
}

/// The power of `x` with a real exponent.
#[inline(never)]
pub(super) fn powf<A: Scalar>(x: &A, exponent: f64) -> A {
    A::run(
        #[inline(always)]
        || x.clone().powf(exponent),
    )
}
