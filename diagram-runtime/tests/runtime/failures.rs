//! A device that fails: whatever is computed on it says so, whichever call fails, and works once the device does.

use std::fmt::Debug;
use std::ops::{Deref, Range};
use std::sync::atomic::{AtomicUsize, Ordering};

use diagram_calculus::enumerate;
use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::resummed_for;
use diagram_runtime::criteria::{CovarianceOf, CriteriaError, Curvature};
use diagram_runtime::derivatives::{
    Derivatives, ExplicitTensors, Pass, PointDerivatives, TensorError,
};
use diagram_runtime::device::DeviceError;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscape::initialization;
use diagram_runtime::landscapes::Polynomial;
use diagram_runtime::resummed::{Modes, ResummedValues};
use diagram_runtime::samples::Samples;
use diagram_runtime::simulate::{
    Optimizer, Points, Schedule, Shuffle, Simulation, SimulationError, Simulator, TestPoints,
    TestSet, noiseless_path,
};
use diagram_runtime::slab::Slab;
use diagram_runtime::values::{Method, Options, Strategy, evaluate};

fn failure() -> DeviceError {
    DeviceError::OutOfMemory { needed: 2, free: 1 }
}

/// Counts calls, of which one fails, the first of which is 0.
struct Device {
    calls: AtomicUsize,
    fails: usize,
}

impl Device {
    fn that_fails_at(fails: usize) -> Self {
        Device {
            calls: AtomicUsize::new(0),
            fails,
        }
    }

    fn call(&self) -> Result<(), DeviceError> {
        if self.calls.fetch_add(1, Ordering::Relaxed) == self.fails {
            Err(failure())
        } else {
            Ok(())
        }
    }

    fn has_failed(&self) -> bool {
        self.calls.load(Ordering::Relaxed) > self.fails
    }
}

/// Derivatives or a simulator on a device.
struct On<'a, R> {
    device: &'a Device,
    computes: R,
}

impl<R: Deref<Target: Derivatives<f64>> + Sync> Derivatives<f64> for On<'_, R> {
    fn samples(&self) -> usize {
        self.computes.samples()
    }

    fn dimension(&self) -> usize {
        self.computes.dimension()
    }

    // Methods are chosen by it.
    fn gradient_flops(&self) -> Option<f64> {
        self.computes.gradient_flops()
    }

    fn losses(&self, samples: Range<usize>, out: &mut [f64]) -> Result<(), DeviceError> {
        self.device.call()?;
        self.computes.losses(samples, out)
    }

    fn passes(&self, samples: Range<usize>, passes: Vec<Pass<'_, f64>>) -> Result<(), DeviceError> {
        self.device.call()?;
        self.computes.passes(samples, passes)
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<f64> + '_> {
        Box::new(On {
            device: self.device,
            computes: self.computes.select(indices),
        })
    }
}

impl Simulator<f64> for On<'_, &dyn Simulator<f64>> {
    fn sizes(&self) -> (usize, usize) {
        self.computes.sizes()
    }

    fn losses(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Points<'_>,
        losses: &mut [f64],
    ) -> Result<(), DeviceError> {
        self.device.call()?;
        self.computes.losses(theta, population, points, losses)
    }

    fn pack(&self, population: &Samples<f64>) -> Slab<f64> {
        self.computes.pack(population)
    }

    fn test_losses(
        &self,
        theta: &[f64],
        points: TestSet<'_, f64>,
        losses: &mut [f64],
    ) -> Result<(), DeviceError> {
        self.device.call()?;
        self.computes.test_losses(theta, points, losses)
    }

    fn add_gradients(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Points<'_>,
        weights: &[f64],
        total: &mut [f64],
    ) -> Result<(), DeviceError> {
        self.device.call()?;
        self.computes
            .add_gradients(theta, population, points, weights, total)
    }

    fn add_hessian_products(
        &self,
        theta: &[f64],
        direction: &[f64],
        population: &Samples<f64>,
        points: Points<'_>,
        weights: &[f64],
        total: &mut [f64],
    ) -> Result<(), DeviceError> {
        self.device.call()?;
        self.computes
            .add_hessian_products(theta, direction, population, points, weights, total)
    }

    fn descend(
        &self,
        theta: &mut [f64],
        population: &Samples<f64>,
        points: Points<'_>,
        step: &f64,
    ) -> Result<(), DeviceError> {
        self.device.call()?;
        self.computes.descend(theta, population, points, step)
    }

    fn sum_gradients(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Range<usize>,
    ) -> Result<Vec<f64>, DeviceError> {
        self.device.call()?;
        self.computes.sum_gradients(theta, population, points)
    }
}

