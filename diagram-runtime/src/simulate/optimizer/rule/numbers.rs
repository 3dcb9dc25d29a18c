//! The numbers of a rule, which are exact, as floating point numbers for one run.

use diagram_calculus::optimizer::{self, UpdateRule};
use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use crate::scalar::Element;

/// The numbers of a rule for a run of T updates.
pub(super) struct Numbers<T> {
    /// `σ_t`
    pub(super) multipliers: Vec<f64>,
    pub(super) momentum: Option<Momentum>,
    /// The average that is the result; `None` if that is the last iterate.
    pub(super) averaging: Option<Averaging>,
    pub(super) ascent: Option<Ascent>,
    /// λ of the Hessian-based update.
    pub(super) hessian: Option<f64>,
    pub(super) decay: Option<Decay<T>>,
}

pub(super) struct Momentum {
    /// `β_t`
    pub(super) betas: Vec<f64>,
    /// The factor of every gradient but the first one, 1 - τ.
    pub(super) fresh: f64,
    pub(super) nesterov: bool,
}

pub(super) enum Averaging {
    /// The mean of the iterates from the first one on, each of which has this part.
    Tail { first: usize, part: f64 },
    /// γ and 1 - γ.
    Ema([f64; 2]),
    /// A weight for each iterate.
    Weights(Vec<f64>),
}

#[derive(Clone, Copy)]
pub(super) struct Ascent {
    /// ρ̂
    pub(super) radius: f64,
    /// The number of points of a micro-batch; `None` if it is the whole batch.
    pub(super) group: Option<usize>,
}

pub(super) struct Decay<T> {
    /// λ of each weight: P numbers.
    pub(super) rates: Vec<T>,
    pub(super) coupled: bool,
}

impl<T: Element> Numbers<T> {
    /// The numbers of a rule that has been checked.
    pub(super) fn new(rule: &UpdateRule, steps: usize, dimension: usize) -> Self {
        let one = BigRational::one();
        let momentum = rule.momentum.as_ref().map(|momentum| Momentum {
            betas: match &momentum.beta {
                optimizer::Betas::Constant(beta) => vec![number(beta); steps],
                optimizer::Betas::List(betas) => betas.iter().map(number).collect(),
            },
            fresh: number(&(&one - &momentum.dampening)),
            nesterov: momentum.nesterov,
        });
        let averaging = match &rule.averaging {
            optimizer::Averaging::Last => None,
            optimizer::Averaging::Tail(count) => Some(Averaging::Tail {
                first: steps + 1 - count,
                part: 1.0 / *count as f64,
            }),
            optimizer::Averaging::Ema(gamma) => {
                Some(Averaging::Ema([number(gamma), number(&(one - gamma))]))
            }
            optimizer::Averaging::Weights(weights) => {
                Some(Averaging::Weights(weights.iter().map(number).collect()))
            }
        };
        let decay = rule.weight_decay.as_ref().map(|decay| {
            let rate = number(&decay.rate);
            let rates = match &decay.mask {
                None => vec![T::constant(rate); dimension],
                Some(mask) => {
                    let rates = mask.iter().map(|&decays| if decays { rate } else { 0.0 });
                    rates.map(T::constant).collect()
                }
            };
            Decay {
                rates,
                coupled: decay.coupled,
            }
        });
        Numbers {
            multipliers: rule.learning_rates.multipliers(steps),
            momentum,
            averaging,
            ascent: rule.ascent.as_ref().map(|ascent| Ascent {
                radius: number(&ascent.radius),
                group: ascent.group,
            }),
            hessian: rule.hessian.as_ref().map(number),
            decay,
        }
    }

    /// How many updates from the given one on, at most so many, have the same learning rate and lead to iterates that are no part of the average, but perhaps the last.
    pub(super) fn equal_steps(&self, update: usize, most: usize) -> usize {
        let averaged = |iterate| {
            let averaging = self.averaging.as_ref();
            averaging.is_some_and(|averaging| averaging.factors(iterate).is_some())
        };
        let goes_on =
            |&next: &usize| self.multipliers[next] == self.multipliers[update] && !averaged(next);
        let more = (update + 1..update + most).take_while(goes_on).count();
        1 + more
    }
}

impl Averaging {
    /// The factors of the average so far and of the iterate with this number; `None` if the average remains as it is. It is 0 before the first iterate.
    pub(super) fn factors(&self, iterate: usize) -> Option<[f64; 2]> {
        match self {
            Averaging::Tail { first, part } => (iterate >= *first).then_some([1.0, *part]),
            Averaging::Ema(_) if iterate == 0 => Some([0.0, 1.0]),
            Averaging::Ema(factors) => Some(*factors),
            Averaging::Weights(weights) => match weights[iterate] {
                0.0 => None,
                weight => Some([1.0, weight]),
            },
        }
    }
}

/// The nearest floating point number.
fn number(exact: &BigRational) -> f64 {
    exact.to_f64().unwrap_or(f64::NAN)
}
