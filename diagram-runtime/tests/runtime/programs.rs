//! Optimizers that are programs, simulated: bit for bit as update rules, against plain double precision, and against predictions by the kernels of the same programs.

mod predictions;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use diagram_calculus::optimizer::programs::{
    HeavyBall, LocalSgd, Lookahead, Nesterov, Optimistic, QuasiHyperbolic, ScheduleFree, Svrg,
    TwoStep,
};
use diagram_calculus::optimizer::{
    Averaging, Linear, Program, ProgramError, Sampling, Slot, Training, TrainingError,
};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::samples::Samples;
use diagram_runtime::simulate::draw::Draw;
use diagram_runtime::simulate::{
    Control, FloatingPoint, KeptWeights, Optimizer, Outcome, Schedule, Shuffle, Simulated,
    Simulation, SimulationError, Simulator, UpdateRule,
};
use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::reference::Plain;
use crate::update_rules::{MEASURES, THETA, datapoints, exact, on_threads, polynomial, schedules};

fn simulation<'a, T: FloatingPoint>(
    landscape: &'a dyn Simulator<T>,
    theta0: &'a [T],
    population: &'a Samples<T>,
    schedule: Schedule,
) -> Simulation<'a, T> {
    Simulation {
        trials: 19,
        seed: 7,
        probe: Some(theta0),
        train_loss: true,
        ..Simulation::new(landscape, theta0, population, schedule, &[0.02, 0.1])
    }
}

/// Every gradient is taken at the weights of one update before.
struct Delayed;

impl Program for Delayed {
    fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
        let (mut before, mut theta) = (start.clone(), start.clone());
        for batch in 0..batches {
            let u = step(&before, Slot::Batch(batch));
            before = theta.clone();
            theta.add(&u);
        }
        theta
    }
}

/// Takes the batches of the run from the last one to the first, each twice, and then a step along the whole training set. Its factors are given as differences of points, and as multiples of points.
struct Backwards;

impl Program for Backwards {
    fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
        let mut theta = start.clone();
        for batch in (0..batches).rev() {
            let mut moved = theta.clone();
            moved.add(&step(&theta, Slot::Batch(batch)));
            moved.add(&step(&moved, Slot::Batch(batch)));
            // θ ← moved + (moved - θ)/2, once from a zero that is no step.
            let mut difference = step(&moved, Slot::All);
            difference.scale(&exact("0"));
            difference.add(&moved);
            difference.subtract(&theta);
            theta = moved;
            theta.add_scaled(&exact("1/2"), &difference);
        }
        theta.add(&step(&theta, Slot::All));
        theta
    }
}

/// Calls something with every program.
macro_rules! for_each_program {
    (|$program:ident| $body:block) => {
        for_each_program!(@ $program, $body,
            HeavyBall { momentum: exact("9/10") },
            Nesterov { momentum: exact("9/10") },
            QuasiHyperbolic { momentum: exact("9/10"), share: exact("7/10") },
            ScheduleFree { interpolation: exact("9/10") },
            Lookahead { every: 2, part: exact("1/3") },
            Svrg { every: 3 },
            LocalSgd { workers: 2, every: 2 },
            Optimistic,
            TwoStep { radius: exact("-1") },
            Delayed,
            Backwards
        );
    };
    (@ $program:ident, $body:block, $($each:expr),*) => {$({
        let $program = &$each;
        $body
    })*};
}

use for_each_program;

fn outcomes(simulated: &Simulated) -> Vec<Vec<Outcome>> {
    let rates = simulated.rates.iter();
    rates.map(|rate| rate.outcomes.clone()).collect()
}

fn by_rule<T: FloatingPoint>(simulation: Simulation<'_, T>, rule: UpdateRule) -> Simulated {
    let optimizer = Optimizer::Rule(rule);
    Simulation {
        optimizer,
        ..simulation
    }
    .run()
    .unwrap()
}