/// Runs a computation on a device that fails at its first call, then at its second, and so on until none is left to fail: the error is that of the
/// device, and without one the result is that of `expected`. Of more calls than `most`, only some are made to fail.
fn check<R: PartialEq + Debug, E: std::error::Error>(
    what: &str,
    expected: &R,
    on: impl Fn(&Device) -> Result<R, E>,
) {
    let never = Device::that_fails_at(usize::MAX);
    assert_eq!(&on(&never).expect("nothing fails"), expected, "{what}");
    let calls = never.calls.into_inner();
    assert!(calls > 0, "{what}: the device was not used");
    let step = calls.div_ceil(MOST);
    for fails in (0..calls).step_by(step).chain([calls - 1]) {
        let device = Device::that_fails_at(fails);
        let result = on(&device);
        assert!(device.has_failed(), "{what}: fewer than {fails} calls");
        let error = result.expect_err("the device failed");
        assert_eq!(
            error.to_string(),
            failure().to_string(),
            "{what}: call {fails} of {calls}"
        );
    }
    let result = on(&Device::that_fails_at(calls)).expect("none is left to fail");
    assert_eq!(&result, expected, "{what}: after {calls} calls");
}

/// Calls that are made to fail, one at a time.
const MOST: usize = 40;

fn polynomial() -> Polynomial {
    let monomials = [[1, 0], [2, 0], [1, 1], [0, 2], [2, 1]];
    Polynomial::new(2, monomials.map(Vec::from).to_vec()).expect("two exponents each")
}

/// Coefficients with the curvatures of a bowl.
fn datapoints(count: usize) -> Samples<f64> {
    let mut numbers = initialization(5 * count, 21);
    for coefficients in numbers.chunks_exact_mut(5) {
        coefficients[1] += 1.0;
        coefficients[3] += 1.0;
    }
    Samples::new(5, numbers).expect("whole rows")
}

const THETA: [f64; 2] = [0.5, -0.3];

#[test]
fn simulations_end_with_the_error_of_the_device() {
    let (landscape, population) = (polynomial(), datapoints(70));
    let shuffled = |batch| Schedule::new(6, batch, 2, Shuffle::EachEpoch).expect("it divides");
    let all = Schedule::gradient_descent(6, 2).expect("a schedule");
    let cases = [
        (Optimizer::Sgd, shuffled(1), TestPoints::All),
        (Optimizer::Sgd, shuffled(2), TestPoints::Subset(2)),
        (Optimizer::Gdc, all, TestPoints::Subset(20)),
        (
            Optimizer::Sde { substeps: 2 },
            shuffled(3),
            TestPoints::Subset(11),
        ),
        (Optimizer::Ode, all, TestPoints::All),
    ];
    let plain = &landscape as &dyn Simulator<f64>;
    for (optimizer, schedule, test_points) in cases {
        let on = |landscape: &dyn Simulator<f64>, summarized: bool| {
            let simulation = Simulation {
                landscape,
                theta0: &THETA,
                population: &population,
                optimizer: optimizer.clone(),
                schedule,
                etas: vec![0.02, 0.1],
                trials: 19,
                seed: 7,
                probe: Some(&THETA),
                test_points,
                train_loss: true,
            };
            if summarized {
                let summary = simulation.summarize()?;
                Ok((None, Some(summary)))
            } else {
                Ok((Some(simulation.run()?), None))
            }
        };
        for summarized in [false, true] {
            let what = format!("{optimizer}, {test_points:?}, summarized: {summarized}");
            let expected = on(plain, summarized).expect("it fits");
            check(&what, &expected, |device| {
                let failing = On {
                    device,
                    computes: plain,
                };
                let result: Result<_, SimulationError> = on(&failing, summarized);
                if let Err(error) = &result {
                    assert_eq!(*error, SimulationError::Device(failure()));
                }
                result
            });
        }
    }
}

#[test]
fn noiseless_paths_end_with_the_error_of_the_device() {
    // More points than one thread adds up.
    let (landscape, population) = (polynomial(), datapoints(300));
    let plain = &landscape as &dyn Simulator<f64>;
    let path =
        |landscape: &dyn Simulator<f64>| noiseless_path(landscape, &THETA, &population, 0.05, 4);
    check("a path", &path(plain).expect("it fits"), |device| {
        path(&On {
            device,
            computes: plain,
        })
    });
}

