//! The report, which all formats show.

use diagrams::calculus::ValueClass;
use diagrams::calculus::coefficient::{Coefficient, Parameters, Symbols};
use diagrams::calculus::picture::Sketch;
use diagrams::calculus::picture::meaning::{resummed_sentence, sentence_for};
use diagrams::calculus::spacetime::Parameter;
use diagrams::language::{Content, DeclaredPredictor, ResummedTerm};
use diagrams::{Declared, DeclaredResummed};
use num_traits::ToPrimitive;
use serde::Serialize;

use super::declaration::Source;
use super::error::InspectError;
use super::formula::Formula;
use super::grid::Drawn;
use super::optimized::optimized;
use super::sizes::Sizes;

/// All predictors of a declaration, and drawings of its spacetimes if they are asked for.
#[derive(Serialize)]
pub(crate) struct Report {
    /// The sizes that are given values.
    pub(crate) at: Vec<(String, u64)>,
    /// The predictors of power series, then those for other optimizers, then the re-summed predictors.
    pub(crate) predictors: Vec<Predicted>,
    /// The drawings.
    pub(crate) grids: Vec<Drawn>,
}

/// The terms and the values of a predictor.
#[derive(Serialize)]
pub(crate) struct Predicted {
    pub(crate) name: String,
    /// The text of the declaration after the name.
    pub(crate) source: String,
    /// The measure, after the word `re-summed` for a re-summed predictor; `None` for a sum of different measures.
    pub(crate) measure: Option<String>,
    /// The highest power of η, or the largest number of edges of a re-summed diagram.
    pub(crate) order: usize,
    /// The names of the open sizes.
    pub(crate) open: Vec<String>,
    /// The terms, one for each diagram, with those of equal value next to each other; empty for a sum of predictors.
    pub(crate) terms: Vec<Entry>,
    /// The sum of all terms, gathered by value; empty for a re-summed predictor and for one of another optimizer.
    pub(crate) values: Vec<Entry>,
}

/// A term, or a value with the sum of its coefficients.
#[derive(Serialize)]
pub(crate) struct Entry {
    /// The declared name of the diagram, if it has one.
    pub(crate) name: Option<String>,
    /// The diagram in compact notation.
    pub(crate) diagram: String,
    /// The number of edges, which is the power of η except for re-summed terms.
    pub(crate) order: usize,
    /// The drawing as Unicode text.
    pub(crate) drawing: String,
    /// The diagram as it is drawn.
    #[serde(skip)]
    pub(crate) sketch: Sketch,
    /// The quantity that is multiplied by the coefficient.
    pub(crate) value: Formula,
    /// The class of the value, if that is a single one.
    pub(crate) class: Option<String>,
    /// The meaning in words; `None` for a value, which belongs to diagrams with different roots.
    pub(crate) meaning: Option<String>,
    /// The coefficient in the open sizes.
    pub(crate) coefficient: Formula,
    /// The coefficient at the given sizes, if all are given.
    pub(crate) at: Option<Number>,
}

/// An exact number and the nearest float.
#[derive(Clone, Serialize)]
pub(crate) struct Number {
    pub(crate) exact: String,
    pub(crate) float: f64,
}

impl Predicted {
    /// The declaration of the predictor.
    pub(crate) fn declaration(&self) -> String {
        let source = self.source.trim();
        // After the name, the declaration of a measure goes on with a colon, and that of a sum with `=`.
        let space = if source.starts_with(':') { "" } else { " " };
        format!("predictor {}{space}{source};", self.name)
    }

    /// The entries to draw: the terms, or for a sum of predictors the values.
    pub(crate) fn pictured(&self) -> &[Entry] {
        if self.terms.is_empty() {
            &self.values
        } else {
            &self.terms
        }
    }
}

/// Makes the report on a declaration.
pub(crate) fn report(
    source: &Source,
    sizes: &Sizes,
    grids: Vec<Drawn>,
) -> Result<Report, InspectError> {
    let model = source.declaration.model();
    let predictors: Result<Vec<Predicted>, InspectError> = source
        .declaration
        .predictors()
        .zip(&model.predictors)
        .map(|(declared, predictor)| {
            let at = sizes.parameters(declared.open(), |own| declared.parameters(own))?;
            let reader = Reader {
                content: declared.content,
                symbols: declared.content.combination.symbols(),
                train: train(predictor),
                at,
                declared: &declared,
            };
            reader.predicted()
        })
        .collect();
    let mut predictors = predictors?;
    for declared in source.declaration.all_optimized() {
        predictors.push(optimized(&declared, sizes)?);
    }
    predictors.extend(source.declaration.all_resummed().map(resummed));
    Ok(Report {
        at: sizes.given().to_vec(),
        predictors,
        grids,
    })
}

