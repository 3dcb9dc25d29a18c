//! Trials on devices, beside those on the processor.
//!
//! Both draw the same, and take the same steps in another order of the sums. A step's error is some 1e-16 of the weights, times as many terms as a sum has to the power ½; over the few steps
//! here, with learning rates at which no error grows, outcomes agree to 1e-12.

use diagram_cuda::{Device, DeviceError, OnDevice};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::simulate::{
    Control, KeptWeights, Optimizer, Outcome, Schedule, Shuffle, Simulated, Simulation,
    SimulationError, TestPoints, UpdateRule,
};

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::problems::{Problem, all, many, numbers, small_network};
use crate::{Test, emulation};

pub(crate) const TESTS: [Test; 8] = [
    ("trials_of_every_landscape", every_landscape),
    ("trials_of_every_optimizer", every_optimizer),
    (
        "trials_with_every_kind_of_test_points",
        every_kind_of_test_points,
    ),
    ("trials_with_matrices", matrices),
    ("trials_in_single_precision", single_precision),
    ("final_weights_of_trials", final_weights),
    ("the_same_bits_of_trials", same_bits),
    ("trials_are_cancelled_and_refused", cancelled_and_refused),
];

const BOUND: f64 = 1e-12;

fn device() -> Device {
    Device::cuda(0).expect("a device")
}

/// A short simulation of a problem.
fn simulation<'a>(problem: &'a Problem, probe: &'a [f64]) -> Simulation<'a, f64> {
    Simulation {
        landscape: problem.landscape.simulator(),
        theta0: &problem.theta,
        population: &problem.samples,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::new(4, 2, 2, Shuffle::EachEpoch).expect("a schedule"),
        etas: vec![0.01, 0.02],
        trials: 3,
        seed: 5,
        probe: Some(probe),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

fn copy<'a>(simulation: &Simulation<'a, f64>) -> Simulation<'a, f64> {
    Simulation {
        etas: simulation.etas.clone(),
        optimizer: simulation.optimizer.clone(),
        ..*simulation
    }
}

/// The distance of two numbers as a part of the second one, or of 1 if that is larger.
fn apart(found: f64, expected: f64) -> f64 {
    if found.is_nan() && expected.is_nan() {
        return 0.0;
    }
    (found - expected).abs() / expected.abs().max(1.0)
}

/// Compares the outcomes of a simulation on a device with those on the processor.
fn compare(name: &str, simulation: &Simulation<'_, f64>) {
    let expected = simulation.run().expect("trials");
    let found = copy(simulation)
        .on(&device())
        .expect("a device's simulation")
        .run()
        .expect("trials");
    assert_eq!(found.trials, expected.trials, "{name}");
    for (found, expected) in found.rates.iter().zip(&expected.rates) {
        for (at, (found, expected)) in found.outcomes.iter().zip(&expected.outcomes).enumerate() {
            let of = |outcome: &Outcome| {
                [
                    outcome.test_loss,
                    outcome.test_loss_squared,
                    outcome.train_loss,
                    outcome.displacement,
                ]
            };
            for (found, expected) in of(found).into_iter().zip(of(expected)) {
                let apart = apart(found, expected);
                assert!(
                    apart < BOUND,
                    "{name}, trial {at}: {found} instead of {expected} ({apart:e})"
                );
            }
        }
    }
}

fn every_landscape() {
    for problem in all() {
        let probe = numbers(problem.dimension(), 3);
        compare(problem.name, &simulation(&problem, &probe));
    }
}

fn every_optimizer() {
    for problem in [many(70), small_network(5)] {
        let probe = numbers(problem.dimension(), 3);
        let of = |optimizer, schedule| Simulation {
            optimizer,
            schedule,
            ..simulation(&problem, &probe)
        };
        let same = Optimizer::Rule(UpdateRule::sgd());
        let schedule = Schedule::new(4, 2, 2, Shuffle::EachEpoch).expect("a schedule");
        compare("sgd by a rule", &of(same, schedule));
        let of_sgd = [
            (5, 1, 1, Shuffle::Never),
            (6, 1, 2, Shuffle::EachEpoch),
            (6, 3, 3, Shuffle::Never),
            (20, 20, 2, Shuffle::EachEpoch),
        ];
        for (train, batch, epochs, shuffle) in of_sgd {
            let schedule = Schedule::new(train, batch, epochs, shuffle).expect("a schedule");
            let name = format!("{}, {schedule:?}", problem.name);
            compare(&name, &of(Optimizer::Sgd, schedule));
        }
        for shuffle in [Shuffle::Never, Shuffle::EachEpoch] {
            let schedule = Schedule::new(6, 6, 3, shuffle).expect("a schedule");
            compare("gdc", &of(Optimizer::Gdc, schedule));
        }
        let schedule = Schedule::new(4, 2, 1, Shuffle::Never).expect("a schedule");
        compare("sde", &of(Optimizer::Sde { substeps: 3 }, schedule));
        compare("ode", &of(Optimizer::Ode, schedule));
    }
    // Populations whose last word of signs is whole, and hardly begun.
    for points in [64, 65, 128] {
        let problem = many(points);
        let probe = numbers(problem.dimension(), 3);
        compare(
            "sde",
            &Simulation {
                optimizer: Optimizer::Sde { substeps: 1 },
                ..simulation(&problem, &probe)
            },
        );
    }
}