/// Runs a check on derivatives at [`THETA`].
fn check_derivatives<R: PartialEq + Debug, E: std::error::Error>(
    what: &str,
    of: impl Fn(&dyn Derivatives<f64>) -> Result<R, E>,
) {
    let (landscape, samples) = (polynomial(), datapoints(70));
    let local = PointDerivatives::new(&landscape, &THETA, &samples).expect("they fit");
    let plain = &local as &dyn Derivatives<f64>;
    check(what, &of(plain).expect("nothing fails"), |device| {
        of(&On {
            device,
            computes: plain,
        })
    });
}

#[test]
fn values_end_with_the_error_of_the_device() {
    let mut classes: Vec<_> = (0..=3)
        .flat_map(enumerate::diagrams)
        .map(|diagram| diagram.value_class())
        .collect();
    classes.sort();
    classes.dedup();
    let program = Interpreted::new(&classes);
    for method in [Method::Passes, Method::Tensors] {
        let whole = Options::population().by(method);
        check_derivatives(&format!("a population, {method:?}"), |derivatives| {
            evaluate(&program, derivatives, &whole).map(|values| values.entries)
        });
        check_derivatives(&format!("a sample, {method:?}"), |derivatives| {
            let options = Options::sample(3).by(method);
            evaluate(&program, derivatives, &options).map(|values| values.entries)
        });
    }
    // Nine tenths of the work of passes: what is costly is estimated.
    let whole = Options::population().by(Method::Passes);
    check_derivatives("a budget", |derivatives| {
        let all = Strategy::choose(&program, derivatives, &whole)?;
        let options = whole.with_budget(0.9 * all.sample_evaluations, 5);
        evaluate(&program, derivatives, &options).map(|values| values.entries)
    });
}

#[test]
fn tensors_end_with_the_error_of_the_device() {
    check_derivatives("tensors", |derivatives| -> Result<_, TensorError> {
        let tensors = ExplicitTensors::new(derivatives, 3, usize::MAX)?;
        Ok((tensors.samples(), tensors.dimension()))
    });
}

#[test]
fn criteria_end_with_the_error_of_the_device() {
    for covariance_of in [CovarianceOf::Population, CovarianceOf::Sample] {
        // A function, so that a curvature may borrow from derivatives of any lifetime.
        fn at(
            derivatives: &dyn Derivatives<f64>,
            of: CovarianceOf,
        ) -> Result<Curvature<'_>, CriteriaError> {
            Curvature::new(derivatives, of)
        }
        check_derivatives("eigenvalues", |derivatives| {
            Ok::<_, CriteriaError>(at(derivatives, covariance_of)?.eigenvalues().to_vec())
        });
        check_derivatives("a velocity", |derivatives| {
            at(derivatives, covariance_of)?.velocity(0.1, 10)
        });
        check_derivatives("a skew", |derivatives| {
            at(derivatives, covariance_of)?.skew(0.1, 10)
        });
        check_derivatives("a difference", |derivatives| {
            at(derivatives, covariance_of)?.descent_minus_sgd(4, 2, 0.1)
        });
        check_derivatives("a gradient of TIC", |derivatives| {
            at(derivatives, covariance_of)?.tic_gradient(10)
        });
        check_derivatives("a gradient of STIC", |derivatives| {
            at(derivatives, covariance_of)?.stic_gradient(10, 2.0)
        });
        check_derivatives("a response", |derivatives| {
            at(derivatives, covariance_of)?
                .with_hyperparameters(&[1])?
                .response(2.0)
        });
    }
}

#[test]
fn resummed_values_end_with_the_error_of_the_device() {
    let course = crate::resummed::course(4, 1, 1);
    for modes in [Modes::All, Modes::Leading { count: 1, seed: 3 }] {
        for measure in [Measure::TestLoss, Measure::Displacement] {
            check_derivatives(&format!("{measure:?}, {modes:?}"), |derivatives| {
                let values = ResummedValues::new(&resummed_for(measure, 2), derivatives, modes)?;
                let predicted = values.curve(&course).at(0.1).expect("finite");
                let excess = predicted.excess_vector().to_vec();
                Ok::<_, diagram_runtime::resummed::ResummedValueError>(excess)
            });
        }
    }
}
