//! Sums and differences of expansions, in different spacetimes and of different measures.

mod product;
mod slots;

pub use product::Product;

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::One;

use crate::coefficient::{Coefficient, Parameters, Symbols};
use crate::measure::{Expansion, Quantity};
use crate::value_class::ValueClass;
use slots::Slots;

/// A linear combination of [`Expansion`]s, gathered by value: `Sgd - Gd`, `2 A - 1/3 B`.
///
/// Its coefficients are functions of the open symbols of all spacetimes together. A symbol is known by its name: N of one spacetime is N of the other. A
/// [`Coefficient`] has three variables, of which the first alone stands in denominators N - j; so there can be one symbol for the number of training
/// points, and two more.
///
/// ```
/// use diagram_calculus::combination::{Combination, Product};
/// use diagram_calculus::measure::{Measure, diagrams_for, expand};
/// use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
///
/// let symbol = |name: &str| Parameter::Symbol(name.into());
/// let all = || diagrams_for(Measure::TestLoss, 2);
/// let one = Parameter::Literal(1);
/// let sgd = Spacetime::sgd(symbol("N"), one, symbol("M"), Shuffle::Never);
/// let gd = Spacetime::gd(symbol("N"), symbol("T"));
/// let sgd = expand(Measure::TestLoss, &sgd, all())?;
/// let gd = expand(Measure::TestLoss, &gd, all())?;
///
/// // As many updates of either: T = N M (Corollary 4).
/// let gd = Combination::from(&gd).substitute("T", &Product::of(&["N", "M"]))?;
/// let difference = gd.minus(&sgd)?;
/// let written: Vec<String> = difference
///     .values()
///     .iter()
///     .map(|(class, coefficient)| format!("{} {class}", coefficient.text(&difference.symbols())))
///     .collect();
/// assert_eq!(written, ["-M (N - 1)/2 (01-02)(0-1-2)", "M (N - 1)/2 (01-12)(0-12)"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Combination {
    quantity: Quantity,
    slots: Slots,
    values: Vec<(ValueClass, Coefficient)>,
}

/// Expansions that do not combine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CombinationError {
    /// One is a loss, say, and the other a displacement.
    #[error("{left} and {right} do not add")]
    Quantities {
        /// What the left one is.
        left: Quantity,
        /// What the right one is.
        right: Quantity,
    },
    /// The numbers of training points have different names.
    #[error(
        "the numbers of training points are called {0} and {1}: give them one name, or one of them as a number"
    )]
    TrainSymbols(String, String),
    /// No variable is left for a symbol.
    #[error(
        "there is no room for the symbol {0}: a coefficient depends on the number of training points and at most two more symbols"
    )]
    TooManySymbols(String),
    /// The symbol is not open.
    #[error("{0} is no open symbol here")]
    NoSuchSymbol(String),
    /// The symbol has no value.
    #[error("{0} is given no value")]
    NoValue(String),
    /// The coefficients would be no rational functions of the kind that [`Coefficient`] holds, or divide by zero.
    #[error("{symbol} cannot be replaced by {by}: it stands in denominators")]
    Denominator {
        /// What is replaced.
        symbol: String,
        /// By what.
        by: Product,
    },
}

impl Combination {
    /// What it is a combination of.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The values with their coefficients, sorted by order in η, then by class; none with coefficient 0.
    pub fn values(&self) -> &[(ValueClass, Coefficient)] {
        &self.values
    }

    /// What N, B and E of the coefficients are called; the defaults where they are unused.
    pub fn symbols(&self) -> Symbols {
        self.slots.symbols()
    }

    /// The open symbols, the number of training points first.
    pub fn open(&self) -> Vec<&str> {
        self.slots.names().map(|(_, name)| name).collect()
    }

    /// Sizes to evaluate the coefficients at, by the symbols' names. Names that are no open symbols are passed over.
    ///
    /// # Errors
    /// [`CombinationError::NoValue`] if an open symbol has none.
    pub fn sizes(&self, named: &[(&str, u64)]) -> Result<Parameters, CombinationError> {
        let mut sizes = [1; 3];
        for (slot, name) in self.slots.names() {
            let found = named.iter().find(|(other, _)| *other == name);
            let (_, size) = found.ok_or_else(|| CombinationError::NoValue(name.into()))?;
            sizes[slot] = *size;
        }
        let [train, batch, epochs] = sizes;
        Ok(Parameters {
            train,
            batch,
            epochs,
        })
    }

