//! Exact rational arithmetic as a scalar algebra.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{FromPrimitive, Signed, ToPrimitive, Zero};

use crate::lanes::Isa;
use crate::scalar::{Element, Lanes, Scalar};

/// A rational number of any size, or *undefined*, which plays the role of NaN.
///
/// Quotients by zero and values of elementary functions that are irrational are undefined, and so is everything that is computed from them. Like NaN,
/// undefined is not equal to anything, including itself.
#[derive(Clone, Debug)]
pub struct Exact(Option<BigRational>);

impl Exact {
    /// The result of an operation that gives no rational number.
    pub const UNDEFINED: Exact = Exact(None);

    /// The rational number, or `None` if it is undefined.
    pub fn rational(&self) -> Option<&BigRational> {
        self.0.as_ref()
    }

    fn combine(self, other: Self, f: impl FnOnce(BigRational, BigRational) -> BigRational) -> Self {
        Exact(self.0.zip(other.0).map(|(a, b)| f(a, b)))
    }

    /// The value at `self` of a function that is rational at a single rational argument, where it has the given value.
    fn only_at(self, argument: i64, value: i64) -> Self {
        if self == Exact::from(argument) {
            Exact::from(value)
        } else {
            Exact::UNDEFINED
        }
    }
}

impl From<BigRational> for Exact {
    fn from(rational: BigRational) -> Self {
        Exact(Some(rational))
    }
}

impl From<i64> for Exact {
    fn from(integer: i64) -> Self {
        Exact(Some(BigRational::from_integer(BigInt::from(integer))))
    }
}

impl Default for Exact {
    fn default() -> Self {
        Exact::from(0)
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        matches!((&self.0, &other.0), (Some(a), Some(b)) if a == b)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.as_ref().zip(other.0.as_ref()).map(|(a, b)| a.cmp(b))
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(rational) => write!(f, "{rational}"),
            None => write!(f, "undefined"),
        }
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.combine(other, |a, b| a + b)
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.combine(other, |a, b| a - b)
    }
}

impl Mul for Exact {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.combine(other, |a, b| a * b)
    }
}

impl Div for Exact {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) if !b.is_zero() => Exact(Some(a / b)),
            _ => Exact::UNDEFINED,
        }
    }
}

impl Neg for Exact {
    type Output = Self;
    fn neg(self) -> Self {
        Exact(self.0.map(|a| -a))
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        match (&mut self.0, other.0) {
            (Some(a), Some(b)) => *a += b,
            (a, _) => *a = None,
        }
    }
}

impl Scalar for Exact {
    type Base = Exact;
    type Element = Exact;
    const COEFFICIENTS: usize = 1;

    fn from_base(base: Exact) -> Self {
        base
    }
    /// The exact dyadic value of the float; undefined if the float is not finite.
    fn constant(value: f64) -> Self {
        Exact(BigRational::from_f64(value))
    }
    fn scale(self, by: &Exact) -> Self {
        self * by.clone()
    }
    fn scale_element(self, by: &Exact) -> Self {
        self * by.clone()
    }
    fn add_product(&mut self, a: &Self, b: &Self) {
        match (&mut self.0, &a.0, &b.0) {
            (Some(sum), Some(a), Some(b)) => *sum += a * b,
            (sum, _, _) => *sum = None,
        }
    }
    fn add_scaled(&mut self, a: &Self, b: &Exact) {
        self.add_product(a, b);
    }
    fn add_product_base(&mut self, a: &Self, b: &Exact) {
        self.add_product(a, b);
    }
    fn add_base(&mut self, b: &Exact) {
        *self += b.clone();
    }
    fn add_base_product(&mut self, a: &Exact, b: &Exact) {
        self.add_product(a, b);
    }
    fn add_base_scaled(&mut self, a: &Exact, b: &Exact) {
        self.add_product(a, b);
    }
    fn primal(&self) -> &Exact {
        self
    }
    fn exp(self) -> Self {
        self.only_at(0, 1)
    }
    fn ln(self) -> Self {
        self.only_at(1, 0)
    }
    fn highest(self) -> Exact {
        self
    }
    fn from_highest(coefficient: Exact) -> Self {
        coefficient
    }
    fn with_primal(self, primal: Exact) -> Self {
        primal
    }
    fn tanh_from(self, primal: Exact) -> Self {
        primal
    }
    fn tanh(self) -> Self {
        self.only_at(0, 0)
    }
    fn sin_cos(self) -> (Self, Self) {
        (self.clone().only_at(0, 0), self.only_at(0, 1))
    }
    fn sqrt(self) -> Self {
        let root = self.0.filter(|a| !a.is_negative()).and_then(|a| {
            let root = BigRational::new(a.numer().sqrt(), a.denom().sqrt());
            (&root * &root == a).then_some(root)
        });
        Exact(root)
    }
    fn erf(self) -> Self {
        self.only_at(0, 0)
    }
    fn sigmoid(self) -> Self {
        self.only_at(0, 1) / Exact::from(2)
    }
    /// The logarithm of one plus the exponential is rational for no rational argument.
    fn softplus(self) -> Self {
        Exact::UNDEFINED
    }
    /// The power is found by square roots, since the exponent is a whole number over a power of two. It is undefined, too, if that whole number has more
    /// than 31 bits, unless the base is 0 or 1.
    fn powf(self, exponent: f64) -> Self {
        let (zero, one) = (Exact::from(0), Exact::from(1));
        if !exponent.is_finite() {
            return Exact::UNDEFINED;
        }
        if self == one || self == zero && exponent > 0.0 {
            return self;
        }
        let Some((power, roots)) = BigRational::from_f64(exponent)
            .and_then(|e| Some((e.numer().to_i32()?, e.denom().bits() - 1)))
        else {
            return Exact::UNDEFINED;
        };
        let mut base = self;
        for _ in 0..roots {
            base = base.sqrt();
        }
        let whole = base.powi(power.unsigned_abs());
        if power < 0 { one / whole } else { whole }
    }
}

impl Lanes for Exact {
    const WIDTH: usize = 1;
    const REGISTERS: usize = 1;

    fn transpose(mut read: impl FnMut(usize) -> Exact, mut write: impl FnMut(usize, Exact)) {
        write(0, read(0));
    }
    fn store(&self, places: &mut [Exact]) {
        places[0] = self.clone();
    }
    fn vectors(numbers: &[Exact]) -> &[Exact] {
        numbers
    }
    fn vectors_mut(numbers: &mut [Exact]) -> &mut [Exact] {
        numbers
    }
    fn sum(&self) -> Exact {
        self.clone()
    }

    fn splat(element: Exact) -> Self {
        element
    }
    fn from_fn(mut element: impl FnMut(usize) -> Exact) -> Self {
        element(0)
    }
    fn lane(&self, _: usize) -> Exact {
        self.clone()
    }
    fn larger(&self, other: &Self) -> Self {
        match self.partial_cmp(other) {
            Some(Ordering::Less) => other.clone(),
            Some(_) => self.clone(),
            None => Exact::UNDEFINED,
        }
    }
}

impl Element for Exact {
    type Wide<I: Isa> = Exact;
    const LANES: usize = 1;

    fn to_f64(&self) -> f64 {
        self.0
            .as_ref()
            .and_then(ToPrimitive::to_f64)
            .unwrap_or(f64::NAN)
    }
    fn is_finite(&self) -> bool {
        self.0.is_some()
    }
    fn irrational(_: f64) -> Self {
        Exact::UNDEFINED
    }
    fn from_rational(rational: &BigRational) -> Self {
        Exact(Some(rational.clone()))
    }
}
