//! Declarations in the language of [`diagrams!`](crate::diagrams) that are read from text at run time.

use diagram_calculus::coefficient::{Coefficient, Parameters, Symbols};
use diagram_calculus::diagram::Diagram;
use diagram_calculus::optimizer::{Training, TrainingError};
use diagram_calculus::resummed::{Course, CourseError, ResummedDiagram};
use diagram_calculus::value_class::ValueClass;
use diagram_language::{Content, Mistakes, Model, Optimized, Resummed, SizesError};
use diagram_runtime::derivatives::Derivatives;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::networks::Network;
use diagram_runtime::optimized::{self, OptimizedSeriesError};
use diagram_runtime::resummed::{Modes, ResummedValueError, ResummedValues};
use diagram_runtime::scalar::Element;
use diagram_runtime::series::{Series, SeriesError};
use diagram_runtime::values::{self, Arithmetic, Options, ValueError, Values};

/// The predictors, networks, diagrams, sets and spacetimes that a text declares. [`parse`] makes it.
#[derive(Debug)]
pub struct Declaration {
    model: Model,
}

/// A predictor of a power series in η that is declared in text. Its plan is interpreted; its values and series are those of a compiled
/// [`Predictor`](crate::runtime::predictor::Predictor) with the same declaration.
#[derive(Clone, Debug)]
pub struct Declared<'d> {
    /// The declared name.
    pub name: String,
    /// The measure, the order, the terms and the exact coefficients.
    pub content: &'d Content,
    sizes: &'d diagram_language::Sizes,
}

/// A re-summed predictor that is declared in text. It makes the same predictions as a compiled
/// [`ResummedPredictor`](crate::runtime::resummed::ResummedPredictor) with the same declaration.
#[derive(Clone, Debug)]
pub struct DeclaredResummed<'d> {
    /// The declared name.
    pub name: String,
    /// The measure, the order, the spacetime and the terms.
    pub content: &'d Resummed,
    sizes: &'d diagram_language::Sizes,
}

/// A predictor for another optimizer, or for batches that are drawn, that is declared in text. Its values and series are those of a compiled
/// [`OptimizerPredictor`](crate::runtime::optimized::OptimizerPredictor) with the same declaration.
#[derive(Clone, Debug)]
pub struct DeclaredOptimized<'d> {
    /// The declared name.
    pub name: String,
    /// The measure, the order, the optimizer, the diagrams and the classes of their values.
    pub content: &'d Optimized,
    sizes: &'d diagram_language::Sizes,
}

/// Reads a declaration in the language of [`diagrams!`](crate::diagrams).
///
/// # Errors
/// [`Mistakes`] if the text is not a valid declaration. It lists every mistake, each with its line and column and, where there is one, a help text.
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

/// Reads a network in the language of [`diagrams!`](crate::diagrams), without the keyword and the name of an item. The text of a network, which it is displayed
/// as, is read as the same network.
///
/// # Errors
/// [`Mistakes`] if the text is not a valid network. It lists every mistake with its line and column and a help text.
///
/// ```
/// let network = diagrams::network("input(2) -> dense(8) -> tanh -> dense(1) -> binary_logistic + l2(1/1000)")?;
/// assert_eq!(network.dimension(), 3 * 8 + 9);
/// println!("{}", network.layout());
///
/// let mistakes = diagrams::network("input(2) -> dense(8) -> relu -> dense(1) -> binary_logistic").unwrap_err();
/// assert_eq!(mistakes.0[0].column, 25);
/// assert_eq!(mistakes.0[0].help, "take `softplus` or `gelu`, which are smooth");
/// # Ok::<(), diagrams::language::Mistakes>(())
/// ```
pub fn network(text: &str) -> Result<Network, Mistakes> {
    diagram_language::parse_network(text)
}

impl Declaration {
    /// All items of the declaration after checking.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The predictors of power series, in the order of their declarations.
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

