//! Gradient flow on the mean loss of the population.

use ode_solvers::dop_shared::OutputType;
use ode_solvers::{DVector, Dopri5, System};

use std::cell::RefCell;

use crate::device::DeviceError;
use crate::samples::Samples;
use crate::scalar::Element;
use crate::simulate::engine::{Block, Descent, Stopped};
use crate::simulate::preconditioned_gradient::preconditioned_gradient;
use crate::simulate::{Control, Simulation};
use crate::slab::Slab;

/// The part of the tolerance of a sub-step that is proportional to a weight.
const RELATIVE: f64 = 1e-10;
/// The part of the tolerance of a sub-step that is the same for all weights.
const ABSOLUTE: f64 = 1e-12;
/// The largest number of sub-steps, those that are rejected included.
const MOST_STEPS: u32 = 100_000;

pub(super) struct Ode {
    /// The final weights at each learning rate.
    ends: Vec<Vec<f64>>,
}

impl Ode {
    pub(super) fn new<T: Element>(
        simulation: &Simulation<'_, T>,
        control: Control<'_>,
    ) -> Result<Self, Stopped> {
        let ends = flow_ends(simulation, control)?;
        Ok(Ode { ends })
    }
}

/// The weights at which gradient flow ends at each learning rate of a simulation, as [`Optimizer::Ode`](crate::simulate::Optimizer::Ode) says. They are NaN if it diverges or is cancelled.
///
/// # Errors
/// [`DeviceError`].
pub fn flow_ends<T: Element>(
    simulation: &Simulation<'_, T>,
    control: Control<'_>,
) -> Result<Vec<Vec<f64>>, DeviceError> {
    let population = simulation.population.map(Element::to_f64);
    let end = |&eta: &f64| flow(simulation, &population, eta, control);
    simulation.etas.iter().map(end).collect()
}

impl<T: Element> Descent<T> for Ode {
    fn descend(&self, trials: &Block<'_, T>, rate: usize) -> Result<Slab<T>, Stopped> {
        let end = &self.ends[rate];
        let mut theta = trials.zeros(end.len());
        let lanes = theta.len() / end.len();
        for (lanes, &weight) in theta.chunks_exact_mut(lanes).zip(end) {
            lanes.fill(T::constant(weight));
        }
        Ok(theta)
    }
}

/// Returns the weights at the end of the flow. They are NaN if the flow diverges, takes too many sub-steps or is cancelled.
fn flow<T: Element>(
    simulation: &Simulation<'_, T>,
    population: &Samples<f64>,
    eta: f64,
    control: Control<'_>,
) -> Result<Vec<f64>, DeviceError> {
    let start = DVector::from_iterator(
        simulation.theta0.len(),
        simulation.theta0.iter().map(Element::to_f64),
    );
    let nowhere = vec![f64::NAN; start.len()];
    let failed = RefCell::new(None);
    let flow = Flow {
        simulation,
        population,
        eta,
        control,
        failed: &failed,
    };
    let steps = simulation.schedule.steps() as f64;
    // The parameters of the step control are the usual ones of the solver. The test for stiffness is disabled, because flows become stiff near a
    // minimum, and the number of sub-steps is bounded anyway.
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
    let ended = solver.integrate().is_ok() && !control.cancelled();
    if let Some(error) = failed.take() {
        return Err(error);
    }
    Ok(match solver.y_out().last() {
        Some(end) if ended && end.iter().all(Element::is_finite) => end.as_slice().to_vec(),
        _ => nowhere,
    })
}

/// The differential equation of the flow.
struct Flow<'a, T> {
    simulation: &'a Simulation<'a, T>,
    population: &'a Samples<f64>,
    eta: f64,
    control: Control<'a>,
    /// The first failure of the device. It is kept here because the solver's interface cannot return it.
    failed: &'a RefCell<Option<DeviceError>>,
}

impl<T: Element> System<f64, DVector<f64>> for Flow<'_, T> {
    fn system(&self, _: f64, theta: &DVector<f64>, derivative: &mut DVector<f64>) {
        // If the derivative cannot be computed, it is 0, with which the solver reaches the end in few sub-steps.
        derivative.fill(0.0);
        if self.control.cancelled() || self.failed.borrow().is_some() {
            return;
        }
        match preconditioned_gradient(self.simulation.landscape, self.population, theta.as_slice())
        {
            Ok(velocity) => {
                for (derivative, slope) in derivative.iter_mut().zip(velocity) {
                    *derivative = -self.eta * slope;
                }
            }
            Err(error) => {
                self.failed.replace(Some(error));
            }
        }
    }
}
