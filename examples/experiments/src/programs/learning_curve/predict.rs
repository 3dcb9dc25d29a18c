//! The prediction: values of diagrams, and the power series in η that they give.

use std::time::Instant;

use diagram_experiments::forecast;
use diagrams::calculus::ValueClass;
use diagrams::calculus::coefficient::{Coefficient, Symbols};
use diagrams::calculus::measure::Measure;
use diagrams::runtime::derivatives::{COST_PARAMETERS, Derivatives, gradient_sum};
use diagrams::runtime::scalar::Element;
use diagrams::runtime::series::{Pade, Prediction, Series};
use diagrams::runtime::values::{Arithmetic, Strategy, Values};

use super::setup::Setup;

/// A predicted power series with its values.
pub(crate) struct Predicted {
    /// The values with their coefficients, by order.
    pub(crate) rows: Vec<Row>,
    /// The power series in η, with one component.
    pub(crate) series: Series<f64>,
    /// The Padé approximant of the series with a numerator of degree 0, from order 2 on, if there is one.
    pub(crate) pade: Option<Pade>,
    /// The wall time of the values in seconds.
    pub(crate) seconds: f64,
}

/// A value with its coefficient.
pub(crate) struct Row {
    /// The diagram of the value in compact notation.
    pub(crate) diagram: String,
    /// The power of η.
    pub(crate) order: usize,
    /// The coefficient as a function of N, B and E.
    pub(crate) formula: String,
    /// The coefficient at the sizes of the schedule.
    pub(crate) coefficient: f64,
    /// The value; for the displacement, its component along the probe.
    pub(crate) value: Prediction,
}

/// The work of the values without a budget, in evaluations of the loss of one datapoint.
pub(crate) fn evaluations(setup: &Setup) -> f64 {
    let blueprint = setup.terms.program.blueprint();
    let demand = blueprint.plan.demand(0..blueprint.requested);
    let (samples, dimension) = (setup.population.len(), setup.theta0.len());
    let cost = blueprint
        .plan
        .cost(&demand, samples, dimension, &COST_PARAMETERS);
    cost.sample_evaluations
}

impl Predicted {
    /// Computes the values and the series at the weights and on the data of `derivatives`. For the displacement, `probe` is the direction.
    pub(crate) fn new<T: Arithmetic>(
        setup: &Setup,
        derivatives: &dyn Derivatives<T>,
        probe: Option<&[T]>,
    ) -> Result<Self, String> {
        let program = &*setup.terms.program;
        let strategy = Strategy::choose(program, derivatives, &setup.values);
        let strategy = strategy.map_err(|e| e.to_string())?;
        let forecast = forecast::of_values(&strategy, program, derivatives);
        if let Some(forecast) = forecast.map_err(|e| e.to_string())? {
            forecast::announce(forecast.total());
        }
        let start = Instant::now();
        let values = strategy
            .evaluate(program, derivatives, setup.values.seed)
            .map_err(|e| e.to_string())?;
        let seconds = start.elapsed().as_secs_f64();
        let rows = setup.terms.coefficients.iter().map(|(class, coefficient)| {
            let alone = [(class.clone(), Coefficient::one())];
            Ok(Row {
                diagram: class.to_string(),
                order: class.order(),
                formula: if setup.terms.summed {
                    "sum over updates".into()
                } else {
                    coefficient.text(&Symbols::default())
                },
                coefficient: coefficient
                    .evaluate_f64(&setup.parameters)
                    .map_err(|e| e.to_string())?,
                // The series that consists of one value with the coefficient 1 is the value itself at η = 1.
                value: series(&values, &alone, setup, probe)?.at(1.0),
            })
        });
        let rows = rows.collect::<Result<_, String>>()?;
        let series = series(&values, &setup.terms.coefficients, setup, probe)?;
        let degree = setup.order.saturating_sub(1);
        Ok(Predicted {
            rows,
            pade: series.pade(0, degree).ok().filter(|_| degree > 0),
            series,
            seconds,
        })
    }

    /// The prediction of an order, which is the series without higher powers, at a learning rate η.
    pub(crate) fn at(&self, order: usize, eta: f64) -> Prediction {
        self.series.truncate(order).at(eta)
    }

    /// The ηT up to which the prediction of an order is to be trusted; `None` if nothing says it, as of order 1.
    pub(crate) fn trustworthy_up_to(&self, order: usize, setup: &Setup) -> Option<f64> {
        let eta = self.series.truncate(order).trustworthy_up_to()?;
        Some(eta * setup.total_step)
    }
}

/// The series with these coefficients, for the displacement along the probe.
fn series<T: Element>(
    values: &Values<T>,
    coefficients: &[(ValueClass, Coefficient)],
    setup: &Setup,
    probe: Option<&[T]>,
) -> Result<Series<f64>, String> {
    let series = values
        .series(coefficients, &setup.parameters)
        .map_err(|e| e.to_string())?;
    let series = match probe {
        Some(probe) => series.along(probe),
        None => series,
    };
    let coefficients = series.coefficients.iter();
    Ok(Series {
        coefficients: coefficients
            .map(|components| components.iter().map(Element::to_f64).collect())
            .collect(),
        replicates: series.replicates,
        warnings: series.warnings,
    })
}

/// The direction along which the displacement is predicted and measured: the unit vector of the negative initial gradient of the test loss. `None`
/// for other measures.
pub(crate) fn probe<T: Element>(
    measure: Measure,
    derivatives: &dyn Derivatives<T>,
) -> Result<Option<Vec<T>>, String> {
    if measure != Measure::Displacement {
        return Ok(None);
    }
    let gradient = gradient_sum(derivatives, 0..derivatives.samples());
    let gradient = gradient.map_err(|error| error.to_string())?;
    let gradient: Vec<f64> = gradient.iter().map(Element::to_f64).collect();
    let length = gradient
        .iter()
        .map(|slope| slope * slope)
        .sum::<f64>()
        .sqrt();
    if !(length.is_finite() && length > 0.0) {
        return Err(format!(
            "the initial gradient has length {length}: it gives no direction to measure the displacement along"
        ));
    }
    Ok(Some(
        gradient
            .iter()
            .map(|slope| T::constant(-slope / length))
            .collect(),
    ))
}
