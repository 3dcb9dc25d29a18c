//! Update rules: in lanes against plain double precision, against closed forms, and against `PyTorch`; and batches that are drawn with replacement.

mod closed_forms;
mod replacement;
mod torch;

use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{
    Ascent, Averaging, Betas, LearningRates, Momentum, RuleError, WeightDecay,
};
use diagram_runtime::data::embedded_fashion;
use diagram_runtime::landscape::initialization;
use diagram_runtime::landscapes::{Named, Polynomial, lenet};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::Element;
use diagram_runtime::simulate::{
    FloatingPoint, Optimizer, Outcome, Schedule, Shuffle, Simulation, SimulationError, Simulator,
    TestPoints, UpdateRule,
};
use num_rational::BigRational;

use crate::reference::{Plain, run_trials};

pub(crate) const THETA: [f64; 2] = [0.5, -0.3];
pub(crate) const MEASURES: [Measure; 3] =
    [Measure::TestLoss, Measure::TrainLoss, Measure::Displacement];

/// A datapoint's loss is `x₀ a + x₁ a² + x₂ a b + x₃ b² + x₄ a² b`: Hessians that change from place to place.
pub(crate) fn polynomial() -> Polynomial {
    let monomials = [[1, 0], [2, 0], [1, 1], [0, 2], [2, 1]];
    Polynomial::new(2, monomials.map(Vec::from).to_vec()).unwrap()
}

/// Coefficients with the curvatures of a bowl.
pub(crate) fn datapoints(count: usize) -> Samples<f64> {
    let mut numbers = initialization(5 * count, 21);
    for coefficients in numbers.chunks_exact_mut(5) {
        coefficients[1] += 1.0;
        coefficients[3] += 1.0;
    }
    Samples::new(5, numbers).unwrap()
}

pub(crate) fn exact(number: &str) -> BigRational {
    number.parse().unwrap()
}

fn list(numbers: impl IntoIterator<Item = i64>, denominator: i64) -> Vec<BigRational> {
    let numbers = numbers.into_iter();
    numbers
        .map(|n| BigRational::new(n.into(), denominator.into()))
        .collect()
}

fn momentum() -> UpdateRule {
    UpdateRule::sgd().with_momentum(exact("9/10"))
}

fn decaying(rule: UpdateRule, coupled: bool, mask: Option<Vec<bool>>) -> UpdateRule {
    let decay = WeightDecay {
        rate: exact("3/7"),
        coupled,
        mask,
    };
    UpdateRule {
        weight_decay: Some(decay),
        ..rule
    }
}

fn in_groups(rule: UpdateRule, radius: &str, group: usize) -> UpdateRule {
    let ascent = Ascent {
        radius: exact(radius),
        group: Some(group),
    };
    UpdateRule {
        ascent: Some(ascent),
        ..rule
    }
}

/// Every option alone.
fn single_options(steps: usize) -> Vec<UpdateRule> {
    let sgd = UpdateRule::sgd;
    let count = steps as i64;
    let dampened = Momentum {
        beta: Betas::Constant(exact("4/5")),
        dampening: exact("1/4"),
        nesterov: false,
    };
    let varying = |nesterov| Momentum {
        beta: Betas::List(list((0..count).map(|t| 5 + t), 20)),
        dampening: exact("0"),
        nesterov,
    };
    let mut weights = list((0..=count).map(|t| t % 3 - 1), 5);
    let sum: BigRational = weights.iter().sum();
    weights[1] += exact("1") - sum;
    let with = |momentum| UpdateRule {
        momentum: Some(momentum),
        ..sgd()
    };
    vec![
        momentum(),
        momentum().nesterov(),
        with(dampened),
        with(varying(false)),
        with(varying(true)),
        sgd().scheduled(LearningRates::List(list(
            (0..count).map(|t| 2 + t / 2 % 3),
            3,
        ))),
        sgd().scheduled(LearningRates::Warmup { updates: 4 }),
        sgd().scheduled(LearningRates::Cosine),
        sgd().scheduled(LearningRates::Step {
            every: 2,
            factor: exact("2/3"),
        }),
        sgd().scheduled(LearningRates::Exponential {
            factor: exact("5/6"),
        }),
        sgd().scheduled(LearningRates::OneCycle),
        sgd().averaged(Averaging::Tail(3)),
        sgd().averaged(Averaging::Tail(steps + 1)),
        sgd().averaged(Averaging::Ema(exact("3/4"))),
        sgd().averaged(Averaging::Weights(weights)),
        decaying(sgd(), true, None),
        decaying(sgd(), false, None),
        decaying(sgd(), true, Some(vec![false, true])),
        decaying(sgd(), false, Some(vec![true, false])),
    ]
}

