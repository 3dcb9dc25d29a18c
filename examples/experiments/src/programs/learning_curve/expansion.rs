//! The values that a prediction needs, with their exact coefficients.

use diagrams::calculus::ValueClass;
use diagrams::calculus::coefficient::{Coefficient, Parameters};
use diagrams::calculus::measure::{Measure, count_diagrams_for, diagrams_for, expand};
use diagrams::calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::program::Program;

use super::predictors;

/// The largest number of diagrams for which exact coefficients are computed here, because the time of the algebra grows with it.
const MOST_DIAGRAMS: u128 = 1000;

/// Value classes with their coefficients, which are functions of N, B and E.
pub(crate) type Coefficients = Vec<(ValueClass, Coefficient)>;

/// Coefficients, and the program that computes the values that they multiply.
pub(crate) struct Expanded {
    pub(crate) coefficients: Coefficients,
    pub(crate) program: Box<dyn Program>,
    /// Whether the coefficients are sums over updates in double precision, instead of functions of N, B and E.
    pub(crate) summed: bool,
}

/// The terms of a measure up to an order, in the symbols N, B and E. The program is compiled for the order of the compiled predictors, and
/// interpreted for any other.
fn symbolic(measure: Measure, shuffle: Shuffle, order: usize) -> Result<Expanded, String> {
    if order == predictors::ORDER {
        let predictor = predictors::predictor(measure, shuffle);
        return Ok(Expanded {
            coefficients: predictor.coefficients().to_vec(),
            program: Box::new(predictor),
            summed: false,
        });
    }
    let symbol = Parameter::Symbol("N".into());
    Ok(interpreted(expanded(measure, symbol, shuffle, order)?))
}

/// Coefficients with an interpreted program.
fn interpreted(coefficients: Coefficients) -> Expanded {
    let classes: Vec<ValueClass> = coefficients
        .iter()
        .map(|(class, _)| class.clone())
        .collect();
    Expanded {
        coefficients,
        program: Box::new(Interpreted::new(&classes)),
        summed: false,
    }
}

/// The terms of a measure up to an order, with coefficients that are defined at the given sizes. With shuffling, the general formula divides by zero
/// for very small N; the embeddings into N rows are then counted for this N.
pub(crate) fn terms_at(
    measure: Measure,
    shuffle: Shuffle,
    order: usize,
    parameters: &Parameters,
) -> Result<Expanded, String> {
    check_order(measure, order)?;
    let defined = |coefficients: &Coefficients| {
        let values = coefficients.iter().map(|(_, c)| c.evaluate(parameters));
        values.collect::<Result<Vec<_>, _>>()
    };
    let symbolic = symbolic(measure, shuffle, order)?;
    if defined(&symbolic.coefficients).is_ok() {
        return Ok(symbolic);
    }
    let counted = expanded(
        measure,
        Parameter::Literal(parameters.train),
        shuffle,
        order,
    )?;
    defined(&counted).map_err(|e| e.to_string())?;
    Ok(interpreted(counted))
}

/// The terms of a measure up to an order, with the number or the symbol `train` in place of N.
fn expanded(
    measure: Measure,
    train: Parameter,
    shuffle: Shuffle,
    order: usize,
) -> Result<Coefficients, String> {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let spacetime = Spacetime::sgd(train, symbol("B"), symbol("E"), shuffle);
    let expansion = expand(measure, &spacetime, diagrams_for(measure, order));
    Ok(expansion.map_err(|e| e.to_string())?.values)
}

/// Refuses order 0 and orders with too many diagrams.
pub(crate) fn check_order(measure: Measure, order: usize) -> Result<(), String> {
    if order == 0 {
        return Err("--order must be at least 1".into());
    }
    let total = (0..=order).take(64).try_fold(0u128, |sum, edges| {
        sum.checked_add(count_diagrams_for(measure, edges)?)
    });
    match total {
        Some(total) if total <= MOST_DIAGRAMS => Ok(()),
        Some(total) => Err(format!(
            "order {order} has {total} diagrams; at most {MOST_DIAGRAMS} are affordable here"
        )),
        None => Err(format!(
            "order {order} has more diagrams than can be listed; at most {MOST_DIAGRAMS} are affordable here"
        )),
    }
}
