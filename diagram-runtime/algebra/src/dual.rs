//! Dual numbers, which when nested are the multi-dual numbers R[ε1, …, εk]/(εi²): one evaluation gives exact mixed directional derivatives.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::scalar::{Scalar, Weight};

/// The dual number `value + slope·ε` with ε² = 0.
///
/// `Dual<Dual<S>>` has two independent dual components: the mixed second derivative of f along u and v is `f(x + u ε1 + v ε2).slope.slope`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<S> {
    /// The coefficient of 1: the value.
    pub value: S,
    /// The coefficient of ε: the derivative along the direction of this dual component.
    pub slope: S,
}

impl<S: Scalar> Dual<S> {
    /// The chain rule: `f(self)` from the value and the derivative of f at `self.value`, and from the slope of `self`.
    #[inline(always)]
    fn chain(value: S, derivative: S, slope: S) -> Self {
        Dual {
            value,
            slope: derivative * slope,
        }
    }
}

impl<S: Scalar> Add for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Dual {
            value: self.value + other.value,
            slope: self.slope + other.slope,
        }
    }
}

impl<S: Scalar> Sub for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Dual {
            value: self.value - other.value,
            slope: self.slope - other.slope,
        }
    }
}

impl<S: Scalar> Mul for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut slope = self.value.clone() * other.slope;
        slope.add_product(&self.slope, &other.value);
        Dual {
            value: self.value * other.value,
            slope,
        }
    }
}

impl<S: Scalar> Div for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value.clone();
        let slope = (self.slope - value.clone() * other.slope) / other.value;
        Dual { value, slope }
    }
}

impl<S: Scalar> Neg for Dual<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Dual {
            value: -self.value,
            slope: -self.slope,
        }
    }
}

impl<S: Scalar> AddAssign for Dual<S> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.value += other.value;
        self.slope += other.slope;
    }
}

impl<S: Scalar> Scalar for Dual<S> {
    type Base = S::Base;
    type Element = S::Element;
    const COEFFICIENTS: usize = 2 * S::COEFFICIENTS;

    #[inline(always)]
    fn from_base(base: S::Base) -> Self {
        Dual {
            value: S::from_base(base),
            slope: S::constant(0.0),
        }
    }
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Dual {
            value: S::constant(value),
            slope: S::constant(0.0),
        }
    }
    #[inline(always)]
    fn scale(self, by: &S::Base) -> Self {
        Dual {
            value: self.value.scale(by),
            slope: self.slope.scale(by),
        }
    }
    #[inline(always)]
    fn scale_element(self, by: &S::Element) -> Self {
        Dual {
            value: self.value.scale_element(by),
            slope: self.slope.scale_element(by),
        }
    }
    #[inline(always)]
    fn add_product(&mut self, a: &Self, b: &Self) {
        self.value.add_product(&a.value, &b.value);
        self.slope.add_product(&a.value, &b.slope);
        self.slope.add_product(&a.slope, &b.value);
    }
    #[inline(always)]
    fn add_scaled(&mut self, a: &Self, b: &S::Element) {
        self.value.add_scaled(&a.value, b);
        self.slope.add_scaled(&a.slope, b);
    }
    #[inline(always)]
    fn add_product_base(&mut self, a: &Self, b: &S::Base) {
        self.value.add_product_base(&a.value, b);
        self.slope.add_product_base(&a.slope, b);
    }
    #[inline(always)]
    fn add_base(&mut self, b: &S::Base) {
        self.value.add_base(b);
    }
    #[inline(always)]
    fn add_base_product(&mut self, a: &S::Base, b: &S::Base) {
        self.value.add_base_product(a, b);
    }
    #[inline(always)]
    fn add_base_scaled(&mut self, a: &S::Base, b: &S::Element) {
        self.value.add_base_scaled(a, b);
    }
    #[inline(always)]
    fn primal(&self) -> &S::Base {
        self.value.primal()
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let e = self.value.exp();
        Dual::chain(e.clone(), e, self.slope)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        Dual {
            value: self.value.clone().ln(),
            slope: self.slope / self.value,
        }
    }
    #[inline(always)]
    fn highest(self) -> S::Base {
        self.slope.highest()
    }
    #[inline(always)]
    fn from_highest(coefficient: S::Base) -> Self {
        Dual {
            value: S::constant(0.0),
            slope: S::from_highest(coefficient),
        }
    }
    #[inline(always)]
    fn with_primal(self, primal: S::Base) -> Self {
        Dual {
            value: self.value.with_primal(primal),
            slope: self.slope,
        }
    }
    #[inline(always)]
    fn tanh_from(self, primal: S::Base) -> Self {
        let t = self.value.tanh_from(primal);
        let derivative = S::constant(1.0) - t.clone() * t.clone();
        Dual::chain(t, derivative, self.slope)
    }
    #[inline(always)]
    fn sin_cos(self) -> (Self, Self) {
        let (s, c) = self.value.sin_cos();
        (
            Dual::chain(s.clone(), c.clone(), self.slope.clone()),
            Dual::chain(c, -s, self.slope),
        )
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        let slope = self.slope / (root.clone() + root.clone());
        Dual { value: root, slope }
    }
    #[inline(always)]
    fn erf(self) -> Self {
        let derivative = self.value.clone().erf_derivative();
        Dual::chain(self.value.erf(), derivative, self.slope)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let s = self.value.sigmoid();
        let derivative = s.clone() - s.clone() * s.clone();
        Dual::chain(s, derivative, self.slope)
    }
    #[inline(always)]
    fn softplus(self) -> Self {
        let derivative = self.value.clone().sigmoid();
        Dual::chain(self.value.softplus(), derivative, self.slope)
    }
    #[inline(always)]
    fn powf(self, exponent: f64) -> Self {
        if exponent == 0.0 {
            return Self::constant(1.0);
        }
        let derivative = self.value.clone().powf(exponent - 1.0).times(exponent);
        Dual::chain(self.value.powf(exponent), derivative, self.slope)
    }
}

