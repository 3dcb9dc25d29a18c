//! How an update is made of gradients.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::schedule::{LearningRates, powers};
use crate::resummed::RationalAlgebra;

/// How the weights of a training run follow from the gradients of its batches, for optimizers whose steps are linear in gradients. The default is SGD.
///
/// With the mean gradient g of the batch at the weights `θ_t`, update t does the following, in this order, and leaves out what is not set:
///
/// 1. [`ascent`](UpdateRule::ascent) ρ̂: g is taken at `θ_t` + ρ̂ η `g(θ_t)`, on the same batch;
/// 2. coupled [`weight_decay`](UpdateRule::weight_decay) λ: g += λ `θ_t`;
/// 3. [`hessian`](UpdateRule::hessian) λ: g becomes (1 + η `σ_t` λ h)⁻¹ g with the mean Hessian h of the batch;
/// 4. [`momentum`](UpdateRule::momentum) β with dampening τ: `v_t` = β v_{t-1} + (1 - τ) g, where `v_0` = g. The step is `v_t`, or g + β `v_t` with Nesterov's momentum; otherwise it is g;
/// 5. θ_{t+1} = `θ_t` - η `σ_t` · step with the [multiplier](UpdateRule::learning_rates) `σ_t`, minus η `σ_t` λ `θ_t` for weight decay that is not coupled.
///
/// The result of the run are the final weights `θ_T`, or an [average](UpdateRule::averaging) of iterates. This is what `torch.optim.SGD` does, for one
/// learning rate η `σ_t` for each update.
///
/// ```
/// use diagram_calculus::optimizer::{UpdateRule, Averaging};
///
/// let nine_tenths = "9/10".parse()?;
/// let rule = UpdateRule::sgd().with_momentum(nine_tenths).nesterov().averaged(Averaging::Tail(10));
/// rule.check(100, 1)?;
/// assert!(rule.check(5, 1).is_err(), "there are not 10 iterates after 5 updates");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UpdateRule {
    /// The multipliers of the learning rate.
    pub learning_rates: LearningRates,
    /// Momentum; `None` if steps have no memory.
    pub momentum: Option<Momentum>,
    /// Which iterates are the result.
    pub averaging: Averaging,
    /// Sharpness-aware minimization without normalization (SAM), or an extragradient step.
    pub ascent: Option<Ascent>,
    /// λ of the Hessian-based update (Tenka, *A Space-Time Approach to Analyzing SGD*, section 7.2).
    pub hessian: Option<BigRational>,
    /// Weight decay.
    pub weight_decay: Option<WeightDecay>,
}

/// Momentum of steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Momentum {
    /// β.
    pub beta: Betas,
    /// The dampening τ, which is not applied to the first gradient.
    pub dampening: BigRational,
    /// Whether the step looks ahead: g + β v instead of v.
    pub nesterov: bool,
}

/// The momentum β of each update.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Betas {
    /// The same for all updates.
    Constant(BigRational),
    /// `β_t` for t = 0, …, T - 1, of which the first is of use for Nesterov's momentum only.
    List(Vec<BigRational>),
}

/// The weights that are the result of a run with the iterates `θ_0`, …, `θ_T`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Averaging {
    /// `θ_T`.
    #[default]
    Last,
    /// The mean of the last k iterates (Polyak and Juditsky, 1992).
    Tail(usize),
    /// The exponential moving average `e_T` with `e_0` = `θ_0` and `e_t` = γ e_{t-1} + (1 - γ) `θ_t`.
    Ema(BigRational),
    /// Σ `α_t` `θ_t` with T + 1 weights `α_t` whose sum is 1.
    Weights(Vec<BigRational>),
}

/// A step up the gradient of the batch, at whose end the gradient is taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ascent {
    /// ρ̂ = ρ/η: the step is ρ̂ η g. -1 is the extragradient method with one batch for both steps.
    pub radius: BigRational,
    /// The number of points of a micro-batch: each micro-batch goes up its own mean gradient. `None` if the whole batch goes together.
    pub group: Option<usize>,
}

/// Decay of the weights towards 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WeightDecay {
    /// λ.
    pub rate: BigRational,
    /// Whether λ θ is added to gradients, as an L2 penalty; otherwise θ decays beside the step.
    pub coupled: bool,
    /// The weights that decay; `None` if all do.
    pub mask: Option<Vec<bool>>,
}