fn every_kind_of_test_points() {
    // By insertion, by exchange, and by repetition.
    for (points, count) in [(70, 5), (70, 20), (44_100, 163)] {
        let problem = many(points);
        let mut simulation = simulation(&problem, &[]);
        simulation.probe = None;
        simulation.test_points = TestPoints::Subset(count);
        compare(&format!("{count} test points of {points}"), &simulation);
    }
    let problem = small_network(5);
    let probe = numbers(problem.dimension(), 3);
    let kinds = [TestPoints::None, TestPoints::All, TestPoints::Subset(3)];
    for test_points in kinds {
        for train_loss in [false, true] {
            let simulation = Simulation {
                test_points,
                train_loss,
                ..simulation(&problem, &probe)
            };
            compare(&format!("{test_points:?}, {train_loss}"), &simulation);
        }
    }
}

fn matrices() {
    for problem in [many(20), small_network(4)] {
        let dimension = problem.dimension();
        let probe = numbers(dimension, 3);
        let diagonal = numbers(dimension, 4).iter().map(|x| x.abs()).collect();
        let factor: Vec<Vec<f64>> = (0..dimension)
            .map(|row| numbers(dimension, 5 + row as u64))
            .map(|row| row.iter().map(|x| x / dimension as f64).collect())
            .collect();
        let rates = [
            LearningRate::diagonal(diagonal).expect("a diagonal"),
            LearningRate::from_factor(&factor).expect("a matrix"),
        ];
        for rate in rates {
            let descent = rate
                .descent_on(problem.landscape.simulator())
                .expect("a learning rate");
            let schedules = [
                (Optimizer::Sgd, Schedule::new(4, 1, 2, Shuffle::Never)),
                (Optimizer::Gdc, Schedule::new(4, 4, 2, Shuffle::Never)),
                (
                    Optimizer::Sde { substeps: 2 },
                    Schedule::new(4, 4, 1, Shuffle::Never),
                ),
                (Optimizer::Ode, Schedule::new(4, 4, 1, Shuffle::Never)),
            ];
            for (optimizer, schedule) in schedules {
                let simulation = Simulation {
                    landscape: &descent,
                    optimizer,
                    schedule: schedule.expect("a schedule"),
                    ..simulation(&problem, &probe)
                };
                let name = format!("{}, {}", problem.name, simulation.optimizer);
                compare(&name, &simulation);
            }
        }
    }
}

fn single_precision() {
    for problem in [many(70), small_network(5)] {
        let narrow = |x: &[f64]| -> Vec<f32> { x.iter().map(|&x| x as f32).collect() };
        let (theta, population) = (narrow(&problem.theta), problem.samples.map(|&x| x as f32));
        let probe = narrow(&numbers(problem.dimension(), 3));
        for optimizer in [
            Optimizer::Sgd,
            Optimizer::Gdc,
            Optimizer::Sde { substeps: 1 },
        ] {
            let simulation = || Simulation {
                landscape: problem.landscape.simulator(),
                theta0: &theta,
                population: &population,
                optimizer: optimizer.clone(),
                schedule: Schedule::new(4, 4, 3, Shuffle::EachEpoch).expect("a schedule"),
                etas: vec![0.01],
                trials: 5,
                seed: 5,
                probe: Some(&probe),
                test_points: TestPoints::Subset(4),
                train_loss: true,
            };
            let expected = simulation().run().expect("trials");
            let found = simulation().on(&device()).expect("placed").run();
            let found = found.expect("trials");
            let outcomes = found.rates[0].outcomes.iter();
            for (found, expected) in outcomes.zip(&expected.rates[0].outcomes) {
                for (found, expected) in [
                    (found.test_loss, expected.test_loss),
                    (found.train_loss, expected.train_loss),
                    (found.displacement, expected.displacement),
                ] {
                    let apart = apart(found, expected);
                    assert!(apart < 1e-5, "{}: {apart:e}", problem.name);
                }
            }
        }
    }
}