/// Options that go together. Those of the first list are defined with a matrix, too.
fn combinations(steps: usize) -> [Vec<UpdateRule>; 2] {
    let nesterov = || momentum().nesterov();
    let mask = || Some(vec![true, false]);
    let tail = Averaging::Tail(steps / 2);
    let simple = vec![
        nesterov()
            .scheduled(LearningRates::Cosine)
            .averaged(tail.clone()),
        decaying(momentum(), true, mask()).averaged(Averaging::Ema(exact("1/2"))),
        decaying(nesterov(), false, None).scheduled(LearningRates::Warmup { updates: 3 }),
        UpdateRule::sgd()
            .scheduled(LearningRates::Step {
                every: 3,
                factor: exact("1/2"),
            })
            .averaged(tail),
    ];
    let sgd = UpdateRule::sgd;
    let ahead = vec![
        sgd().with_ascent(exact("1/2")),
        sgd().with_ascent(exact("-1")),
        in_groups(sgd(), "2/3", 1),
        in_groups(sgd(), "2/3", 2),
        decaying(in_groups(nesterov(), "1/3", 2), true, None).scheduled(LearningRates::Cosine),
        decaying(momentum().with_ascent(exact("1/2")), false, mask()).averaged(Averaging::Tail(2)),
        sgd().with_hessian(exact("1/2")),
        sgd().with_hessian(exact("-1/4")),
        decaying(nesterov().with_hessian(exact("1/2")), false, None)
            .scheduled(LearningRates::OneCycle)
            .averaged(Averaging::Ema(exact("2/3"))),
    ];
    [simple, ahead]
}

pub(crate) fn schedules() -> [Schedule; 4] {
    [
        Schedule::new(12, 1, 1, Shuffle::Never).unwrap(),
        Schedule::new(8, 4, 3, Shuffle::EachEpoch).unwrap(),
        Schedule::with_replacement(5, 4, 6).unwrap(),
        Schedule::with_replacement(5, 1, 9).unwrap(),
    ]
}

/// All rules that fit a schedule.
fn rules(schedule: Schedule, on_matrix: bool) -> Vec<UpdateRule> {
    let [simple, ahead] = combinations(schedule.steps());
    let ahead = ahead.into_iter().filter(|_| !on_matrix);
    let rules = single_options(schedule.steps()).into_iter();
    rules
        .chain(simple)
        .chain(ahead)
        .filter(|rule| rule.check(schedule.steps(), schedule.batch()).is_ok())
        .collect()
}

