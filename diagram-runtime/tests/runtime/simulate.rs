//! Simulated gradient descent against itself written plainly, against closed forms, and on other numbers of threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use diagram_calculus::measure::Measure;
use diagram_runtime::data::embedded_fashion;
use diagram_runtime::landscape::{Landscape, initialization};
use diagram_runtime::landscapes::{GaussianFit, Named, lenet, logistic};
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::{Element, Scalar};
use diagram_runtime::simulate::{
    Control, FloatingPoint, Optimizer, Schedule, ScheduleError, Shuffle, Simulated, Simulation,
    SimulationError, Simulator, TestPoints,
};

use crate::reference::{Plain, run_trial};

const MEASURES: [Measure; 5] = [
    Measure::TestLoss,
    Measure::TrainLoss,
    Measure::GeneralizationGap,
    Measure::Displacement,
    Measure::SecondMoment,
];

/// `½ (θ - x)²`.
struct MeanEstimation;

impl Landscape for MeanEstimation {
    fn dimension(&self) -> usize {
        1
    }
    fn input_width(&self) -> usize {
        1
    }
    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let error = theta[0].clone() - S::from_base(x[0].clone());
        error.clone() * error * S::constant(0.5)
    }
}

/// `¼ x θ⁴`: steep far out.
struct Quartic;

impl Landscape for Quartic {
    fn dimension(&self) -> usize {
        1
    }
    fn input_width(&self) -> usize {
        1
    }
    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        theta[0].clone().powi(4).scale(&x[0]) * S::constant(0.25)
    }
}

/// Everything measured, one learning rate, a few trials.
fn simulation<'a, T: Element>(
    landscape: &'a dyn Simulator<T>,
    theta0: &'a [T],
    population: &'a Samples<T>,
    schedule: Schedule,
) -> Simulation<'a, T> {
    Simulation {
        landscape,
        theta0,
        population,
        optimizer: Optimizer::Sgd,
        schedule,
        etas: vec![0.1],
        trials: 19,
        seed: 7,
        probe: Some(theta0),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

fn schedule(train: usize, batch: usize, epochs: usize, shuffle: Shuffle) -> Schedule {
    Schedule::new(train, batch, epochs, shuffle).unwrap()
}

fn single(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|&number| number as f32).collect()
}

/// A probe of the length of θ0 that is not θ0.
fn probe(length: usize) -> Vec<f64> {
    initialization(length, 99)
}

/// Largest difference between lanes and plain double precision, relative to 1 + the number.
fn largest_error<T: FloatingPoint>(plain: &dyn Plain, simulation: &Simulation<'_, T>) -> f64 {
    let simulated = simulation.run().unwrap();
    assert_eq!(simulated.trials, (0..simulation.trials).collect::<Vec<_>>());
    let mut largest = 0.0_f64;
    for trial in 0..simulation.trials {
        for (rate, plain) in simulated
            .rates
            .iter()
            .zip(run_trial(plain, simulation, trial))
        {
            for measure in MEASURES {
                let (lanes, plain) = (rate.outcomes[trial].value(measure), plain.value(measure));
                assert_eq!(
                    lanes.is_nan(),
                    plain.is_nan(),
                    "{measure:?} of trial {trial}"
                );
                assert_eq!(lanes.is_nan(), rate.estimate(measure).is_none());
                if !plain.is_nan() {
                    largest = largest.max((lanes - plain).abs() / (1.0 + plain.abs()));
                }
            }
        }
    }
    largest
}

