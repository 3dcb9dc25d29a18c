//! Registers as scalars: the ground rings that have several SIMD lanes.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use super::elementary;
use super::register::Register;
use super::view;
use crate::scalar::{Lanes, Scalar};

/// The SIMD lanes of a register.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(super) struct Vector<G>(pub(super) G);

/// Applies a function to one lane after the other.
///
/// It is not inlined, because its code has a call for each lane.
#[inline(never)]
fn lane_by_lane<G: Register>(x: &G, f: impl Fn(G::Number) -> G::Number) -> Vector<G> {
    Vector(G::from_fn(|lane| f(x.lane(lane))))
}

/// Applies a function to all lanes at once, in a function of its own: for functions that are rare, so that their code is compiled once.
#[inline(never)]
fn apart<G: Register>(x: &G, f: impl Fn(G) -> G) -> Vector<G> {
    G::run::<G, _>(
        #[inline(always)]
        || Vector(f(*x)),
    )
}

impl<G: Register> Add for Vector<G> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Vector(self.0.add(other.0))
    }
}

impl<G: Register> Sub for Vector<G> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Vector(self.0.sub(other.0))
    }
}

impl<G: Register> Mul for Vector<G> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Vector(self.0.mul(other.0))
    }
}

impl<G: Register> Div for Vector<G> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Vector(self.0.div(other.0))
    }
}

impl<G: Register> Neg for Vector<G> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Vector(self.0.mul(G::splat(G::Number::constant(-1.0))))
    }
}

impl<G: Register> AddAssign for Vector<G> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.add(other.0);
    }
}

impl<G: Register> Scalar for Vector<G> {
    type Base = Self;
    type Element = G::Number;
    const COEFFICIENTS: usize = 1;

    #[inline(always)]
    fn from_base(base: Self) -> Self {
        base
    }
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Vector(G::splat(G::Number::constant(value)))
    }
    #[inline(always)]
    fn scale(self, by: &Self) -> Self {
        self * *by
    }
    #[inline(always)]
    fn scale_element(self, by: &G::Number) -> Self {
        Vector(self.0.mul(G::splat(*by)))
    }
    #[inline(always)]
    fn add_product(&mut self, a: &Self, b: &Self) {
        self.0 = a.0.mul_add(b.0, self.0);
    }
    #[inline(always)]
    fn add_scaled(&mut self, a: &Self, b: &G::Number) {
        self.0 = a.0.mul_add(G::splat(*b), self.0);
    }
    #[inline(always)]
    fn add_product_base(&mut self, a: &Self, b: &Self) {
        self.add_product(a, b);
    }
    #[inline(always)]
    fn add_base(&mut self, b: &Self) {
        *self += *b;
    }
    #[inline(always)]
    fn add_base_product(&mut self, a: &Self, b: &Self) {
        self.add_product(a, b);
    }
    #[inline(always)]
    fn add_base_scaled(&mut self, a: &Self, b: &G::Number) {
        self.add_scaled(a, b);
    }
    #[inline(always)]
    fn primal(&self) -> &Self {
        self
    }
    #[inline(always)]
    fn exp(self) -> Self {
        Vector(elementary::exp(self.0))
    }
    #[inline(always)]
    fn ln(self) -> Self {
        lane_by_lane(&self.0, Scalar::ln)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        Vector(elementary::tanh(self.0))
    }
    #[inline(always)]
    fn tanh_from(self, primal: Self) -> Self {
        primal
    }
    #[inline(always)]
    fn highest(self) -> Self {
        self
    }
    #[inline(always)]
    fn from_highest(coefficient: Self) -> Self {
        coefficient
    }
    #[inline(always)]
    fn with_primal(self, primal: Self) -> Self {
        primal
    }
    #[inline(always)]
    fn sin_cos(self) -> (Self, Self) {
        let (sine, cosine) = elementary::sin_cos(self.0);
        (Vector(sine), Vector(cosine))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Vector(self.0.sqrt())
    }
    #[inline(always)]
    fn erf(self) -> Self {
        lane_by_lane(&self.0, Scalar::erf)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        apart(
            &self.0,
            #[inline(always)]
            |x| elementary::sigmoid(x),
        )
    }
    #[inline(always)]
    fn softplus(self) -> Self {
        apart(
            &self.0,
            #[inline(always)]
            |x| elementary::softplus(x),
        )
    }
    #[inline(always)]
    fn powf(self, exponent: f64) -> Self {
        lane_by_lane(&self.0, |x| x.powf(exponent))
    }
}

impl<G: Register> Lanes for Vector<G> {
    const WIDTH: usize = G::WIDTH;
    const REGISTERS: usize = G::REGISTERS;

    #[inline(always)]
    fn splat(element: G::Number) -> Self {
        Vector(G::splat(element))
    }
    #[inline(always)]
    fn from_fn(element: impl FnMut(usize) -> G::Number) -> Self {
        Vector(G::from_fn(element))
    }
    #[inline(always)]
    fn lane(&self, lane: usize) -> G::Number {
        self.0.lane(lane)
    }
    #[inline(always)]
    fn larger(&self, other: &Self) -> Self {
        Vector(self.0.nan_or(self.0.greater(other.0)))
    }
    #[inline(always)]
    fn transpose(mut read: impl FnMut(usize) -> Self, mut write: impl FnMut(usize, Self)) {
        G::transpose(
            #[inline(always)]
            |i| read(i).0,
            #[inline(always)]
            |i, register| write(i, Vector(register)),
        );
    }
    #[inline(always)]
    fn store(&self, places: &mut [G::Number]) {
        self.0.store(places);
    }
    #[inline(always)]
    fn vectors(numbers: &[G::Number]) -> &[Self] {
        view::vectors(numbers)
    }
    #[inline(always)]
    fn vectors_mut(numbers: &mut [G::Number]) -> &mut [Self] {
        view::vectors_mut(numbers)
    }
    #[inline(always)]
    fn sum(&self) -> G::Number {
        self.0.sum()
    }
    #[inline(always)]
    fn run_lanes<Unit, R>(f: impl FnOnce() -> R) -> R {
        G::run::<Unit, R>(f)
    }
}
