//! What a declared predictor offers: its metadata, its exact coefficients and its values.

use std::sync::OnceLock;

use diagram_calculus::coefficient::{Coefficient, Parameters, Symbols};
use diagram_calculus::measure::Measure;
use diagram_calculus::plan::{Blueprint, ContractionPlan, Plan};
use diagram_calculus::value_class::ValueClass;

use crate::derivatives::Derivatives;
use crate::program::Program;
use crate::scalar::Element;
use crate::series::{Series, SeriesError};
use crate::values::{self, Arithmetic, Options, ValueError, Values};

/// A predictor declared with `diagrams!`: values are read off a landscape once, then any schedule gives a learning curve.
pub trait Predictor: Program + Default {
    /// Its name in the source.
    const NAME: &'static str;
    /// What it predicts; `None` if it is a sum of different measures.
    const MEASURE: Option<Measure>;
    /// Highest power of η that it contains.
    const ORDER: usize;
    /// The parameters that its schedule leaves open, by their names in the source.
    const PARAMETERS: &'static [&'static str];
    /// One line for each diagram: how the table in its documentation was made.
    const TERMS: &'static [TermDescription];

    /// What N, B and E of the coefficients are called in the source.
    const SYMBOLS: [&'static str; 3];
    /// Value classes and their exact coefficients as constants: numbers, where the declaration leaves nothing open.
    const COEFFICIENTS: &'static [StaticCoefficient];

    /// What N, B and E of the coefficients are called in the source: for [`Coefficient::text`] and [`Coefficient::latex`].
    fn symbols() -> Symbols {
        let [train, batch, epochs] = Self::SYMBOLS.map(String::from);
        Symbols {
            train,
            batch,
            epochs,
        }
    }

    /// The exact coefficient of each value, as a function of the schedule's parameters.
    fn coefficients() -> &'static [(ValueClass, Coefficient)];

    /// The plan that the generated code executes.
    fn plan() -> Plan {
        Self::default().blueprint().plan.clone()
    }

    /// The values of the predictor's diagrams on the samples of `derivatives`.
    ///
    /// # Errors
    /// [`ValueError`].
    fn values<T: Arithmetic>(
        derivatives: &dyn Derivatives<T>,
        options: &Options,
    ) -> Result<Values<T>, ValueError> {
        values::evaluate(&Self::default(), derivatives, options)
    }

    /// The predicted series at the given parameters of the schedule.
    ///
    /// # Errors
    /// [`SeriesError`].
    fn series<T: Element>(
        values: &Values<T>,
        parameters: &Parameters,
    ) -> Result<Series<T>, SeriesError> {
        values.series(Self::coefficients(), parameters)
    }
}

/// A [`Predictor`] behind a pointer: what its constants say, as methods. Every predictor is one.
///
/// ```
/// use diagram_runtime::predictor::{DynPredictor, Predictor};
///
/// fn names(predictors: &[&dyn DynPredictor]) -> Vec<&'static str> {
///     predictors.iter().map(|predictor| predictor.name()).collect()
/// }
/// ```
pub trait DynPredictor: Program {
    /// [`Predictor::NAME`].
    fn name(&self) -> &'static str;
    /// [`Predictor::MEASURE`].
    fn measure(&self) -> Option<Measure>;
    /// [`Predictor::ORDER`].
    fn order(&self) -> usize;
    /// [`Predictor::PARAMETERS`].
    fn parameters(&self) -> &'static [&'static str];
    /// [`Predictor::TERMS`].
    fn terms(&self) -> &'static [TermDescription];
    /// [`Predictor::symbols`].
    fn symbols(&self) -> Symbols;
    /// [`Predictor::coefficients`].
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

/// A term of a predictor in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermDescription {
    /// The diagram in compact notation.
    pub diagram: &'static str,
    /// Its exact coefficient, in the declaration's symbols.
    pub coefficient: &'static str,
}

/// A class and its coefficient as constants in generated code.
#[derive(Clone, Copy, Debug)]
pub struct StaticCoefficient {
    /// Edges of the class.
    pub edges: &'static [(usize, usize)],
    /// Part of each node.
    pub parts: &'static [usize],
    /// The node with the open index, for displacements.
    pub open: Option<usize>,
    /// Monomials N^a B^b E^c of the numerator with numerator and denominator of their coefficients.
    pub numerator: &'static [([i32; 3], i128, i128)],
    /// Exponent of (N - j) in the denominator, by j.
    pub denominator: &'static [u32],
}

impl StaticCoefficient {
    /// Numerator and denominator of the coefficient, if it depends on no open size.
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

/// What the macro planned, as constants in generated code: see [`Blueprint::encode`]. It is read, not planned again, at its first use.
#[derive(Debug)]
pub struct EmittedPlan {
    encoded: [&'static [u8]; 2],
    blueprint: OnceLock<Blueprint>,
    contraction: OnceLock<ContractionPlan>,
}

impl EmittedPlan {
    /// The plan with these bytes.
    pub const fn new(blueprint: &'static [u8], contraction: &'static [u8]) -> Self {
        EmittedPlan {
            encoded: [blueprint, contraction],
            blueprint: OnceLock::new(),
            contraction: OnceLock::new(),
        }
    }

    /// The steps, and the classes whose values they compute.
    ///
    /// # Panics
    /// If the bytes are not what `diagrams!` emits.
    pub fn blueprint(&self) -> &Blueprint {
        self.blueprint
            .get_or_init(|| Blueprint::decode(self.encoded[0]).expect("encoded by the macro"))
    }

    /// The contractions of moments that are the same values.
    ///
    /// # Panics
    /// If the bytes are not what `diagrams!` emits.
    pub fn contraction(&self) -> &ContractionPlan {
        self.contraction
            .get_or_init(|| ContractionPlan::decode(self.encoded[1]).expect("encoded by the macro"))
    }
}

/// Reads generated constants.
///
/// # Panics
/// If they are not what `diagrams!` emits.
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
