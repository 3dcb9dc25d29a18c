//! A declaration in which all names are resolved and nothing is wrong.

use std::fmt;

use diagram_calculus::coefficient::{Coefficient, CoefficientError, Parameters};
use diagram_calculus::combination::{Combination, Product};
use diagram_calculus::measure::Measure;
use diagram_calculus::outline::Outlined;
use diagram_calculus::picture::Sketch;
use diagram_calculus::resummed::ResummedDiagram;
use diagram_calculus::spacetime::Spacetime;

use crate::parse::Head;

/// What was declared, without what has errors.
#[derive(Debug, Default)]
pub struct Model {
    /// By name.
    pub spacetimes: Vec<(String, DeclaredSpacetime)>,
    /// By name.
    pub diagrams: Vec<DeclaredDiagram>,
    /// Power series in η, in the order of declaration; those with errors, too.
    pub predictors: Vec<DeclaredPredictor>,
    /// Re-summed predictors, likewise.
    pub resummed: Vec<DeclaredPredictor<Resummed>>,
}

/// A declared diagram.
#[derive(Clone, Debug)]
pub struct DeclaredDiagram {
    /// Its name.
    pub name: String,
    /// The diagram.
    pub diagram: Outlined,
    /// As it was drawn, with the names of its nodes.
    pub sketch: Sketch,
    /// The names of the sketch's nodes, in that order; none in compact notation.
    pub nodes: Vec<String>,
}

/// A declared spacetime.
#[derive(Clone, Debug)]
pub struct DeclaredSpacetime {
    /// Its sizes are numbers or symbols; a product of symbols is one symbol, such as "N M".
    pub spacetime: Spacetime,
    /// What such symbols stand for.
    pub products: Vec<(String, Product)>,
    /// N, B and E (or T).
    pub sizes: [SizeProduct; 3],
    /// Whether the sizes are those of a schedule: then B divides N.
    pub schedule: bool,
}

impl DeclaredSpacetime {
    /// Whether no symbol stands for two sizes, but for the batches of gradient descent.
    pub(crate) fn symbols_are_distinct(&self) -> bool {
        let names = self.spacetime.parameters();
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        names.len() == distinct.len()
    }
}

/// A number times open sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeProduct {
    /// The number.
    pub number: u64,
    /// The symbols.
    pub symbols: Vec<String>,
}

impl SizeProduct {
    /// The number, if nothing is open.
    pub fn literal(&self) -> Option<u64> {
        self.symbols.is_empty().then_some(self.number)
    }

    /// Whether it is more than a symbol.
    pub(crate) fn is_product(&self) -> bool {
        !self.symbols.is_empty() && (self.symbols.len() > 1 || self.number != 1)
    }

    /// Its value; the largest number if that is too large.
    fn at(&self, value: impl Fn(&str) -> u64) -> u64 {
        let symbols = self.symbols.iter();
        symbols.fold(self.number, |all, name| all.saturating_mul(value(name)))
    }
}

/// Such as `2 N M`.
impl fmt::Display for SizeProduct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = (self.number != 1 || self.symbols.is_empty()).then(|| self.number.to_string());
        let factors: Vec<String> = number.into_iter().chain(self.symbols.clone()).collect();
        f.write_str(&factors.join(" "))
    }
}

/// A declared predictor: a power series, or [`Resummed`].
#[derive(Debug)]
pub struct DeclaredPredictor<C = Content> {
    /// Doc comments, visibility and name.
    pub head: Head,
    /// Its open sizes; `None` if its spacetime has errors.
    pub sizes: Option<Sizes>,
    /// `None` if it has errors.
    pub content: Option<C>,
}

/// What a predictor predicts by a power series.
#[derive(Clone, Debug)]
pub struct Content {
    /// Values with their exact coefficients, as functions of the open sizes.
    pub combination: Combination,
    /// What is predicted; `None` for a sum of different measures.
    pub measure: Option<Measure>,
    /// Highest power of η.
    pub order: usize,
    /// Its diagrams; none for a sum of predictors.
    pub terms: Vec<SeriesTerm>,
    /// The declaration, without the name.
    pub source: String,
}

/// A diagram of a predictor.
#[derive(Clone, Debug)]
pub struct SeriesTerm {
    /// Its declared name, if it was listed.
    pub name: Option<String>,
    /// The diagram.
    pub diagram: Outlined,
    /// As it was drawn.
    pub sketch: Sketch,
    /// Embeddings / automorphisms / (-B)^edges, in the symbols of the predictor's [`Combination`].
    pub coefficient: Coefficient,
}