/// All ways of measuring, with batches and epochs of all kinds.
fn largest_error_of_all<T: FloatingPoint>(
    (landscape, plain): (&dyn Simulator<T>, &dyn Plain),
    theta0: &[T],
    probe: &[T],
    population: &Samples<T>,
) -> f64 {
    let schedules = [
        schedule(6, 1, 1, Shuffle::Never),
        schedule(6, 2, 2, Shuffle::EachEpoch),
        schedule(6, 3, 2, Shuffle::Never),
        Schedule::gradient_descent(4, 3).unwrap(),
    ];
    let measurements = [
        (TestPoints::All, true, Some(probe)),
        (TestPoints::Subset(9), true, Some(probe)),
        // With a lane for each trial, and with a lane for each test point.
        (TestPoints::Subset(2), false, None),
        (TestPoints::Subset(11), false, None),
        (TestPoints::None, true, None),
    ];
    let mut largest = 0.0_f64;
    for (at, schedule) in schedules.into_iter().enumerate() {
        for (test_points, train_loss, probe) in measurements {
            let simulation = Simulation {
                etas: vec![0.02, 0.1],
                // With a full block of lanes and without.
                trials: [19, 3, 8, 5][at],
                test_points,
                train_loss,
                probe,
                ..simulation(landscape, theta0, population, schedule)
            };
            largest = largest.max(largest_error(plain, &simulation));
        }
    }
    largest
}

/// A dot product of n terms has a relative error of at most n·u of its absolute terms. The networks' longest have 784; six steps of η ≤ 0.1 pass errors on
/// about tenfold (curvatures are of order 1), and logits are of order 10: 784 · 10 · 10 · u, u = 1.1e-16, is 1e-11; the displacement along a probe of norm
/// √P ≈ 80 is 80 times as exposed, relative to a number that is itself of order 1, but only through θ's own errors, which carry a factor η.
const DOUBLE: f64 = 1e-10;
/// The same with u = 6e-8 would be 6e-3 in the worst case. Roundings are as good as independent, so that √784 = 28 takes the place of 784: 2e-4.
const SINGLE: f64 = 2e-4;

#[test]
fn lanes_agree_with_plain_double_precision_on_networks() {
    let population = embedded_fashion::<f64>().first(37);
    let population_f32 = embedded_fashion::<f32>().first(37);
    let networks = [
        (Named::FashionLeNet, &lenet(1, 28) as &dyn Plain),
        (Named::FashionLogistic, &logistic(784)),
    ];
    for (named, plain) in networks {
        let theta0 = initialization(named.dimension(), 3);
        let probe = probe(theta0.len());
        let error = largest_error_of_all::<f64>((&named, plain), &theta0, &probe, &population);
        assert!(error < DOUBLE, "{named} in double precision: {error:e}");
        // The plain way starts from the same rounded weights.
        let error = largest_error_of_all::<f32>(
            (&named, plain),
            &single(&theta0),
            &single(&probe),
            &population_f32,
        );
        assert!(error < SINGLE, "{named} in single precision: {error:e}");
        assert!(error > 0.0, "single precision cannot be exact");
    }
}

/// One weight, and a gradient by forward mode: a dozen roundings a step.
#[test]
fn lanes_agree_with_plain_double_precision_on_landscapes_without_a_gradient() {
    let population = Samples::new(1, initialization(11, 5)).unwrap();
    let landscapes = [
        (
            &Named::GaussianFit as &dyn Simulator<f64>,
            &GaussianFit as &dyn Plain,
        ),
        (&MeanEstimation, &MeanEstimation),
    ];
    for landscape in landscapes {
        let error = largest_error_of_all(landscape, &[0.3], &[2.0], &population);
        assert!(error < 1e-14, "{error:e}");
    }
}

/// The generic implementation and the one compiled in the library are the same code.
#[test]
fn named_landscapes_simulate_like_their_types() {
    let population = embedded_fashion::<f32>().first(20);
    let theta0 = single(&initialization(7850, 1));
    let plan = schedule(4, 1, 1, Shuffle::Never);
    let named = simulation::<f32>(&Named::FashionLogistic, &theta0, &population, plan)
        .run()
        .unwrap();
    let typed = simulation::<f32>(&logistic(784), &theta0, &population, plan)
        .run()
        .unwrap();
    assert_eq!(named, typed);
}

