//! Factorization of coefficients for printing, as `N (N - 1)/2` rather than `(N^2 - N)/2`.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::coefficient::Coefficient;
use crate::laurent_polynomial::LaurentPolynomial;

/// Factors `x - j` are looked for with j from minus this number to this number. The factors of counts come from binomial coefficients, so that
/// their j are small.
const LARGEST_ROOT: i64 = 8;

/// The factors of a coefficient's numerator and denominator, each with its exponent, and its sign.
pub(super) struct Factors {
    pub(super) negative: bool,
    pub(super) above: Vec<(Base, u32)>,
    pub(super) below: Vec<(Base, u32)>,
}

/// A factor without its exponent.
pub(super) enum Base {
    /// A positive integer.
    Number(BigInt),
    /// The variable N, B or E, by its index.
    Variable(usize),
    /// A polynomial of at least two monomials, with integer coefficients and no negative powers.
    Sum(LaurentPolynomial),
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

    /// The coefficient as a single polynomial, its sign included, if it has no other factors and no denominator.
    pub(super) fn lone_sum(&self) -> Option<LaurentPolynomial> {
        match (&self.above[..], &self.below[..]) {
            ([(Base::Sum(sum), 1)], []) if self.negative => Some(sum.scale(&-BigRational::one())),
            ([(Base::Sum(sum), 1)], []) => Some(sum.clone()),
            _ => None,
        }
    }
}

/// Writes a polynomial as the product of a number, a monomial and a primitive polynomial: one with coprime integer coefficients, a positive leading
/// coefficient, and no variable as a factor. `None` for zero.
fn primitive(polynomial: &LaurentPolynomial) -> Option<(BigRational, [i32; 3], LaurentPolynomial)> {
    let (_, leading) = polynomial.terms().last()?;
    let coefficients = || polynomial.terms().map(|(_, coefficient)| coefficient);
    let above = coefficients().fold(BigInt::zero(), |gcd, c| gcd.gcd(c.numer()));
    let below = coefficients().fold(BigInt::one(), |lcm, c| lcm.lcm(c.denom()));
    let content = BigRational::new(above, below) * leading.signum();
    let powers = std::array::from_fn(|variable| {
        let exponents = polynomial.terms().map(|(exponents, _)| exponents[variable]);
        exponents.min().unwrap_or(0)
    });
    let inverse = LaurentPolynomial::monomial(content.recip(), powers.map(|power: i32| -power));
    Some((content, powers, polynomial.mul(&inverse)))
}

/// Appends the linear factors `variable - j` of a polynomial to `factors`, and then the remaining factor unless it is 1.
fn split(mut rest: LaurentPolynomial, factors: &mut Vec<(Base, u32)>) {
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
    if rest != LaurentPolynomial::constant(BigRational::one()) {
        factors.push((Base::Sum(rest), 1));
    }
}

/// The polynomial `variable - j`.
fn difference(variable: usize, j: i64) -> LaurentPolynomial {
    let mut exponents = [0; 3];
    exponents[variable] = 1;
    let linear = LaurentPolynomial::monomial(BigRational::one(), exponents);
    linear.add(&LaurentPolynomial::constant(BigRational::from_integer(
        (-j).into(),
    )))
}