    /// The predictor of a power series with this name, or `None` if there is none.
    pub fn predictor(&self, name: &str) -> Option<Declared<'_>> {
        self.predictors().find(|predictor| predictor.name == name)
    }

    /// The re-summed predictors, in the order of their declarations.
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

    /// The re-summed predictor with this name, or `None` if there is none.
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

    /// The predictors for other optimizers, in the order of their declarations.
    pub fn all_optimized(&self) -> impl Iterator<Item = DeclaredOptimized<'_>> {
        let predictors = self.model.optimized.iter();
        predictors.filter_map(|predictor| {
            Some(DeclaredOptimized {
                name: predictor.head.name.to_string(),
                content: predictor.content.as_ref()?,
                sizes: predictor.sizes.as_ref()?,
            })
        })
    }

    /// The predictor for another optimizer with this name, or `None` if there is none.
    ///
    /// ```
    /// use diagrams::prelude::*;
    /// use diagrams::runtime::landscapes::GaussianFit;
    ///
    /// let declaration = diagrams::parse(
    ///     "spacetime Heavy = sgd(train: N, batch: 1, epochs: 1, momentum: 9/10);
    ///      predictor Momentum: test_loss in Heavy = all(edges <= 3);",
    /// )?;
    /// let momentum = declaration.optimized("Momentum").expect("it was declared");
    /// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
    /// let local = PointDerivatives::new(&GaussianFit, &[0.0], &population)?;
    /// let values = momentum.values(&local, &Options::population())?;
    /// let curve = momentum.series(&values, &momentum.parameters(&[("N", 10)])?)?;
    /// assert!(curve.at(0.01).value > 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn optimized(&self, name: &str) -> Option<DeclaredOptimized<'_>> {
        self.all_optimized()
            .find(|predictor| predictor.name == name)
    }

    /// The networks with their names, in the order of their declarations.
    pub fn networks(&self) -> impl Iterator<Item = (String, &Network)> {
        let networks = self.model.networks.iter();
        networks.filter_map(|declared| {
            Some((declared.head.name.to_string(), declared.network.as_ref()?))
        })
    }

    /// The network with this name, or `None` if there is none.
    pub fn network(&self, name: &str) -> Option<&Network> {
        let mut networks = self.networks();
        networks.find_map(|(known, network)| (known == name).then_some(network))
    }
}

impl Declared<'_> {
    /// The names of the sizes that the declaration leaves open, in the order in which they are declared.
    pub fn open(&self) -> &[String] {
        &self.sizes.open
    }

    /// The sizes N, B and E at which the coefficients are evaluated, from a value for each open size by name.
    ///
    /// # Errors
    /// [`SizesError`] if an open size is given no value or two, if a size is not open, or if the sizes do not make a schedule.
    pub fn parameters(&self, sizes: &[(&str, u64)]) -> Result<Parameters, SizesError> {
        self.sizes.parameters(sizes)
    }

    /// The values of the predictor's diagrams, averaged over the samples of `derivatives` as `options` say. The scalar learning rate η is not in
    /// them.
    ///
    /// # Errors
    /// [`ValueError`] if there are too few samples, if nothing fits the budget, or if a value is not finite.
    pub fn values<T: Arithmetic>(
        &self,
        derivatives: &dyn Derivatives<T>,
        options: &Options,
    ) -> Result<Values<T>, ValueError> {
        let coefficients = self.coefficients().iter();
        let classes: Vec<ValueClass> = coefficients.map(|(class, _)| class.clone()).collect();
        values::evaluate(&Interpreted::new(&classes), derivatives, options)
    }

    /// The predicted power series in η (Theorem 1 of the paper) at these sizes. The values may be those of another predictor, if they include all
    /// that this one needs.
    ///
    /// # Errors
    /// [`SeriesError`] if a value is missing or a coefficient is not defined at the parameters.
    pub fn series<T: Element>(
        &self,
        values: &Values<T>,
        parameters: &Parameters,
    ) -> Result<Series<T>, SeriesError> {
        values.series(self.coefficients(), parameters)
    }

    /// The value classes with their exact coefficients, which are functions of the open sizes.
    pub fn coefficients(&self) -> &[(ValueClass, Coefficient)] {
        self.content.combination.values()
    }

    /// The names of N, B and E in the coefficients, as [`Coefficient::text`] and [`Coefficient::latex`] take them.
    pub fn symbols(&self) -> Symbols {
        self.content.combination.symbols()
    }
}