fn on_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(f)
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let population = embedded_fashion::<f32>().first(40);
    let theta0 = single(&initialization(4490, 1));
    let simulation = Simulation {
        trials: 83,
        etas: vec![0.05, 0.2],
        ..simulation::<f32>(
            &Named::FashionLeNet,
            &theta0,
            &population,
            schedule(4, 2, 2, Shuffle::EachEpoch),
        )
    };
    let one = on_threads(1, || simulation.run().unwrap());
    assert_eq!(one.trials.len(), 83);
    for threads in [2, 8] {
        // Equal as floats and without NaN: the same bits.
        assert_eq!(
            on_threads(threads, || simulation.run().unwrap()),
            one,
            "{threads} threads"
        );
        let estimates =
            |simulated: &Simulated| MEASURES.map(|measure| simulated.rates[1].estimate(measure));
        assert_eq!(
            estimates(&on_threads(threads, || simulation.run().unwrap())),
            estimates(&one)
        );
    }
}

fn gaussian_population() -> Samples<f64> {
    Samples::new(1, initialization(50, 11)).unwrap()
}

#[test]
fn a_trial_depends_on_seed_and_number_alone() {
    let population = gaussian_population();
    let base = || {
        let plan = schedule(5, 1, 2, Shuffle::EachEpoch);
        Simulation {
            etas: vec![0.1, 0.3],
            ..simulation(&Named::GaussianFit, &[0.1], &population, plan)
        }
    };
    let outcomes =
        |simulation: Simulation<'_, f64>| simulation.run().unwrap().rates[1].outcomes.clone();
    let all = outcomes(base());
    assert_eq!(outcomes(base()), all);
    // Five do not fill the lanes.
    for test_points in [
        TestPoints::All,
        TestPoints::Subset(2),
        TestPoints::Subset(11),
    ] {
        let of = |trials| {
            outcomes(Simulation {
                trials,
                test_points,
                ..base()
            })
        };
        assert_eq!(of(5), of(19)[..5]);
    }
    // Common random numbers: other learning rates do not matter.
    assert_eq!(
        outcomes(Simulation {
            etas: vec![7.0, 0.3],
            ..base()
        }),
        all
    );
    assert_ne!(all[0], all[1]);
    let other = outcomes(Simulation { seed: 8, ..base() });
    assert!(
        all.iter()
            .zip(&other)
            .all(|(a, b)| a.train_loss != b.train_loss)
    );
}

/// The first cumulants of the uniform distribution on a population.
fn cumulants(population: &Samples<f64>) -> [f64; 4] {
    let n = population.len() as f64;
    let mean = (0..population.len())
        .map(|i| population.row(i)[0])
        .sum::<f64>()
        / n;
    let moment = |k| {
        (0..population.len())
            .map(|i| (population.row(i)[0] - mean).powi(k))
            .sum::<f64>()
            / n
    };
    let variance = moment(2);
    [
        mean,
        variance,
        moment(3),
        moment(4) - 3.0 * variance.powi(2),
    ]
}

/// Expectations on mean estimation, where the final weight is `keep · θ0 + Σ w_i x_i` with weights w that sum to 1 - keep.
///
/// `powers` are E Σ w², and where w is not random Σ w³ and Σ w⁴.
struct Linear {
    theta0: f64,
    keep: f64,
    train: f64,
    powers: [f64; 3],
}

impl Linear {
    fn expectation(&self, measure: Measure, [mean, variance, third, fourth]: [f64; 4]) -> f64 {
        // Cumulants of θ - mean.
        let offset = self.keep * (self.theta0 - mean);
        let (v, k3, k4) = (
            variance * self.powers[0],
            third * self.powers[1],
            fourth * self.powers[2],
        );
        let square = offset.powi(2) + v;
        let test = 0.5 * (square + variance);
        // Covariance of the weight with the mean of the training set.
        let gap = variance * (1.0 - self.keep) / self.train;
        match measure {
            Measure::TestLoss => test,
            Measure::GeneralizationGap => gap,
            Measure::TrainLoss => test - gap,
            Measure::Displacement => 2.0 * (offset + mean - self.theta0),
            Measure::SecondMoment => {
                let power4 = offset.powi(4)
                    + 6.0 * offset.powi(2) * v
                    + 4.0 * offset * k3
                    + 3.0 * v.powi(2)
                    + k4;
                0.25 * (power4 + 2.0 * variance * square + variance.powi(2))
            }
        }
    }
}

