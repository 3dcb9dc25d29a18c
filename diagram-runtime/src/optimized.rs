//! Predictors for other optimizers and for batches that are drawn: the same values as for SGD, with other weights.

use diagram_calculus::coefficient::{Coefficient, Parameters};
use diagram_calculus::diagram::Diagram;
use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{BatchChoice, Spread, Training, TrainingError, UpdateRule};
use diagram_calculus::value_class::ValueClass;
use num_rational::BigRational;

use crate::derivatives::Derivatives;
use crate::predictor::ParametersOf;
use crate::program::Program;
use crate::scalar::Element;
use crate::series::{Series, SeriesError};
use crate::values::{self, Arithmetic, Options, ValueError, Values};

/// A predictor that is declared with `diagrams!` in a spacetime with an optimizer or a sampling of its own, such as `sgd(train: N, batch: B, epochs: E, momentum: 9/10)`.
///
/// Its values are those of the diagrams, whatever the optimizer is. Values that one predictor computes serve any other that needs no more classes.
pub trait OptimizerPredictor: Program + Default {
    /// The name of the predictor in the source.
    const NAME: &'static str;
    /// The measure that is predicted.
    const MEASURE: Measure;
    /// The highest power of η in the series.
    const ORDER: usize;
    /// The parameters that the spacetime leaves open, by their names in the source.
    const PARAMETERS: &'static [&'static str];
    /// The diagrams in compact notation.
    const DIAGRAMS: &'static [&'static str];
    /// How batches are chosen.
    const BATCHES: BatchChoice;

    /// Returns the optimizer.
    fn rule() -> UpdateRule;

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

    /// Returns the training run at the given parameters, which `P::parameters` makes.
    ///
    /// # Errors
    /// [`TrainingError`] if a size is 0, if there are too many updates, or if the optimizer does not fit the run, such as an average of more iterates than there are.
    fn training(parameters: &ParametersOf<Self>) -> Result<Training, TrainingError> {
        training(Self::BATCHES, Self::rule(), parameters)
    }

    /// Returns the predicted series at the given parameters. The weights of the values are sums over the updates in double precision, whose relative rounding errors grow with the number T of
    /// updates as 2⁻⁵³ T. Only where the same batches come in several epochs is anything subtracted, to keep rows distinct; sums of large terms may then lose digits.
    ///
    /// # Errors
    /// [`OptimizedSeriesError`].
    fn series<T: Element>(
        values: &Values<T>,
        parameters: &ParametersOf<Self>,
    ) -> Result<Series<T>, OptimizedSeriesError> {
        let diagrams = diagrams(Self::DIAGRAMS);
        series(
            values,
            Self::MEASURE,
            &diagrams,
            &Self::training(parameters)?,
        )
    }
}

/// The reason why a series of another optimizer cannot be formed.
#[derive(Debug, thiserror::Error)]
pub enum OptimizedSeriesError {
    /// There is no such training run.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// A value is missing.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// The values come from a sample, of which the square of an estimate is biased.
    #[error(
        "a variance needs exact values: the square of an estimate is not an estimate of the square"
    )]
    Estimated,
    /// The weight of a value is larger than any number in double precision.
    #[error(
        "the weight of {class} is not finite in double precision: the run is too long for this order"
    )]
    NotFinite {
        /// The class.
        class: ValueClass,
    },
}

/// The run of a rule on batches of these sizes.
///
/// # Errors
/// [`TrainingError`] if the sizes make no run, or the rule does not fit it.
pub fn training(
    batches: BatchChoice,
    rule: UpdateRule,
    parameters: &Parameters,
) -> Result<Training, TrainingError> {
    Training::new(batches.sampling(parameters)?, rule)
}

/// The series of the part of a measure that some diagrams are, in a training run.
///
/// ```
/// use diagram_calculus::measure::{Measure, diagrams_for};
/// use diagram_calculus::optimizer::{Averaging, Sampling, Training, UpdateRule};
/// use diagram_runtime::derivatives::PointDerivatives;
/// use diagram_runtime::interpret::Interpreted;
/// use diagram_runtime::landscapes::GaussianFit;
/// use diagram_runtime::optimized;
/// use diagram_runtime::samples::Samples;
/// use diagram_runtime::values::{Options, evaluate};
///
/// let diagrams = diagrams_for(Measure::TestLoss, 3);
/// let classes: Vec<_> = diagrams.iter().map(|diagram| diagram.value_class()).collect();
/// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
/// let local = PointDerivatives::new(&GaussianFit, &[0.0], &population)?;
/// // The values are computed once …
/// let values = evaluate(&Interpreted::new(&classes), &local, &Options::population())?;
/// // … and serve every optimizer.
/// let sampling = Sampling::epochs(10, 1, 1, false)?;
/// let average = UpdateRule::sgd().averaged(Averaging::Tail(5));
/// let predict = |rule: UpdateRule| {
///     let training = Training::new(sampling.clone(), rule).expect("the rule fits");
///     optimized::series(&values, Measure::TestLoss, &diagrams, &training)
/// };
/// // At a minimum an average of iterates has less noise.
/// assert!(predict(average)?.at(0.05).value < predict(UpdateRule::sgd())?.at(0.05).value);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OptimizedSeriesError`].
pub fn series<T: Element>(
    values: &Values<T>,
    measure: Measure,
    diagrams: &[Diagram],
    training: &Training,
) -> Result<Series<T>, OptimizedSeriesError> {
    let weights = training.expand_diagrams::<f64>(measure, diagrams)?;
    let coefficients = exact(values, weights)?;
    // Nothing is open in numbers.
    let nothing_open = Parameters {
        train: 1,
        batch: 1,
        epochs: 1,
    };
    Ok(values.series(&coefficients, &nothing_open)?)
}