impl DeclaredOptimized<'_> {
    /// The names of the sizes that the declaration leaves open, in the order in which they are declared.
    pub fn open(&self) -> &[String] {
        &self.sizes.open
    }

    /// The sizes of the spacetime, from a value for each open size by name.
    ///
    /// # Errors
    /// [`SizesError`] if an open size is given no value or two, if a size is not open, or if the sizes do not make a schedule.
    pub fn parameters(&self, sizes: &[(&str, u64)]) -> Result<Parameters, SizesError> {
        self.sizes.parameters(sizes)
    }

    /// The diagrams, one for each term.
    pub fn diagrams(&self) -> Vec<Diagram> {
        let terms = self.content.diagrams.iter();
        terms.map(|term| term.diagram.clone()).collect()
    }

    /// The training run at these sizes, which has the optimizer's [kernel](Training::kernel).
    ///
    /// # Errors
    /// [`TrainingError`] if the sizes make no run, or the optimizer does not fit it.
    pub fn training(&self, parameters: &Parameters) -> Result<Training, TrainingError> {
        let training = &self.content.training;
        optimized::training(training.batches, training.rule.clone(), parameters)
    }

    /// The values of the predictor's diagrams, averaged over the samples of `derivatives` as `options` say. They do not depend on the optimizer.
    ///
    /// # Errors
    /// [`ValueError`] if there are too few samples, if nothing fits the budget, or if a value is not finite.
    pub fn values<T: Arithmetic>(
        &self,
        derivatives: &dyn Derivatives<T>,
        options: &Options,
    ) -> Result<Values<T>, ValueError> {
        values::evaluate(
            &Interpreted::new(&self.content.classes),
            derivatives,
            options,
        )
    }

    /// The predicted power series in η at these sizes. The values may be those of another predictor, if they include all that this one needs.
    ///
    /// # Errors
    /// [`OptimizedSeriesError`].
    pub fn series<T: Element>(
        &self,
        values: &Values<T>,
        parameters: &Parameters,
    ) -> Result<Series<T>, OptimizedSeriesError> {
        let training = self.training(parameters)?;
        optimized::series(values, self.content.measure, &self.diagrams(), &training)
    }
}

impl DeclaredResummed<'_> {
    /// The names of the sizes that the declaration leaves open, in the order in which they are declared.
    pub fn open(&self) -> &[String] {
        &self.sizes.open
    }

    /// The sizes N, B and E of the schedule, from a value for each open size by name.
    ///
    /// # Errors
    /// [`SizesError`] if an open size is given no value or two, if a size is not open, or if the sizes do not make a schedule.
    pub fn parameters(&self, sizes: &[(&str, u64)]) -> Result<Parameters, SizesError> {
        self.sizes.parameters(sizes)
    }

    /// The re-summed diagrams, one for each term.
    pub fn diagrams(&self) -> Vec<ResummedDiagram> {
        self.content.diagrams().cloned().collect()
    }

    /// The course of updates at these sizes, as [`ResummedValues::curve`] and [`ResummedValues::continuum`] take it.
    ///
    /// # Errors
    /// [`CourseError`] if the sizes do not make a schedule, or if the number of updates does not fit a `u64`.
    pub fn course(&self, parameters: &Parameters) -> Result<Course, CourseError> {
        Course::new(&self.content.spacetime, parameters)
    }

    /// The values of the re-summed diagrams on the samples of `derivatives`, in the given modes of the mean Hessian. η is not in them.
    ///
    /// # Errors
    /// [`ResummedValueError`] if the eigenvalues are not found, if a tensor or the Hessian is too large, or if a number is not finite.
    pub fn values(
        &self,
        derivatives: &dyn Derivatives<f64>,
        modes: Modes,
    ) -> Result<ResummedValues, ResummedValueError> {
        ResummedValues::new(&self.diagrams(), derivatives, modes)
    }
}