/// Means within 4.5 standard errors (a chance of 1e-5 each), at a fixed seed.
fn assert_expected(simulated: &Simulated, expected: impl Fn(Measure) -> f64, measures: &[Measure]) {
    for &measure in measures {
        let estimate = simulated.rates[0].estimate(measure).unwrap();
        let off = (estimate.mean - expected(measure)) / estimate.standard_error;
        assert!(
            off.abs() < 4.5,
            "{measure:?}: {estimate:?}, expected {}, off by {off}",
            expected(measure)
        );
    }
}

const ETA: f64 = 0.2;
const THETA0: [f64; 1] = [1.5];

fn estimating(population: &Samples<f64>, schedule: Schedule) -> Simulation<'_, f64> {
    Simulation {
        etas: vec![ETA],
        trials: 100_000,
        probe: Some(&[2.0]),
        ..simulation(&MeanEstimation, &THETA0, population, schedule)
    }
}

/// A step's share in the final weight, by how many steps follow it.
fn share(following: usize) -> f64 {
    ETA * (1.0 - ETA).powi(following as i32)
}

#[test]
fn one_epoch_has_the_expectations_of_the_closed_form() {
    let population = Samples::new(1, vec![-1.0, -0.7, -0.4, 0.0, 0.1, 0.9, 3.0]).unwrap();
    let powers = [2, 3, 4].map(|k| (0..10).map(|following| share(following).powi(k)).sum());
    let linear = Linear {
        theta0: THETA0[0],
        keep: (1.0 - ETA).powi(10),
        train: 10.0,
        powers,
    };
    let expected = |measure| linear.expectation(measure, cumulants(&population));
    let plan = schedule(10, 1, 1, Shuffle::Never);
    for test_points in [
        TestPoints::All,
        TestPoints::Subset(2),
        TestPoints::Subset(7),
    ] {
        let simulated = Simulation {
            test_points,
            ..estimating(&population, plan)
        }
        .run()
        .unwrap();
        assert_expected(&simulated, expected, &MEASURES);
    }
}

#[test]
fn a_subset_of_all_points_is_exact() {
    let population = gaussian_population();
    let run = |test_points| {
        let plan = schedule(4, 1, 1, Shuffle::Never);
        let base = simulation(&Named::GaussianFit, &[0.1], &population, plan);
        Simulation {
            test_points,
            probe: None,
            train_loss: false,
            ..base
        }
        .run()
        .unwrap()
        .rates[0]
            .clone()
    };
    let (all, subset) = (run(TestPoints::All), run(TestPoints::Subset(50)));
    // The subset's draws come after those of the training set. Sums of 50 losses in another order.
    for (a, b) in all.outcomes.iter().zip(&subset.outcomes) {
        assert!((a.test_loss - b.test_loss).abs() < 1e-13 * a.test_loss);
        assert!((a.test_loss_squared - b.test_loss_squared).abs() < 1e-13 * a.test_loss_squared);
    }
}

