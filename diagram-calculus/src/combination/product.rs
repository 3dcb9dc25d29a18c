//! Products of symbols that replace a size.

use std::collections::BTreeMap;
use std::fmt;

use num_rational::BigRational;
use num_traits::One;

/// A number times powers of symbols, such as `N M` or `N E/B`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    number: BigRational,
    /// The exponent of each symbol, by name; none is 0.
    powers: BTreeMap<String, i32>,
}

impl Product {
    /// A number times powers of symbols. The exponents are of type `i8` so that the exponents of coefficients cannot overflow.
    pub fn new(number: BigRational, powers: &[(&str, i8)]) -> Self {
        let mut sums = BTreeMap::new();
        for &(name, power) in powers {
            *sums.entry(name.to_string()).or_insert(0) += i32::from(power);
        }
        sums.retain(|_, power| *power != 0);
        Product {
            number,
            powers: sums,
        }
    }

    /// The product of the given symbols.
    pub fn of(symbols: &[&str]) -> Self {
        let powers: Vec<(&str, i8)> = symbols.iter().map(|&name| (name, 1)).collect();
        Self::new(BigRational::one(), &powers)
    }

    /// The number that multiplies the powers.
    pub fn number(&self) -> &BigRational {
        &self.number
    }

    /// The symbols with their exponents, sorted by name. No exponent is 0.
    pub fn powers(&self) -> impl Iterator<Item = (&str, i32)> {
        self.powers.iter().map(|(name, &power)| (&name[..], power))
    }
}

/// Writes the number and the powers side by side, as in `1/2 B^-1 N`.
impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let powers = self.powers.iter().map(|(name, power)| match power {
            1 => name.clone(),
            _ => format!("{name}^{power}"),
        });
        let number =
            (!self.number.is_one() || self.powers.is_empty()).then(|| self.number.to_string());
        let factors: Vec<String> = number.into_iter().chain(powers).collect();
        f.pad(&factors.join(" "))
    }
}
