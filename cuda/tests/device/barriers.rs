//! Every barrier is needed: without any one of them, results are other ones in some order of the threads.

use diagram_cuda::{Device, OnDevice};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::simulate::{Optimizer, Schedule, Shuffle, Simulation, Simulator, TestPoints};

use crate::problems::{Problem, all, logistic_regression, losses_and_products, numbers};
use crate::{Test, emulation, plans};

pub(crate) const TESTS: [Test; 3] = [
    ("barriers_of_derivatives", of_derivatives),
    ("barriers_of_plans", of_plans),
    ("barriers_of_trials", of_trials),
];

/// The orders of threads that are tried, one after the other.
const ORDERS: [&str; 3] = ["reverse", "random", "forward"];

/// Barriers that no run here shows. After `gather` and `one_hot` the inputs are read, each by the thread that wrote it, and after `adjoint` no other thread reads before the next barrier in the losses
/// here; after `loss` and `lift_reverse` comes the next sample of the same block, and here a block has one.
const HIDDEN: [&str; 5] = ["gather", "one_hot", "adjoint", "loss", "lift_reverse"];

/// A run that gives the bits of all its results.
type Run<'a> = Box<dyn Fn() -> Vec<u64> + 'a>;

/// Leaves out each barrier of these names, which must show in one of the runs at least.
fn every_barrier_shows(barriers: &[&str], runs: &[Run<'_>]) {
    emulation::order("forward");
    let expected: Vec<Vec<u64>> = runs.iter().map(|run| run()).collect();
    let mut unseen = vec![];
    for barrier in barriers {
        assert!(emulation::reached(barrier), "no thread waits at {barrier}");
        emulation::leave_out(barrier);
        let shows = runs.iter().zip(&expected).any(|(run, expected)| {
            ORDERS.iter().any(|order| {
                emulation::order(order);
                run() != *expected
            })
        });
        if !shows {
            unseen.push(barrier);
        }
        emulation::leave_out("");
    }
    emulation::order("forward");
    assert!(unseen.is_empty(), "nothing shows without {unseen:?}");
}

/// Problems whose kernels are blocks of threads.
fn by_blocks() -> Vec<Problem> {
    let names = ["perceptron", "every function", "LeNet"];
    let problems = all().into_iter();
    problems
        .filter(|problem| !names.contains(&problem.name))
        .collect()
}

/// The names of the barriers in some sources.
fn names<'a>(sources: &[&'a str], word: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = sources
        .iter()
        .flat_map(|source| source.split(word).skip(1))
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .filter(|name| *name != "name")
        .collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() > 3);
    names
}

fn of_derivatives() {
    let problems = by_blocks();
    let device = Device::cuda(0).expect("a device");
    let runs = problems.iter().map(|problem| -> Run<'_> {
        let derivatives = problem
            .landscape
            .derivatives(&problem.theta, &problem.samples, &device)
            .expect("derivatives");
        Box::new(move || {
            let numbers = losses_and_products(&*derivatives);
            numbers.into_iter().map(f64::to_bits).collect()
        })
    });
    let sources = [
        include_str!("../../src/kernels/layers.cuh"),
        include_str!("../../src/kernels/recorded.cuh"),
        include_str!("../../src/emit/block.rs"),
    ];
    let mut barriers = names(&sources, "BARRIER(");
    barriers.retain(|name| !HIDDEN.contains(name));
    every_barrier_shows(&barriers, &runs.collect::<Vec<_>>());
}

fn of_plans() {
    let problem = logistic_regression(3);
    let device = Device::cuda(0).expect("a device");
    let program = plans::up_to(1);
    // Without a barrier a value may be no number, which is an error.
    let run: Run<'_> =
        Box::new(move || plans::bits(&problem, &program, &device).unwrap_or_default());
    every_barrier_shows(&["dot_parts", "dot_halves"], &[run]);
}

fn of_trials() {
    // Its first layer reads weights before any thread has waited.
    let problem = logistic_regression(3);
    let device = Device::cuda(0).expect("a device");
    let dimension = problem.dimension();
    let factor: Vec<Vec<f64>> = (0..dimension)
        .map(|row| numbers(dimension, 5 + row as u64))
        .map(|row| row.iter().map(|x| x / dimension as f64).collect())
        .collect();
    let rate = LearningRate::from_factor(&factor).expect("a matrix");
    let descent = rate
        .descent_on(problem.landscape.simulator())
        .expect("a learning rate");
    let runs = [
        (
            &descent as &dyn Simulator<f64>,
            Optimizer::Sgd,
            Shuffle::Never,
        ),
        (
            problem.landscape.simulator(),
            Optimizer::Sgd,
            Shuffle::Never,
        ),
        (&descent, Optimizer::Sgd, Shuffle::EachEpoch),
        (&descent, Optimizer::Gdc, Shuffle::Never),
        (&descent, Optimizer::Sde { substeps: 2 }, Shuffle::Never),
    ];
    let runs = runs.map(|(landscape, optimizer, shuffle)| -> Run<'_> {
        let (problem, device) = (&problem, &device);
        Box::new(move || {
            let simulation = Simulation {
                landscape,
                theta0: &problem.theta,
                population: &problem.samples,
                optimizer: optimizer.clone(),
                // Launches grow from one step on, and the last ones have several.
                schedule: Schedule::new(2, 2, 8, shuffle).expect("a schedule"),
                etas: vec![0.01],
                trials: 2,
                seed: 5,
                probe: Some(&problem.theta),
                test_points: TestPoints::All,
                train_loss: true,
            };
            let simulated = simulation.on(device).expect("placed").run();
            let simulated = simulated.expect("trials");
            let outcomes = simulated.rates.iter().flat_map(|rate| &rate.outcomes);
            outcomes
                .flat_map(|o| [o.test_loss, o.train_loss, o.displacement])
                .map(f64::to_bits)
                .collect()
        })
    });
    let sources = [
        include_str!("../../src/kernels/trials.cuh"),
        include_str!("../../src/kernels/sgd.cuh"),
        include_str!("../../src/kernels/gdc.cuh"),
        include_str!("../../src/kernels/sde.cuh"),
    ];
    let mut barriers = names(&sources, "WAIT(");
    barriers.extend(["sums", "total"]);
    every_barrier_shows(&barriers, &runs);
}