#[test]
fn batches_and_gradient_descent_have_the_expectations_of_the_closed_form() {
    let population = gaussian_population();
    // Batches of 3, twice over, always the same: a point of batch b takes part in steps b and b + 2.
    let batch = |b: usize| (share(3 - b) + share(1 - b)) / 3.0;
    let power = |k| 3.0 * (batch(0).powi(k) + batch(1).powi(k));
    let linear = Linear {
        theta0: THETA0[0],
        keep: (1.0 - ETA).powi(4),
        train: 6.0,
        powers: [power(2), power(3), power(4)],
    };
    let simulated = estimating(&population, schedule(6, 3, 2, Shuffle::Never))
        .run()
        .unwrap();
    assert_expected(
        &simulated,
        |measure| linear.expectation(measure, cumulants(&population)),
        &MEASURES,
    );

    // Five steps with all 4 points.
    let keep = (1.0 - ETA).powi(5);
    let power = |k| 4.0 * ((1.0 - keep) / 4.0_f64).powi(k);
    let linear = Linear {
        theta0: THETA0[0],
        keep,
        train: 4.0,
        powers: [power(2), power(3), power(4)],
    };
    let simulated = estimating(&population, Schedule::gradient_descent(4, 5).unwrap())
        .run()
        .unwrap();
    assert_expected(
        &simulated,
        |measure| linear.expectation(measure, cumulants(&population)),
        &MEASURES,
    );
}

#[test]
fn shuffles_are_fresh_every_epoch() {
    let population = gaussian_population();
    // Many positions, so that it matters which of them a point gets: its weight differs by (1 - η)^7 between the first and the last.
    let (train, epochs) = (8, 3);
    let simulate = |shuffle| {
        let plan = schedule(train, 1, epochs, shuffle);
        Simulation {
            trials: 400_000,
            ..estimating(&population, plan)
        }
        .run()
        .unwrap()
    };
    let keep = (1.0 - ETA).powi((train * epochs) as i32);
    let linear = |sum_of_squares| Linear {
        theta0: THETA0[0],
        keep,
        train: train as f64,
        powers: [sum_of_squares, f64::NAN, f64::NAN],
    };
    let step =
        |epoch: usize, position: usize| share((epochs - 1 - epoch) * train + train - 1 - position);
    let total = |epoch| -> f64 { (0..train).map(|p| step(epoch, p)).sum() };
    // Always the same order: a point's weight is the sum over epochs at its position.
    let fixed: f64 = (0..train)
        .map(|position| (0..epochs).map(|e| step(e, position)).sum::<f64>().powi(2))
        .sum();
    // Fresh orders: positions in different epochs are independent, each uniform.
    let mut fresh = 0.0;
    for a in 0..epochs {
        for b in 0..epochs {
            fresh += if a == b {
                (0..train).map(|p| step(a, p).powi(2)).sum::<f64>()
            } else {
                total(a) * total(b) / train as f64
            };
        }
    }
    let measures = &MEASURES[..4];
    let simulated = [simulate(Shuffle::Never), simulate(Shuffle::EachEpoch)];
    for (simulated, squares) in simulated.iter().zip([fixed, fresh]) {
        assert_expected(
            simulated,
            |measure| linear(squares).expectation(measure, cumulants(&population)),
            measures,
        );
    }
    // The test can tell them apart.
    let estimate = simulated[1].rates[0].estimate(Measure::TestLoss).unwrap();
    let other = linear(fixed).expectation(Measure::TestLoss, cumulants(&population));
    assert!((estimate.mean - other).abs() > 5.0 * estimate.standard_error);
}

#[test]
fn a_population_of_one_point_leaves_nothing_to_chance() {
    let population = Samples::new(1, vec![0.75]).unwrap();
    let mut theta = 0.2_f64;
    for _ in 0..6 {
        theta -= 0.1 * (theta - 0.75);
    }
    let loss = 0.5 * (theta - 0.75).powi(2);
    for plan in [
        Schedule::gradient_descent(3, 6).unwrap(),
        schedule(6, 1, 1, Shuffle::Never),
    ] {
        let simulated = simulation(&MeanEstimation, &[0.2], &population, plan)
            .run()
            .unwrap();
        let estimate = |measure| simulated.rates[0].estimate(measure).unwrap();
        // Six steps of a few roundings each.
        assert!((estimate(Measure::TestLoss).mean - loss).abs() < 1e-15);
        assert_eq!(
            estimate(Measure::TrainLoss).mean,
            estimate(Measure::TestLoss).mean
        );
        assert_eq!(
            simulated.rates[0].outcomes,
            vec![simulated.rates[0].outcomes[0]; 19]
        );
        assert!(estimate(Measure::TestLoss).standard_error < 1e-16);
        assert_eq!(estimate(Measure::TestLoss).trials, 19);
    }
}