/// What a re-summed predictor predicts.
#[derive(Clone, Debug)]
pub struct Resummed {
    /// What is predicted; no second moment.
    pub measure: Measure,
    /// The most edges of its diagrams.
    pub order: usize,
    /// Where they embed.
    pub spacetime: Spacetime,
    /// Its diagrams, those without any embedding left out.
    pub terms: Vec<ResummedTerm>,
    /// The declaration, without the name.
    pub source: String,
}

impl Resummed {
    /// The diagrams of the terms.
    pub fn diagrams(&self) -> impl ExactSizeIterator<Item = &ResummedDiagram> {
        self.terms.iter().map(|term| &term.diagram)
    }
}

/// A diagram of a re-summed predictor.
#[derive(Clone, Debug)]
pub struct ResummedTerm {
    /// Its declared name, if it was listed.
    pub name: Option<String>,
    /// The diagram.
    pub diagram: ResummedDiagram,
    /// As it was drawn.
    pub sketch: Sketch,
}

/// The open sizes of a predictor, and what they must satisfy.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    /// Names of what is open, in the order in which it is asked for.
    pub open: Vec<String>,
    /// N, B and E of each schedule: B divides N.
    pub schedules: Vec<[SizeProduct; 3]>,
    /// What the coefficients' N, B and E are.
    pub slots: [Option<SizeProduct>; 3],
}

/// Sizes that a predictor cannot be evaluated at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizesError {
    /// An open size is given no value.
    #[error("the size {name} is given no value; open are {}", open.join(", "))]
    Missing {
        /// Its name.
        name: String,
        /// All that are open.
        open: Vec<String>,
    },
    /// A value for a size that is not open.
    #[error("there is no open size {name}; open are {}", open.join(", "))]
    Unknown {
        /// Its name.
        name: String,
        /// All that are open.
        open: Vec<String>,
    },
    /// Two values for one size.
    #[error("the size {0} is given twice")]
    Twice(String),
    /// No schedule has these sizes.
    #[error(transparent)]
    Schedule(#[from] CoefficientError),
}

impl Sizes {
    /// Those of a spacetime.
    pub(crate) fn of_spacetime(declared: &DeclaredSpacetime) -> Self {
        let mut sizes = Sizes {
            open: vec![],
            schedules: if declared.schedule {
                vec![declared.sizes.clone()]
            } else {
                vec![]
            },
            slots: declared.sizes.clone().map(Some),
        };
        for size in &declared.sizes {
            sizes.ask_for(&size.symbols);
        }
        sizes
    }

    /// Those of both.
    pub(crate) fn and(mut self, other: &Sizes) -> Self {
        self.ask_for(&other.open);
        for schedule in &other.schedules {
            if !self.schedules.contains(schedule) {
                self.schedules.push(schedule.clone());
            }
        }
        self
    }

    /// With the coefficients' own N, B and E.
    pub(crate) fn for_coefficients(mut self, combination: &Combination) -> Self {
        let symbols = combination.symbols();
        let open = combination.open();
        self.slots = [symbols.train, symbols.batch, symbols.epochs].map(|name| {
            open.contains(&&name[..]).then(|| SizeProduct {
                number: 1,
                symbols: vec![name],
            })
        });
        self
    }

    fn ask_for(&mut self, symbols: &[String]) {
        for symbol in symbols {
            if !self.open.contains(symbol) {
                self.open.push(symbol.clone());
            }
        }
    }

    /// The parameters of the coefficients.
    ///
    /// # Errors
    /// [`SizesError`].
    pub fn parameters(&self, values: &[(&str, u64)]) -> Result<Parameters, SizesError> {
        let find = |name: &str| values.iter().find(|(known, _)| *known == name);
        for (at, (name, _)) in values.iter().enumerate() {
            if values[..at].iter().any(|(before, _)| before == name) {
                return Err(SizesError::Twice((*name).to_string()));
            }
            if self.open.iter().all(|known| known != name) {
                let (name, open) = ((*name).to_string(), self.open.clone());
                return Err(SizesError::Unknown { name, open });
            }
        }
        for name in &self.open {
            if find(name).is_none() {
                let (name, open) = (name.clone(), self.open.clone());
                return Err(SizesError::Missing { name, open });
            }
        }
        let value = |name: &str| find(name).map_or(1, |(_, value)| *value);
        for schedule in &self.schedules {
            let [train, batch, epochs] = schedule.each_ref().map(|size| size.at(value));
            Parameters::new(train, batch, epochs)?;
        }
        let at = |slot: usize| self.slots[slot].as_ref().map_or(1, |size| size.at(value));
        Ok(Parameters {
            train: at(0),
            batch: at(1),
            epochs: at(2),
        })
    }
}