/// Why parts of an update rule do not go together, or do not fit a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Nesterov's momentum with dampening.
    #[error(
        "Nesterov's momentum has no dampening: its look-ahead supposes that v grows by the whole gradient"
    )]
    DampenedNesterov,
    /// A momentum is 0.
    #[error("the momentum of update {update} is 0; leave momentum out for steps without memory")]
    NoMomentum {
        /// The first such update.
        update: usize,
    },
    /// A list has another length than the run needs.
    #[error("{found} {what} for a run of {updates} updates, which needs {needed}")]
    Length {
        /// What the list has.
        what: &'static str,
        /// Its length.
        found: usize,
        /// T.
        updates: usize,
        /// The length that is needed.
        needed: usize,
    },
    /// An average of more iterates than there are.
    #[error(
        "an average of {average} iterates of a run that has {iterates}, the first weights included"
    )]
    LongAverage {
        /// The iterates of the average.
        average: usize,
        /// T + 1.
        iterates: usize,
    },
    /// An average of no iterates.
    #[error("an average of 0 iterates")]
    EmptyAverage,
    /// The weights of iterates do not add up to 1.
    #[error("the weights of the iterates add up to {sum}, not to 1")]
    Unnormalized {
        /// Their sum.
        sum: BigRational,
    },
    /// Micro-batches do not fill the batch.
    #[error("micro-batches of {group} points do not fill a batch of {batch}")]
    Group {
        /// The size of a micro-batch.
        group: usize,
        /// The size of the batch.
        batch: usize,
    },
    /// SAM and a Hessian-based update at once.
    #[error(
        "the Hessian-based update and SAM both change the gradient of a batch; only one of them can"
    )]
    HessianAndAscent,
    /// A Hessian-based update with coupled weight decay.
    #[error(
        "the Hessian-based update with coupled weight decay is not defined: it is open whether the Hessian of the decay counts; use decoupled decay"
    )]
    HessianAndDecay,
    /// A number of updates is 0.
    #[error("{what} of 0 updates")]
    NoUpdates {
        /// What has no updates.
        what: &'static str,
    },
}

impl UpdateRule {
    /// SGD: θ_{t+1} = `θ_t` - η g.
    pub fn sgd() -> Self {
        UpdateRule::default()
    }

    /// The rule with heavy ball momentum β, which is Polyak's.
    #[must_use]
    pub fn with_momentum(self, beta: BigRational) -> Self {
        let momentum = Momentum {
            beta: Betas::Constant(beta),
            dampening: BigRational::zero(),
            nesterov: false,
        };
        UpdateRule {
            momentum: Some(momentum),
            ..self
        }
    }

    /// The rule with Nesterov's momentum in place of heavy ball momentum. Without momentum it is the same rule.
    #[must_use]
    pub fn nesterov(mut self) -> Self {
        if let Some(momentum) = &mut self.momentum {
            momentum.nesterov = true;
        }
        self
    }

    /// The rule with these multipliers of the learning rate.
    #[must_use]
    pub fn scheduled(self, learning_rates: LearningRates) -> Self {
        UpdateRule {
            learning_rates,
            ..self
        }
    }

    /// The rule whose result is this average of iterates.
    #[must_use]
    pub fn averaged(self, averaging: Averaging) -> Self {
        UpdateRule { averaging, ..self }
    }

    /// The rule with gradients at the end of an ascent ρ̂ η g of the whole batch.
    #[must_use]
    pub fn with_ascent(self, radius: BigRational) -> Self {
        UpdateRule {
            ascent: Some(Ascent {
                radius,
                group: None,
            }),
            ..self
        }
    }

    /// The rule with the Hessian-based update (1 + η `σ_t` λ h)⁻¹ g.
    #[must_use]
    pub fn with_hessian(self, lambda: BigRational) -> Self {
        UpdateRule {
            hessian: Some(lambda),
            ..self
        }
    }

    /// Whether updates are those of SGD, with one learning rate, and the result is the last iterate.
    pub fn is_sgd(&self) -> bool {
        *self == UpdateRule::default()
    }