fn simulation<'a, T: Element>(
    landscape: &'a dyn Simulator<T>,
    theta0: &'a [T],
    population: &'a Samples<T>,
    rule: UpdateRule,
    schedule: Schedule,
) -> Simulation<'a, T> {
    Simulation {
        landscape,
        theta0,
        population,
        optimizer: Optimizer::Rule(rule),
        schedule,
        etas: vec![0.02, 0.1],
        trials: 19,
        seed: 7,
        probe: Some(theta0),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

/// Largest difference between lanes and plain double precision, relative to 1 + the number.
fn largest_error<T: FloatingPoint>(plain: &dyn Plain, simulation: &Simulation<'_, T>) -> f64 {
    let simulated = simulation.run().unwrap();
    let mut largest = 0.0_f64;
    let trials = [0, 1, simulation.trials - 1];
    let expected = run_trials(plain, simulation, &trials);
    for (trial, expected) in trials.into_iter().zip(expected) {
        for (rate, expected) in simulated.rates.iter().zip(expected) {
            for measure in MEASURES {
                let [lanes, plain] =
                    [&rate.outcomes[trial], &expected].map(|outcome| outcome.value(measure));
                assert!(plain.is_finite(), "{measure:?} of trial {trial}");
                largest = largest.max((lanes - plain).abs() / (1.0 + plain.abs()));
            }
        }
    }
    largest
}

/// At most 12 updates of some ten terms of order 1 each, some hundred for the Hessian, which later updates hardly enlarge: 1e3 roundings of 1e-16, or in single precision 6e-8, of
/// which the independent ones add up to √1e3 = 30.
const DOUBLE: f64 = 1e-12;
const SINGLE: f64 = 2e-5;

#[test]
fn lanes_agree_with_plain_double_precision() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let full = LearningRate::matrix(&[vec![2.0, -0.5], vec![-0.5, 0.7]]).unwrap();
    let full = full.descent_on(&landscape).unwrap();
    let diagonal = LearningRate::diagonal(vec![2.0, 0.7]).unwrap();
    let diagonal = diagonal.descent_on(&landscape).unwrap();
    let single = population.map(|x| *x as f32);
    for schedule in schedules() {
        for (at, simulator) in [&landscape as &dyn Simulator<f64>, &full, &diagonal]
            .into_iter()
            .enumerate()
        {
            for rule in rules(schedule, at > 0) {
                let simulation = simulation(simulator, &THETA, &population, rule, schedule);
                let error = largest_error(&landscape, &simulation);
                let name = &simulation.optimizer;
                assert!(error < DOUBLE, "{name}, {schedule:?}, {at}: {error:e}");
            }
        }
        for rule in rules(schedule, false) {
            let theta = THETA.map(|weight| weight as f32);
            let simulation = simulation(&landscape, &theta, &single, rule, schedule);
            let error = largest_error(&landscape, &simulation);
            let name = &simulation.optimizer;
            assert!(error < SINGLE, "{name}, {schedule:?}: {error:e}");
            assert!(error > 0.0, "single precision cannot be exact");
        }
    }
}

/// The tolerance of the same test for SGD: see the module `simulate`.
#[test]
fn lanes_agree_with_plain_double_precision_on_a_network() {
    let population = embedded_fashion::<f64>().first(11);
    let weights = Named::FashionLeNet.dimension();
    let theta = initialization(weights, 3);
    let mask: Vec<bool> = (0..weights).map(|at| at % 3 > 0).collect();
    let schedule = Schedule::new(4, 2, 2, Shuffle::EachEpoch).unwrap();
    for rule in [
        decaying(momentum().nesterov(), true, Some(mask)).averaged(Averaging::Ema(exact("1/2"))),
        in_groups(momentum(), "1/2", 1).scheduled(LearningRates::Cosine),
    ] {
        let simulation = Simulation {
            etas: vec![0.1],
            trials: 9,
            ..simulation::<f64>(&Named::FashionLeNet, &theta, &population, rule, schedule)
        };
        let error = largest_error(&lenet(1, 28), &simulation);
        assert!(error < 1e-10, "{}: {error:e}", simulation.optimizer);
    }
}

pub(crate) fn on_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new();
    pool.num_threads(threads).build().unwrap().install(f)
}

fn outcomes<T: FloatingPoint>(simulation: &Simulation<'_, T>) -> Vec<Outcome> {
    simulation.run().unwrap().rates[1].outcomes.clone()
}

/// In single precision, too, where lanes leave the series of the Hessian-based update at other terms.
#[test]
fn trials_depend_on_seed_and_number_alone() {
    fn check<T: FloatingPoint>(theta: &[T], population: &Samples<T>) {
        let landscape = polynomial();
        for schedule in schedules() {
            for rule in rules(schedule, false) {
                let base = || simulation(&landscape, theta, population, rule.clone(), schedule);
                let once = on_threads(1, || outcomes(&base()));
                assert_eq!(on_threads(3, || outcomes(&base())), once);
                let few = |trials| Simulation { trials, ..base() };
                for trials in [1, 5, 9] {
                    assert_eq!(
                        outcomes(&few(trials)),
                        once[..trials],
                        "{}",
                        base().optimizer
                    );
                }
                // Other learning rates do not matter.
                let others = Simulation {
                    etas: vec![0.03, 0.1],
                    ..base()
                };
                assert_eq!(outcomes(&others), once);
            }
        }
    }
    let population = datapoints(20);
    check(&THETA, &population);
    check(
        &THETA.map(|weight| weight as f32),
        &population.map(|x| *x as f32),
    );
}

