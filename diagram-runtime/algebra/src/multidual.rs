//! Multi-dual numbers whose number of dual components is chosen at run time.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::scalar::{Lanes, Scalar};

/// An element of R[ε1, …, εq]/(εi²) for any q.
///
/// The coefficients are on the heap, whereas those of nested [`Dual`](crate::dual::Dual) numbers, whose order is fixed by their type, can stay in
/// registers. The coefficient with index `b` belongs to the product of those εi for which bit i of `b` is set, i from 0. The last dual components need
/// not be stored for a number that does not depend on them; in particular a constant is stored as a single coefficient.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiDual<R> {
    /// The first coefficients, whose number is a power of two; all later ones are zero.
    coefficients: Vec<R>,
}

impl<R: Lanes> MultiDual<R> {
    /// The number `value + Σ_i slopes[i] εi`, i from 0.
    pub fn variable(value: R, slopes: &[R]) -> Self {
        let mut coefficients = vec![R::constant(0.0); 1 << slopes.len()];
        coefficients[0] = value;
        for (i, slope) in slopes.iter().enumerate() {
            coefficients[1 << i] = slope.clone();
        }
        MultiDual { coefficients }
    }

    /// The coefficient of the product of those εi for which bit i of `set` is set.
    pub fn coefficient(&self, set: usize) -> R {
        self.coefficients
            .get(set)
            .cloned()
            .unwrap_or_else(|| R::constant(0.0))
    }

    /// Combines two numbers coefficient by coefficient.
    fn zip(self, other: Self, f: impl Fn(R, R) -> R) -> Self {
        let (a, b) = (self.coefficients, other.coefficients);
        let zero = || R::constant(0.0);
        let length = a.len().max(b.len());
        let pad = |v: Vec<R>| {
            v.into_iter()
                .chain(std::iter::repeat_with(zero))
                .take(length)
        };
        MultiDual {
            coefficients: pad(a).zip(pad(b)).map(|(a, b)| f(a, b)).collect(),
        }
    }

    /// The number `low + high·ε` of the last stored dual component ε as the pair `(low, high)`; `None` for a constant.
    fn split(&self) -> Option<(Self, Self)> {
        let half = self.coefficients.len() / 2;
        (half > 0).then(|| {
            let (low, high) = self.coefficients.split_at(half);
            (
                MultiDual {
                    coefficients: low.to_vec(),
                },
                MultiDual {
                    coefficients: high.to_vec(),
                },
            )
        })
    }

    /// The number `low + high·ε`, where ε is the dual component that `half` is the bit of: the inverse of [`split`](MultiDual::split).
    fn merge(low: Self, high: Self, half: usize) -> Self {
        let mut coefficients = low.coefficients;
        coefficients.resize_with(half, || R::constant(0.0));
        coefficients.extend(high.coefficients);
        coefficients.resize_with(2 * half, || R::constant(0.0));
        MultiDual { coefficients }
    }

    /// The value of a function by the chain rule, one dual component after the other: `f` is the function in the ground ring, and `derivative` gives the
    /// function's derivative from its argument and its value.
    fn lift(self, f: &impl Fn(R) -> R, derivative: &impl Fn(Self, Self) -> Self) -> Self {
        match self.split() {
            None => MultiDual {
                coefficients: self.coefficients.into_iter().map(f).collect(),
            },
            Some((low, high)) => {
                let half = self.coefficients.len() / 2;
                let value = low.clone().lift(f, derivative);
                let slope = derivative(low, value.clone()) * high;
                MultiDual::merge(value, slope, half)
            }
        }
    }
}

impl<R: Lanes> Add for MultiDual<R> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl<R: Lanes> Sub for MultiDual<R> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl<R: Lanes> Neg for MultiDual<R> {
    type Output = Self;
    fn neg(self) -> Self {
        MultiDual {
            coefficients: self.coefficients.into_iter().map(|a| -a).collect(),
        }
    }
}

impl<R: Lanes> AddAssign for MultiDual<R> {
    fn add_assign(&mut self, other: Self) {
        let length = self.coefficients.len().max(other.coefficients.len());
        self.coefficients.resize_with(length, || R::constant(0.0));
        for (a, b) in self.coefficients.iter_mut().zip(other.coefficients) {
            *a += b;
        }
    }
}

