//! The entries of predictors for other optimizers.

use diagrams::DeclaredOptimized;
use diagrams::calculus::ValueClass;
use diagrams::calculus::diagram::Diagram;
use diagrams::calculus::optimizer::Training;
use diagrams::calculus::picture::meaning::sentence_for;
use diagrams::calculus::spacetime::Parameter;
use diagrams::language::OptimizedTerm;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::error::InspectError;
use super::formula::Formula;
use super::report::{Entry, Number, Predicted};
use super::sizes::Sizes;

/// The largest number of updates for which coefficients are computed exactly. The digits of exact ones grow with the updates.
const MOST_EXACT: usize = 200;

/// The terms of a predictor for another optimizer. Their coefficients are sums over updates, with numbers where all sizes are given.
pub(super) fn optimized(
    declared: &DeclaredOptimized<'_>,
    sizes: &Sizes,
) -> Result<Predicted, InspectError> {
    let content = declared.content;
    let at = sizes.parameters(declared.open(), |own| declared.parameters(own))?;
    let training = match &at {
        Some(parameters) => Some(
            declared
                .training(parameters)
                .map_err(InspectError::Training)?,
        ),
        None => None,
    };
    let numbers = match &training {
        Some(training) => numbers(training, &content.diagrams)
            .into_iter()
            .map(Some)
            .collect(),
        None => vec![None; content.diagrams.len()],
    };
    let train = Parameter::Symbol("N".into());
    let terms = content.diagrams.iter().zip(numbers).map(|(term, at)| {
        let (value, class) =
            Formula::of_term(content.measure, &term.diagram.clone().into(), &train).map_err(
                |source| InspectError::Measure {
                    predictor: declared.name.clone(),
                    source,
                },
            )?;
        Ok(Entry {
            name: term.name.clone(),
            diagram: term.diagram.to_string(),
            order: term.diagram.edges(),
            drawing: term.sketch.unicode(),
            sketch: term.sketch.clone(),
            value,
            class: class.as_ref().map(ValueClass::to_string),
            meaning: Some(sentence_for(content.measure, &term.sketch)),
            coefficient: sum_over_updates(&term.diagram),
            at,
        })
    });
    Ok(Predicted {
        name: declared.name.clone(),
        source: content.source.clone(),
        measure: Some(content.measure.to_string()),
        order: content.order,
        open: declared.open().to_vec(),
        terms: terms.collect::<Result<_, InspectError>>()?,
        values: vec![],
    })
}

fn numbers(training: &Training, terms: &[OptimizedTerm]) -> Vec<Number> {
    if training.sampling().updates() <= MOST_EXACT {
        let mut weights = training.weights::<BigRational>(None);
        let number = |term: &OptimizedTerm| {
            let exact = weights.of(&term.diagram);
            Number {
                float: exact.to_f64().unwrap_or(f64::NAN),
                exact: exact.to_string(),
            }
        };
        return terms.iter().map(number).collect();
    }
    let mut weights = training.weights::<f64>(None);
    let number = |term: &OptimizedTerm| {
        let float = weights.of(&term.diagram);
        Number {
            float,
            exact: format!("≈ {float:e}"),
        }
    };
    terms.iter().map(number).collect()
}

/// Σ over the updates of all nodes, of the weights of the edges.
fn sum_over_updates(diagram: &Diagram) -> Formula {
    let roots = diagram.roots();
    let symmetry = diagram.automorphisms();
    let sum = |times: &dyn Fn(usize) -> String| -> Vec<String> {
        let weight = |node: usize| match diagram.parent(node).filter(|&parent| parent >= roots) {
            Some(parent) => format!("a({}, {})", times(parent), times(node)),
            None => format!("r({})", times(node)),
        };
        (roots..diagram.nodes()).map(weight).collect()
    };
    let edges = diagram.edges();
    if edges == 0 {
        return Formula {
            text: "1".into(),
            latex: "1".into(),
        };
    }
    let factor = if symmetry == 1 {
        String::new()
    } else {
        format!("1/{symmetry} ")
    };
    let fraction = if symmetry == 1 {
        String::new()
    } else {
        format!("\\frac{{1}}{{{symmetry}}} ")
    };
    let text = sum(&|node| format!("t{}", node + 1 - roots)).join(" ");
    let latex = sum(&|node| format!("t_{{{}}}", node + 1 - roots)).join(" ");
    Formula {
        text: format!("{factor}Σ {text} / (-B)^{edges}"),
        latex: format!("{fraction}\\sum {latex} / (-B)^{{{edges}}}"),
    }
}
