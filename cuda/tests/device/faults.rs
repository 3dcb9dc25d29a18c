//! The k-th call of each kind fails, for every k of a run: the error is of the right kind, and nothing is leaked.

use diagram_cuda::{Device, DeviceError, OnDevice, PlaceError};
use diagram_kernels::derivatives::{DerivativeOutput, Direction, Pass};
use diagram_runtime::executor::ExecutorError;
use diagram_runtime::simulate::{
    Optimizer, Schedule, Shuffle, Simulation, SimulationError, TestPoints,
};
use diagram_runtime::values::ValueError;

use crate::problems::{Problem, many, numbers, small_network};
use crate::{Test, emulation, plans};

pub(crate) const TESTS: [Test; 3] = [
    ("every_call_fails_once", every_call),
    ("every_call_of_plans_fails_once", every_call_of_plans),
    ("every_call_of_trials_fails_once", every_call_of_trials),
];

/// A whole run: a device, losses, and passes of several kinds, in several chunks.
fn run(problem: &Problem) -> Result<(), DeviceError> {
    let device = Device::cuda(0)?.with_memory_limit(60_000);
    let (theta, samples) = (&problem.theta, &problem.samples);
    let derivatives = problem.landscape.derivatives(theta, samples, &device);
    let derivatives = derivatives.map_err(|error| match error {
        PlaceError::Device(error) => error,
        PlaceError::Point(error) => panic!("{error}"),
    })?;
    let mut losses = vec![0.0; samples.len()];
    derivatives.losses(0..samples.len(), &mut losses)?;
    let u = numbers(samples.len() * problem.dimension(), 3);
    for direction in [
        Direction::PerSample(&u[..]),
        Direction::Shared(&u[..problem.dimension()]),
    ] {
        let mut rows = vec![0.0; u.len()];
        let mut sum = vec![0.0; problem.dimension()];
        let output = DerivativeOutput {
            powers: &[1],
            per_sample: Some(&mut rows),
            sum: Some(&mut sum),
        };
        let pass = Pass {
            directions: vec![direction],
            outputs: vec![output],
        };
        derivatives.pass(0..samples.len(), pass)?;
    }
    drop(derivatives);
    device.synchronize()
}

fn live() -> Vec<(&'static str, i64)> {
    let kinds = ["allocation", "module", "stream", "context", "program"];
    kinds.map(|kind| (kind, emulation::live(kind))).to_vec()
}

/// A run of trials, in several chunks: the averages of all, or the error.
fn run_trials(problem: &Problem) -> Result<(), DeviceError> {
    let device = Device::cuda(0)?.with_memory_limit(20_000);
    let simulation = Simulation {
        landscape: problem.landscape.simulator(),
        theta0: &problem.theta,
        population: &problem.samples,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::new(2, 1, 2, Shuffle::EachEpoch).expect("a schedule"),
        etas: vec![0.01],
        trials: 30,
        seed: 1,
        probe: Some(&problem.theta),
        test_points: TestPoints::Subset(2),
        train_loss: true,
    };
    let summary = simulation.on(&device)?.summarize();
    let summary = summary.map_err(|error| match error {
        SimulationError::Device(error) => error,
        error => panic!("{error}"),
    })?;
    assert_eq!(summary.finished, 30);
    device.synchronize()
}

/// The values of diagrams, or the error.
fn run_plan(problem: &Problem) -> Result<(), DeviceError> {
    let device = Device::cuda(0)?;
    let values = plans::bits(problem, &plans::some_of_order_three(), &device);
    values.map_err(|error| match error {
        ValueError::Executor(ExecutorError::Device(error)) => error,
        error => panic!("{error}"),
    })?;
    device.synchronize()
}

fn every_call_of_plans() {
    every_call_of(&|| run_plan(&many(3)));
}

fn every_call() {
    for problem in [many(130), small_network(5)] {
        every_call_of(&|| run(&problem));
    }
}

fn every_call_of_trials() {
    for problem in [many(20), small_network(5)] {
        every_call_of(&|| run_trials(&problem));
    }
}

fn every_call_of(run: &dyn Fn() -> Result<(), DeviceError>) {
    // Of each kind a code and whether an error is what it must be.
    type Right = fn(&DeviceError) -> bool;
    let kinds: [(&str, i64, Right); 9] = [
        ("allocation", 2, |e| {
            matches!(e, DeviceError::OutOfMemory { needed: 1.., .. })
        }),
        ("copy", 700, |e| matches!(e, DeviceError::Lost { .. })),
        ("copy", 1, |e| matches!(e, DeviceError::Launch { .. })),
        ("module", 200, |e| matches!(e, DeviceError::Compile { .. })),
        ("module", 2, |e| {
            matches!(e, DeviceError::OutOfMemory { .. })
        }),
        (
            "compilation",
            6,
            |e| matches!(e, DeviceError::Compile { log, .. } if log.contains("fails on purpose")),
        ),
        ("launch", 701, |e| matches!(e, DeviceError::Launch { .. })),
        ("launch", 719, |e| matches!(e, DeviceError::Lost { .. })),
        ("synchronization", 700, |e| {
            matches!(e, DeviceError::Lost { .. })
        }),
    ];
    emulation::fail("", 0, 0);
    run().expect("nothing fails");
    let nothing: Vec<_> = live().into_iter().map(|(kind, _)| (kind, 0)).collect();
    assert_eq!(live(), nothing);
    for (kind, code, is_right) in kinds {
        let mut number = 1;
        loop {
            emulation::fail(kind, number, code);
            let result = run();
            if emulation::calls(kind) < number {
                result.expect("nothing failed");
                break;
            }
            let error = result.expect_err(kind);
            assert!(is_right(&error), "{kind} {number} with {code}: {error:?}");
            assert_eq!(live(), nothing, "{kind} {number} with {code}");
            number += 1;
        }
        assert!(number > 1, "there are calls of the kind {kind}");
    }
}
