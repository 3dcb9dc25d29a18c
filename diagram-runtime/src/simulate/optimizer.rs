//! What moves the weights of a trial.

mod gdc;
mod ode;
mod sde;
mod sgd;

use std::fmt;
use std::str::FromStr;

use super::engine::{Block, Stopped};
use super::{Control, Simulation};
use crate::scalar::Element;
use crate::slab::Slab;

/// How weights descend. All take the steps and see the learning rates of a [`Simulation`], with the same trials, lanes, random streams and measures.
///
/// G and C are the mean and the covariance of a datapoint's gradient over the population, M is the [matrix](crate::learning_rate) of the learning
/// rate (1 for a number), N and B are the sizes of the [schedule](super::Schedule), which has T steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Optimizer {
    /// Stochastic gradient descent on the training set, by the schedule: `θ -= η M g` with g the mean gradient of the batch. Gradient descent is the
    /// schedule with B = N ([`Schedule::gradient_descent`](super::Schedule::gradient_descent)).
    #[default]
    Sgd,
    /// Gradient descent on the training loss plus `η (N-1)/(4N) · tr Ĉ M`, which imitates SGD of batch 1 on as many points (Tenka, *A Space-Time
    /// Approach to Analyzing SGD*, Corollary 4): expected test losses agree with SGD's through η².
    ///
    /// With the mean gradients `g_A` and `g_B` of the two halves of the training set, `tr Ĉ M = (N/4) (g_A - g_B) M (g_A - g_B)` estimates `tr C M`
    /// without bias, and its gradient `(N/2) (∇g_A - ∇g_B) M (g_A - g_B)` that of `tr C M`. (This is the average over exchanging A and B of the
    /// estimate `(N/2) g_A M (g_A - g_B)` and of its unbiased gradient `N (∇g_A) M (g_A - g_B)`; it has less variance and is the gradient of a
    /// function, which is never negative.) A step takes N gradients and N Hessian-vector products.
    ///
    /// The schedule must have B = N, an even number. Its shuffles are those of the halves: anew for each step, or once for all.
    Gdc,
    /// The stochastic differential equation `dθ = -η M G(θ) ds + η M (C(θ)/B)^½ dW(s)`, 0 ≤ s ≤ T, by the Euler–Maruyama method: steps of
    /// length `h = 1/substeps` in s, each with the present G and C.
    ///
    /// The noise of a sub-step is `η √(h/B) M · n^-½ Σ_x z_x (g_x - G)`, over the n points x of the population, whose gradients are `g_x`. Its
    /// covariance is `η² h M C M / B` exactly, and C is never formed. The `z_x` are independent signs ±1: the simplified weak method, which has the
    /// weak order 1 of the one with normal numbers (Kloeden and Platen, *Numerical Solution of Stochastic Differential Equations*, 14.1), since
    /// mean, variance and third moment of a sign are those of a normal number. A sub-step takes n gradients.
    ///
    /// The training set is drawn as ever, but only its loss is measured: the expected generalization gap is 0.
    Sde {
        /// Euler–Maruyama steps for each step of the schedule, at least 1. Expectations are off by order 1/substeps.
        substeps: usize,
    },
    /// Gradient flow, `dθ/ds = -η M G(θ)`, 0 ≤ s ≤ T, in double precision by the adaptive method of Dormand and Prince of order 5, with a tolerance in
    /// each sub-step of 1e-10 relative to a weight plus 1e-12.
    ///
    /// All trials end at the same weights, which are computed once for each learning rate. A flow that cannot be followed (to infinity, or in more than
    /// 100,000 sub-steps) counts as trials that diverged. The training set is as for [`Optimizer::Sde`].
    Ode,
}

/// A name that no optimizer has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no optimizer {name:?}; there are sgd, gdc, sde, sde:<sub-steps> and ode")]
pub struct UnknownOptimizer {
    /// As given.
    pub name: String,
}

impl Optimizer {
    /// The SDE with this many sub-steps is called "sde".
    pub const SUBSTEPS: usize = 16;
}

impl fmt::Display for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Optimizer::Sgd => f.pad("sgd"),
            Optimizer::Gdc => f.pad("gdc"),
            Optimizer::Sde {
                substeps: Self::SUBSTEPS,
            } => f.pad("sde"),
            Optimizer::Sde { substeps } => f.pad(&format!("sde:{substeps}")),
            Optimizer::Ode => f.pad("ode"),
        }
    }
}

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

/// An optimizer, ready to run blocks of trials.
pub(super) trait Descent<T>: Send + Sync {
    /// The final weights of a block's trials at a learning rate, which is given by its place in [`Simulation::etas`].
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped>;
}

/// The optimizer of a checked simulation.
pub(super) fn prepare<T: Element>(
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
) -> Result<Box<dyn Descent<T>>, Stopped> {
    Ok(match simulation.optimizer {
        Optimizer::Sgd => Box::new(sgd::Sgd),
        Optimizer::Gdc => Box::new(gdc::Gdc),
        Optimizer::Sde { substeps } => Box::new(sde::Sde { substeps }),
        Optimizer::Ode => Box::new(ode::Ode::new(simulation, control)?),
    })
}