fn final_weights() {
    for problem in [many(20), small_network(4)] {
        let kept = [KeptWeights {
            rate: 1,
            each: true,
        }];
        let simulation = Simulation {
            trials: 7,
            ..simulation(&problem, &problem.theta)
        };
        let (_, expected) = simulation
            .summarize_with_weights(Control::unattended(), &kept)
            .expect("trials");
        let placed = simulation.on(&device()).expect("placed");
        let (_, found) = placed
            .summarize_with_weights(Control::unattended(), &kept)
            .expect("trials");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.trials, 7);
            for (found, expected) in found.each.iter().zip(&expected.each) {
                assert_eq!(found.trial, expected.trial);
                for (found, expected) in found.theta.iter().zip(&expected.theta) {
                    assert!(apart(*found, *expected) < BOUND);
                }
            }
        }
        assert_eq!(found.len(), 1);
    }
}

/// The bits of all outcomes.
fn bits(simulated: &Simulated) -> Vec<u64> {
    let outcomes = simulated.rates.iter().flat_map(|rate| &rate.outcomes);
    outcomes
        .flat_map(|outcome| {
            [
                outcome.test_loss,
                outcome.test_loss_squared,
                outcome.train_loss,
                outcome.displacement,
            ]
        })
        .map(f64::to_bits)
        .collect()
}

fn same_bits() {
    for problem in [many(70), small_network(5)] {
        let probe = numbers(problem.dimension(), 3);
        for optimizer in [Optimizer::Sgd, Optimizer::Sde { substeps: 1 }] {
            let simulation = Simulation {
                optimizer,
                trials: 150,
                test_points: TestPoints::Subset(3),
                schedule: Schedule::new(4, 4, 3, Shuffle::EachEpoch).expect("a schedule"),
                etas: vec![0.01],
                ..simulation(&problem, &probe)
            };
            let run = |device: &Device| {
                let placed = copy(&simulation).on(device).expect("placed");
                placed.run().map(|simulated| bits(&simulated))
            };
            let expected = run(&device()).expect("trials");
            let all = Device::cuda_all().expect("devices");
            assert_eq!(run(&all).expect("trials"), expected, "on {all}");
            // From what all trials take to what one does.
            let mut ran = 0;
            for bytes in (11..24).map(|power| 1 << power) {
                match run(&device().with_memory_limit(bytes)) {
                    Ok(found) => {
                        assert_eq!(found, expected, "{bytes} bytes");
                        ran += 1;
                    }
                    Err(error) => {
                        let SimulationError::Device(DeviceError::OutOfMemory { needed, free }) =
                            error
                        else {
                            panic!("{error}");
                        };
                        assert!(needed > free && free == bytes);
                    }
                }
            }
            assert!(ran > 6, "{ran}");
        }
    }
}

fn cancelled_and_refused() {
    let problem = many(70);
    let probe = numbers(problem.dimension(), 3);
    let cancel = AtomicBool::new(true);
    let finished = AtomicUsize::new(0);
    let progress = |count| finished.store(count, Ordering::Relaxed);
    let placed = simulation(&problem, &probe).on(&device()).expect("placed");
    assert!(placed.device().starts_with("cuda:0 ("));
    let control = Control {
        progress: &progress,
        cancel: &cancel,
    };
    let summary = placed.summarize_with(control).expect("nothing failed");
    assert_eq!((summary.finished, finished.load(Ordering::Relaxed)), (0, 0));
    cancel.store(false, Ordering::Relaxed);
    let summary = placed.summarize_with(control).expect("nothing failed");
    assert_eq!((summary.finished, finished.load(Ordering::Relaxed)), (3, 3));
    refused("sgd with momentum 9/10 does not run", |simulation| {
        let beta = "9/10".parse().expect("a number");
        simulation.optimizer = Optimizer::Rule(UpdateRule::sgd().with_momentum(beta));
    });
    refused("not drawn with replacement", |simulation| {
        simulation.schedule = Schedule::with_replacement(4, 2, 3).expect("a schedule");
    });
    // What does not fit is refused before anything is launched.
    if emulation::is_loaded() {
        emulation::fail("", 0, 0);
    }
    let small = device().with_memory_limit(1000);
    let placed = simulation(&problem, &probe).on(&small).expect("placed");
    match placed.run() {
        Err(SimulationError::Device(DeviceError::OutOfMemory { needed, free: 1000 })) => {
            assert!(needed > 1000);
        }
        other => panic!("{other:?}"),
    }
    if emulation::is_loaded() {
        for kind in ["allocation", "copy", "launch", "compilation"] {
            assert_eq!(emulation::calls(kind), 0, "{kind}");
        }
    }
}

/// What devices do not run says so, and where it does.
fn refused(why: &str, change: impl FnOnce(&mut Simulation<'_, f64>)) {
    let problem = many(70);
    let mut simulation = simulation(&problem, &problem.theta);
    change(&mut simulation);
    match simulation.on(&device()).expect("placed").run() {
        Err(SimulationError::Device(DeviceError::Unsupported { what })) => {
            assert!(what.contains(why) && what.contains("device cpu"), "{what}");
        }
        other => panic!("{other:?}"),
    }
}
