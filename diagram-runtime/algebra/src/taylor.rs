//! Truncated Taylor series in one variable, which carry the derivatives along one line. They need M coefficients for M - 1 derivatives, where
//! multi-dual numbers need 2^(M-1).

mod line;

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

pub use line::Line;

use crate::scalar::{Lanes, Scalar, filled};
use crate::unroll::{array, each};

/// The truncated Taylor series `Σ_k coefficients[k] t^k` modulo t^M, a line jet of order M - 1.
///
/// The k-th derivative along the line is `k!` times `coefficients[k]`.
#[derive(Copy, Debug, PartialEq)]
pub struct Taylor<R, const M: usize> {
    /// The coefficients in the order of their powers, the constant term first.
    pub coefficients: [R; M],
}

#[allow(
    clippy::expl_impl_clone_on_copy,
    reason = "the standard library clones an array by functions that are not always inlined: they would be calls in the inner loops of kernels"
)]
impl<R: Clone, const M: usize> Clone for Taylor<R, M> {
    #[inline(always)]
    fn clone(&self) -> Self {
        Taylor {
            coefficients: array(
                #[inline(always)]
                |k| self.coefficients[k].clone(),
            ),
        }
    }
}

impl<R: Lanes, const M: usize> Taylor<R, M> {
    #[inline(always)]
    fn zero() -> Self {
        Taylor {
            coefficients: filled(&R::constant(0.0)),
        }
    }

    /// The function of `self` whose primal value is `primal` and whose derivative, at `self`, is `derivative`. The last coefficient of the derivative is not
    /// used.
    #[inline(always)]
    fn antiderivative(self, primal: R, derivative: &Self) -> Self {
        Self::solve(
            primal,
            #[inline(always)]
            |k, _| integral(&self.coefficients, &derivative.coefficients, k),
        )
    }

    /// The function f of `self` with the given primal value whose derivative is a quadratic polynomial in f. `slope` gives coefficient k of the derivative
    /// from k, coefficient k of f and coefficient k of f².
    #[inline(always)]
    fn with_quadratic_slope(self, primal: R, slope: impl Fn(usize, &R, R) -> R) -> Self {
        let mut u = Self::zero().coefficients;
        u[0] = slope(0, &primal, primal.clone() * primal.clone());
        Self::solve(
            primal,
            #[inline(always)]
            |k, f| {
                let next = integral(&self.coefficients, &u, k);
                let mut square = f[0].clone() * next.clone();
                square = square.clone() + square;
                for j in 1..k {
                    square.add_product(&f[j], &f[k - j]);
                }
                u[k] = slope(k, &next, square);
                next
            },
        )
    }

    /// The series with the given constant term in which `next(k, ..)` computes coefficient k from the coefficients before it.
    #[inline(always)]
    fn solve(first: R, mut next: impl FnMut(usize, &[R; M]) -> R) -> Self {
        let mut series = Self::zero();
        series.coefficients[0] = first;
        for k in 1..M {
            series.coefficients[k] = next(k, &series.coefficients);
        }
        series
    }
}

/// `j / k`, divided as numbers of the ring: the quotient of two `f64` would be rounded, which is wrong for exact rationals.
#[inline(always)]
fn ratio<R: Lanes>(j: usize, k: usize) -> R::Element {
    R::Element::constant(j as f64) / R::Element::constant(k as f64)
}

/// `1/k · Σ_{j=1..=k} j a_j b_{k-j}`, which is coefficient k of the integral of a' b.
#[inline(always)]
fn integral<R: Lanes, const M: usize>(a: &[R; M], b: &[R; M], k: usize) -> R {
    let mut sum = R::constant(0.0);
    for j in 1..=k {
        let weighted = a[j].clone().scale_element(&ratio::<R>(j, k));
        sum.add_product(&weighted, &b[k - j]);
    }
    sum
}

impl<R: Lanes, const M: usize> Add for Taylor<R, M> {
    type Output = Self;
    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl<R: Lanes, const M: usize> AddAssign for Taylor<R, M> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        for (a, b) in self.coefficients.iter_mut().zip(other.coefficients) {
            *a += b;
        }
    }
}

impl<R: Lanes, const M: usize> Sub for Taylor<R, M> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<R: Lanes, const M: usize> Neg for Taylor<R, M> {
    type Output = Self;
    #[inline(always)]
    fn neg(mut self) -> Self {
        for c in &mut self.coefficients {
            *c = -c.clone();
        }
        self
    }
}

impl<R: Lanes, const M: usize> Mul for Taylor<R, M> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut product = Self::zero();
        product.add_product(&self, &other);
        product
    }
}

#[allow(
    clippy::suspicious_arithmetic_impl,
    reason = "the recurrence of a quotient's coefficients"
)]
impl<R: Lanes, const M: usize> Div for Taylor<R, M> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let (a, b) = (self.coefficients, other.coefficients);
        Self::solve(
            a[0].clone() / b[0].clone(),
            #[inline(always)]
            |k, q| {
                let mut rest = a[k].clone();
                for j in 1..=k {
                    rest += -(b[j].clone() * q[k - j].clone());
                }
                rest / b[0].clone()
            },
        )
    }
}

impl<R: Lanes, const M: usize> Scalar for Taylor<R, M> {
    type Base = R;
    type Element = R::Element;
    const COEFFICIENTS: usize = M;