/// The largest difference between outcomes, relative to 1 + the number.
fn difference(simulated: &Simulated, other: &Simulated) -> f64 {
    let rates = simulated.rates.iter().zip(&other.rates);
    let trials = rates.flat_map(|(rate, other)| rate.outcomes.iter().zip(&other.outcomes));
    let numbers =
        trials.flat_map(|(one, other)| MEASURES.map(|of| [one.value(of), other.value(of)]));
    numbers
        .map(|[one, other]| {
            assert!(other.is_finite());
            (one - other).abs() / (1.0 + other.abs())
        })
        .fold(0.0, f64::max)
}

/// Some hundred roundings, as for update rules.
const DOUBLE: f64 = 1e-12;

/// Steps are kept as gradients, as update rules keep them, so that momentum, ascents and updates are the same floating point operations.
#[test]
fn programs_are_the_same_bits_as_rules() {
    fn check<T: FloatingPoint>(theta: &[T], population: &Samples<T>) {
        let landscape = polynomial();
        let of_three = Schedule::new(9, 3, 2, Shuffle::EachEpoch).unwrap();
        for schedule in schedules().into_iter().chain([of_three]) {
            let base = || simulation(&landscape, theta, population, schedule);
            let momentum = exact("9/10");
            let rule = UpdateRule::sgd().with_momentum(momentum.clone());
            let program = HeavyBall { momentum };
            let simulated = base().run_program(&program).unwrap();
            assert_eq!(
                outcomes(&simulated),
                outcomes(&by_rule(base(), rule.clone()))
            );
            let program = Nesterov {
                momentum: program.momentum,
            };
            let simulated = base().run_program(&program).unwrap();
            assert_eq!(
                outcomes(&simulated),
                outcomes(&by_rule(base(), rule.nesterov()))
            );
            for radius in ["1/2", "-1"].map(exact) {
                let rule = UpdateRule::sgd().with_ascent(radius.clone());
                let simulated = base().run_program(&TwoStep { radius }).unwrap();
                assert_eq!(outcomes(&simulated), outcomes(&by_rule(base(), rule)));
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

/// A matrix multiplies gradients before momentum, and in rules after it: equal up to rounding.
#[test]
fn a_matrix_multiplies_steps() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let full = LearningRate::matrix(&[vec![2.0, -0.5], vec![-0.5, 0.7]]).unwrap();
    let full = full.descent_on(&landscape).unwrap();
    let diagonal = LearningRate::diagonal(vec![2.0, 0.7]).unwrap();
    let diagonal = diagonal.descent_on(&landscape).unwrap();
    for schedule in schedules() {
        for landscape in [&full as &dyn Simulator<f64>, &diagonal] {
            let base = || simulation(landscape, &THETA, &population, schedule);
            let momentum = exact("9/10");
            let rule = UpdateRule::sgd().with_momentum(momentum.clone());
            let simulated = base().run_program(&HeavyBall { momentum }).unwrap();
            let error = difference(&simulated, &by_rule(base(), rule));
            assert!(error < DOUBLE, "{error:e}");
        }
    }
}

#[test]
fn programs_that_are_other_optimizers_agree_with_them() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let base = |schedule| simulation(&landscape, &THETA, &population, schedule);
    for shuffle in [Shuffle::Never, Shuffle::EachEpoch] {
        let singles = base(Schedule::new(8, 1, 2, shuffle).unwrap());
        // Two workers that meet after every step take the mean gradient of two points.
        let (workers, every) = (2, 1);
        let local = singles.run_program(&LocalSgd { workers, every }).unwrap();
        let pairs = base(Schedule::new(8, 2, 2, shuffle).unwrap());
        let error = difference(&local, &pairs.run().unwrap());
        assert!(error < DOUBLE, "{error:e}");
        // The two gradients of a batch are at the same weights.
        let reduced = singles.run_program(&Svrg { every }).unwrap();
        let descent = base(Schedule::gradient_descent(8, 16).unwrap());
        let error = difference(&reduced, &descent.run().unwrap());
        assert!(error < DOUBLE, "{error:e}");
        // Steps are those of SGD, and the result is the mean of all weights after the first.
        let interpolation = exact("0");
        let free = singles
            .run_program(&ScheduleFree { interpolation })
            .unwrap();
        let averaged = UpdateRule::sgd().averaged(Averaging::Tail(16));
        let error = difference(&free, &by_rule(singles, averaged));
        assert!(error < DOUBLE, "{error:e}");
    }
}

/// The weights of one trial.
#[derive(Clone)]
struct Vector(Vec<f64>);

impl Linear for Vector {
    fn add_scaled(&mut self, factor: &BigRational, other: &Self) {
        for (sum, number) in self.0.iter_mut().zip(&other.0) {
            *sum += factor.to_f64().unwrap() * number;
        }
    }

    fn scale(&mut self, factor: &BigRational) {
        for number in &mut self.0 {
            *number *= factor.to_f64().unwrap();
        }
    }
}

/// The training points of each batch of a trial, and all of them, as rows of the population.
fn batches_of_trial(
    simulation: &Simulation<'_, f64>,
    trial: usize,
) -> (Vec<Vec<usize>>, Vec<usize>) {
    let schedule = simulation.schedule;
    let draw = Draw::new(simulation, trial);
    let mut order = draw.order();
    let mut batches = vec![];
    for _ in 0..schedule.epochs() {
        order.begin_epoch(schedule);
        let visits: Vec<usize> = (0..schedule.visits()).map(|at| order.point(at)).collect();
        batches.extend(visits.chunks(schedule.batch()).map(<[usize]>::to_vec));
    }
    (batches, draw.train)
}

/// -η times the mean gradient at some points.
fn plain_step(
    simulation: &Simulation<'_, f64>,
    eta: f64,
    theta: &[f64],
    rows: &[usize],
) -> Vec<f64> {
    let mut step = vec![0.0; theta.len()];
    for &row in rows {
        let gradient = polynomial().gradient_at(theta, simulation.population.row(row));
        for (step, slope) in step.iter_mut().zip(gradient) {
            *step -= eta / rows.len() as f64 * slope;
        }
    }
    step
}

fn mean_loss(
    simulation: &Simulation<'_, f64>,
    theta: &[f64],
    rows: impl ExactSizeIterator<Item = usize>,
) -> f64 {
    let count = rows.len() as f64;
    let losses = rows.map(|row| polynomial().loss_at(theta, simulation.population.row(row)));
    losses.sum::<f64>() / count
}

/// Checks the losses of a trial at final weights.
fn assert_ends_at(
    simulation: &Simulation<'_, f64>,
    train: &[usize],
    theta: &[f64],
    outcome: &Outcome,
) {
    let test = mean_loss(simulation, theta, 0..simulation.population.len());
    let train = mean_loss(simulation, theta, train.iter().copied());
    let moved = theta.iter().zip(THETA).map(|(to, from)| from * (to - from));
    let moved: f64 = moved.sum();
    for (lanes, plain) in [
        (outcome.test_loss, test),
        (outcome.train_loss, train),
        (outcome.displacement, moved),
    ] {
        assert!(plain.is_finite());
        assert!(
            (lanes - plain).abs() < DOUBLE * (1.0 + plain.abs()),
            "{lanes} {plain}"
        );
    }
}

#[test]
fn lanes_agree_with_plain_double_precision() {
    let (landscape, population) = (polynomial(), datapoints(20));
    for schedule in schedules() {
        let simulation = simulation(&landscape, &THETA, &population, schedule);
        for_each_program!(|program| {
            let simulated = simulation.run_program(program).unwrap();
            for trial in [0, 1, simulation.trials - 1] {
                let (batches, train) = batches_of_trial(&simulation, trial);
                for rate in &simulated.rates {
                    let start = Vector(THETA.to_vec());
                    let end = program.run(&start, schedule.steps(), &mut |theta, slot| {
                        let rows = match slot {
                            Slot::Batch(batch) => &batches[batch],
                            Slot::All => &train,
                        };
                        Vector(plain_step(&simulation, rate.eta, &theta.0, rows))
                    });
                    assert_ends_at(&simulation, &train, &end.0, &rate.outcomes[trial]);
                }
            }
        });
    }
}

/// Without the trait: weights by a loop.
#[test]
fn delayed_gradients_agree_with_a_loop() {
    let (landscape, population) = (polynomial(), datapoints(20));
    for schedule in schedules() {
        let simulation = simulation(&landscape, &THETA, &population, schedule);
        let simulated = simulation.run_program(&Delayed).unwrap();
        for trial in 0..simulation.trials {
            let (batches, train) = batches_of_trial(&simulation, trial);
            for rate in &simulated.rates {
                let (mut before, mut theta) = (THETA, THETA);
                for rows in &batches {
                    let step = plain_step(&simulation, rate.eta, &before, rows);
                    before = theta;
                    theta = [theta[0] + step[0], theta[1] + step[1]];
                }
                assert_ends_at(&simulation, &train, &theta, &rate.outcomes[trial]);
            }
        }
    }
}

#[test]
fn trials_depend_on_seed_and_number_alone() {
    let (landscape, population) = (polynomial(), datapoints(20));
    for schedule in schedules() {
        let base = || simulation::<f64>(&landscape, &THETA, &population, schedule);
        for_each_program!(|program| {
            let once = on_threads(1, || base().run_program(program).unwrap());
            assert_eq!(on_threads(3, || base().run_program(program).unwrap()), once);
            for trials in [1, 5] {
                let few = Simulation { trials, ..base() }
                    .run_program(program)
                    .unwrap();
                for (few, once) in few.rates.iter().zip(&once.rates) {
                    assert_eq!(few.outcomes, once.outcomes[..trials]);
                }
            }
        });
    }
}

#[test]
fn summaries_are_of_the_same_trials() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let schedule = Schedule::new(8, 4, 3, Shuffle::EachEpoch).unwrap();
    let simulation = simulation::<f64>(&landscape, &THETA, &population, schedule);
    let simulated = simulation.run_program(&Optimistic).unwrap();
    let summary = simulation.summarize_program(&Optimistic).unwrap();
    let kept = KeptWeights {
        rate: 1,
        each: true,
    };
    let (again, weights) = simulation
        .summarize_program_with(&Optimistic, Control::unattended(), &[kept])
        .unwrap();
    assert_eq!(again, summary);
    for (rate, of_summary) in simulated.rates.iter().zip(&summary.rates) {
        for measure in MEASURES {
            let [one, other] = [rate.estimate(measure), of_summary.estimate(measure)]
                .map(|estimate| estimate.unwrap().mean);
            assert!((one - other).abs() < DOUBLE);
        }
    }
    // The displacement is along the initial weights.
    let moved = THETA
        .iter()
        .zip(&weights[0].mean)
        .map(|(from, to)| from * (to - from));
    let moved: f64 = moved.sum();
    let displacement = simulated.rates[1].estimate(MEASURES[2]).unwrap();
    assert!((moved - displacement.mean).abs() < DOUBLE);
}

/// What is wrong with a program.
enum Wrong {
    Point,
    Result,
    Batch,
}

impl Program for Wrong {
    fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
        let mut theta = start.clone();
        theta.add(&step(&theta, Slot::Batch(0)));
        match self {
            Wrong::Point => {
                theta.scale(&exact("2/3"));
                theta.add(&step(&theta, Slot::Batch(1)));
            }
            Wrong::Result => theta.subtract(start),
            Wrong::Batch => theta.add(&step(&theta, Slot::Batch(batches))),
        }
        theta
    }
}