    /// Checks that the parts of the rule go together and fit a run of T updates with batches of B points.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn check(&self, updates: usize, batch: usize) -> Result<(), RuleError> {
        self.check_learning_rates(updates)?;
        self.check_momentum(updates)?;
        self.averaging.check(updates)?;
        if let Some(Ascent {
            group: Some(group), ..
        }) = self.ascent
            && (group == 0 || !batch.is_multiple_of(group))
        {
            return Err(RuleError::Group { group, batch });
        }
        if self.hessian.is_some() {
            if self.ascent.is_some() {
                return Err(RuleError::HessianAndAscent);
            }
            if self
                .weight_decay
                .as_ref()
                .is_some_and(|decay| decay.coupled)
            {
                return Err(RuleError::HessianAndDecay);
            }
        }
        Ok(())
    }

    fn check_learning_rates(&self, updates: usize) -> Result<(), RuleError> {
        match &self.learning_rates {
            LearningRates::List(list) => check_length(
                "multipliers of the learning rate",
                list.len(),
                updates,
                updates,
            ),
            LearningRates::Warmup { updates: 0 } => Err(RuleError::NoUpdates { what: "a warm-up" }),
            LearningRates::Step { every: 0, .. } => Err(RuleError::NoUpdates { what: "steps" }),
            _ => Ok(()),
        }
    }

    fn check_momentum(&self, updates: usize) -> Result<(), RuleError> {
        let Some(momentum) = &self.momentum else {
            return Ok(());
        };
        if momentum.nesterov && !momentum.dampening.is_zero() {
            return Err(RuleError::DampenedNesterov);
        }
        let zero = match &momentum.beta {
            Betas::Constant(beta) => beta.is_zero().then_some(0),
            Betas::List(betas) => {
                check_length("momenta", betas.len(), updates, updates)?;
                betas.iter().position(Zero::is_zero)
            }
        };
        match zero {
            Some(update) => Err(RuleError::NoMomentum { update }),
            None => Ok(()),
        }
    }
}

impl Momentum {
    /// `β_t` for t = 0, …, T - 1.
    pub fn betas(&self, updates: usize) -> Vec<BigRational> {
        match &self.beta {
            Betas::Constant(beta) => vec![beta.clone(); updates],
            Betas::List(betas) => betas.clone(),
        }
    }
}

impl Averaging {
    /// The weights `α_0`, …, `α_T` of the iterates.
    pub fn weights<R: RationalAlgebra>(&self, updates: usize) -> Vec<R> {
        let exact = |number: &BigRational| R::from_rational(number);
        match self {
            Averaging::Last => {
                let mut weights = vec![R::zero(); updates + 1];
                weights[updates] = R::one();
                weights
            }
            Averaging::Tail(k) => {
                let part = exact(&BigRational::new(BigInt::one(), BigInt::from(*k)));
                (0..=updates)
                    .map(|t| {
                        if t + k > updates {
                            part.clone()
                        } else {
                            R::zero()
                        }
                    })
                    .collect()
            }
            Averaging::Ema(gamma) => {
                let rest = exact(&(BigRational::one() - gamma));
                let mut weights = powers(&exact(gamma), updates + 1);
                // That of the initial weights is not multiplied by 1 - γ.
                for weight in &mut weights[..updates] {
                    *weight = weight.clone() * rest.clone();
                }
                weights.reverse();
                weights
            }
            Averaging::Weights(weights) => weights.iter().map(exact).collect(),
        }
    }

    fn check(&self, updates: usize) -> Result<(), RuleError> {
        match self {
            Averaging::Tail(0) => Err(RuleError::EmptyAverage),
            Averaging::Tail(average) if *average > updates + 1 => Err(RuleError::LongAverage {
                average: *average,
                iterates: updates + 1,
            }),
            Averaging::Last | Averaging::Ema(_) | Averaging::Tail(_) => Ok(()),
            Averaging::Weights(weights) => {
                check_length("weights of iterates", weights.len(), updates, updates + 1)?;
                let sum: BigRational = weights.iter().sum();
                if !sum.is_one() {
                    return Err(RuleError::Unnormalized { sum });
                }
                Ok(())
            }
        }
    }
}

fn check_length(
    what: &'static str,
    found: usize,
    updates: usize,
    needed: usize,
) -> Result<(), RuleError> {
    if found == needed {
        Ok(())
    } else {
        Err(RuleError::Length {
            what,
            found,
            updates,
            needed,
        })
    }
}
