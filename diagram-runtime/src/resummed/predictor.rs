//! What a declared re-summed predictor offers.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::{Course, CourseError, ResummedDiagram};
use diagram_calculus::spacetime::{Batch, EpochSchedule, Grid, Parameter, Shuffle, Spacetime};

use super::{Modes, ResummedValueError, ResummedValues};
use crate::derivatives::Derivatives;

/// A predictor declared with `diagrams!` as `resummed`: values are read off a landscape once, then any course of updates gives a curve.
pub trait ResummedPredictor: Default {
    /// Its name in the source.
    const NAME: &'static str;
    /// What it predicts.
    const MEASURE: Measure;
    /// The most edges of its diagrams: up to that power of η it is Theorem 1's series.
    const ORDER: usize;
    /// The parameters that its schedule leaves open, by their names in the source.
    const PARAMETERS: &'static [&'static str];
    /// Its diagrams in compact notation.
    const DIAGRAMS: &'static [&'static str];
    /// Which points take part in which update.
    const SPACETIME: StaticSpacetime;

    /// Its diagrams.
    fn diagrams() -> &'static [ResummedDiagram];

    /// The values of its diagrams on the samples of `derivatives`.
    ///
    /// # Errors
    /// [`ResummedValueError`].
    fn values(
        derivatives: &dyn Derivatives<f64>,
        modes: Modes,
    ) -> Result<ResummedValues, ResummedValueError> {
        ResummedValues::new(Self::diagrams(), derivatives, modes)
    }

    /// The course of updates at these parameters: for [`ResummedValues::curve`] and [`ResummedValues::continuum`].
    ///
    /// # Errors
    /// [`CourseError`] if the sizes make no schedule.
    fn course(parameters: &Parameters) -> Result<Course, CourseError> {
        course(Self::SPACETIME, parameters)
    }
}

/// A spacetime as a constant in generated code; sizes of schedules come as [`Parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaticSpacetime {
    /// SGD.
    Sgd {
        /// Whether each epoch shuffles.
        shuffle: bool,
    },
    /// Full-batch gradient descent.
    Gd,
    /// Drawn rows.
    Grid(&'static [&'static str]),
}

/// A spacetime's course.
///
/// # Errors
/// [`CourseError`].
///
/// # Panics
/// If the grid is not what `diagrams!` emits.
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

/// Reads generated notations.
///
/// # Panics
/// If they are not what `diagrams!` emits.
pub fn diagrams(measure: Measure, notations: &[&str]) -> Vec<ResummedDiagram> {
    notations
        .iter()
        .map(|notation| {
            let diagram = notation.parse().expect("generated from a diagram");
            ResummedDiagram::new(measure, diagram).expect("checked when it was declared")
        })
        .collect()
}