/// A weight `value + slope·ε` whose slope has no dual components of its own, because weights depend on each ε linearly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DualWeight<W, B> {
    /// The weight without this dual component.
    pub value: W,
    /// The component of the direction of ε: [`PerLane`] or [`Broadcast`](crate::scalar::Broadcast).
    pub slope: B,
}

impl<S: Scalar, W: Weight<S>, B: Slope<S>> Weight<Dual<S>> for DualWeight<W, B> {
    #[inline(always)]
    fn add_times(&self, a: &Dual<S>, accumulator: &mut Dual<S>) {
        self.value.add_times(&a.value, &mut accumulator.value);
        self.value.add_times(&a.slope, &mut accumulator.slope);
        self.slope.add_slope(&a.value, &mut accumulator.slope);
    }

    #[inline(always)]
    fn add_times_base(&self, x: &S::Base, accumulator: &mut Dual<S>) {
        self.value.add_times_base(x, &mut accumulator.value);
        self.slope.add_slope_base(x, &mut accumulator.slope);
    }

    #[inline(always)]
    fn lift(&self) -> Dual<S> {
        Dual {
            value: self.value.lift(),
            slope: self.slope.lift_slope(),
        }
    }
}

/// A component of a direction: a constant that is the same in all lanes or differs from lane to lane.
pub trait Slope<S: Scalar>: Clone + Send + Sync {
    /// `accumulator += self * a`.
    fn add_slope(&self, a: &S, accumulator: &mut S);
    /// `accumulator += self * x` with a constant x.
    fn add_slope_base(&self, x: &S::Base, accumulator: &mut S);
    /// The component as a constant of the algebra.
    fn lift_slope(&self) -> S;
}

/// A component of a direction that differs from lane to lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerLane<B>(pub B);

impl<S: Scalar> Slope<S> for PerLane<S::Base> {
    #[inline(always)]
    fn add_slope(&self, a: &S, accumulator: &mut S) {
        accumulator.add_product_base(a, &self.0);
    }
    #[inline(always)]
    fn add_slope_base(&self, x: &S::Base, accumulator: &mut S) {
        accumulator.add_base_product(x, &self.0);
    }
    #[inline(always)]
    fn lift_slope(&self) -> S {
        S::from_base(self.0.clone())
    }
}

impl<S: Scalar> Slope<S> for crate::scalar::Broadcast<S::Element> {
    #[inline(always)]
    fn add_slope(&self, a: &S, accumulator: &mut S) {
        accumulator.add_scaled(a, &self.0);
    }
    #[inline(always)]
    fn add_slope_base(&self, x: &S::Base, accumulator: &mut S) {
        accumulator.add_base_scaled(x, &self.0);
    }
    #[inline(always)]
    fn lift_slope(&self) -> S {
        <Self as Weight<S>>::lift(self)
    }
}