    #[inline(always)]
    fn from_base(base: R) -> Self {
        let mut series = Self::zero();
        series.coefficients[0] = base;
        series
    }
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self::from_base(R::constant(value))
    }
    #[inline(always)]
    fn scale(mut self, by: &R) -> Self {
        // A loop instead of `map`, because the standard library would call the closure from a function without the vector instructions.
        for c in &mut self.coefficients {
            *c = c.clone() * by.clone();
        }
        self
    }
    #[inline(always)]
    fn scale_element(mut self, by: &R::Element) -> Self {
        for c in &mut self.coefficients {
            *c = c.clone().scale_element(by);
        }
        self
    }
    #[inline(always)]
    fn add_product(&mut self, a: &Self, b: &Self) {
        each::<M>(
            #[inline(always)]
            |k| {
                each::<M>(
                    #[inline(always)]
                    |j| {
                        if j <= k {
                            let (a, b) = (&a.coefficients[j], &b.coefficients[k - j]);
                            self.coefficients[k].add_product(a, b);
                        }
                    },
                );
            },
        );
    }
    #[inline(always)]
    fn add_scaled(&mut self, a: &Self, b: &R::Element) {
        each::<M>(
            #[inline(always)]
            |k| self.coefficients[k].add_scaled(&a.coefficients[k], b),
        );
    }
    #[inline(always)]
    fn add_product_base(&mut self, a: &Self, b: &R) {
        each::<M>(
            #[inline(always)]
            |k| self.coefficients[k].add_product(&a.coefficients[k], b),
        );
    }
    #[inline(always)]
    fn add_base(&mut self, b: &R) {
        self.coefficients[0] += b.clone();
    }
    #[inline(always)]
    fn add_base_product(&mut self, a: &R, b: &R) {
        self.coefficients[0].add_product(a, b);
    }
    #[inline(always)]
    fn add_base_scaled(&mut self, a: &R, b: &R::Element) {
        self.coefficients[0].add_scaled(a, b);
    }
    #[inline(always)]
    fn primal(&self) -> &R {
        &self.coefficients[0]
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let a = self.coefficients;
        Self::solve(
            a[0].clone().exp(),
            #[inline(always)]
            |k, e| integral(&a, e, k),
        )
    }
    #[inline(always)]
    fn ln(self) -> Self {
        let a = self.coefficients;
        Self::solve(
            a[0].clone().ln(),
            #[inline(always)]
            |k, l| {
                // The logarithm l of a satisfies a l' = a', which is solved here for coefficient k of l.
                let mut rest = a[k].clone();
                for j in 1..k {
                    rest += -(l[j].clone().scale_element(&ratio::<R>(j, k)) * a[k - j].clone());
                }
                rest / a[0].clone()
            },
        )
    }
    #[inline(always)]
    fn highest(self) -> R {
        self.coefficients[M - 1].clone()
    }
    #[inline(always)]
    fn from_highest(coefficient: R) -> Self {
        let mut series = Self::zero();
        series.coefficients[M - 1] = coefficient;
        series
    }
    #[inline(always)]
    fn with_primal(mut self, primal: R) -> Self {
        self.coefficients[0] = primal;
        self
    }
    #[inline(always)]
    fn tanh_from(self, primal: R) -> Self {
        self.with_quadratic_slope(
            primal,
            #[inline(always)]
            |k, _, square| {
                if k == 0 {
                    R::constant(1.0) - square
                } else {
                    -square
                }
            },
        )
    }
    #[inline(always)]
    fn sin_cos(self) -> (Self, Self) {
        let a = self.coefficients;
        let (s0, c0) = a[0].clone().sin_cos();
        let mut cosine = Self::from_base(c0).coefficients;
        let sine = Self::solve(
            s0,
            #[inline(always)]
            |k, s| {
                let next = integral(&a, &cosine, k);
                cosine[k] = -integral(&a, s, k);
                next
            },
        );
        (
            sine,
            Taylor {
                coefficients: cosine,
            },
        )
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let a = self.coefficients;
        Self::solve(
            a[0].clone().sqrt(),
            #[inline(always)]
            |k, r| {
                let mut rest = a[k].clone();
                for j in 1..k {
                    rest += -(r[j].clone() * r[k - j].clone());
                }
                rest / (r[0].clone() + r[0].clone())
            },
        )
    }
    #[inline(always)]
    fn erf(self) -> Self {
        let primal = self.primal().clone().erf();
        let derivative = self.clone().erf_derivative();
        self.antiderivative(primal, &derivative)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let primal = self.primal().clone().sigmoid();
        self.with_quadratic_slope(
            primal,
            #[inline(always)]
            |_, s, square| s.clone() - square,
        )
    }
    #[inline(always)]
    fn softplus(self) -> Self {
        let primal = self.primal().clone().softplus();
        let derivative = self.clone().sigmoid();
        self.antiderivative(primal, &derivative)
    }
    #[inline(always)]
    fn powf(self, exponent: f64) -> Self {
        // The powers with smaller exponents, from the one of which the primal value alone counts, since each is the derivative of the next up to a factor.
        // Dividing by the base instead would leave nothing defined where the base is zero.
        let primal = self.primal().clone();
        let mut power = Self::zero();
        for order in (0..M).rev() {
            let exponent = exponent - order as f64;
            power = if exponent == 0.0 {
                Self::constant(1.0)
            } else {
                let derivative = power.times(exponent);
                let primal = primal.clone().powf(exponent);
                self.clone().antiderivative(primal, &derivative)
            };
        }
        power
    }
}
