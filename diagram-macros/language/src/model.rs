//! The result of reading a declaration: spacetimes, diagrams and predictors with all names resolved.

use std::fmt;

use diagram_calculus::coefficient::{Coefficient, CoefficientError, Parameters};
use diagram_calculus::combination::{Combination, Product};
use diagram_calculus::diagram::Diagram;
use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{BatchChoice, UpdateRule};
use diagram_calculus::outline::Outlined;
use diagram_calculus::picture::Sketch;
use diagram_calculus::resummed::ResummedDiagram;
use diagram_calculus::spacetime::Spacetime;
use diagram_calculus::value_class::ValueClass;
use diagram_networks::Network;

use crate::parse::Head;

/// The declared items. Spacetimes and diagrams with errors are left out.
#[derive(Debug, Default)]
pub struct Model {
    /// The spacetimes with their names, sorted by name.
    pub spacetimes: Vec<(String, DeclaredSpacetime)>,
    /// The diagrams, sorted by name.
    pub diagrams: Vec<DeclaredDiagram>,
    /// The predictors that are power series in η, in the order of declaration, including those with errors.
    pub predictors: Vec<DeclaredPredictor>,
    /// The predictors for other optimizers, in the order of declaration, including those with errors.
    pub optimized: Vec<DeclaredPredictor<Optimized>>,
    /// The re-summed predictors, in the order of declaration, including those with errors.
    pub resummed: Vec<DeclaredPredictor<Resummed>>,
    /// The networks, in the order of declaration, including those with errors.
    pub networks: Vec<DeclaredNetwork>,
}

/// A declared network.
#[derive(Debug)]
pub struct DeclaredNetwork {
    /// The doc comments, visibility and name.
    pub head: Head,
    /// The network; `None` if it has errors.
    pub network: Option<Network>,
}

/// A declared diagram.
#[derive(Clone, Debug)]
pub struct DeclaredDiagram {
    /// The name of the diagram.
    pub name: String,
    /// The diagram in canonical form.
    pub diagram: Outlined,
    /// The diagram as it was drawn, with the names of its nodes.
    pub sketch: Sketch,
    /// The names of the nodes in the order of the sketch; empty for a diagram in compact notation.
    pub nodes: Vec<String>,
}

/// A declared spacetime.
#[derive(Clone, Debug)]
pub struct DeclaredSpacetime {
    /// The spacetime. Its sizes are numbers or symbols, where a product such as `N * M` is one symbol with the name "N M".
    pub spacetime: Spacetime,
    /// The products that such symbols stand for.
    pub products: Vec<(String, Product)>,
    /// The sizes N, B and E, or N, N and T for gradient descent.
    pub sizes: [SizeProduct; 3],
    /// Whether the sizes are those of a schedule, in which B divides N.
    pub schedule: bool,
    /// The optimizer and the way to choose batches; `None` for plain SGD in epochs, plain gradient descent, and grids.
    pub training: Option<DeclaredTraining>,
}

/// An optimizer other than SGD, or batches that are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredTraining {
    /// How batches are chosen; N, B and E are the sizes of the spacetime, with the number of updates in the place of E but for epochs.
    pub batches: BatchChoice,
    /// How weights follow from gradients.
    pub rule: UpdateRule,
}

impl DeclaredSpacetime {
    /// Whether no symbol stands for two sizes, apart from the batch size of gradient descent.
    pub(crate) fn symbols_are_distinct(&self) -> bool {
        let names = self.spacetime.parameters();
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        names.len() == distinct.len()
    }
}

/// A size as a product of a number and open sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeProduct {
    /// The number.
    pub number: u64,
    /// The names of the open sizes.
    pub symbols: Vec<String>,
}

impl SizeProduct {
    /// The number, if there are no open sizes in the product.
    pub fn literal(&self) -> Option<u64> {
        self.symbols.is_empty().then_some(self.number)
    }

    /// Whether it has open sizes and is not a single symbol.
    pub(crate) fn is_product(&self) -> bool {
        !self.symbols.is_empty() && (self.symbols.len() > 1 || self.number != 1)
    }

    /// Its value for these values of the open sizes, or the largest `u64` if the value is larger.
    fn at(&self, value: impl Fn(&str) -> u64) -> u64 {
        let symbols = self.symbols.iter();
        symbols.fold(self.number, |all, name| all.saturating_mul(value(name)))
    }
}

/// Writes the factors side by side, as in `2 N M`.
impl fmt::Display for SizeProduct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = (self.number != 1 || self.symbols.is_empty()).then(|| self.number.to_string());
        let factors: Vec<String> = number.into_iter().chain(self.symbols.clone()).collect();
        f.write_str(&factors.join(" "))
    }
}

/// A declared predictor, which predicts by a power series ([`Content`]) or by a re-summed expansion ([`Resummed`]).
#[derive(Debug)]
pub struct DeclaredPredictor<C = Content> {
    /// The doc comments, visibility and name.
    pub head: Head,
    /// Whether another predictor is a sum with this one.
    pub is_summand: bool,
    /// The open sizes; `None` if the spacetime has errors.
    pub sizes: Option<Sizes>,
    /// The prediction; `None` if it has errors.
    pub content: Option<C>,
}

