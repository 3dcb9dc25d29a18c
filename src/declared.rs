//! Declarations as text, at run time.

use diagram_calculus::coefficient::{Coefficient, Parameters, Symbols};
use diagram_calculus::resummed::{Course, CourseError, ResummedDiagram};
use diagram_calculus::value_class::ValueClass;
use diagram_language::{Content, Mistakes, Model, Resummed, SizesError};
use diagram_runtime::derivatives::Derivatives;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::resummed::{Modes, ResummedValueError, ResummedValues};
use diagram_runtime::scalar::Element;
use diagram_runtime::series::{Series, SeriesError};
use diagram_runtime::values::{self, Arithmetic, Options, ValueError, Values};

/// What a text declares.
#[derive(Debug)]
pub struct Declaration {
    model: Model,
}

/// A predictor declared in text: the same values and series as a compiled one, by an interpreted plan.
#[derive(Clone, Debug)]
pub struct Declared<'d> {
    /// Its name.
    pub name: String,
    /// Its terms, order and exact coefficients.
    pub content: &'d Content,
    sizes: &'d diagram_language::Sizes,
}

/// A re-summed predictor declared in text: the same predictions as a compiled one.
#[derive(Clone, Debug)]
pub struct DeclaredResummed<'d> {
    /// Its name.
    pub name: String,
    /// Its terms, its order and its spacetime.
    pub content: &'d Resummed,
    sizes: &'d diagram_language::Sizes,
}

/// Reads a declaration in the language of [`diagrams!`](crate::diagrams).
///
/// # Errors
/// [`Mistakes`]: all that is wrong, each with line, column and help.
///
/// ```
/// use diagrams::prelude::*;
/// use diagrams::runtime::landscapes::GaussianFit;
///
/// let declaration = diagrams::parse(
///     "spacetime One = sgd(train: N, batch: 1, epochs: 1);
///      predictor Vanilla: test_loss in One = all(edges <= 3) where ties >= 1;",
/// )?;
/// let vanilla = declaration.predictor("Vanilla").expect("it was declared");
/// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
/// let local = PointDerivatives::new(&GaussianFit, &[0.0], &population)?;
/// let values = vanilla.values(&local, &Options::population())?;
/// let curve = vanilla.series(&values, &vanilla.parameters(&[("N", 10)])?)?;
/// assert!(curve.at(0.1).value > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(text: &str) -> Result<Declaration, Mistakes> {
    diagram_language::parse_text(text).map(|model| Declaration { model })
}

impl Declaration {
    /// Everything that was declared.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The power series, in the order of declaration.
    pub fn predictors(&self) -> impl Iterator<Item = Declared<'_>> {
        let predictors = self.model.predictors.iter();
        predictors.filter_map(|predictor| {
            Some(Declared {
                name: predictor.head.name.to_string(),
                content: predictor.content.as_ref()?,
                sizes: predictor.sizes.as_ref()?,
            })
        })
    }

    /// The power series of that name.
    pub fn predictor(&self, name: &str) -> Option<Declared<'_>> {
        self.predictors().find(|predictor| predictor.name == name)
    }

    /// The re-summed predictors, in the order of declaration.
    pub fn all_resummed(&self) -> impl Iterator<Item = DeclaredResummed<'_>> {
        let predictors = self.model.resummed.iter();
        predictors.filter_map(|predictor| {
            Some(DeclaredResummed {
                name: predictor.head.name.to_string(),
                content: predictor.content.as_ref()?,
                sizes: predictor.sizes.as_ref()?,
            })
        })
    }

    /// The re-summed predictor of that name.
    ///
    /// ```
    /// use diagrams::prelude::*;
    /// use diagrams::runtime::landscapes::GaussianFit;
    ///
    /// let declaration = diagrams::parse(
    ///     "spacetime One = sgd(train: N, batch: 1, epochs: 1);
    ///      predictor Near: test_loss in One = resummed all(edges <= 3);",
    /// )?;
    /// let near = declaration.resummed("Near").expect("it was declared");
    /// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
    /// let local = PointDerivatives::new(&GaussianFit, &[0.0], &population)?;
    /// let values = near.values(&local, Modes::All)?;
    /// let million = near.course(&near.parameters(&[("N", 1_000_000)])?)?;
    /// assert!(values.curve(&million).at(0.01)?.excess() > 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resummed(&self, name: &str) -> Option<DeclaredResummed<'_>> {
        self.all_resummed().find(|predictor| predictor.name == name)
    }
}

impl Declared<'_> {
    /// Names of the open sizes, in the order of the declaration.
    pub fn open(&self) -> &[String] {
        &self.sizes.open
    }

    /// The parameters of the coefficients at values of the open sizes, by name.
    ///
    /// # Errors
    /// [`SizesError`] if a size has no value, is not open, or no schedule has these sizes.
    pub fn parameters(&self, sizes: &[(&str, u64)]) -> Result<Parameters, SizesError> {
        self.sizes.parameters(sizes)
    }

    /// The values on the samples of `derivatives`.
    ///
    /// # Errors
    /// [`ValueError`].
    pub fn values<T: Arithmetic>(
        &self,
        derivatives: &dyn Derivatives<T>,
        options: &Options,
    ) -> Result<Values<T>, ValueError> {
        let coefficients = self.coefficients().iter();
        let classes: Vec<ValueClass> = coefficients.map(|(class, _)| class.clone()).collect();
        values::evaluate(&Interpreted::new(&classes), derivatives, options)
    }

    /// The predicted series. (Values of another predictor serve as well if they include this one's.)
    ///
    /// # Errors
    /// [`SeriesError`].
    pub fn series<T: Element>(
        &self,
        values: &Values<T>,
        parameters: &Parameters,
    ) -> Result<Series<T>, SeriesError> {
        values.series(self.coefficients(), parameters)
    }

    /// The exact coefficient of each value, as a function of the open sizes.
    pub fn coefficients(&self) -> &[(ValueClass, Coefficient)] {
        self.content.combination.values()
    }

    /// What N, B and E of the coefficients are called: for [`Coefficient::text`] and [`Coefficient::latex`].
    pub fn symbols(&self) -> Symbols {
        self.content.combination.symbols()
    }
}

impl DeclaredResummed<'_> {
    /// Names of the open sizes, in the order of the declaration.
    pub fn open(&self) -> &[String] {
        &self.sizes.open
    }

    /// The sizes of the schedule at values of the open ones, by name.
    ///
    /// # Errors
    /// [`SizesError`] if a size has no value, is not open, or no schedule has these sizes.
    pub fn parameters(&self, sizes: &[(&str, u64)]) -> Result<Parameters, SizesError> {
        self.sizes.parameters(sizes)
    }

    /// Its diagrams.
    pub fn diagrams(&self) -> Vec<ResummedDiagram> {
        self.content.diagrams().cloned().collect()
    }

    /// The course of updates at these parameters: for [`ResummedValues::curve`] and [`ResummedValues::continuum`].
    ///
    /// # Errors
    /// [`CourseError`] if there are more updates than can be counted.
    pub fn course(&self, parameters: &Parameters) -> Result<Course, CourseError> {
        Course::new(&self.content.spacetime, parameters)
    }

    /// The values of its diagrams on the samples of `derivatives`.
    ///
    /// # Errors
    /// [`ResummedValueError`].
    pub fn values(
        &self,
        derivatives: &dyn Derivatives<f64>,
        modes: Modes,
    ) -> Result<ResummedValues, ResummedValueError> {
        ResummedValues::new(&self.diagrams(), derivatives, modes)
    }
}
