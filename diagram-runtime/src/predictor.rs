//! The interface of declared predictors: their metadata, exact coefficients and values.

mod parameters_of;

pub use parameters_of::ParametersOf;

use std::sync::OnceLock;

use diagram_calculus::coefficient::{Coefficient, Symbols};
use diagram_calculus::measure::Measure;
use diagram_calculus::plan::{Blueprint, ContractionPlan, Plan};
use diagram_calculus::value_class::ValueClass;

use crate::derivatives::Derivatives;
use crate::program::Program;
use crate::scalar::Element;
use crate::series::{Series, SeriesError};
use crate::values::{self, Arithmetic, Options, ValueError, Values};

/// A predictor that is declared with `diagrams!`. Its values are computed from a landscape once, and then give a learning curve for any schedule.
pub trait Predictor: Program + Default {
    /// The name of the predictor in the source.
    const NAME: &'static str;
    /// The measure that is predicted; `None` if the predictor is a sum of different measures.
    const MEASURE: Option<Measure>;
    /// The highest power of η in the series.
    const ORDER: usize;
    /// The parameters that the schedule leaves open, by their names in the source.
    const PARAMETERS: &'static [&'static str];
    /// The terms, one for each diagram: the rows of the table in the documentation of the predictor.
    const TERMS: &'static [TermDescription];

    /// The names in the source of the symbols N, B and E of the coefficients.
    const SYMBOLS: [&'static str; 3];
    /// The value classes and their exact coefficients, as constants. A coefficient is a number where the declaration leaves nothing open.
    const COEFFICIENTS: &'static [StaticCoefficient];

    /// Returns the names in the source of the symbols N, B and E, for [`Coefficient::text`] and [`Coefficient::latex`].
    fn symbols() -> Symbols {
        let [train, batch, epochs] = Self::SYMBOLS.map(String::from);
        Symbols {
            train,
            batch,
            epochs,
        }
    }

    /// Returns the value classes with their exact coefficients, which are functions of the schedule's parameters.
    fn coefficients() -> &'static [(ValueClass, Coefficient)];

    /// Returns the plan that the generated code executes.
    fn plan() -> Plan {
        Self::default().blueprint().plan.clone()
    }

    /// Computes the values of the predictor's diagrams on the samples of `derivatives`.
    ///
    /// # Errors
    /// As [`evaluate`](values::evaluate).
    fn values<T: Arithmetic>(
        derivatives: &dyn Derivatives<T>,
        options: &Options,
    ) -> Result<Values<T>, ValueError> {
        values::evaluate(&Self::default(), derivatives, options)
    }

    /// Returns the predicted series at the given parameters of the schedule, which `P::parameters` makes. The values may be those of another predictor, if they include all that this
    /// one needs.
    ///
    /// # Errors
    /// [`SeriesError::Value`] if `values` lacks a class of the predictor; [`SeriesError::Parameters`] if a coefficient is not defined at the
    /// parameters.
    fn series<T: Element>(
        values: &Values<T>,
        parameters: &ParametersOf<Self>,
    ) -> Result<Series<T>, SeriesError> {
        values.series(Self::coefficients(), parameters)
    }
}

/// An object-safe view of a [`Predictor`]: its constants as methods. Every predictor implements it.
///
/// ```
/// use diagram_runtime::predictor::{DynPredictor, Predictor};
///
/// fn names(predictors: &[&dyn DynPredictor]) -> Vec<&'static str> {
///     predictors.iter().map(|predictor| predictor.name()).collect()
/// }
/// ```
pub trait DynPredictor: Program {
    /// Returns [`Predictor::NAME`].
    fn name(&self) -> &'static str;
    /// Returns [`Predictor::MEASURE`].
    fn measure(&self) -> Option<Measure>;
    /// Returns [`Predictor::ORDER`].
    fn order(&self) -> usize;
    /// Returns [`Predictor::PARAMETERS`].
    fn parameters(&self) -> &'static [&'static str];
    /// Returns [`Predictor::TERMS`].
    fn terms(&self) -> &'static [TermDescription];
    /// Returns [`Predictor::symbols`].
    fn symbols(&self) -> Symbols;
    /// Returns [`Predictor::coefficients`].
    fn coefficients(&self) -> &'static [(ValueClass, Coefficient)];
}

