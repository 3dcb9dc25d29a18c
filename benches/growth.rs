//! Measures how times grow with the numbers of samples, weights, updates and threads and with the order, and compares with the cost model.
//!
//! The time at each size is the least of a few. A power of the size is fitted to these times, and another one to the times that the cost model
//! predicts at the same sizes from unit costs measured in the same run. With few samples or threads neither power is a whole number, because tasks do
//! not divide evenly.

mod work;

use std::hint::black_box;
use std::time::Instant;

use diagrams::calculus::ValueClass;
use diagrams::calculus::enumerate;
use diagrams::runtime::derivatives::{Derivatives, PointDerivatives};
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscape::{Landscape, initialization};
use diagrams::runtime::landscapes::{Named, Polynomial, logistic};
use diagrams::runtime::program::Program;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{Optimizer, Schedule, Shuffle, Simulation, TestPoints};
use diagrams::runtime::values::{Method, Options, Strategy, UnitCosts, evaluate};
use rayon::ThreadPoolBuilder;

use work::measured::Growth;
use work::powers::{Point, fit};
use work::{images, keep, measuring, weights};

const LENET: Named = Named::FashionLeNet;
const ORDER: usize = 3;
/// The number of times that are measured at each size; the least is reported.
const REPEATS: usize = 3;

fn main() {
    growth_in_samples();
    growth_in_weights();
    growth_in_updates();
    growth_in_the_order();
    growth_in_threads();
    methods();
}

/// The sizes to measure at: all of them, or the first one if criterion only tests that benchmarks run.
fn sizes<const N: usize>(sizes: [usize; N]) -> Vec<usize> {
    let count = if measuring() { N } else { 1 };
    sizes[..count].to_vec()
}

fn growth_in_samples() {
    let theta = weights::<f64>(LENET);
    let program = program(0..=ORDER);
    let linear_program = linear_part(&program);
    let (mut linear, mut pairs) = (vec![], vec![]);
    let samples = images(64);
    let local = LENET.local(&theta, &samples).expect("they fit");
    let costs = [&linear_program, &program].map(|program| unit_costs(program, &*local));
    for n in sizes([64, 96, 128, 192, 256, 384]) {
        let samples = images(n);
        let local = LENET.local(&theta, &samples).expect("they fit");
        let first = values(&linear_program, &*local, &costs[0]);
        let all = values(&program, &*local, &costs[1]);
        pairs.push(Point {
            seconds: all.seconds - first.seconds,
            predicted: all.predicted - first.predicted,
            ..all
        });
        linear.push(first);
    }
    report("values of order 3, linear parts", "n", &linear);
    report("values of order 3, pair parts", "n", &pairs);
}

fn growth_in_weights() {
    let program = program(0..=ORDER);
    let n = 64;
    let points: Vec<Point> = sizes([98, 196, 392, 784])
        .into_iter()
        .map(|pixels| {
            let landscape = logistic(pixels);
            let theta = initialization(landscape.dimension(), 1);
            let samples = narrow(&images(n), pixels);
            let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
            Point {
                size: landscape.dimension() as f64,
                ..values(&program, &local, &unit_costs(&program, &local))
            }
        })
        .collect();
    report("values of order 3, logistic, n = 64", "P", &points);
}

/// The samples with the given number of pixels from the middle of each row of pixels, and with their labels.
fn narrow(images: &Samples<f64>, pixels: usize) -> Samples<f64> {
    let all = Named::FashionLogistic.input_width() - 10;
    let first = (all - pixels) / 2;
    let numbers = (0..images.len())
        .flat_map(|i| {
            let row = images.row(i);
            row[first..first + pixels]
                .iter()
                .chain(&row[all..])
                .copied()
        })
        .collect();
    Samples::new(pixels + 10, numbers).expect("whole rows")
}

fn growth_in_updates() {
    const TRIALS: usize = 512;
    const TESTS: usize = 10;
    let theta0 = weights::<f64>(LENET);
    let population = images(64);
    let local = LENET.local(&theta0, &population).expect("they fit");
    let [loss, gradient] = [0, 1].map(|order| program(order..=order));
    let costs = [&loss, &gradient].map(|program| unit_costs(program, &*local));
    let threads = rayon::current_num_threads() as f64;
    let points: Vec<Point> = sizes([5, 10, 20, 40, 80])
        .into_iter()
        .map(|steps| {
            let simulation = Simulation {
                landscape: &LENET,
                theta0: &theta0,
                population: &population,
                optimizer: Optimizer::Sgd,
                schedule: Schedule::new(steps, 1, 1, Shuffle::Never).expect("one point an update"),
                etas: vec![0.01],
                trials: TRIALS,
                seed: 1,
                probe: None,
                test_points: TestPoints::Subset(TESTS),
                train_loss: false,
            };
            Point {
                size: steps as f64,
                seconds: least_seconds(|| {
                    black_box(simulation.summarize().expect("it can be run"));
                }),
                // The executor computes losses on one thread, so that the unit cost is that of one thread. The simulator uses all threads.
                predicted: predict(&gradient, &costs[1], TRIALS * steps)
                    + predict(&loss, &costs[0], TRIALS * TESTS) / threads,
            }
        })
        .collect();
    report("512 training runs, 10 test points each", "T", &points);
}

fn growth_in_the_order() {
    let theta = weights::<f64>(LENET);
    let n = 8;
    let samples = images(n);
    let local = LENET.local(&theta, &samples).expect("they fit");
    let points: Vec<Point> = sizes([1, 2, 3, 4])
        .into_iter()
        .map(|order| {
            let program = program(0..=order);
            Point {
                size: order as f64,
                ..values(&program, &*local, &unit_costs(&program, &*local))
            }
        })
        .collect();
    report("values up to an order, n = 8", "order", &points);
}

