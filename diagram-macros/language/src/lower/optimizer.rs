//! The options of an optimizer: an update rule from the arguments of a spacetime.

use diagram_calculus::optimizer::{
    Ascent, Averaging, Betas, LearningRates, Momentum, RuleError, UpdateRule,
};
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use proc_macro2::Span;

use super::number::whole;
use super::spacetime::ConstructorArguments;
use crate::names::suggestion;
use crate::parse::{Argument, ArgumentValue, Fraction, OptionExpression};
use crate::report::{Report, at};

/// The ways to choose batches that need other sizes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnSampling {
    Epochs,
    WithReplacement,
    Fresh,
}

/// What is known of the run.
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// T, if it is a number.
    pub(super) updates: Option<u64>,
    /// B, if it is a number.
    pub(super) batch: Option<u64>,
}

/// The way to choose batches.
pub(super) fn sampling(arguments: &[Argument], report: &mut Report) -> OwnSampling {
    const KNOWN: [&str; 2] = ["with_replacement", "fresh"];
    const HELP: &str = "write `sampling: with_replacement` or `sampling: fresh`; without it, epochs visit each training point once";
    let Some(argument) = arguments.iter().find(|a| a.name == "sampling") else {
        return OwnSampling::Epochs;
    };
    match &argument.value {
        ArgumentValue::Option(Ok(OptionExpression::Word(word, inside))) if inside.is_empty() => {
            match &word.to_string()[..] {
                "with_replacement" => return OwnSampling::WithReplacement,
                "fresh" => return OwnSampling::Fresh,
                other => {
                    let message = format!("unknown sampling `{other}`");
                    report.error(word, message, suggestion(other, &KNOWN));
                }
            }
        }
        ArgumentValue::Option(Ok(other)) => {
            report.error(at(other.span()), "expected a way to sample", HELP);
        }
        ArgumentValue::Option(Err(error)) => report.push(error.clone()),
        ArgumentValue::Size(_) | ArgumentValue::Word => {}
    }
    // What is meant is seen by the sizes, so that these are no further errors.
    let given = |name: &str| arguments.iter().any(|a| a.name == name);
    match (given("train"), given("steps")) {
        (true, true) => OwnSampling::WithReplacement,
        (false, true) => OwnSampling::Fresh,
        _ => OwnSampling::Epochs,
    }
}

/// The update rule, or `None` and errors in the report.
pub(super) fn rule(
    arguments: &ConstructorArguments<'_>,
    run: Run,
    report: &mut Report,
) -> Option<UpdateRule> {
    let before = report.len();
    let options = Options { arguments, run };
    let rule = UpdateRule {
        learning_rates: options.learning_rates(report),
        momentum: options.momentum(report),
        averaging: options.averaging(report),
        ascent: options.ascent(report),
        hessian: options
            .number("hessian", report)
            .filter(|lambda| options.is_not_zero("hessian", lambda, report)),
        weight_decay: None,
    };
    if report.len() > before {
        return None;
    }
    options.check(&rule, report);
    (report.len() == before).then_some(rule)
}

struct Options<'a> {
    arguments: &'a ConstructorArguments<'a>,
    run: Run,
}

