//! Predictions in the limit of many small steps.

use diagram_calculus::resummed::{Course, Generator, NoContinuum};
use nalgebra::DMatrix;
use num_traits::ToPrimitive;

use super::curve::{Along, NotFinite, ResummedPrediction};
use super::values::ResummedValues;
use crate::warning::Warning;

/// A re-summed prediction in which integrals over times and exponentials replace sums and powers. Its cost does not depend on the number T of
/// updates.
///
/// It depends on T only through ηT and the diagrams' powers of η. With only the diagrams [without non-Gaussian
/// noise](diagram_calculus::resummed::ResummedDiagram::is_gaussian) it is the expectation of the stochastic differential equation with the current
/// covariance of SGD; with only the diagrams without noise it is gradient flow.
#[derive(Debug)]
pub struct ContinuumCurve<'v> {
    values: &'v ResummedValues,
    /// The generators of the diagrams, in the order of the terms.
    generators: Vec<Generator>,
    updates: f64,
}

impl ResummedValues {
    /// Returns the prediction in the limit of many small steps; see [`Generator`](diagram_calculus::resummed::Generator).
    ///
    /// # Errors
    /// [`NoContinuum`] if the course is neither one epoch of SGD nor full-batch gradient descent.
    pub fn continuum(&self, course: &Course) -> Result<ContinuumCurve<'_>, NoContinuum> {
        ContinuumCurve::new(self, course)
    }
}

impl<'v> ContinuumCurve<'v> {
    fn new(values: &'v ResummedValues, course: &Course) -> Result<Self, NoContinuum> {
        let terms = values.terms.iter();
        let generators = terms.map(|values| Generator::new(&values.term, course));
        Ok(ContinuumCurve {
            values,
            generators: generators.collect::<Result<_, _>>()?,
            updates: course.updates() as f64,
        })
    }

    /// Returns what to know about the predictions.
    pub fn warnings(&self) -> &[Warning] {
        self.values.warnings()
    }

    /// Returns the prediction at a learning rate. If the learning rate is a matrix, `eta` multiplies it.
    ///
    /// # Errors
    /// [`NotFinite`] if the prediction is infinite or NaN.
    pub fn at(&self, eta: f64) -> Result<ResummedPrediction, NotFinite> {
        let curvatures = &self.values.basis.curvatures;
        ResummedPrediction::new(self.values, eta, |at, along| match along {
            Along::Modes(modes) => self.integral(at, eta, |edge| curvatures[modes[edge]]),
            Along::Curvature(curvature, _) => self.integral(at, eta, |_| curvature),
        })
    }

    /// Returns the integral over all embeddings of the term with index `at`. Time is measured in units of T, so that the exponential's entries depend
    /// on T only through ηT.
    fn integral(&self, at: usize, eta: f64, curvature: impl Fn(usize) -> f64) -> f64 {
        let generator = &self.generators[at];
        let size = generator.size();
        let mut matrix = DMatrix::zeros(size, size);
        for state in 0..size {
            let decay: f64 = generator
                .passing(state)
                .iter()
                .map(|&edge| curvature(edge))
                .sum();
            matrix[(state, state)] = -eta * self.updates * decay;
        }
        for (from, to, rate) in generator.rates() {
            matrix[(*from, *to)] = rate.to_f64().unwrap_or(f64::NAN);
        }
        let prefactor = generator.prefactor().to_f64().unwrap_or(f64::NAN);
        let times = self.updates.powi(generator.events() as i32);
        prefactor * times * matrix.exp()[(0, size - 1)]
    }
}