fn growth_in_threads() {
    let theta = weights::<f64>(LENET);
    let n = if measuring() { 128 } else { 16 };
    let samples = images(n);
    let local = LENET.local(&theta, &samples).expect("they fit");
    let program = program(0..=ORDER);
    let points: Vec<Point> = [1, 2]
        .into_iter()
        .flat_map(|threads| {
            let pool = ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("threads can be started");
            // Every time is a point of its own, so that the fit has a standard error.
            pool.install(|| {
                let costs = unit_costs(&program, &*local);
                let times = (0..REPEATS).map(|_| Point {
                    size: threads as f64,
                    ..values(&program, &*local, &costs)
                });
                times.collect::<Vec<Point>>()
            })
        })
        .collect();
    report("values of order 3, n = 128", "threads", &points);
}

/// Prints the times of passes and of explicit tensors for the same values, on polynomials whose tensors are small.
fn methods() {
    let program = program(0..=ORDER);
    for p in sizes([1, 2, 3, 4, 6]) {
        // All monomials of degree at most 4.
        let exponents = (0..4).fold(vec![vec![0; p]], |lower: Vec<Vec<u32>>, _| {
            let mut all = lower.clone();
            for monomial in &lower {
                for i in 0..p {
                    let mut higher = monomial.clone();
                    higher[i] += 1;
                    all.push(higher);
                }
            }
            all.sort();
            all.dedup();
            all
        });
        let n = 256;
        let width = exponents.len();
        let samples = Samples::new(width, initialization(n * width, 1)).expect("whole rows");
        let landscape = Polynomial::new(p, exponents).expect("exponents of p weights");
        let theta = initialization(p, 2);
        let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
        let options = Options::population();
        let chosen = Strategy::choose(&program, &local, &options).expect("no budget");
        println!(
            "polynomial, P = {p}, n = {n}; {:?} is chosen",
            chosen.method
        );
        for method in [Method::Passes, Method::Tensors] {
            let strategy =
                Strategy::choose(&program, &local, &options.by(method)).expect("no budget");
            let predicted = strategy
                .predict(&program, &local)
                .expect("small tensors")
                .total();
            let seconds = least_seconds(|| {
                black_box(strategy.evaluate(&program, &local, 0).expect("finite"));
            });
            println!(
                "    {method:?}: {:8.2} ms, predicted {:8.2} ms",
                1e3 * seconds,
                1e3 * predicted
            );
        }
    }
}

/// An interpreted program for the values of all diagrams of the test loss with these orders.
fn program(orders: std::ops::RangeInclusive<usize>) -> Interpreted {
    let mut classes: Vec<ValueClass> = orders
        .flat_map(enumerate::diagrams)
        .map(|diagram| diagram.value_class())
        .collect();
    classes.sort_by_key(|class| (class.order(), class.clone()));
    classes.dedup();
    Interpreted::new(&classes)
}

/// An interpreted program for those values that take one loop over the samples.
fn linear_part(program: &Interpreted) -> Interpreted {
    let blueprint = program.blueprint();
    let classes: Vec<ValueClass> = (0..blueprint.requested)
        .filter(|&class| blueprint.plan.degree(class) <= 1)
        .map(|class| blueprint.plan.classes[class].clone())
        .collect();
    Interpreted::new(&classes)
}

/// The times of the operations that the program needs, measured now.
fn unit_costs(program: &Interpreted, local: &dyn Derivatives<f64>) -> UnitCosts {
    let blueprint = program.blueprint();
    let demand = blueprint.plan.demand(0..blueprint.requested);
    UnitCosts::measure(local, &blueprint.plan, &demand).expect("there are samples")
}

/// The time of the program's values that the cost model predicts from these unit costs, in seconds.
fn predict(program: &Interpreted, costs: &UnitCosts, samples: usize) -> f64 {
    let blueprint = program.blueprint();
    let demand = blueprint.plan.demand(0..blueprint.requested);
    let prediction = costs.predict(&blueprint.plan, &demand, samples);
    prediction.expect("measured for the program").total()
}

/// The time of the program's values on all samples by passes, measured and predicted.
fn values(program: &Interpreted, local: &dyn Derivatives<f64>, costs: &UnitCosts) -> Point {
    let n = local.samples();
    let options = Options::population().by(Method::Passes);
    Point {
        size: n as f64,
        seconds: least_seconds(|| {
            black_box(evaluate(program, local, &options).expect("finite values"));
        }),
        predicted: predict(program, costs, n),
    }
}

/// The least time that the closure takes, in seconds.
fn least_seconds(mut run: impl FnMut()) -> f64 {
    let repeats = if measuring() { REPEATS } else { 1 };
    (0..repeats)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

/// Prints the times and the fitted powers, and adds the powers to the file of measurements.
fn report(work: &str, quantity: &str, points: &[Point]) {
    println!("{work}");
    for point in points {
        println!(
            "    {quantity} = {:5}: {:8.2} ms, predicted {:8.2} ms",
            point.size,
            1e3 * point.seconds,
            1e3 * point.predicted,
        );
    }
    if points.len() < 2 {
        return;
    }
    let measured = fit(points.iter().map(|p| (p.size, p.seconds)));
    let model = fit(points.iter().map(|p| (p.size, p.predicted)));
    println!(
        "    grows as {quantity}^({:.2} ± {:.2}), by the cost model {quantity}^{:.2}\n",
        measured.exponent, measured.standard_error, model.exponent
    );
    keep(|file| {
        file.growth.push(Growth {
            quantity: quantity.to_owned(),
            work: work.to_owned(),
            measured_exponent: measured.exponent,
            standard_error: measured.standard_error,
            model_exponent: model.exponent,
        });
    });
}
