//! The optimizers that update the weights of a trial.

mod gdc;
mod ode;
mod program;
mod rule;
mod sde;
mod sgd;
mod words;

use std::str::FromStr;

use diagram_calculus::optimizer::UpdateRule;

use super::engine::{Descent, Stopped};
use super::{Control, Simulation};
use crate::scalar::Element;
pub use ode::flow_ends;
pub(super) use program::{ByProgram, check_program};
pub use program::{ProgramWeights, RunOnWeights};

/// An optimizer of the weights. All optimizers use the schedule and the learning rates of a [`Simulation`], and have the same trials, lanes, random
/// streams and measures.
///
/// G and C are the mean and the covariance of a datapoint's gradient over the population, and M is the [matrix](crate::learning_rate) of the learning
/// rate, which is 1 for a scalar. N and B are the sizes of the [schedule](super::Schedule), which has T steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
// There is one optimizer in a simulation, so that its size does not matter.
#[allow(clippy::large_enum_variant)]
pub enum Optimizer {
    /// Stochastic gradient descent on the training set, by the schedule: `θ -= η M g` with the mean gradient g of the batch. Gradient descent is the
    /// schedule with B = N ([`Schedule::gradient_descent`](super::Schedule::gradient_descent)).
    #[default]
    Sgd,
    /// Gradient descent on the training loss plus `η (N-1)/(4N) · tr Ĉ M`, which imitates SGD with batches of one point on as many training points
    /// (Tenka, *A Space-Time Approach to Analyzing Stochastic Gradient Descent*, Corollary 4 and section 5.2): expected test losses agree with those
    /// of SGD through η².
    ///
    /// With the mean gradients `g_A` and `g_B` of the two halves of the training set, `tr Ĉ M = (N/4) (g_A - g_B) M (g_A - g_B)` estimates `tr C M`
    /// without bias, and its gradient `(N/2) (∇g_A - ∇g_B) M (g_A - g_B)` estimates that of `tr C M`. (Another estimate is `(N/2) g_A M (g_A - g_B)`,
    /// with the unbiased gradient `N (∇g_A) M (g_A - g_B)`. The average of both over the exchange of A and B gives the expressions above. They have
    /// less variance, and they are a function that is never negative and its gradient.) A step takes N gradients and N Hessian-vector products.
    ///
    /// The schedule must have B = N, an even number. If it shuffles, the halves are drawn anew for each step; otherwise they remain the same.
    Gdc,
    /// The stochastic differential equation `dθ = -η M G(θ) ds + η M (C(θ)/B)^½ dW(s)`, 0 ≤ s ≤ T, integrated by the Euler–Maruyama method. The
    /// sub-steps have the length `h = 1/substeps` in s, and each uses G and C at the current weights.
    ///
    /// The noise of a sub-step is `η √(h/B) M · n^-½ Σ_x z_x (g_x - G)`, over the n points x of the population with gradients `g_x`. Its covariance
    /// is exactly `η² h M C M / B`, and C is never computed. The `z_x` are independent signs ±1. This is the simplified weak method, which has the
    /// weak order 1 of the method with normal numbers (Kloeden and Platen, *Numerical Solution of Stochastic Differential Equations*, 14.1), because
    /// a sign has the same mean, variance and third moment as a standard normal number. A sub-step takes n gradients.
    ///
    /// The training set is drawn as for the other optimizers, but only its loss is measured. The expected generalization gap is therefore 0.
    Sde {
        /// The number of Euler–Maruyama steps for each step of the schedule, at least 1. The error of expectations is of order 1/substeps.
        substeps: usize,
    },
    /// Gradient flow, `dθ/ds = -η M G(θ)`, 0 ≤ s ≤ T, in double precision by the adaptive method of Dormand and Prince of order 5. The tolerance in
    /// each sub-step is 1e-10 relative to a weight plus 1e-12.
    ///
    /// All trials end at the same weights, which are computed once for each learning rate. If the flow diverges or takes more than 100,000 sub-steps,
    /// all trials count as diverged. The training set is used as for [`Optimizer::Sde`].
    Ode,
    /// Stochastic gradient descent by an [`UpdateRule`]: learning rates that change, momentum, averages of iterates, SAM, the Hessian-based update, weight decay, and what goes
    /// together of these. [`UpdateRule::sgd`] is the same bits as [`Optimizer::Sgd`].
    ///
    /// Where there is a matrix M, it multiplies the step, and what decoupled weight decay subtracts beside it: `θ -= η σ M (step + λ θ)`. SAM and the Hessian-based update are
    /// [refused](super::SimulationError::RuleOnMatrix) there, since it is open whether M takes part in what they do before the step.
    ///
    /// `(1 + η σ λ h)⁻¹ g` is computed as the series `Σ_k (-η σ λ h)^k g`, until the Euclidean norm of a trial's term is at most 1e-14 of that of its first one (1e-8 in single precision), or there are
    /// 64 terms. Where the largest eigenvalue of `η σ λ h` is 1/2 in magnitude, 64 terms leave a part of 1e-19 out; from 1 on the series does not converge, and what is then computed is the sum of 64 terms.
    ///
    /// ```
    /// use diagram_calculus::measure::Measure;
    /// use diagram_calculus::optimizer::LearningRates;
    /// use diagram_runtime::landscapes::GaussianFit;
    /// use diagram_runtime::samples::Samples;
    /// use diagram_runtime::simulate::{Optimizer, Schedule, Simulation, UpdateRule};
    ///
    /// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
    /// let momentum = UpdateRule::sgd().with_momentum("9/10".parse()?).nesterov().scheduled(LearningRates::Cosine);
    /// let schedule = Schedule::with_replacement(10, 2, 20)?;
    /// let simulation = Simulation {
    ///     optimizer: Optimizer::Rule(momentum),
    ///     ..Simulation::new(&GaussianFit, &[0.5], &population, schedule, &[0.002])
    /// };
    /// let test_loss = simulation.summarize()?.rates[0].estimate(Measure::TestLoss).expect("measured");
    /// assert!(test_loss.standard_error < 0.01);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Rule(UpdateRule),
}