impl<'a> Options<'a> {
    /// The value of an option, or `None` and an error unless it is not given.
    fn value(&self, name: &str, report: &mut Report) -> Option<&'a OptionExpression> {
        match &self.arguments.get(name)?.value {
            ArgumentValue::Option(Ok(value)) => Some(value),
            ArgumentValue::Option(Err(error)) => {
                report.push(error.clone());
                None
            }
            ArgumentValue::Size(_) | ArgumentValue::Word => None,
        }
    }

    /// Where an option is, for errors about its value.
    fn place(&self, name: &str) -> Span {
        match self.arguments.get(name) {
            Some(argument) => match &argument.value {
                ArgumentValue::Option(Ok(value)) => value.span(),
                _ => argument.name.span(),
            },
            None => Span::call_site(),
        }
    }

    fn number(&self, name: &str, report: &mut Report) -> Option<BigRational> {
        let value = self.value(name, report)?;
        number(value, name, report)
    }

    fn is_not_zero(&self, name: &str, number: &BigRational, report: &mut Report) -> bool {
        if number.is_zero() {
            let message = format!("`{name}` is 0, which changes nothing");
            report.error(at(self.place(name)), message, format!("leave `{name}` out"));
        }
        !number.is_zero()
    }

    fn momentum(&self, report: &mut Report) -> Option<Momentum> {
        let value = self.value("momentum", report);
        for name in ["nesterov", "dampening"] {
            if let (None, Some(argument)) =
                (self.arguments.get("momentum"), self.arguments.get(name))
            {
                let message = format!("`{name}` is an option of momentum, of which there is none");
                report.error(&argument.name, message, "add `momentum: 9/10`");
            }
        }
        let beta = match value? {
            OptionExpression::List(_, list) => {
                let betas = list.iter().map(|value| beta(value, report));
                Betas::List(betas.collect::<Option<Vec<_>>>()?)
            }
            value => Betas::Constant(beta(value, report)?),
        };
        let dampening = self.number("dampening", report);
        if let Some(tau) = &dampening
            && (tau.is_negative() || *tau > BigRational::one())
        {
            let help = "it is the part of a gradient that is left out, such as 1/10";
            let message = "a dampening is between 0 and 1";
            report.error(at(self.place("dampening")), message, help);
        }
        Some(Momentum {
            beta,
            dampening: dampening.unwrap_or_else(BigRational::zero),
            nesterov: self.arguments.get("nesterov").is_some(),
        })
    }

    fn learning_rates(&self, report: &mut Report) -> LearningRates {
        const KNOWN: [&str; 6] = [
            "constant",
            "warmup",
            "cosine",
            "step",
            "exponential",
            "one_cycle",
        ];
        const HELP: &str = "write `cosine`, `one_cycle`, `warmup(10)`, `step(30, 1/10)`, `exponential(99/100)` or a list with a multiplier for each update";
        let rates = match self.value("schedule", report) {
            None => return LearningRates::Constant,
            Some(OptionExpression::List(_, list)) => list
                .iter()
                .map(|value| number(value, "a multiplier", report))
                .collect::<Option<Vec<_>>>()
                .map(LearningRates::List),
            Some(OptionExpression::Word(word, inside)) => {
                match (&word.to_string()[..], &inside[..]) {
                    ("constant", []) => Some(LearningRates::Constant),
                    ("cosine", []) => Some(LearningRates::Cosine),
                    ("one_cycle", []) => Some(LearningRates::OneCycle),
                    ("warmup", [updates]) => count(updates, "a warm-up", report)
                        .map(|updates| LearningRates::Warmup { updates }),
                    ("step", [every, factor]) => count(every, "a step", report)
                        .zip(number(factor, "a factor", report))
                        .map(|(every, factor)| LearningRates::Step { every, factor }),
                    ("exponential", [factor]) => number(factor, "a factor", report)
                        .map(|factor| LearningRates::Exponential { factor }),
                    (known, _) if KNOWN.contains(&known) => {
                        report.error(word, format!("`{known}` has other arguments"), HELP);
                        None
                    }
                    (other, _) => {
                        let message = format!("unknown schedule `{other}`");
                        report.error(word, message, suggestion(other, &KNOWN));
                        None
                    }
                }
            }
            Some(OptionExpression::Number(_)) => {
                let message = "a schedule is a list or a function of the update";
                report.error(at(self.place("schedule")), message, HELP);
                None
            }
        };
        rates.unwrap_or_default()
    }

    fn averaging(&self, report: &mut Report) -> Averaging {
        const KNOWN: [&str; 2] = ["tail", "ema"];
        const HELP: &str = "write `tail(10)`, the mean of the last 10 iterates, `ema(99/100)`, or a list with a weight for each of the T + 1 iterates";
        let averaging = match self.value("average", report) {
            None => return Averaging::Last,
            Some(OptionExpression::List(_, list)) => list
                .iter()
                .map(|value| number(value, "a weight", report))
                .collect::<Option<Vec<_>>>()
                .map(Averaging::Weights),
            Some(OptionExpression::Word(word, inside)) => {
                match (&word.to_string()[..], &inside[..]) {
                    ("tail", [iterates]) => {
                        count(iterates, "an average", report).map(Averaging::Tail)
                    }
                    ("ema", [gamma]) => {
                        let number = number(gamma, "γ", report);
                        let inside = number.filter(|g| g.is_positive() && *g < BigRational::one());
                        if inside.is_none() {
                            let message = "the factor of a moving average is between 0 and 1";
                            report.error(
                                at(gamma.span()),
                                message,
                                "write a number such as 99/100",
                            );
                        }
                        inside.map(Averaging::Ema)
                    }
                    (known, _) if KNOWN.contains(&known) => {
                        report.error(word, format!("`{known}` has one argument"), HELP);
                        None
                    }
                    (other, _) => {
                        let message = format!("unknown average `{other}`");
                        report.error(word, message, suggestion(other, &KNOWN));
                        None
                    }
                }
            }
            Some(OptionExpression::Number(_)) => {
                report.error(at(self.place("average")), "an average has a name", HELP);
                None
            }
        };
        averaging.unwrap_or_default()
    }

    fn ascent(&self, report: &mut Report) -> Option<Ascent> {
        let word = self.arguments.get("extragradient");
        let radius = self
            .number("sam", report)
            .filter(|radius| self.is_not_zero("sam", radius, report));
        if let (Some(word), Some(_)) = (word, &radius) {
            let message =
                "extragradient is an ascent with the radius -1, and `sam` gives another one";
            report.error(&word.name, message, "leave one of them out");
        }
        let group = self
            .value("micro_batch", report)
            .and_then(|value| count(value, "a micro-batch", report));
        let radius = radius.or_else(|| word.map(|_| -BigRational::one()));
        if let (None, Some(argument)) = (&radius, self.arguments.get("micro_batch")) {
            let message = "micro-batches are an option of `sam`";
            report.error(&argument.name, message, "add `sam: 1/2`, or leave it out");
        }
        Some(Ascent {
            radius: radius?,
            group,
        })
    }

    /// What the rule itself says of its parts and of the run, at the option that it is about.
    fn check(&self, rule: &UpdateRule, report: &mut Report) {
        // Without a number of updates, lists are given the lengths that they have: they are compared when the sizes are known.
        let length = match (&rule.learning_rates, &rule.momentum, &rule.averaging) {
            (LearningRates::List(list), _, _)
            | (
                _,
                Some(Momentum {
                    beta: Betas::List(list),
                    ..
                }),
                _,
            ) => list.len(),
            (_, _, Averaging::Weights(list)) => list.len().saturating_sub(1),
            (_, _, Averaging::Tail(k)) => *k,
            _ => 1,
        };
        let updates = match self.run.updates {
            Some(updates) => usize::try_from(updates).unwrap_or(usize::MAX),
            None => length,
        };
        let group = rule.ascent.as_ref().and_then(|ascent| ascent.group);
        let batch = match self.run.batch {
            Some(batch) => usize::try_from(batch).unwrap_or(usize::MAX),
            None => group.unwrap_or(1),
        };
        let Err(error) = rule.check(updates, batch) else {
            return;
        };
        let (option, help) = match &error {
            RuleError::DampenedNesterov => (
                "dampening",
                "leave `dampening` or `nesterov` out".to_string(),
            ),
            RuleError::NoMomentum { .. } => ("momentum", "leave `momentum` out".to_string()),
            RuleError::Length { what, needed, .. } => {
                let option = match *what {
                    "momenta" => "momentum",
                    "weights of iterates" => "average",
                    _ => "schedule",
                };
                (option, format!("write {needed} numbers"))
            }
            RuleError::LongAverage { iterates, .. } => (
                "average",
                format!("average up to {iterates} iterates, or make the run longer"),
            ),
            RuleError::Unnormalized { .. } | RuleError::EmptyAverage => {
                ("average", "write weights that add up to 1".to_string())
            }
            RuleError::Group { .. } => (
                "micro_batch",
                "choose a number that divides the batch size".to_string(),
            ),
            RuleError::HessianAndAscent => ("hessian", "leave `hessian` out".to_string()),
            RuleError::HessianAndDecay | RuleError::NoUpdates { .. } => {
                ("schedule", "write a number from 1 on".to_string())
            }
        };
        report.error(at(self.place(option)), error, help);
    }
}

