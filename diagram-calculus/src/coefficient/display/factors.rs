//! Coefficients as products, as they are written: `N (N - 1)/2` says more than `(N^2 - N)/2`.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::coefficient::Coefficient;
use crate::polynomial::Polynomial;

/// Factors N - j are looked for with j between minus this and this. Counts have small ones: they come from binomials.
const LARGEST_ROOT: i64 = 8;

/// What stands above and below the fraction bar, each with its exponent.
pub(super) struct Factors {
    pub(super) negative: bool,
    pub(super) above: Vec<(Base, u32)>,
    pub(super) below: Vec<(Base, u32)>,
}

pub(super) enum Base {
    /// A positive number.
    Number(BigInt),
    /// N, B or E, by place.
    Variable(usize),
    /// A sum of two monomials or more with whole coefficients and no negative powers.
    Sum(Polynomial),
}

impl Factors {
    pub(super) fn of(coefficient: &Coefficient) -> Self {
        let Some((content, powers, rest)) = primitive(&coefficient.numerator) else {
            return Factors {
                negative: false,
                above: vec![(Base::Number(BigInt::zero()), 1)],
                below: vec![],
            };
        };
        let number = |number: BigInt| (!number.is_one()).then_some((Base::Number(number), 1));
        let mut above: Vec<_> = number(content.numer().abs()).into_iter().collect();
        let mut below: Vec<_> = number(content.denom().clone()).into_iter().collect();
        for (j, &exponent) in coefficient.denominator.iter().enumerate() {
            if exponent > 0 {
                let base = if j == 0 {
                    Base::Variable(0)
                } else {
                    Base::Sum(difference(0, j as i64))
                };
                below.push((base, exponent));
            }
        }
        for (variable, power) in powers.into_iter().enumerate() {
            let side = if power > 0 { &mut above } else { &mut below };
            if power != 0 {
                side.push((Base::Variable(variable), power.unsigned_abs()));
            }
        }
        split(rest, &mut above);
        Factors {
            negative: content.is_negative(),
            above,
            below,
        }
    }

    /// The sum that the coefficient is, sign and all, if it is just that.
    pub(super) fn lone_sum(&self) -> Option<Polynomial> {
        match (&self.above[..], &self.below[..]) {
            ([(Base::Sum(sum), 1)], []) if self.negative => Some(sum.scale(&-BigRational::one())),
            ([(Base::Sum(sum), 1)], []) => Some(sum.clone()),
            _ => None,
        }
    }
}

/// A number, a monomial, and a polynomial with coprime whole coefficients, the leading one positive, that no variable divides: their product is the given
/// polynomial. `None` for zero.
fn primitive(polynomial: &Polynomial) -> Option<(BigRational, [i32; 3], Polynomial)> {
    let (_, leading) = polynomial.terms().last()?;
    let coefficients = || polynomial.terms().map(|(_, coefficient)| coefficient);
    let above = coefficients().fold(BigInt::zero(), |gcd, c| gcd.gcd(c.numer()));
    let below = coefficients().fold(BigInt::one(), |lcm, c| lcm.lcm(c.denom()));
    let content = BigRational::new(above, below) * leading.signum();
    let powers = std::array::from_fn(|variable| {
        let exponents = polynomial.terms().map(|(exponents, _)| exponents[variable]);
        exponents.min().unwrap_or(0)
    });
    let inverse = Polynomial::monomial(content.recip(), powers.map(|power: i32| -power));
    Some((content, powers, polynomial.mul(&inverse)))
}

/// Takes factors `variable - j` off a polynomial, and pushes them and what is left, unless that is 1.
fn split(mut rest: Polynomial, factors: &mut Vec<(Base, u32)>) {
    let roots = (1..=LARGEST_ROOT).chain((1..=LARGEST_ROOT).map(|root| -root));
    for (variable, root) in (0..3).flat_map(|v| roots.clone().map(move |root| (v, root))) {
        let mut exponent = 0;
        while let Some(quotient) = rest.divide_by_root(variable, root) {
            rest = quotient;
            exponent += 1;
        }
        if exponent > 0 {
            factors.push((Base::Sum(difference(variable, root)), exponent));
        }
    }
    if rest != Polynomial::constant(BigRational::one()) {
        factors.push((Base::Sum(rest), 1));
    }
}

/// `variable - j`.
fn difference(variable: usize, j: i64) -> Polynomial {
    let mut exponents = [0; 3];
    exponents[variable] = 1;
    let linear = Polynomial::monomial(BigRational::one(), exponents);
    linear.add(&Polynomial::constant(BigRational::from_integer(
        (-j).into(),
    )))
}
