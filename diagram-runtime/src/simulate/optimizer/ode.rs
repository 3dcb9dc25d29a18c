//! Gradient flow on the population's loss.

use ode_solvers::dop_shared::OutputType;
use ode_solvers::{DVector, Dopri5, System};

use super::Descent;
use crate::landscape::Landscape;
use crate::samples::Samples;
use crate::scalar::{Element, Lanes};
use crate::simulate::engine::Block;
use crate::simulate::{Control, Simulation};

/// Of the error that is allowed in a sub-step, the part in proportion to a weight.
const RELATIVE: f64 = 1e-10;
/// And the rest.
const ABSOLUTE: f64 = 1e-12;
/// Sub-steps, with those that are rejected.
const MOST_STEPS: u32 = 100_000;

pub(super) struct Ode {
    /// The final weights at each learning rate.
    ends: Vec<Vec<f64>>,
}

impl Ode {
    pub(super) fn new<T: Element>(simulation: &Simulation<'_, T>, control: Control<'_>) -> Self {
        let population = simulation.population.map(Element::to_f64);
        let end = |&eta: &f64| flow(simulation, &population, eta, control);
        Ode {
            ends: simulation.etas.iter().map(end).collect(),
        }
    }
}

impl<L: Landscape, T: Element, V: Lanes<Element = T>> Descent<L, T, V> for Ode {
    fn descend(&self, _: &Block<'_, L, T, V>, rate: usize) -> Option<Vec<V>> {
        Some(self.ends[rate].iter().map(|&w| V::constant(w)).collect())
    }
}

/// Where the flow ends; NaN if it cannot be followed, or is cancelled.
pub(in crate::simulate) fn flow<T: Element>(
    simulation: &Simulation<'_, T>,
    population: &Samples<f64>,
    eta: f64,
    control: Control<'_>,
) -> Vec<f64> {
    let start = DVector::from_iterator(
        simulation.theta0.len(),
        simulation.theta0.iter().map(Element::to_f64),
    );
    let nowhere = vec![f64::NAN; start.len()];
    let flow = Flow {
        simulation,
        population,
        eta,
        control,
    };
    let steps = simulation.schedule.steps() as f64;
    // The solver's usual control of the steps, but no test for stiffness: flows towards a minimum become stiff in the end, and the number of steps is
    // bounded anyway.
    let (safety, beta, least, most) = (0.9, 0.04, 0.2, 10.0);
    let mut solver = Dopri5::from_param(
        flow,
        0.0,
        steps,
        steps,
        start,
        RELATIVE,
        ABSOLUTE,
        safety,
        beta,
        least,
        most,
        steps,
        0.0,
        MOST_STEPS,
        u32::MAX,
        OutputType::Sparse,
    );
    if solver.integrate().is_err() || control.cancelled() {
        return nowhere;
    }
    match solver.y_out().last() {
        Some(end) if end.iter().all(Element::is_finite) => end.as_slice().to_vec(),
        _ => nowhere,
    }
}

struct Flow<'a, T> {
    simulation: &'a Simulation<'a, T>,
    population: &'a Samples<f64>,
    eta: f64,
    control: Control<'a>,
}

impl<T: Element> System<f64, DVector<f64>> for Flow<'_, T> {
    fn system(&self, _: f64, theta: &DVector<f64>, velocity: &mut DVector<f64>) {
        if self.control.cancelled() {
            // Weights that rest are soon at the end.
            velocity.fill(0.0);
            return;
        }
        let landscape = self.simulation.landscape;
        let mut gradient = landscape.mean_gradient(self.population, theta.as_slice());
        if let Some(rate) = landscape.learning_rate() {
            gradient = rate.raise(&gradient);
        }
        for (velocity, slope) in velocity.iter_mut().zip(gradient) {
            *velocity = -self.eta * slope;
        }
    }
}