/// The same errors as of predictions, and before any gradient is taken.
#[test]
fn programs_that_do_not_fit_are_refused() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let schedule = Schedule::new(4, 2, 2, Shuffle::Never).unwrap();
    let base = || simulation::<f64>(&landscape, &THETA, &population, schedule);
    let not_a_point = |what: &str, factor| ProgramError::NotAPoint {
        what: what.into(),
        factor: exact(factor),
    };
    let no_such_batch = ProgramError::NoSuchBatch {
        evaluation: 1,
        batch: 4,
        batches: 4,
    };
    for (wrong, error) in [
        (
            Wrong::Point,
            not_a_point("the point of evaluation 1", "2/3"),
        ),
        (Wrong::Result, not_a_point("the result", "0")),
        (Wrong::Batch, no_such_batch),
    ] {
        assert_eq!(wrong.check(4), Err(error.clone()));
        let sampling = Sampling::epochs(4, 2, 2, false).unwrap();
        assert_eq!(
            Training::from_program(sampling, &wrong),
            Err(TrainingError::Program(error.clone()))
        );
        let refused = SimulationError::Program(error);
        assert_eq!(base().run_program(&wrong), Err(refused.clone()));
        assert_eq!(base().summarize_program(&wrong), Err(refused));
    }
    let both = Simulation {
        optimizer: Optimizer::Ode,
        ..base()
    };
    assert_eq!(
        both.run_program(&Optimistic).unwrap_err().to_string(),
        "a program takes the place of the optimizer, but the simulation is by ode"
    );
    let none = Simulation {
        trials: 0,
        ..base()
    };
    let error = none.run_program(&Optimistic);
    assert_eq!(error, Err(SimulationError::NoTrials));
}

