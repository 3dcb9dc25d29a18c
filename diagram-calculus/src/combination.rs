//! Linear combinations of expansions in different spacetimes and of different measures.

mod product;
mod slots;

pub use product::Product;

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::One;

use crate::coefficient::{Coefficient, Parameters, Symbols};
use crate::measure::{Expansion, MeasuredQuantity};
use crate::value_class::ValueClass;
use slots::Slots;

/// A linear combination of [`Expansion`]s, such as `Sgd - Gd` or `2 A - 1/3 B`, with one coefficient for each value class.
///
/// The coefficients are functions of the open symbols of all spacetimes. Symbols with the same name are the same variable. A [`Coefficient`] has
/// three variables, and only the first of them can occur in denominators N - j. So there can be one symbol for the number of training points and two
/// more.
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
/// // Both take the same number of updates: T = N M (Corollary 4).
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
    quantity: MeasuredQuantity,
    slots: Slots,
    values: Vec<(ValueClass, Coefficient)>,
}

/// Why expansions do not combine, or why a combination cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CombinationError {
    /// The two sides measure different quantities, such as a loss and a displacement.
    #[error("{left} and {right} do not add")]
    Quantities {
        /// The quantity of the left side.
        left: MeasuredQuantity,
        /// The quantity of the right side.
        right: MeasuredQuantity,
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
    /// The combination has no open symbol of this name.
    #[error("{0} is no open symbol here")]
    NoSuchSymbol(String),
    /// An open symbol is given no value.
    #[error("{0} is given no value")]
    NoValue(String),
    /// After the substitution the coefficients would divide by zero, or not be rational functions of the form of a [`Coefficient`].
    #[error("{symbol} cannot be replaced by {by}: it stands in denominators")]
    Denominator {
        /// The symbol that is replaced.
        symbol: String,
        /// The product that replaces it.
        by: Product,
    },
}

impl Combination {
    /// The quantity that all combined expansions measure.
    pub fn quantity(&self) -> MeasuredQuantity {
        self.quantity
    }

    /// The value classes with their coefficients, sorted by order in η, then by class. No coefficient is 0.
    pub fn values(&self) -> &[(ValueClass, Coefficient)] {
        &self.values
    }

    /// The names of the coefficients' variables N, B and E; the default name of a variable that is not used.
    pub fn symbols(&self) -> Symbols {
        self.slots.symbols()
    }

    /// The names of the open symbols; that of the number of training points comes first.
    pub fn open(&self) -> Vec<&str> {
        self.slots.names().map(|(_, name)| name).collect()
    }

    /// The parameters at which to evaluate the coefficients, from the values of the open symbols by name. Other names are ignored.
    ///
    /// # Errors
    /// [`CombinationError::NoValue`] if an open symbol has no value.
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

    /// The product with a rational number.
    #[must_use]
    pub fn times(&self, number: &BigRational) -> Self {
        let scaled = self.values.iter();
        Combination {
            quantity: self.quantity,
            slots: self.slots.clone(),
            values: gathered(scaled.map(|(class, c)| (class.clone(), c.scale(number)))),
        }
    }

    /// The sum of two combinations.
    ///
    /// # Errors
    /// [`CombinationError`] if the quantities differ or there are too many symbols.
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

    /// The difference of two combinations.
    ///
    /// # Errors
    /// The errors of [`Combination::plus`].
    pub fn minus(&self, other: impl Into<Combination>) -> Result<Self, CombinationError> {
        self.plus(other.into().times(&-BigRational::one()))
    }

    /// The combination with an open symbol replaced by a product of symbols, open ones or new ones. For example, the T steps of gradient descent
    /// become the N M updates of SGD.
    ///
    /// # Errors
    /// [`CombinationError`] if the symbol is not open, if there are too many new ones, or if the coefficients cannot be expressed in them.
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

/// The combination of one expansion. A name that stands for two sizes of its spacetime is one symbol.
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

/// The sum of the coefficients of each class, sorted by order, then by class, without those that are 0.
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
