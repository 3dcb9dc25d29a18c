//! From power series to what code is emitted from: the plan of the values, and coefficients as constants.

use diagram_calculus::coefficient::Coefficient;
use diagram_calculus::plan::{Blueprint, ContractionPlan};
use diagram_calculus::value_class::ValueClass;
use diagram_language::{Content, DeclaredPredictor, Head, Report, Sizes};
use num_traits::ToPrimitive;

/// A predictor ready to be emitted.
pub(crate) struct Planned {
    pub(crate) head: Head,
    pub(crate) is_summand: bool,
    pub(crate) sizes: Option<Sizes>,
    pub(crate) content: Option<PlannedContent>,
}

pub(crate) struct PlannedContent {
    pub(crate) content: Content,
    pub(crate) blueprint: Blueprint,
    /// The values of the blueprint's classes, in its order.
    pub(crate) contraction: ContractionPlan,
    /// The coefficients of the combination's values, in that order.
    pub(crate) constants: Vec<RawCoefficient>,
}

/// A coefficient as constants: monomials of the numerator, exponents of the falling denominator.
pub(crate) struct RawCoefficient {
    pub(crate) numerator: Vec<([i32; 3], i128, i128)>,
    pub(crate) denominator: Vec<u32>,
}

pub(crate) fn plan(predictors: Vec<DeclaredPredictor>, report: &mut Report) -> Vec<Planned> {
    predictors
        .into_iter()
        .map(|predictor| {
            let content = predictor.content.and_then(|content| {
                let planned = plan_content(content);
                if planned.is_none() {
                    report.error(
                        &predictor.head.name,
                        format!(
                            "a coefficient of `{}` has more than 38 digits",
                            predictor.head.name
                        ),
                        "leave sizes of the spacetime open, or lower the order",
                    );
                }
                planned
            });
            Planned {
                head: predictor.head,
                is_summand: predictor.is_summand,
                sizes: predictor.sizes,
                content,
            }
        })
        .collect()
}

/// `None` if a coefficient does not fit constants.
fn plan_content(content: Content) -> Option<PlannedContent> {
    let values = content.combination.values();
    let constants = values.iter().map(|(_, coefficient)| raw(coefficient));
    let constants = constants.collect::<Option<Vec<_>>>()?;
    let classes: Vec<ValueClass> = values.iter().map(|(class, _)| class.clone()).collect();
    let blueprint = Blueprint::new(&classes);
    Some(PlannedContent {
        contraction: ContractionPlan::new(&blueprint.plan.classes),
        blueprint,
        content,
        constants,
    })
}

fn raw(coefficient: &Coefficient) -> Option<RawCoefficient> {
    let numerator = coefficient
        .numerator()
        .map(|(exponents, number)| {
            Some((
                *exponents,
                number.numer().to_i128()?,
                number.denom().to_i128()?,
            ))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(RawCoefficient {
        numerator,
        denominator: coefficient.denominator().to_vec(),
    })
}