    /// Product with a number.
    #[must_use]
    pub fn times(&self, number: &BigRational) -> Self {
        let scaled = self.values.iter();
        Combination {
            quantity: self.quantity,
            slots: self.slots.clone(),
            values: gathered(scaled.map(|(class, c)| (class.clone(), c.scale(number)))),
        }
    }

    /// Sum.
    ///
    /// # Errors
    /// [`CombinationError`] if the quantities differ or the symbols are too many.
    pub fn plus(&self, other: impl Into<Combination>) -> Result<Self, CombinationError> {
        let other = other.into();
        if self.quantity != other.quantity {
            return Err(CombinationError::Quantities {
                left: self.quantity,
                right: other.quantity,
            });
        }
        let slots = self.slots.merged(&other.slots)?;
        let renamed = |from: &Combination| -> Vec<(ValueClass, Coefficient)> {
            let places = from.slots.places_in(&slots);
            let values = from.values.iter();
            values
                .map(|(class, coefficient)| (class.clone(), coefficient.with_variables(&places)))
                .collect()
        };
        let values = gathered(renamed(self).into_iter().chain(renamed(&other)));
        Ok(Combination {
            quantity: self.quantity,
            slots,
            values,
        })
    }

    /// Difference.
    ///
    /// # Errors
    /// As [`Combination::plus`].
    pub fn minus(&self, other: impl Into<Combination>) -> Result<Self, CombinationError> {
        self.plus(other.into().times(&-BigRational::one()))
    }

    /// The combination with an open symbol replaced by a product of symbols, open ones or new ones. So T steps of gradient descent become as many as SGD takes.
    ///
    /// # Errors
    /// [`CombinationError`] if the symbol is not open, the new ones are too many, or the coefficients divide by what they cannot divide by.
    pub fn substitute(&self, symbol: &str, by: &Product) -> Result<Self, CombinationError> {
        let (slots, sizes) = self.slots.substituted(symbol, by)?;
        let mut values = Vec::with_capacity(self.values.len());
        for (class, coefficient) in &self.values {
            let coefficient = sizes
                .as_ref()
                .and_then(|sizes| coefficient.substitute(sizes));
            let coefficient = coefficient.ok_or_else(|| CombinationError::Denominator {
                symbol: symbol.into(),
                by: by.clone(),
            })?;
            values.push((class.clone(), coefficient));
        }
        Ok(Combination {
            quantity: self.quantity,
            slots,
            values: gathered(values),
        })
    }
}

/// One expansion. A name that stands for two sizes of its spacetime is one symbol.
impl From<&Expansion> for Combination {
    fn from(expansion: &Expansion) -> Self {
        let names = expansion.spacetime.open_by_size();
        let (slots, places) = Slots::new(names);
        let values = expansion
            .values
            .iter()
            .map(|(class, coefficient)| (class.clone(), coefficient.with_variables(&places)));
        Combination {
            quantity: expansion.measure.quantity(),
            slots,
            values: gathered(values),
        }
    }
}

impl From<&Combination> for Combination {
    fn from(combination: &Combination) -> Self {
        combination.clone()
    }
}

/// Sums by class, sorted by order, then by class; zeros dropped.
fn gathered(
    terms: impl IntoIterator<Item = (ValueClass, Coefficient)>,
) -> Vec<(ValueClass, Coefficient)> {
    let mut sums: BTreeMap<(usize, ValueClass), Coefficient> = BTreeMap::new();
    for (class, coefficient) in terms {
        let sum = sums
            .entry((class.order(), class))
            .or_insert_with(Coefficient::zero);
        *sum = sum.add(&coefficient);
    }
    sums.into_iter()
        .filter(|(_, sum)| !sum.is_zero())
        .map(|((_, class), sum)| (class, sum))
        .collect()
}