impl<P: Predictor> DynPredictor for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn measure(&self) -> Option<Measure> {
        P::MEASURE
    }

    fn order(&self) -> usize {
        P::ORDER
    }

    fn parameters(&self) -> &'static [&'static str] {
        P::PARAMETERS
    }

    fn terms(&self) -> &'static [TermDescription] {
        P::TERMS
    }

    fn symbols(&self) -> Symbols {
        P::symbols()
    }

    fn coefficients(&self) -> &'static [(ValueClass, Coefficient)] {
        P::coefficients()
    }
}

/// A term of a predictor as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermDescription {
    /// The diagram in compact notation.
    pub diagram: &'static str,
    /// The exact coefficient of the diagram, in the symbols of the declaration.
    pub coefficient: &'static str,
}

/// A value class and its coefficient as constants in generated code.
#[derive(Clone, Copy, Debug)]
pub struct StaticCoefficient {
    /// The edges of the class, as pairs of nodes.
    pub edges: &'static [(usize, usize)],
    /// The index of the part of each node.
    pub parts: &'static [usize],
    /// The node with the open index if the class is that of a displacement.
    pub open: Option<usize>,
    /// The numerator of the coefficient, as a sum of monomials `N^a B^b E^c`: the exponents a, b and c, and the numerator and denominator of the
    /// factor.
    pub numerator: &'static [([i32; 3], i128, i128)],
    /// The denominator of the coefficient: the number at index j is the exponent of (N - j).
    pub denominator: &'static [u32],
}

impl StaticCoefficient {
    /// Returns the numerator and denominator of the coefficient, or `None` if it depends on N, B or E.
    ///
    /// ```
    /// use diagram_runtime::predictor::StaticCoefficient;
    ///
    /// const HALF: StaticCoefficient = StaticCoefficient {
    ///     edges: &[],
    ///     parts: &[0],
    ///     open: None,
    ///     numerator: &[([0, 0, 0], 1, 2)],
    ///     denominator: &[],
    /// };
    /// const NUMBER: Option<(i128, i128)> = HALF.number();
    /// assert_eq!(NUMBER, Some((1, 2)));
    /// ```
    pub const fn number(&self) -> Option<(i128, i128)> {
        let mut j = 0;
        while j < self.denominator.len() {
            if self.denominator[j] != 0 {
                return None;
            }
            j += 1;
        }
        match self.numerator {
            [] => Some((0, 1)),
            [([0, 0, 0], numerator, denominator)] => Some((*numerator, *denominator)),
            _ => None,
        }
    }
}

/// The plans that the macro made, as constants in generated code; see [`Blueprint::encode`]. They are decoded at their first use, and nothing is
/// planned at run time.
#[derive(Debug)]
pub struct EmittedPlan {
    encoded: [&'static [u8]; 2],
    blueprint: OnceLock<Blueprint>,
    contraction: OnceLock<ContractionPlan>,
}

impl EmittedPlan {
    /// Holds the plans with the given encodings.
    pub const fn new(blueprint: &'static [u8], contraction: &'static [u8]) -> Self {
        EmittedPlan {
            encoded: [blueprint, contraction],
            blueprint: OnceLock::new(),
            contraction: OnceLock::new(),
        }
    }

    /// Returns the blueprint: the steps, and the classes whose values they compute.
    ///
    /// # Panics
    /// If the bytes are not those that `diagrams!` emits.
    pub fn blueprint(&self) -> &Blueprint {
        self.blueprint
            .get_or_init(|| Blueprint::decode(self.encoded[0]).expect("encoded by the macro"))
    }

    /// Returns the plan that computes the same values as contractions of moments.
    ///
    /// # Panics
    /// If the bytes are not those that `diagrams!` emits.
    pub fn contraction(&self) -> &ContractionPlan {
        self.contraction
            .get_or_init(|| ContractionPlan::decode(self.encoded[1]).expect("encoded by the macro"))
    }
}

/// Converts the constants of generated code to value classes and coefficients.
///
/// # Panics
/// If the constants are not those that `diagrams!` emits.
pub fn coefficients(constants: &[StaticCoefficient]) -> Vec<(ValueClass, Coefficient)> {
    constants
        .iter()
        .map(|c| {
            let class = ValueClass::from_edges(c.parts.len(), c.edges, c.parts, c.open)
                .expect("generated from a class");
            (class, Coefficient::from_raw(c.numerator, c.denominator))
        })
        .collect()
}
