//! Predictors with their names resolved: an expansion of a measure in a spacetime over a set, or a linear combination of other predictors.

use diagram_calculus::measure::Measure;
use num_rational::BigRational;
use num_traits::{One, Zero};
use syn::{Ident, LitInt};

use super::number::whole;
use super::set::Sets;
use super::{ExpandedMeasure, LoweredBody, LoweredExpansion, LoweredPredictor};
use crate::model::DeclaredSpacetime;
use crate::names::{Names, suggestion};
use crate::parse::{Body, FactorExpression, Opening, PredictorItem, Summand};
use crate::report::Report;

const MEASURES: [(&str, Measure); 5] = [
    ("test_loss", Measure::TestLoss),
    ("train_loss", Measure::TrainLoss),
    ("generalization_gap", Measure::GeneralizationGap),
    ("displacement", Measure::Displacement),
    ("second_moment", Measure::SecondMoment),
];

/// All predictors. Those without an item could not be parsed.
pub(super) fn lower(
    declared: Vec<(Opening, Option<PredictorItem>)>,
    spacetimes: &Names<DeclaredSpacetime>,
    sets: &mut Sets<'_>,
    report: &mut Report,
) -> Vec<LoweredPredictor> {
    let mut names = Names::new("predictor");
    let mut predictors: Vec<LoweredPredictor> = vec![];
    for (opening, item) in declared {
        let (name, is_resummed) = (opening.head.name.clone(), opening.is_resummed);
        let lowered = one(opening, item, spacetimes, sets, report);
        let optimized = lowered
            .spacetime
            .as_ref()
            .is_some_and(|spacetime| spacetime.training.is_some());
        let kind = match (is_resummed, optimized) {
            (true, _) => Some("is re-summed"),
            (false, true) => Some("is for another optimizer"),
            (false, false) => None,
        };
        names.declare(&name, Some(kind), report);
        // A second predictor of the same name is dropped, since a second type would cause further errors.
        if predictors.iter().all(|p| p.head.name != lowered.head.name) {
            predictors.push(lowered);
        }
    }
    for predictor in &mut predictors {
        let Some(LoweredBody::Combination(summands)) = &predictor.body else {
            continue;
        };
        let adds = summands
            .iter()
            .filter(|(_, name)| match names.get(name, report) {
                Some(Some(why)) => {
                    no_summand(name, why, report);
                    false
                }
                known => known.is_some(),
            });
        if adds.count() < summands.len() {
            predictor.body = None;
        }
    }
    for predictor in &mut predictors {
        predictor.is_summand = names.is_used(&predictor.head.name);
    }
    predictors
}

/// Reports a predictor that cannot be in a sum.
fn no_summand(name: &Ident, why: &str, report: &mut Report) {
    let message =
        format!("`{name}` {why}, and sums are of power series with coefficients in closed form");
    let help = "add what they predict, at one learning rate, or expand the same set without `resummed` in a spacetime of SGD";
    report.error(name, message, help);
}

/// A predictor, with errors in the report if its body is `None`.
fn one(
    opening: Opening,
    item: Option<PredictorItem>,
    spacetimes: &Names<DeclaredSpacetime>,
    sets: &mut Sets<'_>,
    report: &mut Report,
) -> LoweredPredictor {
    let mut lowered = LoweredPredictor {
        head: opening.head,
        is_resummed: opening.is_resummed,
        is_summand: false,
        body: None,
        spacetime: None,
        source: proc_macro2::TokenStream::new(),
    };
    let Some(item) = item else {
        return lowered;
    };
    lowered.source = item.source;
    match item.body {
        Body::Expansion {
            measure: measure_name,
            spacetime: spacetime_name,
            set,
        } => {
            lowered.spacetime = spacetimes.get(&spacetime_name, report).cloned();
            let measure = measure(&measure_name, report)
                .filter(|measure| !lowered.is_resummed || resums(*measure, &measure_name, report));
            let set = sets.resolve(&set, report);
            let candidates = match (measure, &set) {
                (Some(measure), Some(set)) if lowered.is_resummed => {
                    set.diagrams(ExpandedMeasure::Resummed(measure), report)
                }
                (Some(measure), Some(set)) => {
                    set.diagrams(ExpandedMeasure::Series(measure), report)
                }
                _ => None,
            };
            if let (Some(measure), Some(spacetime), Some(set), Some(candidates)) =
                (measure, lowered.spacetime.clone(), set, candidates)
            {
                lowered.body = Some(LoweredBody::Expansion(Box::new(LoweredExpansion {
                    measure,
                    spacetime,
                    order: set.order(&candidates),
                    candidates,
                    spacetime_name,
                })));
            }
        }
        Body::Combination(summands) => {
            let numbers: Vec<_> = summands
                .iter()
                .map(|summand| Some((number(summand, report)?, summand.name.clone())))
                .collect();
            let numbers: Option<Vec<_>> = numbers.into_iter().collect();
            lowered.body = numbers.map(LoweredBody::Combination);
        }
    }
    lowered
}

fn measure(name: &Ident, report: &mut Report) -> Option<Measure> {
    let found = MEASURES.iter().find(|(known, _)| name == known);
    if found.is_none() {
        let help = suggestion(&name.to_string(), &MEASURES.map(|(known, _)| known));
        report.error(name, format!("unknown measure `{name}`"), help);
    }
    found.map(|(_, measure)| *measure)
}

/// Whether the measure can be re-summed. Reports an error if not, which is so for the second moment.
fn resums(measure: Measure, name: &Ident, report: &mut Report) -> bool {
    let resums = measure != Measure::SecondMoment;
    if !resums {
        let message = format!("the {measure} is not re-summed");
        let help = "leave `resummed` out, or predict a `test_loss`, `train_loss`, `generalization_gap` or `displacement`";
        report.error(name, message, help);
    }
    resums
}

/// The factor of a summand, with its sign.
fn number(summand: &Summand, report: &mut Report) -> Option<BigRational> {
    let mut number = match &summand.number {
        None => BigRational::one(),
        Some(FactorExpression {
            numerator,
            denominator,
        }) => {
            let help = "leave the predictor out";
            let numerator = factor(numerator, help, report);
            let help = "divide by a number that is not 0";
            let denominator = match denominator {
                Some(literal) => factor(literal, help, report),
                None => Some(1),
            };
            BigRational::new(numerator?.into(), denominator?.into())
        }
    };
    if summand.negative {
        number = BigRational::zero() - number;
    }
    Some(number)
}

/// The value of a literal other than 0.
fn factor(literal: &LitInt, instead_of_zero: &str, report: &mut Report) -> Option<u32> {
    let number = whole::<u32>(literal, "a factor", report)?;
    if number == 0 {
        report.error(literal, "a factor must not be 0", instead_of_zero);
        return None;
    }
    Some(number)
}