/// A name is not that of an optimizer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no optimizer {name:?}; there are sgd, gdc, sde, sde:<sub-steps> and ode")]
pub struct UnknownOptimizer {
    /// The name as given.
    pub name: String,
}

impl Optimizer {
    /// The number of sub-steps of the optimizer that is named "sde".
    pub const SUBSTEPS: usize = 16;

    /// Whether steps are those of [`Optimizer::Sgd`], as a rule or by this name.
    pub fn is_sgd(&self) -> bool {
        match self {
            Optimizer::Sgd => true,
            Optimizer::Rule(rule) => rule.is_sgd(),
            Optimizer::Gdc | Optimizer::Sde { .. } | Optimizer::Ode => false,
        }
    }
}

/// The names of optimizers but rules, which are data and have none.
impl FromStr for Optimizer {
    type Err = UnknownOptimizer;

    fn from_str(name: &str) -> Result<Self, UnknownOptimizer> {
        let unknown = || UnknownOptimizer { name: name.into() };
        match name.split_once(':') {
            None => match name {
                "sgd" => Ok(Optimizer::Sgd),
                "gdc" => Ok(Optimizer::Gdc),
                "sde" => Ok(Optimizer::Sde {
                    substeps: Self::SUBSTEPS,
                }),
                "ode" => Ok(Optimizer::Ode),
                _ => Err(unknown()),
            },
            Some(("sde", substeps)) => match substeps.parse() {
                Ok(substeps) if substeps > 0 => Ok(Optimizer::Sde { substeps }),
                _ => Err(unknown()),
            },
            Some(_) => Err(unknown()),
        }
    }
}

/// Prepares the optimizer of a simulation that has been checked.
pub(super) fn prepare<T: Element>(
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
) -> Result<Box<dyn Descent<T>>, Stopped> {
    Ok(match &simulation.optimizer {
        Optimizer::Sgd => Box::new(sgd::Sgd),
        Optimizer::Rule(rule) if rule.is_sgd() => Box::new(sgd::Sgd),
        Optimizer::Rule(rule) => Box::new(rule::Rule::new(rule, simulation)),
        Optimizer::Gdc => Box::new(gdc::Gdc),
        &Optimizer::Sde { substeps } => Box::new(sde::Sde { substeps }),
        Optimizer::Ode => Box::new(ode::Ode::new(simulation, control)?),
    })
}