#[test]
fn trials_that_diverge_are_counted_and_left_out() {
    let population = Samples::new(1, vec![0.0, 0.0, 1.0]).unwrap();
    let base = simulation(
        &Quartic,
        &[10.0],
        &population,
        schedule(20, 1, 1, Shuffle::Never),
    );
    let simulation = Simulation {
        trials: 100,
        etas: vec![1.0, 1e-6],
        ..base
    };
    let simulated = simulation.run().unwrap();
    let diverges = |trial: usize| {
        let outcome = run_trial(&Quartic, &simulation, trial)[0];
        !MEASURES
            .iter()
            .all(|&measure| outcome.value(measure).is_finite())
    };
    let expected = (0..100).filter(|&trial| diverges(trial)).count();
    assert!(0 < expected && expected < 100, "{expected}");
    assert_eq!(simulated.rates[0].diverged(), expected);
    assert_eq!(simulated.rates[1].diverged(), 0);
    for measure in MEASURES {
        let estimate = simulated.rates[0].estimate(measure).unwrap();
        assert_eq!(estimate.trials, 100 - expected);
        assert!(estimate.mean.is_finite() && estimate.standard_error.is_finite());
    }
}

#[test]
fn progress_counts_up_to_all_trials() {
    let population = gaussian_population();
    let simulation = simulation(
        &Named::GaussianFit,
        &[0.1],
        &population,
        schedule(2, 1, 1, Shuffle::Never),
    );
    let seen = Mutex::new(vec![]);
    let progress = |done| seen.lock().unwrap().push(done);
    simulation
        .run_with(Control {
            progress: &progress,
            cancel: &AtomicBool::new(false),
        })
        .unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    // Blocks of 8, 8 and 3.
    assert_eq!((seen.len(), seen.last()), (3, Some(&19)));
}

#[test]
fn cancelling_leaves_the_finished_trials() {
    let population = gaussian_population();
    let simulation = Simulation {
        trials: 100,
        ..simulation(
            &Named::GaussianFit,
            &[0.1],
            &population,
            schedule(2, 1, 1, Shuffle::Never),
        )
    };
    let all = simulation.run().unwrap();
    let cancel = AtomicBool::new(false);
    let progress = |done| cancel.store(done >= 20, Ordering::Relaxed);
    let some = on_threads(1, || {
        simulation
            .run_with(Control {
                progress: &progress,
                cancel: &cancel,
            })
            .unwrap()
    });
    // Three blocks of 8.
    assert_eq!((some.requested, some.trials.len()), (100, 24));
    for (trial, outcome) in some.trials.iter().zip(&some.rates[0].outcomes) {
        assert_eq!(*outcome, all.rates[0].outcomes[*trial]);
    }
    assert_eq!(
        some.rates[0].estimate(Measure::TestLoss).unwrap().trials,
        24
    );

    let none = simulation
        .run_with(Control {
            progress: &|_| {},
            cancel: &AtomicBool::new(true),
        })
        .unwrap();
    assert!(none.trials.is_empty());
    let estimate = none.rates[0].estimate(Measure::TestLoss).unwrap();
    assert!(estimate.mean.is_nan() && estimate.trials == 0);
}

#[test]
fn one_trial_has_no_standard_error() {
    let population = gaussian_population();
    let base = simulation(
        &Named::GaussianFit,
        &[0.1],
        &population,
        schedule(2, 1, 1, Shuffle::Never),
    );
    let simulated = Simulation { trials: 1, ..base }.run().unwrap();
    let estimate = simulated.rates[0].estimate(Measure::TestLoss).unwrap();
    assert!(estimate.mean.is_finite() && estimate.standard_error.is_nan());
}