/// Sets a flag at an evaluation, and counts evaluations.
struct Flagging<'a> {
    flag: &'a AtomicBool,
    at: usize,
    evaluations: AtomicUsize,
}

impl Program for Flagging<'_> {
    fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
        let mut theta = start.clone();
        for batch in 0..batches {
            if self.evaluations.fetch_add(1, Ordering::Relaxed) == self.at {
                self.flag.store(true, Ordering::Relaxed);
            }
            theta.add(&step(&theta, Slot::Batch(batch)));
        }
        theta
    }
}

#[test]
fn a_run_that_is_cancelled_has_no_outcomes() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let schedule = Schedule::new(4, 2, 2, Shuffle::Never).unwrap();
    let base = Simulation {
        trials: 1,
        ..simulation::<f64>(&landscape, &THETA, &population, schedule)
    };
    let flag = AtomicBool::new(false);
    // The four evaluations of the check are the first ones.
    let program = Flagging {
        flag: &flag,
        at: 6,
        evaluations: AtomicUsize::new(0),
    };
    let control = Control {
        cancel: &flag,
        ..Control::unattended()
    };
    let simulated = base.run_program_with(&program, control).unwrap();
    assert!(simulated.trials.is_empty());
    assert_eq!(program.evaluations.into_inner(), 8);
}

/// Asks for another batch each time that it runs.
struct Wandering(AtomicUsize);

impl Program for Wandering {
    fn run<V: Linear>(&self, start: &V, _: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
        let batch = self.0.fetch_add(4, Ordering::Relaxed);
        let mut theta = start.clone();
        theta.add(&step(&theta, Slot::Batch(batch)));
        theta
    }
}

#[test]
fn a_program_that_changes_its_mind_panics() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let schedule = Schedule::new(4, 2, 2, Shuffle::Never).unwrap();
    let base = Simulation {
        trials: 1,
        ..simulation::<f64>(&landscape, &THETA, &population, schedule)
    };
    let wandering = Wandering(AtomicUsize::new(0));
    let ended = catch_unwind(AssertUnwindSafe(|| base.run_program(&wandering)));
    let message = *ended.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(
        message,
        "a program asks for batch 4 of 4, which it did not when it was checked"
    );
}

/// Powers of 9/10 with tens of thousands of digits would take minutes.
#[test]
fn long_runs_are_checked_without_their_kernel() {
    let program = HeavyBall {
        momentum: exact("9/10"),
    };
    assert_eq!(program.check(200_000), Ok(()));
}