/// The prediction of a predictor that is a power series.
#[derive(Clone, Debug)]
pub struct Content {
    /// The values with their exact coefficients, which are functions of the open sizes.
    pub combination: Combination,
    /// The measure that is predicted; `None` for a sum of different measures.
    pub measure: Option<Measure>,
    /// The highest power of η.
    pub order: usize,
    /// The terms, one for each diagram; empty for a sum of predictors.
    pub terms: Vec<SeriesTerm>,
    /// The text of the declaration after the name.
    pub source: String,
}

/// A term of a power series.
#[derive(Clone, Debug)]
pub struct SeriesTerm {
    /// The declared name of the diagram, if it was listed by name.
    pub name: Option<String>,
    /// The diagram.
    pub diagram: Outlined,
    /// The diagram as it was drawn.
    pub sketch: Sketch,
    /// The weight `embeddings / automorphisms / (-B)^edges`, in the symbols of the predictor's [`Combination`].
    pub coefficient: Coefficient,
}

/// The prediction of a re-summed predictor.
#[derive(Clone, Debug)]
pub struct Resummed {
    /// The measure that is predicted, which is not the second moment.
    pub measure: Measure,
    /// The largest number of edges of its diagrams.
    pub order: usize,
    /// The spacetime.
    pub spacetime: Spacetime,
    /// The terms, one for each diagram that has an embedding.
    pub terms: Vec<ResummedTerm>,
    /// The text of the declaration after the name.
    pub source: String,
}

impl Resummed {
    /// The diagrams of the terms.
    pub fn diagrams(&self) -> impl ExactSizeIterator<Item = &ResummedDiagram> {
        self.terms.iter().map(|term| &term.diagram)
    }
}

/// The prediction of a predictor for another optimizer, or for batches that are drawn. The weights of its values are computed when all sizes are known.
#[derive(Clone, Debug)]
pub struct Optimized {
    /// The measure that is predicted.
    pub measure: Measure,
    /// The highest power of η.
    pub order: usize,
    /// The optimizer.
    pub training: DeclaredTraining,
    /// The diagrams, none of which has outlines.
    pub diagrams: Vec<OptimizedTerm>,
    /// The values that the diagrams need, sorted by order, then by class.
    pub classes: Vec<ValueClass>,
    /// The text of the declaration after the name.
    pub source: String,
}

/// A diagram of a predictor for another optimizer.
#[derive(Clone, Debug)]
pub struct OptimizedTerm {
    /// The declared name of the diagram, if it was listed by name.
    pub name: Option<String>,
    /// The diagram.
    pub diagram: Diagram,
    /// The diagram as it was drawn.
    pub sketch: Sketch,
}

/// A term of a re-summed expansion.
#[derive(Clone, Debug)]
pub struct ResummedTerm {
    /// The declared name of the diagram, if it was listed by name.
    pub name: Option<String>,
    /// The diagram.
    pub diagram: ResummedDiagram,
    /// The diagram as it was drawn.
    pub sketch: Sketch,
}

/// The open sizes of a predictor, and the conditions on them.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    /// The names of the open sizes, in the order of the parameters of the predictor.
    pub open: Vec<String>,
    /// The sizes N, B and E of each schedule, for which B must divide N.
    pub schedules: Vec<[SizeProduct; 3]>,
    /// The sizes that the variables N, B and E of the coefficients stand for; `None` for a variable that does not occur.
    pub slots: [Option<SizeProduct>; 3],
}

/// Why a predictor cannot be evaluated at given sizes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizesError {
    /// An open size is given no value.
    #[error("the size {name} is given no value; open are {}", open.join(", "))]
    Missing {
        /// The name of the size.
        name: String,
        /// The names of all open sizes.
        open: Vec<String>,
    },
    /// A value is given for a size that is not open.
    #[error("there is no open size {name}; open are {}", open.join(", "))]
    Unknown {
        /// The name of the size.
        name: String,
        /// The names of all open sizes.
        open: Vec<String>,
    },
    /// Two values are given for one size.
    #[error("the size {0} is given twice")]
    Twice(String),
    /// The sizes do not make a schedule.
    #[error(transparent)]
    Schedule(#[from] CoefficientError),
}

impl Sizes {
    /// The sizes of a spacetime.
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

    /// The sizes of a sum of two predictors.
    pub(crate) fn and(mut self, other: &Sizes) -> Self {
        self.ask_for(&other.open);
        for schedule in &other.schedules {
            if !self.schedules.contains(schedule) {
                self.schedules.push(schedule.clone());
            }
        }
        self
    }

    /// The same sizes, for coefficients whose variables N, B and E stand for the symbols of this combination.
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

    /// Adds open sizes that are not known yet.
    fn ask_for(&mut self, symbols: &[String]) {
        for symbol in symbols {
            if !self.open.contains(symbol) {
                self.open.push(symbol.clone());
            }
        }
    }

    /// The parameters at which to evaluate the coefficients, for these values of the open sizes by name.
    ///
    /// # Errors
    /// [`SizesError`] if a value is missing, unknown or given twice, or if the sizes do not make a schedule.
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