impl<R: Lanes> Mul for MultiDual<R> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let mut product = MultiDual {
            coefficients: vec![R::constant(0.0)],
        };
        product.add_product(&self, &other);
        product
    }
}

#[allow(
    clippy::suspicious_arithmetic_impl,
    reason = "a quotient is a product with a reciprocal"
)]
impl<R: Lanes> Div for MultiDual<R> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self * other.recip()
    }
}

impl<R: Lanes> Scalar for MultiDual<R> {
    type Base = R;
    type Element = R::Element;
    // The number depends on the value; this one only steers the size of register tiles.
    const COEFFICIENTS: usize = 8;

    fn from_base(base: R) -> Self {
        MultiDual {
            coefficients: vec![base],
        }
    }
    fn constant(value: f64) -> Self {
        Self::from_base(R::constant(value))
    }
    fn scale(self, by: &R) -> Self {
        MultiDual {
            coefficients: self
                .coefficients
                .into_iter()
                .map(|a| a * by.clone())
                .collect(),
        }
    }
    fn scale_element(self, by: &R::Element) -> Self {
        MultiDual {
            coefficients: self
                .coefficients
                .into_iter()
                .map(|a| a.scale_element(by))
                .collect(),
        }
    }
    fn add_product(&mut self, a: &Self, b: &Self) {
        let length = a
            .coefficients
            .len()
            .max(b.coefficients.len())
            .max(self.coefficients.len());
        self.coefficients.resize_with(length, || R::constant(0.0));
        for (i, x) in a.coefficients.iter().enumerate() {
            for (j, y) in b
                .coefficients
                .iter()
                .enumerate()
                .filter(|(j, _)| i & j == 0)
            {
                self.coefficients[i | j].add_product(x, y);
            }
        }
    }
    fn add_scaled(&mut self, a: &Self, b: &R::Element) {
        *self += a.clone().scale_element(b);
    }
    fn add_product_base(&mut self, a: &Self, b: &R) {
        *self += a.clone().scale(b);
    }
    fn add_base(&mut self, b: &R) {
        self.coefficients[0] += b.clone();
    }
    fn add_base_product(&mut self, a: &R, b: &R) {
        self.coefficients[0].add_product(a, b);
    }
    fn add_base_scaled(&mut self, a: &R, b: &R::Element) {
        self.coefficients[0].add_scaled(a, b);
    }
    fn primal(&self) -> &R {
        &self.coefficients[0]
    }
    fn recip(self) -> Self {
        self.lift(&|a| R::constant(1.0) / a, &|_, value| {
            -(value.clone() * value)
        })
    }
    fn exp(self) -> Self {
        self.lift(&R::exp, &|_, value| value)
    }
    fn ln(self) -> Self {
        self.lift(&R::ln, &|a, _| a.recip())
    }
    /// The last coefficient that is stored, because the type does not know the number of dual components.
    fn highest(self) -> R {
        self.coefficients[self.coefficients.len() - 1].clone()
    }
    fn from_highest(coefficient: R) -> Self {
        Self::from_base(coefficient)
    }
    fn with_primal(mut self, primal: R) -> Self {
        self.coefficients[0] = primal;
        self
    }
    fn tanh_from(self, primal: R) -> Self {
        self.lift(&|_| primal.clone(), &|_, value| {
            Self::constant(1.0) - value.clone() * value
        })
    }
    fn sin_cos(self) -> (Self, Self) {
        (
            self.clone().lift(&R::sin, &|a, _| a.cos()),
            self.lift(&R::cos, &|a, _| -a.sin()),
        )
    }
    fn sqrt(self) -> Self {
        self.lift(&R::sqrt, &|_, value| (value.clone() + value).recip())
    }
    fn erf(self) -> Self {
        self.lift(&R::erf, &|a, _| a.erf_derivative())
    }
    fn sigmoid(self) -> Self {
        self.lift(&R::sigmoid, &|_, value| value.clone() - value.square())
    }
    fn softplus(self) -> Self {
        self.lift(&R::softplus, &|a, _| a.sigmoid())
    }
    fn powf(self, exponent: f64) -> Self {
        if exponent == 0.0 {
            return Self::constant(1.0);
        }
        self.lift(&|a| a.powf(exponent), &|a, _| {
            a.powf(exponent - 1.0).times(exponent)
        })
    }
}