#[test]
fn schedules_that_do_not_fit() {
    let new = |train, batch, epochs| {
        Schedule::new(train, batch, epochs, Shuffle::Never).map(|plan| plan.steps())
    };
    assert_eq!(new(6, 2, 5), Ok(15));
    assert_eq!(
        new(6, 4, 1),
        Err(ScheduleError::Indivisible { train: 6, batch: 4 })
    );
    assert_eq!(
        new(4, 8, 1),
        Err(ScheduleError::Indivisible { train: 4, batch: 8 })
    );
    assert_eq!(
        new(0, 1, 1),
        Err(ScheduleError::Zero {
            what: "training points"
        })
    );
    assert_eq!(
        new(1, 0, 1),
        Err(ScheduleError::Zero {
            what: "points in a batch"
        })
    );
    assert_eq!(new(1, 1, 0), Err(ScheduleError::Zero { what: "epochs" }));
    assert_eq!(
        new(2, 1, usize::MAX),
        Err(ScheduleError::TooLong {
            epochs: usize::MAX,
            batches: 2
        })
    );
    assert_eq!(
        Schedule::gradient_descent(0, 3).unwrap_err().to_string(),
        "the number of training points must not be 0"
    );
}

#[test]
fn simulations_that_make_no_sense() {
    let population = gaussian_population();
    let empty = Samples::new(1, vec![]).unwrap();
    let wide = Samples::new(2, vec![0.0; 4]).unwrap();
    let broken = Samples::new(1, vec![0.0, 1.0, f64::INFINITY]).unwrap();
    let base = || {
        simulation(
            &Named::GaussianFit,
            &[0.1],
            &population,
            schedule(2, 1, 1, Shuffle::Never),
        )
    };
    let etas = |eta| Simulation {
        etas: vec![0.1, eta],
        ..base()
    };
    let points = |count| Simulation {
        test_points: TestPoints::Subset(count),
        ..base()
    };
    let cases = [
        (
            Simulation {
                theta0: &[],
                ..base()
            },
            "theta0 has 0 numbers, but the landscape has 1 weights",
        ),
        (
            Simulation {
                theta0: &[f64::NAN],
                ..base()
            },
            "theta0[0] is not a finite number",
        ),
        (
            Simulation {
                probe: Some(&[1.0, 2.0]),
                ..base()
            },
            "probe has 2 numbers, but the landscape has 1 weights",
        ),
        (
            Simulation {
                probe: Some(&[f64::INFINITY]),
                ..base()
            },
            "probe[0] is not a finite number",
        ),
        (
            Simulation {
                population: &empty,
                ..base()
            },
            "the population is empty",
        ),
        (
            Simulation {
                population: &wide,
                ..base()
            },
            "datapoints have 2 numbers, but the landscape wants 1",
        ),
        (
            Simulation {
                population: &broken,
                ..base()
            },
            "number 0 of datapoint 2 is not finite",
        ),
        (
            Simulation {
                etas: vec![],
                ..base()
            },
            "no learning rate is given",
        ),
        (etas(0.0), "the learning rate 0 is not positive and finite"),
        (
            etas(-1.0),
            "the learning rate -1 is not positive and finite",
        ),
        (
            etas(f64::NAN),
            "the learning rate NaN is not positive and finite",
        ),
        (
            etas(f64::INFINITY),
            "the learning rate inf is not positive and finite",
        ),
        (
            Simulation {
                trials: 0,
                ..base()
            },
            "at least one trial is needed",
        ),
        (
            points(1),
            "1 test points: a subset needs from 2 to all 50 points of the population",
        ),
        (
            points(51),
            "51 test points: a subset needs from 2 to all 50 points of the population",
        ),
    ];
    for (simulation, message) in cases {
        let error: SimulationError = simulation.run().unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}