/// The entries of a re-summed predictor. Their values are summed over the embeddings, and their coefficients are the factors of these sums.
fn resummed(declared: DeclaredResummed<'_>) -> Predicted {
    let content = declared.content;
    let entry = |term: &ResummedTerm| Entry {
        name: term.name.clone(),
        diagram: term.diagram.diagram().to_string(),
        order: term.diagram.diagram().edges(),
        drawing: term.sketch.unicode(),
        sketch: term.sketch.clone(),
        value: Formula::of_resummed(&term.diagram),
        class: None,
        meaning: Some(resummed_sentence(&term.diagram)),
        coefficient: Formula::of_weight(&term.diagram),
        at: None,
    };
    Predicted {
        source: content.source.clone(),
        measure: Some(format!("re-summed {}", content.measure)),
        order: content.order,
        open: declared.open().to_vec(),
        terms: content.terms.iter().map(entry).collect(),
        values: vec![],
        name: declared.name,
    }
}

/// The number of training points N of the first schedule of a predictor, or its symbol.
fn train(predictor: &DeclaredPredictor) -> Parameter {
    let sizes = predictor.sizes.as_ref();
    let size = sizes.and_then(|sizes| {
        let schedule = sizes.schedules.first().map(|[train, ..]| train);
        schedule.or(sizes.slots[0].as_ref())
    });
    let Some(size) = size else {
        return Parameter::Symbol("N".into());
    };
    match size.literal() {
        Some(number) => Parameter::Literal(number),
        // A product of sizes counts as one symbol.
        None if size.number != 1 || size.symbols.len() > 1 => {
            Parameter::Symbol(format!("({size})"))
        }
        None => Parameter::Symbol(size.to_string()),
    }
}

/// Makes the entries of one predictor of a power series.
struct Reader<'a> {
    declared: &'a Declared<'a>,
    content: &'a Content,
    symbols: Symbols,
    train: Parameter,
    at: Option<Parameters>,
}

impl Reader<'_> {
    fn predicted(&self) -> Result<Predicted, InspectError> {
        Ok(Predicted {
            name: self.declared.name.clone(),
            source: self.content.source.clone(),
            measure: self.content.measure.map(|measure| measure.to_string()),
            order: self.content.order,
            open: self.declared.open().to_vec(),
            terms: self.terms()?,
            values: self.values()?,
        })
    }

    fn terms(&self) -> Result<Vec<Entry>, InspectError> {
        let Some(measure) = self.content.measure else {
            return Ok(vec![]);
        };
        let mut terms = vec![];
        for term in &self.content.terms {
            let (value, class) =
                Formula::of_term(measure, &term.diagram, &self.train).map_err(|source| {
                    InspectError::Measure {
                        predictor: self.declared.name.clone(),
                        source,
                    }
                })?;
            let diagram = term.diagram.to_string();
            terms.push(Entry {
                name: term.name.clone(),
                order: term.diagram.tied().edges(),
                drawing: term.sketch.unicode(),
                sketch: term.sketch.clone(),
                value,
                class: class.as_ref().map(ValueClass::to_string),
                meaning: Some(sentence_for(measure, &term.sketch)),
                coefficient: Formula::of_coefficient(&term.coefficient, &self.symbols),
                at: self.number(&diagram, &term.coefficient)?,
                diagram,
            });
        }
        Ok(gathered(terms))
    }

    fn values(&self) -> Result<Vec<Entry>, InspectError> {
        let values = self.content.combination.values().iter();
        values
            .map(|(class, coefficient)| {
                let sketch = Sketch::from(&class.representative());
                let diagram = class.to_string();
                Ok(Entry {
                    name: None,
                    order: class.order(),
                    drawing: sketch.unicode(),
                    sketch,
                    value: Formula::of_class(class),
                    class: Some(diagram.clone()),
                    meaning: None,
                    coefficient: Formula::of_coefficient(coefficient, &self.symbols),
                    at: self.number(&diagram, coefficient)?,
                    diagram,
                })
            })
            .collect()
    }

    /// The value of a coefficient at the given sizes, if there are any.
    fn number(
        &self,
        diagram: &str,
        coefficient: &Coefficient,
    ) -> Result<Option<Number>, InspectError> {
        let Some(at) = &self.at else {
            return Ok(None);
        };
        let exact = coefficient
            .evaluate(at)
            .map_err(|source| InspectError::NoValue {
                predictor: self.declared.name.clone(),
                diagram: diagram.into(),
                source,
            })?;
        Ok(Some(Number {
            float: exact.to_f64().unwrap_or(f64::NAN),
            exact: exact.to_string(),
        }))
    }
}

/// The terms in an order in which those of equal value are next to each other. Groups are in the order of their first terms.
fn gathered(terms: Vec<Entry>) -> Vec<Entry> {
    let mut groups: Vec<Vec<Entry>> = vec![];
    for term in terms {
        let together =
            |group: &&mut Vec<Entry>| term.class.is_some() && group[0].class == term.class;
        match groups.iter_mut().find(together) {
            Some(group) => group.push(term),
            None => groups.push(vec![term]),
        }
    }
    groups.into_iter().flatten().collect()
}
