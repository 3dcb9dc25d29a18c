//! Optimizers other than SGD, and other ways to choose batches: they change how often each diagram counts, and leave its value as it is.
//!
//! An optimizer whose points are linear in past gradients is given by its *kernel*: update t contributes `u_t` = -η `g_t` with the mean gradient `g_t` of its batch at the point
//! `θ_0` + Σ_{s<t} a(t, s) `u_s`, and the result of the run is `θ_0` + `Σ_s` r(s) `u_s`. In the sum of Theorem 1 an edge from a node at update s to its parent at update t then has the weight
//! a(t, s), and an edge to the root the weight r(s). SGD has a = r = 1.

mod counts;
mod kernel;
mod program;
pub mod programs;
mod rule;
mod sampling;
mod schedule;
mod spread;
mod tied_forest;
mod training;

pub use kernel::Kernel;
#[doc(no_inline)]
pub use num_rational::BigRational as Number;
pub use program::{Linear, Program, ProgramError, Slot};
pub use rule::{Ascent, Averaging, Betas, Momentum, RuleError, UpdateRule, WeightDecay};
pub use sampling::{BatchChoice, MOST_UPDATES, Sampling, SamplingError};
pub use schedule::LearningRates;
pub use spread::Spread;
pub use tied_forest::{Noise, TiedForest, tied_forests};
pub use training::{Training, TrainingError, Weights};
