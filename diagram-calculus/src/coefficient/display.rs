//! Coefficients as text and as LaTeX.

use std::fmt;

use num_rational::BigRational;
use num_traits::{One, Signed};

use super::{Coefficient, Exponents};

/// What N, B and E are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbols {
    /// Training points.
    pub train: String,
    /// Batch size.
    pub batch: String,
    /// Epochs or steps.
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

impl Coefficient {
    /// As text, such as `(N^2 - N)/2`, in the given symbols.
    pub fn text(&self, symbols: &Symbols) -> String {
        let terms: Vec<_> = self.numerator.terms().collect();
        if terms.is_empty() {
            return "0".into();
        }
        let shared = terms
            .iter()
            .map(|(_, c)| c.denom().clone())
            .fold(1.into(), num_integer::lcm);
        // The highest powers first, as one writes them.
        let sum = terms
            .iter()
            .rev()
            .enumerate()
            .map(|(at, (exponents, coefficient))| {
                let whole = (*coefficient * BigRational::from_integer(shared.clone())).to_integer();
                let sign = match (at, whole.is_negative()) {
                    (0, false) => "",
                    (0, true) => "-",
                    (_, false) => " + ",
                    (_, true) => " - ",
                };
                let powers = powers(exponents, symbols);
                let size = whole.abs();
                if powers.is_empty() {
                    format!("{sign}{size}")
                } else if size.is_one() {
                    format!("{sign}{powers}")
                } else {
                    format!("{sign}{size} {powers}")
                }
            });
        let numerator: String = sum.collect();
        let mut below = if shared.is_one() {
            vec![]
        } else {
            vec![shared.to_string()]
        };
        for (j, &exponent) in self.denominator.iter().enumerate().filter(|(_, e)| **e > 0) {
            let base = if j == 0 {
                symbols.train.clone()
            } else {
                format!("({} - {j})", symbols.train)
            };
            below.push(if exponent == 1 {
                base
            } else {
                format!("{base}^{exponent}")
            });
        }
        let numerator = if terms.len() > 1 && !below.is_empty() {
            format!("({numerator})")
        } else {
            numerator
        };
        match &below[..] {
            [] => numerator,
            [one] => format!("{numerator}/{one}"),
            many => format!("{numerator}/({})", many.join(" ")),
        }
    }

    /// As LaTeX, in the given symbols.
    pub fn latex(&self, symbols: &Symbols) -> String {
        let text = self.text(symbols);
        let braced = |part: &str| {
            let mut out = String::new();
            let mut characters = part.chars().peekable();
            while let Some(c) = characters.next() {
                out.push(c);
                if c == '^' {
                    out.push('{');
                    while let Some(d) = characters.next_if(|d| d.is_ascii_digit() || *d == '-') {
                        out.push(d);
                    }
                    out.push('}');
                }
            }
            out
        };
        match text.rsplit_once('/') {
            Some((above, below)) => {
                let strip = |s: &str| {
                    let inner = s.strip_prefix('(').and_then(|s| s.strip_suffix(')'));
                    inner
                        .filter(|inner| !inner.contains(['(', ')']))
                        .unwrap_or(s)
                        .to_string()
                };
                format!(
                    "\\frac{{{}}}{{{}}}",
                    braced(&strip(above)),
                    braced(&strip(below))
                )
            }
            None => braced(&text),
        }
    }
}

fn powers(exponents: &Exponents, symbols: &Symbols) -> String {
    let names = [&symbols.train, &symbols.batch, &symbols.epochs];
    let factors: Vec<String> = names
        .into_iter()
        .zip(exponents)
        .filter(|(_, power)| **power != 0)
        .map(|(name, &power)| {
            if power == 1 {
                name.clone()
            } else {
                format!("{name}^{power}")
            }
        })
        .collect();
    factors.join(" ")
}

impl fmt::Display for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text(&Symbols::default()))
    }
}
