//! Optimizers in words.

use std::fmt;

use diagram_calculus::optimizer::{Averaging, Betas, LearningRates, UpdateRule};
use num_traits::Zero;

use super::Optimizer;

/// The name that `FromStr` reads; of a rule, everything that it sets, which is not read.
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
            Optimizer::Rule(rule) => f.pad(&words(rule)),
        }
    }
}

/// Everything that a rule sets, such as "sgd with momentum 9/10, nesterov".
fn words(rule: &UpdateRule) -> String {
    let mut parts = vec![];
    parts.extend(learning_rates(&rule.learning_rates));
    if let Some(momentum) = &rule.momentum {
        parts.push(match &momentum.beta {
            Betas::Constant(beta) => format!("momentum {beta}"),
            Betas::List(betas) => format!("a list of {} momenta", betas.len()),
        });
        if !momentum.dampening.is_zero() {
            parts.push(format!("dampening {}", momentum.dampening));
        }
        if momentum.nesterov {
            parts.push("nesterov".into());
        }
    }
    if let Some(ascent) = &rule.ascent {
        let of = match ascent.group {
            Some(group) => format!(" of micro-batches of {group}"),
            None => String::new(),
        };
        parts.push(format!("ascent {}{of}", ascent.radius));
    }
    if let Some(lambda) = &rule.hessian {
        parts.push(format!("hessian {lambda}"));
    }
    if let Some(decay) = &rule.weight_decay {
        let kind = if decay.coupled {
            "coupled"
        } else {
            "decoupled"
        };
        let of = match &decay.mask {
            Some(mask) => {
                let decaying = mask.iter().filter(|decays| **decays).count();
                format!(" of {decaying} of {} weights", mask.len())
            }
            None => String::new(),
        };
        parts.push(format!("{kind} weight decay {}{of}", decay.rate));
    }
    parts.extend(match &rule.averaging {
        Averaging::Last => None,
        Averaging::Tail(count) => Some(format!("the mean of the last {count} iterates")),
        Averaging::Ema(gamma) => Some(format!("moving average {gamma}")),
        Averaging::Weights(weights) => Some(format!("{} weights of iterates", weights.len())),
    });
    if parts.is_empty() {
        "sgd".into()
    } else {
        format!("sgd with {}", parts.join(", "))
    }
}

fn learning_rates(rates: &LearningRates) -> Option<String> {
    Some(match rates {
        LearningRates::Constant => return None,
        LearningRates::List(list) => {
            format!("a list of {} learning rates", list.len())
        }
        LearningRates::Warmup { updates } => format!("warm-up over {updates} updates"),
        LearningRates::Cosine => "cosine schedule".into(),
        LearningRates::Step { every, factor } => {
            format!("a factor {factor} every {every} updates")
        }
        LearningRates::Exponential { factor } => format!("a factor {factor} every update"),
        LearningRates::OneCycle => "one cycle".into(),
    })
}
