//! The interface of declared re-summed predictors.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::{Course, CourseError, ResummedDiagram};
use diagram_calculus::spacetime::{Batch, EpochSchedule, Grid, Parameter, Shuffle, Spacetime};

use super::{Modes, ResummedValueError, ResummedValues};
use crate::derivatives::Derivatives;
use crate::predictor::ParametersOf;

/// A predictor that is declared with `diagrams!` as `resummed`. Its values are computed from a landscape once, and then give a curve for any course
/// of updates.
pub trait ResummedPredictor: Default {
    /// The name of the predictor in the source.
    const NAME: &'static str;
    /// The measure that is predicted.
    const MEASURE: Measure;
    /// The largest number of edges of the diagrams. Up to this power of η the prediction agrees with the series of Theorem 1.
    const ORDER: usize;
    /// The parameters that the schedule leaves open, by their names in the source.
    const PARAMETERS: &'static [&'static str];
    /// The diagrams in compact notation.
    const DIAGRAMS: &'static [&'static str];
    /// The spacetime: the training points that take part in each update.
    const SPACETIME: StaticSpacetime;

    /// Returns the diagrams.
    fn diagrams() -> &'static [ResummedDiagram];

    /// Computes the values of the diagrams on the samples of `derivatives`.
    ///
    /// # Errors
    /// As [`ResummedValues::new`].
    fn values(
        derivatives: &dyn Derivatives<f64>,
        modes: Modes,
    ) -> Result<ResummedValues, ResummedValueError> {
        ResummedValues::new(Self::diagrams(), derivatives, modes)
    }

    /// Returns the course of updates at the given parameters, which `P::parameters` makes, for [`ResummedValues::curve`] and [`ResummedValues::continuum`].
    ///
    /// # Errors
    /// [`CourseError`] if the parameters do not make a schedule.
    fn course(parameters: &ParametersOf<Self>) -> Result<Course, CourseError> {
        course(Self::SPACETIME, parameters)
    }
}

/// A spacetime as a constant in generated code. The sizes of schedules are given as [`Parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaticSpacetime {
    /// Stochastic gradient descent.
    Sgd {
        /// Whether the training points are shuffled before each epoch.
        shuffle: bool,
    },
    /// Full-batch gradient descent.
    Gd,
    /// A grid of cells, given as the text of its rows.
    Grid(&'static [&'static str]),
}

/// Returns the course of updates of a spacetime.
///
/// # Errors
/// [`CourseError`] if the parameters do not make a schedule.
///
/// # Panics
/// If a grid is not one that `diagrams!` emits.
pub fn course(spacetime: StaticSpacetime, parameters: &Parameters) -> Result<Course, CourseError> {
    let open = || Parameter::Symbol(String::new());
    let schedule = |batch, shuffle| {
        Spacetime::Schedule(EpochSchedule {
            train: open(),
            batch,
            epochs: open(),
            shuffle,
        })
    };
    let spacetime = match spacetime {
        StaticSpacetime::Sgd { shuffle: true } => schedule(Batch::Of(open()), Shuffle::EachEpoch),
        StaticSpacetime::Sgd { shuffle: false } => schedule(Batch::Of(open()), Shuffle::Never),
        StaticSpacetime::Gd => schedule(Batch::Full, Shuffle::Never),
        StaticSpacetime::Grid(rows) => {
            Spacetime::Grid(Grid::from_rows(rows).expect("generated from a grid"))
        }
    };
    Course::new(&spacetime, parameters)
}

/// Parses the notations in generated code.
///
/// # Panics
/// If they are not those that `diagrams!` emits.
pub fn diagrams(measure: Measure, notations: &[&str]) -> Vec<ResummedDiagram> {
    notations
        .iter()
        .map(|notation| {
            let diagram = notation.parse().expect("generated from a diagram");
            ResummedDiagram::new(measure, diagram).expect("checked when it was declared")
        })
        .collect()
}
