//! Fixed-point numbers with some 420 digits, in which power series are summed until nothing is left: what floats are compared with.

use std::ops::{Add, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// The number of binary places. Every `f64` is exact, and of the least positive one 300 places are left.
const PLACES: usize = 1400;

/// A whole number of units of 2^-1400. Products and quotients are rounded down, by less than a unit.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(super) struct Precise(BigInt);

impl Precise {
    pub(super) fn whole(number: i64) -> Self {
        Precise(BigInt::from(number) << PLACES)
    }

    /// A finite number, without any error.
    pub(super) fn of(number: f64) -> Self {
        let rational = BigRational::from_float(number).expect("finite");
        Precise((rational.numer() << PLACES) / rational.denom())
    }

    pub(super) fn over(&self, divisor: &Self) -> Self {
        Precise((&self.0 << PLACES) / &divisor.0)
    }

    pub(super) fn over_whole(&self, divisor: i64) -> Self {
        Precise(&self.0 / divisor)
    }

    pub(super) fn abs(&self) -> Self {
        Precise(self.0.abs())
    }

    pub(super) fn sqrt(&self) -> Self {
        Precise((&self.0 << PLACES).sqrt())
    }

    /// A few digits.
    pub(super) fn to_f64(&self) -> f64 {
        BigRational::new(self.0.clone(), BigInt::one() << PLACES)
            .to_f64()
            .expect("a number")
    }

    /// `Σ_n term_n`, where `next` gives a term from its number and the term before, until a term is less than a unit.
    fn series(first: Self, mut next: impl FnMut(i64, &Self) -> Self) -> Self {
        let mut sum = first.clone();
        let mut term = first;
        let mut n = 0;
        while !term.0.is_zero() && !(-&term.0).is_one() {
            n += 1;
            term = next(n, &term);
            sum = sum + term.clone();
        }
        sum
    }

    /// The exponential of a number up to 0, which is divided by 1024 and whose exponential is squared ten times. The series is off by fewer units than it
    /// has terms, some 200, and each square doubles that: 2^18 units.
    pub(super) fn exp(&self) -> Self {
        assert!(!self.0.is_positive());
        let small = self.over_whole(1024);
        let mut power = Self::series(Self::whole(1), |n, term| {
            (term.clone() * small.clone()).over_whole(n)
        });
        for _ in 0..10 {
            power = power.clone() * power;
        }
        power
    }

    /// `ln(1 + self)` of a number between 0 and 1, as 2 artanh(s), s = self / (2 + self) ≤ 1/3. It is off by fewer units than the series has terms, some 440.
    pub(super) fn ln_1p(&self) -> Self {
        let s = self.over(&(Self::whole(2) + self.clone()));
        let square = s.clone() * s.clone();
        let mut power = s.clone();
        let half = Self::series(s, |n, _| {
            power = power.clone() * square.clone();
            power.over_whole(2 * n + 1)
        });
        half.clone() + half
    }

    /// The ratio of a circle's circumference to its diameter, by Machin's formula.
    pub(super) fn pi() -> Self {
        let arctangent = |inverse: i64| {
            let mut power = Self::whole(1).over_whole(inverse);
            Self::series(power.clone(), |n, _| {
                power = -power.over_whole(inverse * inverse);
                power.over_whole(2 * n + 1)
            })
        };
        arctangent(5) * Self::whole(16) - arctangent(239) * Self::whole(4)
    }

    /// The error function of a number up to 6, whose series has terms up to e^36 / 6, 2^50: it is off by fewer than 2^60 units.
    pub(super) fn erf(&self) -> Self {
        let square = self.clone() * self.clone();
        let mut power = self.clone();
        let sum = Self::series(self.clone(), |n, _| {
            power = -(power.clone() * square.clone()).over_whole(n);
            power.over_whole(2 * n + 1)
        });
        sum * Self::two_over_root_pi()
    }

    pub(super) fn two_over_root_pi() -> Self {
        Self::whole(2).over(&Self::pi().sqrt())
    }

    /// How far a float is off, in units of `unit` times the size; the least positive float of its format is for free, because results may be denormal.
    pub(super) fn units_off(&self, found: f64, size: &Self, unit: f64, least: f64) -> f64 {
        let error = (Self::of(found) - self.clone()).abs();
        let error = error - Self::of(least);
        if error.0.is_negative() || error.0.is_zero() {
            return 0.0;
        }
        error.over(&(size.abs() * Self::of(unit))).to_f64()
    }
}

impl Add for Precise {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Precise(self.0 + other.0)
    }
}

impl Sub for Precise {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Precise(self.0 - other.0)
    }
}

impl Mul for Precise {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Precise((self.0 * other.0) >> PLACES)
    }
}

impl Neg for Precise {
    type Output = Self;
    fn neg(self) -> Self {
        Precise(-self.0)
    }
}

#[test]
fn series_give_known_digits() {
    let digits = |number: &Precise| {
        let scaled = (&number.0 * BigInt::from(10).pow(40)) >> PLACES;
        scaled.to_string()
    };
    // A book's digits of π, e^-1, ln 2 and erf 1.
    assert_eq!(
        digits(&Precise::pi()),
        "31415926535897932384626433832795028841971"
    );
    assert_eq!(
        digits(&Precise::whole(-1).exp()),
        "3678794411714423215955237701614608674458"
    );
    assert_eq!(
        digits(&Precise::whole(1).ln_1p()),
        "6931471805599453094172321214581765680755"
    );
    assert_eq!(
        &digits(&Precise::whole(1).erf())[..20],
        "84270079294971486934"
    );
}
