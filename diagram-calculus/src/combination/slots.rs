//! The assignment of symbols to the variables of coefficients.

use num_traits::Zero;

use super::{CombinationError, Product};
use crate::coefficient::{Coefficient, Symbols};

/// The symbol that each of the variables N, B and E of coefficients stands for; no symbol occurs twice. The first is a number of training points,
/// since only N occurs in denominators N - j.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slots([Option<String>; 3]);

impl Slots {
    /// The slots for the symbols of a spacetime's N, B and E, and for each of the three the index of its slot.
    pub(super) fn new(names: [Option<&str>; 3]) -> (Self, [usize; 3]) {
        let mut slots = Slots([const { None }; 3]);
        for (slot, name) in names.into_iter().enumerate() {
            if let Some(name) = name
                && slots.find(name).is_none()
            {
                slots.0[slot] = Some(name.into());
            }
        }
        let places = std::array::from_fn(|slot| {
            let first = names[slot].and_then(|name| slots.find(name));
            first.unwrap_or(slot)
        });
        (slots, places)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        let named = self.0.iter().enumerate();
        named.filter_map(|(slot, name)| Some((slot, name.as_deref()?)))
    }

    pub(super) fn symbols(&self) -> Symbols {
        let defaults = Symbols::default();
        let [train, batch, epochs] = self.0.clone();
        Symbols {
            train: train.unwrap_or(defaults.train),
            batch: batch.unwrap_or(defaults.batch),
            epochs: epochs.unwrap_or(defaults.epochs),
        }
    }

    /// Slots for the symbols of both sides.
    pub(super) fn merged(&self, other: &Self) -> Result<Self, CombinationError> {
        let train = match (&self.0[0], &other.0[0]) {
            (Some(a), Some(b)) if a != b => {
                return Err(CombinationError::TrainSymbols(a.clone(), b.clone()));
            }
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        let mut merged = Slots([train, None, None]);
        for (slot, name) in self.names().chain(other.names()) {
            merged.add(name, slot)?;
        }
        Ok(merged)
    }

    /// For each of these slots, the index of its symbol among other slots, which hold all of these symbols.
    pub(super) fn places_in(&self, slots: &Self) -> [usize; 3] {
        std::array::from_fn(|slot| {
            let name = self.0[slot].as_deref();
            name.and_then(|name| slots.find(name)).unwrap_or(slot)
        })
    }

    /// The slots after a symbol is replaced by a product, and the old N, B and E as coefficients in the new variables. The coefficients are `None` if
    /// the product divides by zero.
    pub(super) fn substituted(
        &self,
        symbol: &str,
        by: &Product,
    ) -> Result<(Self, Option<[Coefficient; 3]>), CombinationError> {
        let replaced = self
            .find(symbol)
            .ok_or_else(|| CombinationError::NoSuchSymbol(symbol.into()))?;
        let mut slots = self.clone();
        slots.0[replaced] = None;
        for (name, _) in by.powers() {
            slots.add(name, replaced)?;
        }
        let mut exponents = [0; 3];
        for (name, power) in by.powers() {
            if let Some(slot) = slots.find(name) {
                exponents[slot] = power;
            }
        }
        let product = Coefficient::power(exponents).scale(by.number());
        let mut sizes = self.places_in(&slots).map(variable);
        sizes[replaced] = product;
        let zero = by.number().is_zero() && exponents.iter().any(|&power| power < 0);
        Ok((slots, (!zero).then_some(sizes)))
    }

    fn find(&self, symbol: &str) -> Option<usize> {
        self.names()
            .find(|(_, name)| *name == symbol)
            .map(|(slot, _)| slot)
    }

    /// Gives a symbol a slot unless it has one: the preferred slot if it is free, otherwise a free one other than the first, which is reserved for the
    /// number of training points.
    fn add(&mut self, name: &str, preferred: usize) -> Result<(), CombinationError> {
        if self.find(name).is_some() {
            return Ok(());
        }
        let free = [preferred, 2, 1]
            .into_iter()
            .find(|&slot| self.0[slot].is_none());
        let slot = free.ok_or_else(|| CombinationError::TooManySymbols(name.into()))?;
        self.0[slot] = Some(name.into());
        Ok(())
    }
}

/// The variable N, B or E as a coefficient.
fn variable(slot: usize) -> Coefficient {
    let mut exponents = [0; 3];
    exponents[slot] = 1;
    Coefficient::power(exponents)
}