/// The classes whose values [`weight_variance`] needs.
///
/// # Errors
/// As [`Training::spread`].
pub fn classes_of_weight_variance(
    training: &Training,
    order: usize,
) -> Result<Vec<ValueClass>, TrainingError> {
    let Spread { squared, mean } = training.spread::<f64>(order)?;
    let all = squared.into_iter().chain(mean);
    Ok(all.map(|(class, _)| class).collect())
}

/// The trace of the covariance of the final weights over training runs, as a series in η up to `order`. It needs no matrix of covariances. The learning rate must be a scalar.
///
/// ```
/// use diagram_calculus::optimizer::{Averaging, Sampling, Training, UpdateRule};
/// use diagram_runtime::derivatives::PointDerivatives;
/// use diagram_runtime::interpret::Interpreted;
/// use diagram_runtime::landscapes::GaussianFit;
/// use diagram_runtime::optimized::{classes_of_weight_variance, weight_variance};
/// use diagram_runtime::samples::Samples;
/// use diagram_runtime::values::{Options, evaluate};
///
/// let training = Training::new(Sampling::epochs(10, 1, 1, false)?, UpdateRule::sgd())?;
/// let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
/// let local = PointDerivatives::new(&GaussianFit, &[0.0], &population)?;
/// let classes = classes_of_weight_variance(&training, 3)?;
/// let values = evaluate(&Interpreted::new(&classes), &local, &Options::population())?;
/// let variance = weight_variance(&values, &training, 3)?;
/// // To leading order η² T tr C.
/// assert!(variance.coefficients[1][0] == 0.0 && variance.coefficients[2][0] > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OptimizedSeriesError`]; [`OptimizedSeriesError::Estimated`] if values were estimated from a sample.
pub fn weight_variance<T: Element>(
    values: &Values<T>,
    training: &Training,
    order: usize,
) -> Result<Series<T>, OptimizedSeriesError> {
    let Spread { squared, mean } = training.spread::<f64>(order)?;
    let nothing_open = Parameters {
        train: 1,
        batch: 1,
        epochs: 1,
    };
    let series = |weights| -> Result<Series<T>, OptimizedSeriesError> {
        Ok(values.series(&exact(values, weights)?, &nothing_open)?)
    };
    let (squared, mean) = (series(squared)?, series(mean)?);
    if !squared.replicates.is_empty() || !mean.replicates.is_empty() {
        return Err(OptimizedSeriesError::Estimated);
    }
    let of_order = |order: usize| {
        // The edge that contracts the displacements has no step.
        let below = order
            .checked_sub(1)
            .and_then(|k| squared.coefficients.get(k));
        let mut sum = below.map_or_else(|| T::constant(0.0), |c| c[0].clone());
        for k in 1..order {
            let (a, b) = (mean.coefficients.get(k), mean.coefficients.get(order - k));
            if let (Some(a), Some(b)) = (a, b) {
                sum += T::constant(-1.0) * diagram_algebra::dot::dot(a, b);
            }
        }
        vec![sum]
    };
    Ok(Series {
        coefficients: (0..=order).map(of_order).collect(),
        replicates: vec![],
        warnings: squared.warnings.clone(),
    })
}

/// Weights as coefficients. Classes of weight 0 need no value: those that have one say how many orders and components there are.
fn exact<T>(
    values: &Values<T>,
    weights: Vec<(ValueClass, f64)>,
) -> Result<Vec<(ValueClass, Coefficient)>, OptimizedSeriesError> {
    weights
        .into_iter()
        .filter(|(class, weight)| *weight != 0.0 || values.get(class).is_ok())
        .map(|(class, weight)| match BigRational::from_float(weight) {
            Some(weight) => Ok((class, Coefficient::from(weight))),
            None => Err(OptimizedSeriesError::NotFinite { class }),
        })
        .collect()
}

/// Parses the notations in generated code.
///
/// # Panics
/// If they are not those that `diagrams!` emits.
pub fn diagrams(notations: &[&str]) -> Vec<Diagram> {
    notations
        .iter()
        .map(|notation| notation.parse().expect("generated from a diagram"))
        .collect()
}

/// A fraction in generated code.
///
/// # Panics
/// If the denominator is 0, which the macro refuses.
pub fn fraction(numerator: i128, denominator: i128) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}
