//! What a declared predictor offers: its metadata, its exact coefficients and its values.

use diagram_calculus::coefficient::{Coefficient, Parameters, Symbols};
use diagram_calculus::measure::Measure;
use diagram_calculus::plan::{Blueprint, Plan};
use diagram_calculus::value_class::ValueClass;

use crate::derivatives::Derivatives;
use crate::program::Program;
use crate::scalar::Element;
use crate::series::{Series, SeriesError};
use crate::values::{self, Options, ValueError, Values};

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
    fn values<T: Element, D: Derivatives<T> + ?Sized>(
        derivatives: &D,
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

/// The blueprint of generated coefficients.
pub fn blueprint(coefficients: &[(ValueClass, Coefficient)]) -> Blueprint {
    let classes: Vec<ValueClass> = coefficients
        .iter()
        .map(|(class, _)| class.clone())
        .collect();
    Blueprint::new(&classes)
}
