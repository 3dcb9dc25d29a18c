//! The memory of plans: what they are said to need is enough, and not far more than what they take.
//!
//! What is needed is the largest sum of what is on a device at once, but for some things that are counted together and follow each other: lists of rows and the scratch memory of a pass, and the
//! sums of what it gives; and what is computed for several streams. None of these is more than the vectors of a pass, so that at least half of it is taken.

use diagram_cuda::{Device, DeviceError};
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::program::Program;

use crate::problems::{Problem, all, many, small_network};
use crate::{Test, emulation, plans};

pub(crate) const TESTS: [Test; 1] = [("plans_take_the_memory_that_they_say", as_said)];

/// The part of what is needed that every plan takes.
const LEAST: f64 = 0.5;

/// Executes all steps of a plan within a limit of memory.
fn execute(problem: &Problem, program: &Interpreted, limit: u64) -> Result<(), DeviceError> {
    let device = Device::cuda_all()
        .expect("devices")
        .with_memory_limit(limit);
    let (theta, samples) = (&problem.theta, &problem.samples);
    let derivatives = problem.landscape.derivatives(theta, samples, &device);
    let derivatives = derivatives.expect("derivatives");
    let executor = derivatives.step_executor().expect("an executor");
    let plan = &program.blueprint().plan;
    let executed = executor.execute(0..samples.len(), &plan.steps, &plan.outputs)?;
    assert!(executed.is_some(), "devices execute this plan");
    Ok(())
}

/// Executes a plan within just the memory that it is said to need, and compares that with what it takes of the device on which that is most.
fn compare(what: &str, problem: &Problem, program: &Interpreted) {
    let enough = match execute(problem, program, 0) {
        Err(DeviceError::OutOfMemory { needed, free: 0 }) => needed,
        other => panic!("{what} within no memory: {other:?}"),
    };
    emulation::forget_peak();
    execute(problem, program, enough).expect("it fits");
    // A machine has at most so many devices.
    let peak = (0..3).map(emulation::peak).max().expect("devices");
    let part = peak as f64 / enough as f64;
    assert!(
        (LEAST..=1.0).contains(&part),
        "{what}: {peak} of {enough} bytes"
    );
}

fn as_said() {
    if !emulation::is_loaded() {
        return;
    }
    for problem in [many(3), many(20), many(150)] {
        for class in (0..=3).flat_map(plans::classes) {
            let what = format!("{class} of {} samples", problem.samples.len());
            compare(&what, &problem, &Interpreted::new(&[class]));
        }
    }
    for problem in [many(150), small_network(3), small_network(20)] {
        compare(problem.name, &problem, &plans::up_to(3));
        compare(problem.name, &problem, &plans::some_of_order_three());
    }
    for problem in all() {
        compare(problem.name, &problem, &plans::up_to(2));
    }
}
