//! Coefficients as text and as LaTeX.

mod factors;

use std::fmt;

use num_bigint::BigInt;
use num_traits::{One, Signed};

use super::{Coefficient, Exponents};
use crate::laurent_polynomial::LaurentPolynomial;
use factors::{Base, Factors};

/// The names of the variables N, B and E.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbols {
    /// The name of the number of training points.
    pub train: String,
    /// The name of the batch size.
    pub batch: String,
    /// The name of the number of epochs or steps.
    pub epochs: String,
}

impl Default for Symbols {
    fn default() -> Self {
        Symbols {
            train: "N".into(),
            batch: "B".into(),
            epochs: "E".into(),
        }
    }
}

impl Symbols {
    fn name(&self, variable: usize) -> &str {
        [&self.train, &self.batch, &self.epochs][variable]
    }
}

impl Coefficient {
    /// The coefficient as text in the given symbols, such as `-N (N - 1)/2`. Factors stand side by side. There is at most one `/`, and everything
    /// after it is the denominator, in parentheses if it has several factors.
    pub fn text(&self, symbols: &Symbols) -> String {
        let factors = Factors::of(self);
        if let Some(sum) = factors.lone_sum() {
            return written(&sum, symbols, Style::Text);
        }
        let sign = if factors.negative { "-" } else { "" };
        let above = product(&factors.above, symbols, Style::Text);
        let below = product(&factors.below, symbols, Style::Text);
        match factors.below.len() {
            0 => format!("{sign}{above}"),
            1 => format!("{sign}{above}/{below}"),
            _ => format!("{sign}{above}/({below})"),
        }
    }

    /// The coefficient as LaTeX in the given symbols.
    pub fn latex(&self, symbols: &Symbols) -> String {
        let factors = Factors::of(self);
        if let Some(sum) = factors.lone_sum() {
            return written(&sum, symbols, Style::Latex);
        }
        let sign = if factors.negative { "-" } else { "" };
        let above = braced(&factors.above, symbols);
        if factors.below.is_empty() {
            return format!("{sign}{above}");
        }
        let below = braced(&factors.below, symbols);
        format!("{sign}\\frac{{{above}}}{{{below}}}")
    }
}

#[derive(Clone, Copy)]
enum Style {
    Text,
    Latex,
}

/// A product of factors for LaTeX's braces, within which a lone sum needs no parentheses.
fn braced(factors: &[(Base, u32)], symbols: &Symbols) -> String {
    match factors {
        [(Base::Sum(sum), 1)] => written(sum, symbols, Style::Latex),
        _ => product(factors, symbols, Style::Latex),
    }
}

fn product(factors: &[(Base, u32)], symbols: &Symbols, style: Style) -> String {
    if factors.is_empty() {
        return "1".into();
    }
    let factors = factors.iter().map(|(base, exponent)| {
        let base = match base {
            Base::Number(number) => number.to_string(),
            Base::Variable(variable) => symbols.name(*variable).into(),
            Base::Sum(sum) => format!("({})", written(sum, symbols, style)),
        };
        power(base, *exponent, style)
    });
    factors.collect::<Vec<_>>().join(" ")
}

fn power(base: String, exponent: u32, style: Style) -> String {
    match (exponent, style) {
        (1, _) => base,
        (_, Style::Text) => format!("{base}^{exponent}"),
        (_, Style::Latex) => format!("{base}^{{{exponent}}}"),
    }
}

/// A polynomial with integer coefficients and no negative powers as text, highest powers first.
fn written(sum: &LaurentPolynomial, symbols: &Symbols, style: Style) -> String {
    let terms: Vec<_> = sum.terms().collect();
    let terms = terms
        .iter()
        .rev()
        .enumerate()
        .map(|(at, (exponents, coefficient))| {
            let whole = coefficient.to_integer();
            let sign = match (at, whole.is_negative()) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            };
            format!("{sign}{}", monomial(whole.abs(), exponents, symbols, style))
        });
    terms.collect()
}

fn monomial(size: BigInt, exponents: &Exponents, symbols: &Symbols, style: Style) -> String {
    let powers = exponents
        .iter()
        .enumerate()
        .filter(|(_, power)| **power != 0);
    let powers = powers.map(|(variable, power)| (Base::Variable(variable), power.unsigned_abs()));
    let size = (!size.is_one()).then_some((Base::Number(size), 1));
    let factors: Vec<_> = size.into_iter().chain(powers).collect();
    product(&factors, symbols, style)
}

impl fmt::Display for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text(&Symbols::default()))
    }
}
