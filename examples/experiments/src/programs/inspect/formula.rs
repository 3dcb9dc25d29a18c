//! Formulas of values and coefficients.

use diagrams::calculus::ValueClass;
use diagrams::calculus::coefficient::{Coefficient, Symbols};
use diagrams::calculus::measure::{Measure, MeasureError, expand};
use diagrams::calculus::outline::Outlined;
use diagrams::calculus::picture::meaning::{Notation, expression, outlined, resummed_expression};
use diagrams::calculus::resummed::ResummedDiagram;
use diagrams::calculus::spacetime::{Parameter, Spacetime};
use serde::Serialize;

/// A formula as plain text and as LaTeX.
#[derive(Clone, Serialize)]
pub(crate) struct Formula {
    pub(crate) text: String,
    pub(crate) latex: String,
}

impl Formula {
    /// The formula that `write` gives in each notation.
    fn both(write: impl Fn(Notation) -> String) -> Self {
        Formula {
            text: write(Notation::Text),
            latex: write(Notation::Latex),
        }
    }

    /// The tensor expression of a value.
    pub(crate) fn of_class(class: &ValueClass) -> Self {
        Formula::both(|notation| expression(class, notation))
    }

    /// A coefficient in the given symbols.
    pub(crate) fn of_coefficient(coefficient: &Coefficient, symbols: &Symbols) -> Self {
        Formula::both(|notation| written(coefficient, symbols, notation))
    }

    /// The tensor expression of a re-summed term, which is summed over its embeddings.
    pub(crate) fn of_resummed(term: &ResummedDiagram) -> Self {
        Formula::both(|notation| resummed_expression(term, notation))
    }

    /// The weight by which the sum over the embeddings of a re-summed term is multiplied.
    pub(crate) fn of_weight(term: &ResummedDiagram) -> Self {
        Formula::both(|_| term.weight().to_string())
    }

    /// The sum of values that belongs to a diagram under a measure, and the class of the value if there is one alone. `train` is the number or the
    /// symbol N.
    pub(crate) fn of_term(
        measure: Measure,
        diagram: &Outlined,
        train: &Parameter,
    ) -> Result<(Self, Option<ValueClass>), MeasureError> {
        // The sum depends on the schedule by N alone, so that any schedule will do. For this one embeddings are counted fastest.
        let schedule = Spacetime::gd(train.clone(), Parameter::Literal(1));
        let expanded = expand(measure, &schedule, [diagram.clone()])?;
        let values = &expanded.terms[0].values;
        if let [(class, factor)] = &values[..]
            && *factor == Coefficient::one()
        {
            return Ok((Formula::of_class(class), Some(class.clone())));
        }
        if matches!(measure, Measure::TestLoss | Measure::SecondMoment) {
            return Ok((Formula::both(|notation| outlined(diagram, notation)), None));
        }
        let symbols = schedule.symbols();
        Ok((Formula::both(|n| sum(values, &symbols, n)), None))
    }
}

/// A sum of values with their coefficients.
fn sum(values: &[(ValueClass, Coefficient)], symbols: &Symbols, notation: Notation) -> String {
    if values.is_empty() {
        return "0".into();
    }
    let mut out = String::new();
    for (class, factor) in values {
        let negative = written(factor, symbols, notation).starts_with('-');
        let size = if negative {
            factor.neg()
        } else {
            factor.clone()
        };
        out.push_str(match (out.is_empty(), negative) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        });
        if size != Coefficient::one() {
            let size = written(&size, symbols, notation);
            let fraction = size.contains([' ', '/']) && notation == Notation::Text;
            let size = if fraction { format!("({size})") } else { size };
            let space = match notation {
                Notation::Text => " ",
                Notation::Latex => "\\, ",
            };
            out.extend([&size[..], space]);
        }
        out.push_str(&expression(class, notation));
    }
    out
}

/// A coefficient in one notation.
fn written(coefficient: &Coefficient, symbols: &Symbols, notation: Notation) -> String {
    match notation {
        Notation::Text => coefficient.text(symbols),
        Notation::Latex => coefficient.latex(&Symbols {
            train: in_math(&symbols.train),
            batch: in_math(&symbols.batch),
            epochs: in_math(&symbols.epochs),
        }),
    }
}

/// The name of a size in math mode, in which several letters are set as one symbol and not as a product.
fn in_math(name: &str) -> String {
    // A name in parentheses is a product of names.
    if let Some(factors) = name
        .strip_prefix('(')
        .and_then(|name| name.strip_suffix(')'))
    {
        let factors: Vec<String> = factors.split(' ').map(in_math).collect();
        return format!("({})", factors.join(" "));
    }
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.into();
    }
    let name = name.trim_start_matches("r#");
    if name.chars().count() == 1 {
        return name.into();
    }
    format!("\\mathit{{{}}}", name.replace('_', "\\_"))
}
