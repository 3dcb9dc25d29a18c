//! Products of symbols, to put in place of a size.

use std::collections::BTreeMap;
use std::fmt;

use num_rational::BigRational;
use num_traits::One;

/// A number times powers of symbols, such as `N M` or `N E/B`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    number: BigRational,
    /// Exponents, none 0.
    powers: BTreeMap<String, i32>,
}

impl Product {
    /// A number times powers of symbols. (Exponents are short so that no coefficient's exponents overflow.)
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

    /// The product of these symbols.
    pub fn of(symbols: &[&str]) -> Self {
        let powers: Vec<(&str, i8)> = symbols.iter().map(|&name| (name, 1)).collect();
        Self::new(BigRational::one(), &powers)
    }

    /// The number.
    pub fn number(&self) -> &BigRational {
        &self.number
    }

    /// The symbols with their exponents, none 0, by name.
    pub fn powers(&self) -> impl Iterator<Item = (&str, i32)> {
        self.powers.iter().map(|(name, &power)| (&name[..], power))
    }
}

/// Such as `1/2 N B^-1`.
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
