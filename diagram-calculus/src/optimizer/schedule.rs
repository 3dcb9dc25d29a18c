//! Learning rate schedules, as multipliers of η.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use crate::resummed::RationalAlgebra;

/// The multipliers `σ_t` of the learning rate: update t has the learning rate η `σ_t`, for t = 0, …, T - 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum LearningRates {
    /// `σ_t` = 1.
    #[default]
    Constant,
    /// One multiplier for each update.
    List(Vec<BigRational>),
    /// A linear warm-up over the given number of updates k, at least 1: `σ_t` = min(1, (t + 1) / k).
    Warmup {
        /// k, the update from which `σ_t` = 1.
        updates: usize,
    },
    /// Half a cosine over the whole run: `σ_t` = (1 + cos(π t / T)) / 2.
    Cosine,
    /// A factor γ after every `every` updates: `σ_t` = γ^⌊t / every⌋.
    Step {
        /// The number of updates with one learning rate, at least 1.
        every: usize,
        /// γ.
        factor: BigRational,
    },
    /// A factor γ after each update: `σ_t` = γ^t.
    Exponential {
        /// γ.
        factor: BigRational,
    },
    /// One cycle (Smith and Topin, *Super-Convergence*, 2018): half a cosine from 1/25 up to 1 over the first 3/10 of the run, and another down to 1/250,000 in the last update.
    OneCycle,
}

impl LearningRates {
    /// The multipliers of a run of T updates. Cosines are the exact values of their double precision numbers. A list is returned as it is.
    ///
    /// Exact powers of long runs have many digits; in double precision there are none.
    pub fn multipliers<R: RationalAlgebra>(&self, updates: usize) -> Vec<R> {
        let exact = |number: &BigRational| R::from_rational(number);
        match self {
            LearningRates::Constant => vec![R::one(); updates],
            LearningRates::List(list) => list.iter().map(exact).collect(),
            LearningRates::Warmup { updates: warm } => (1..=updates)
                .map(|t| exact(&ratio(t.min(*warm), *warm)))
                .collect(),
            LearningRates::Cosine => (0..updates)
                .map(|t| exact(&from_f64(half_cosine(1.0, 0.0, t as f64 / updates as f64))))
                .collect(),
            LearningRates::Step { every, factor } => {
                let steps = powers(&exact(factor), updates.div_ceil(*every));
                let each = steps.into_iter().flat_map(|x| vec![x; *every]);
                each.take(updates).collect()
            }
            LearningRates::Exponential { factor } => powers(&exact(factor), updates),
            LearningRates::OneCycle => (0..updates)
                .map(|t| exact(&from_f64(one_cycle(t as f64, updates as f64))))
                .collect(),
        }
    }
}

/// The powers of a number from the one with the exponent 0 on, as many as asked for.
pub(super) fn powers<R: RationalAlgebra>(number: &R, count: usize) -> Vec<R> {
    let all = std::iter::successors(Some(R::one()), |power| Some(power.clone() * number.clone()));
    all.take(count).collect()
}

/// Half a cosine from one number to another, at a part of the way between 0 and 1.
fn half_cosine(from: f64, to: f64, part: f64) -> f64 {
    to + (from - to) / 2.0 * (1.0 + (std::f64::consts::PI * part).cos())
}

/// The multiplier of update t of T in one cycle.
fn one_cycle(t: f64, updates: f64) -> f64 {
    let (start, end) = (1.0 / 25.0, 1.0 / 250_000.0);
    // The peak is at an update that need not be a whole number, as in PyTorch's `OneCycleLR`.
    let peak = 0.3 * updates - 1.0;
    let last = updates - 1.0;
    if t <= peak {
        half_cosine(start, 1.0, t / peak.max(1.0))
    } else {
        half_cosine(1.0, end, (t - peak) / (last - peak))
    }
}

fn ratio(numerator: usize, denominator: usize) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

/// The exact value of a number in double precision; 0 if it is not finite.
fn from_f64(number: f64) -> BigRational {
    BigRational::from_float(number).unwrap_or_else(BigRational::zero)
}