#[test]
fn a_rule_without_options_is_sgd_bit_for_bit() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let metric = LearningRate::diagonal(vec![2.0, 0.7]).unwrap();
    let scaled = metric.descent_on(&landscape).unwrap();
    for landscape in [&landscape as &dyn Simulator<f64>, &scaled] {
        for schedule in schedules() {
            let plain = simulation(landscape, &THETA, &population, UpdateRule::sgd(), schedule);
            let sgd = Simulation {
                optimizer: Optimizer::Sgd,
                ..simulation(landscape, &THETA, &population, UpdateRule::sgd(), schedule)
            };
            assert!(plain.optimizer.is_sgd());
            assert_eq!(outcomes(&plain), outcomes(&sgd));
        }
    }
    // A schedule that changes nothing takes the steps of SGD, too, where they are of one point.
    let schedule = Schedule::new(70, 1, 2, Shuffle::EachEpoch).unwrap();
    let ones = LearningRates::List(list(std::iter::repeat_n(1, 140), 1));
    let rule = UpdateRule::sgd()
        .scheduled(ones)
        .averaged(Averaging::Tail(1));
    let listed = simulation(&landscape, &THETA, &population, rule, schedule);
    let sgd = simulation(&landscape, &THETA, &population, UpdateRule::sgd(), schedule);
    assert!(!listed.optimizer.is_sgd());
    assert_eq!(outcomes(&listed), outcomes(&sgd));
}

#[test]
fn rules_that_do_not_fit_are_refused() {
    let (landscape, population) = (polynomial(), datapoints(6));
    let schedule = Schedule::new(4, 2, 2, Shuffle::Never).unwrap();
    let metric = LearningRate::diagonal(vec![2.0, 0.7]).unwrap();
    let scaled = metric.descent_on(&landscape).unwrap();
    let refused = |landscape: &dyn Simulator<f64>, rule| {
        let simulation = simulation(landscape, &THETA, &population, rule, schedule);
        simulation.run().unwrap_err()
    };
    let long = UpdateRule::sgd().averaged(Averaging::Tail(6));
    assert_eq!(
        refused(&landscape, long),
        SimulationError::Rule(RuleError::LongAverage {
            average: 6,
            iterates: 5
        })
    );
    assert_eq!(
        refused(&landscape, in_groups(UpdateRule::sgd(), "1", 4)),
        SimulationError::Rule(RuleError::Group { group: 4, batch: 2 })
    );
    let narrow = refused(&landscape, decaying(momentum(), true, Some(vec![true])));
    assert_eq!(
        narrow.to_string(),
        "weight decay has a mask of 1 entries, but the landscape has 2 weights"
    );
    for rule in [
        UpdateRule::sgd().with_ascent(exact("1")),
        UpdateRule::sgd().with_hessian(exact("1")),
    ] {
        let error = refused(&scaled, rule);
        assert!(
            matches!(error, SimulationError::RuleOnMatrix { .. }),
            "{error}"
        );
    }
}

#[test]
fn rules_are_displayed_by_what_they_set() {
    let display = |rule| Optimizer::Rule(rule).to_string();
    assert_eq!(display(UpdateRule::sgd()), "sgd");
    assert_eq!(
        display(momentum().nesterov()),
        "sgd with momentum 9/10, nesterov"
    );
    assert_eq!(
        display(
            decaying(
                in_groups(momentum(), "1/2", 2),
                true,
                Some(vec![true, false])
            )
            .scheduled(LearningRates::Cosine)
            .averaged(Averaging::Tail(3))
        ),
        "sgd with cosine schedule, momentum 9/10, ascent 1/2 of micro-batches of 2, coupled weight decay 3/7 of 1 of 2 weights, the mean of the last 3 iterates"
    );
}