/// A momentum, which is between 0 and 1.
fn beta(value: &OptionExpression, report: &mut Report) -> Option<BigRational> {
    let beta = number(value, "a momentum", report)?;
    if beta.is_positive() && beta < BigRational::one() {
        return Some(beta);
    }
    let help = if beta.is_zero() {
        "leave `momentum` out for steps without memory"
    } else {
        "write a number such as 9/10"
    };
    report.error(at(value.span()), "a momentum is above 0 and below 1", help);
    None
}

fn number(value: &OptionExpression, what: &str, report: &mut Report) -> Option<BigRational> {
    const HELP: &str = "write a fraction of whole numbers, such as 9/10";
    let OptionExpression::Number(Fraction {
        negative,
        numerator,
        denominator,
    }) = value
    else {
        report.error(
            at(value.span()),
            format!("expected a number for `{what}`"),
            HELP,
        );
        return None;
    };
    let numerator = whole::<u64>(numerator, "a number", report)?;
    let denominator = match denominator {
        None => 1,
        Some(literal) => {
            let number = whole::<u64>(literal, "a denominator", report)?;
            if number == 0 {
                report.error(literal, "a denominator must not be 0", HELP);
                return None;
            }
            number
        }
    };
    let number = BigRational::new(numerator.into(), denominator.into());
    Some(if *negative { -number } else { number })
}

/// A number of updates, iterates or points, from 1 on.
fn count(value: &OptionExpression, what: &str, report: &mut Report) -> Option<usize> {
    const HELP: &str = "write a whole number from 1 on";
    let OptionExpression::Number(Fraction {
        negative: false,
        numerator,
        denominator: None,
    }) = value
    else {
        report.error(at(value.span()), format!("{what} has a whole number"), HELP);
        return None;
    };
    let number = whole::<u32>(numerator, what, report)?;
    if number == 0 {
        report.error(numerator, format!("{what} of 0"), HELP);
        return None;
    }
    Some(number as usize)
}
