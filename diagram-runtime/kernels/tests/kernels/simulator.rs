//! The kernels of a simulator against loops over lanes and steps, in numbers that no format rounds; and simulators that stand for others.

use std::ops::Range;
use std::sync::Mutex;

use diagram_algebra::exact::Exact;
use diagram_algebra::scalar::{Element, Scalar};
use diagram_algebra::slab::Slab;
use diagram_kernels::device::DeviceError;
use diagram_kernels::landscapes::{
    GaussianFit, LinearScrew, MeanEstimation, Named, Polynomial, Precision,
};
use diagram_kernels::learning_rate::LearningRate;
use diagram_kernels::samples::Samples;
use diagram_kernels::simulator::{Points, Simulator, TestSet};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Losses `x₀ a + x₁ a b + x₂ b² + x₃ a² b`.
fn cubic() -> Polynomial {
    let monomials = [[1, 0], [1, 1], [0, 2], [2, 1]];
    Polynomial::new(2, monomials.map(Vec::from).to_vec()).expect("two exponents each")
}

/// The same by hand, in rationals.
mod by_hand {
    use super::{Exact, Scalar};

    fn times(factors: &[&Exact]) -> Exact {
        let product = |a: Exact, b: &&Exact| a * (*b).clone();
        factors.iter().fold(Exact::constant(1.0), product)
    }

    pub(super) fn loss([a, b]: &[Exact; 2], x: &[Exact]) -> Exact {
        times(&[&x[0], a])
            + times(&[&x[1], a, b])
            + times(&[&x[2], b, b])
            + times(&[&x[3], a, a, b])
    }

    pub(super) fn gradient([a, b]: &[Exact; 2], x: &[Exact]) -> [Exact; 2] {
        let two = &Exact::constant(2.0);
        [
            x[0].clone() + times(&[&x[1], b]) + times(&[two, &x[3], a, b]),
            times(&[&x[1], a]) + times(&[two, &x[2], b]) + times(&[&x[3], a, a]),
        ]
    }

    pub(super) fn hessian_product([a, b]: &[Exact; 2], u: &[Exact; 2], x: &[Exact]) -> [Exact; 2] {
        let two = &Exact::constant(2.0);
        let mixed = x[1].clone() + times(&[two, &x[3], a]);
        [
            times(&[two, &x[3], b, &u[0]]) + times(&[&mixed, &u[1]]),
            times(&[&mixed, &u[0]]) + times(&[two, &x[2], &u[1]]),
        ]
    }
}

const WIDTH: usize = 4;
const POPULATION: usize = 21;
const STEPS: usize = 3;

/// Small whole numbers, so that nothing rounds in single precision.
struct Problem {
    population: Samples<i64>,
    rng: ChaCha8Rng,
}

impl Problem {
    fn new() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(31);
        let numbers = (0..WIDTH * POPULATION).map(|_| rng.random_range(-2..3));
        Problem {
            population: Samples::new(WIDTH, numbers.collect()).expect("whole rows"),
            rng,
        }
    }

    fn numbers(&mut self, count: usize) -> Vec<i64> {
        (0..count).map(|_| self.rng.random_range(-1..2)).collect()
    }

    fn rows(&mut self, count: usize) -> Vec<usize> {
        let row = |_| self.rng.random_range(0..POPULATION);
        (0..count).map(row).collect()
    }

    fn point(&self, row: usize) -> Vec<Exact> {
        exact(self.population.row(row))
    }
}

fn of<T: Element>(numbers: &[i64]) -> Vec<T> {
    numbers.iter().map(|&x| T::constant(x as f64)).collect()
}

fn exact(numbers: &[i64]) -> Vec<Exact> {
    numbers.iter().map(|&x| Exact::from(x)).collect()
}

/// The two weights of a lane.
fn lane<T: Element>(slab: &[T], lane: usize) -> [Exact; 2] {
    [0, 1].map(|i| Exact::constant(slab[i * T::LANES + lane].to_f64()))
}

fn assert_equal<T: Element>(found: &T, expected: &Exact, what: &str) {
    let rational = Exact::constant(found.to_f64());
    assert_eq!(rational, *expected, "{what}: {found}");
}

fn check_kernels<T: Element>(what: &str) {
    let landscape = cubic();
    let kernels: &dyn Simulator<T> = &landscape;
    let lanes = kernels.lanes();
    assert_eq!(lanes, T::LANES);
    assert_eq!(kernels.sizes(), (2, WIDTH));
    assert!(kernels.learning_rate().is_none());

    let mut problem = Problem::new();
    let population = problem.population.map(|&x| T::constant(x as f64));
    let theta = Slab::from_numbers(&of::<T>(&problem.numbers(2 * lanes)));
    let direction = Slab::from_numbers(&of::<T>(&problem.numbers(2 * lanes)));
    let weights = Slab::from_numbers(&of::<T>(&problem.numbers(STEPS * lanes)));
    let before = Slab::from_numbers(&of::<T>(&problem.numbers(2 * lanes)));
    let own = problem.rows(STEPS * lanes);
    let shared = problem.rows(STEPS);
    for points in [Points::EachLane(&own), Points::AllLanes(&shared)] {
        assert_eq!(points.steps(lanes), STEPS);
        let row = |step: usize, lane: usize| match points {
            Points::EachLane(rows) => rows[step * lanes + lane],
            Points::AllLanes(rows) => rows[step],
        };
        let each = |f: &mut dyn FnMut(usize, Vec<Exact>, Exact)| {
            for l in 0..lanes {
                for k in 0..STEPS {
                    let weight = Exact::constant(weights[k * lanes + l].to_f64());
                    f(k * lanes + l, problem.point(row(k, l)), weight);
                }
            }
        };

        let mut losses = Slab::<T>::zeros(STEPS * lanes);
        kernels
            .losses(&theta, &population, points, &mut losses)
            .expect("no failure");
        each(&mut |at, x, _| {
            let expected = by_hand::loss(&lane(&theta, at % lanes), &x);
            assert_equal(&losses[at], &expected, &format!("{what}: loss"));
        });

        let mut total = before.clone();
        kernels
            .add_gradients(&theta, &population, points, &weights, &mut total)
            .expect("no failure");
        let mut products = before.clone();
        kernels
            .add_hessian_products(
                &theta,
                &direction,
                &population,
                points,
                &weights,
                &mut products,
            )
            .expect("no failure");
        let mut gradients: Vec<[Exact; 2]> = (0..lanes).map(|l| lane(&before, l)).collect();
        let mut hessians = gradients.clone();
        each(&mut |at, x, weight| {
            let (l, theta) = (at % lanes, lane(&theta, at % lanes));
            let gradient = by_hand::gradient(&theta, &x);
            let product = by_hand::hessian_product(&theta, &lane(&direction, l), &x);
            for i in 0..2 {
                gradients[l][i] += weight.clone() * gradient[i].clone();
                hessians[l][i] += weight.clone() * product[i].clone();
            }
        });
        for l in 0..lanes {
            for i in 0..2 {
                let at = i * lanes + l;
                assert_equal(&total[at], &gradients[l][i], &format!("{what}: gradient"));
                assert_equal(&products[at], &hessians[l][i], &format!("{what}: Hessian"));
            }
        }

        let step = -0.5;
        let mut moved = theta.clone();
        kernels
            .descend(&mut moved, &population, points, &T::constant(step))
            .expect("no failure");
        for l in 0..lanes {
            let mut weights = lane(&theta, l);
            for k in 0..STEPS {
                let gradient = by_hand::gradient(&weights, &problem.point(row(k, l)));
                for (weight, slope) in weights.iter_mut().zip(gradient) {
                    *weight += Exact::constant(step) * slope;
                }
            }
            for i in 0..2 {
                assert_equal(&moved[i * lanes + l], &weights[i], &format!("{what}: step"));
            }
        }
    }
}

#[test]
fn kernels_are_loops_over_lanes_and_steps() {
    check_kernels::<f32>("single precision");
    check_kernels::<f64>("double precision");
    check_kernels::<Exact>("rationals");
}

fn check_test_losses<T: Element>(what: &str) {
    let landscape = cubic();
    let kernels: &dyn Simulator<T> = &landscape;
    let mut problem = Problem::new();
    let population = problem.population.map(|&x| T::constant(x as f64));
    let theta = problem.numbers(2);
    let weights = [Exact::from(theta[0]), Exact::from(theta[1])];
    let theta = of::<T>(&theta);
    let rows = problem.rows(POPULATION + 4);
    let all: Vec<usize> = (0..POPULATION).collect();

    let packed = kernels.pack(&population);
    let blocks = POPULATION.div_ceil(T::LANES);
    assert_eq!(packed.len(), blocks * T::LANES * WIDTH);
    for at in 0..blocks * T::LANES {
        let (block, lane) = (at / T::LANES, at % T::LANES);
        for i in 0..WIDTH {
            // The last block is filled up with the last point.
            let number = &population.row(at.min(POPULATION - 1))[i];
            let found = &packed[(block * WIDTH + i) * T::LANES + lane];
            assert_eq!(found, number, "{what}: number {i} of point {at}");
        }
    }

    for (points, rows) in [
        (TestSet::Rows(&population, &rows), &rows[..]),
        (TestSet::Rows(&population, &rows[..1]), &rows[..1]),
        (TestSet::Packed(&packed), &all[..]),
        (TestSet::Packed(&packed), &all[..5]),
    ] {
        let mut losses = vec![T::constant(0.0); rows.len()];
        kernels
            .test_losses(&theta, points, &mut losses)
            .expect("no failure");
        for (&row, loss) in rows.iter().zip(&losses) {
            let expected = by_hand::loss(&weights, &problem.point(row));
            assert_equal(loss, &expected, &format!("{what}: test loss"));
        }
    }

    for range in [0..POPULATION, 3..4, 2..10, 5..21] {
        let theta: Vec<f64> = theta.iter().map(Element::to_f64).collect();
        let doubles = problem.population.map(|&x| x as f64);
        let found = kernels
            .sum_gradients(&theta, &doubles, range.clone())
            .expect("no failure");
        let mut sum = [Exact::from(0), Exact::from(0)];
        for row in range {
            let gradient = by_hand::gradient(&weights, &problem.point(row));
            for (sum, slope) in sum.iter_mut().zip(gradient) {
                *sum += slope;
            }
        }
        assert_eq!(found.len(), 2);
        for (found, sum) in found.iter().zip(&sum) {
            assert_equal(found, sum, &format!("{what}: sum of gradients"));
        }
    }
}

#[test]
fn test_losses_and_sums_of_gradients_are_loops_over_points() {
    check_test_losses::<f32>("single precision");
    check_test_losses::<f64>("double precision");
    check_test_losses::<Exact>("rationals");
}

/// All that a simulator computes at some weights and points, as bits.
fn everything<T: Element>(kernels: &dyn Simulator<T>) -> Vec<Vec<u64>> {
    let (dimension, width) = kernels.sizes();
    let lanes = kernels.lanes();
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut slab = |count: usize| {
        let numbers: Vec<T> = (0..count)
            .map(|_| T::constant(f64::from(rng.random_range(-8..9)) / 8.0))
            .collect();
        Slab::from_numbers(&numbers)
    };
    let population = Samples::new(width, slab(width * POPULATION).to_vec()).expect("whole rows");
    let (theta, direction) = (slab(dimension * lanes), slab(dimension * lanes));
    let (weights, total) = (slab(STEPS * lanes), slab(dimension * lanes));
    let one = slab(dimension).to_vec();
    let rows: Vec<usize> = (0..STEPS * lanes)
        .map(|at| (5 * at + 3) % POPULATION)
        .collect();
    let points = Points::EachLane(&rows);

    let mut losses = Slab::zeros(STEPS * lanes);
    let packed = kernels.pack(&population);
    let mut test_losses = Slab::zeros(POPULATION);
    let (mut gradients, mut products, mut moved) = (total.clone(), total, theta.clone());
    let done = [
        kernels.losses(&theta, &population, points, &mut losses),
        kernels.test_losses(&one, TestSet::Packed(&packed), &mut test_losses),
        kernels.add_gradients(&theta, &population, points, &weights, &mut gradients),
        kernels.add_hessian_products(
            &theta,
            &direction,
            &population,
            points,
            &weights,
            &mut products,
        ),
        kernels.descend(&mut moved, &population, points, &T::constant(-0.125)),
    ];
    assert!(done.iter().all(Result::is_ok));
    let doubles = population.map(Element::to_f64);
    let at: Vec<f64> = one.iter().map(Element::to_f64).collect();
    let sums = kernels.sum_gradients(&at, &doubles, 2..POPULATION);
    let slabs = [losses, packed, test_losses, gradients, products, moved];
    let mut all: Vec<Vec<u64>> = slabs
        .iter()
        .map(|slab| slab.iter().map(|x| x.to_f64().to_bits()).collect())
        .collect();
    let sums = sums.expect("no failure");
    all.push(sums.iter().map(|x| x.to_bits()).collect());
    all.push(vec![dimension as u64, width as u64, lanes as u64]);
    all
}

fn check_named<T: Precision>(named: Named, landscape: &dyn Simulator<T>) {
    let kernels: &dyn Simulator<T> = &named;
    assert!(kernels.learning_rate().is_none());
    assert_eq!(everything(kernels), everything(landscape), "{named}");
}

/// What is rounded from double precision agrees with single precision, which rounds some tens of times by 6e-8 in each of its few steps: 1e-5 relative to
/// 1 + the number.
#[test]
fn single_precision_of_few_weights_is_double_precision_rounded() {
    let rounded = everything::<f32>(&Named::GaussianFit);
    let single = everything::<f32>(&GaussianFit);
    assert_eq!(rounded.last(), single.last());
    let numbers = rounded.iter().zip(&single).take(rounded.len() - 1);
    for (rounded, single) in numbers.flat_map(|(a, b)| a.iter().zip(b)) {
        let [rounded, single] = [*rounded, *single].map(f64::from_bits);
        assert!(
            (rounded - single).abs() <= 1e-5 * (1.0 + single.abs()),
            "{rounded} {single}"
        );
    }
}

/// The generic implementation and the one that is compiled in the library are the same code.
#[test]
fn named_landscapes_simulate_as_their_types_do() {
    check_named::<f64>(Named::GaussianFit, &GaussianFit);
    check_named::<f64>(Named::LinearScrew, &LinearScrew);
    check_named::<f64>(Named::MeanEstimation, &MeanEstimation::default());
    let sizes: Vec<(usize, usize)> = Named::ALL.iter().map(Simulator::<f32>::sizes).collect();
    assert_eq!(
        sizes,
        [
            (7850, 794),
            (4490, 794),
            (30730, 3082),
            (5890, 3082),
            (1, 1),
            (3, 1),
            (1, 1)
        ]
    );
}

/// The numbers of each argument of a call.
type Call = (&'static str, Vec<Vec<f64>>);

/// Writes down its calls, and answers each in its own way.
#[derive(Default)]
struct Recorder(Mutex<Vec<Call>>);

const ANSWER: [f64; 3] = [11.0, 12.0, 13.0];

fn failure(message: &str) -> Result<(), DeviceError> {
    Err(DeviceError::Lost {
        what: "a recorded call".into(),
        message: message.into(),
    })
}

fn rows_of(points: Points<'_>) -> Vec<f64> {
    let (kind, rows) = match points {
        Points::EachLane(rows) => (1.0, rows),
        Points::AllLanes(rows) => (2.0, rows),
    };
    [kind]
        .into_iter()
        .chain(rows.iter().map(|&row| row as f64))
        .collect()
}

impl Recorder {
    fn write(&self, method: &'static str, arguments: &[&[f64]]) {
        let numbers = arguments.iter().map(|numbers| numbers.to_vec()).collect();
        self.0.lock().expect("no panic").push((method, numbers));
    }
}

impl Simulator<f64> for Recorder {
    fn sizes(&self) -> (usize, usize) {
        (2, 5)
    }

    fn lanes(&self) -> usize {
        3
    }

    fn losses(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Points<'_>,
        losses: &mut [f64],
    ) -> Result<(), DeviceError> {
        self.write("losses", &[theta, population.row(0), &rows_of(points)]);
        losses.copy_from_slice(&ANSWER);
        failure("losses")
    }

    fn pack(&self, population: &Samples<f64>) -> Slab<f64> {
        self.write("pack", &[population.row(0)]);
        Slab::from_numbers(&ANSWER)
    }

    fn test_losses(
        &self,
        theta: &[f64],
        points: TestSet<'_, f64>,
        losses: &mut [f64],
    ) -> Result<(), DeviceError> {
        match points {
            TestSet::Rows(population, rows) => {
                let rows: Vec<f64> = rows.iter().map(|&row| row as f64).collect();
                self.write("test_losses", &[theta, population.row(0), &rows]);
            }
            TestSet::Packed(packed) => self.write("test_losses", &[theta, packed]),
        }
        losses.copy_from_slice(&ANSWER);
        failure("test_losses")
    }

    fn add_gradients(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Points<'_>,
        weights: &[f64],
        total: &mut [f64],
    ) -> Result<(), DeviceError> {
        let arguments = [theta, population.row(0), &rows_of(points), weights, total];
        self.write("add_gradients", &arguments);
        total.copy_from_slice(&ANSWER);
        failure("add_gradients")
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
        let rows = rows_of(points);
        let arguments = [theta, direction, population.row(0), &rows, weights, total];
        self.write("add_hessian_products", &arguments);
        total.copy_from_slice(&ANSWER);
        failure("add_hessian_products")
    }

    fn descend(
        &self,
        theta: &mut [f64],
        population: &Samples<f64>,
        points: Points<'_>,
        step: &f64,
    ) -> Result<(), DeviceError> {
        let arguments = [theta, population.row(0), &rows_of(points), &[*step]];
        self.write("descend", &arguments);
        theta.copy_from_slice(&ANSWER);
        failure("descend")
    }

    fn sum_gradients(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Range<usize>,
    ) -> Result<Vec<f64>, DeviceError> {
        let range = [points.start as f64, points.end as f64];
        self.write("sum_gradients", &[theta, population.row(0), &range]);
        Ok(ANSWER.to_vec())
    }
}

/// Calls each method once, with arguments that all differ.
fn call_all(kernels: &dyn Simulator<f64>) {
    let population = Samples::new(2, vec![1.0, 2.0]).expect("a row");
    let (theta, direction, weights) = ([3.0, 4.0], [5.0, 6.0], [7.0, 8.0]);
    let points = Points::AllLanes(&[0, 9]);
    let failed = |method: &str, result: Result<(), DeviceError>, written: &[f64]| {
        assert_eq!(result, failure(method));
        assert_eq!(written, ANSWER);
    };
    assert_eq!((kernels.sizes(), kernels.lanes()), ((2, 5), 3));
    let mut to = [20.0; 3];
    let result = kernels.losses(&theta, &population, points, &mut to);
    failed("losses", result, &to);
    assert_eq!(kernels.pack(&population)[..], ANSWER);
    for points in [TestSet::Packed(&[1.5]), TestSet::Rows(&population, &[0, 8])] {
        let mut to = [21.0; 3];
        let result = kernels.test_losses(&theta, points, &mut to);
        failed("test_losses", result, &to);
    }
    let mut to = [22.0; 3];
    let result = kernels.add_gradients(&theta, &population, points, &weights, &mut to);
    failed("add_gradients", result, &to);
    let mut to = [23.0; 3];
    let result =
        kernels.add_hessian_products(&theta, &direction, &population, points, &weights, &mut to);
    failed("add_hessian_products", result, &to);
    let mut to = [24.0; 3];
    let result = kernels.descend(&mut to, &population, points, &-0.5);
    failed("descend", result, &to);
    let sums = kernels.sum_gradients(&theta, &population, 3..17);
    assert_eq!(sums.as_deref(), Ok(&ANSWER[..]));
}

#[test]
fn a_preconditioned_descent_hands_every_call_on() {
    let alone = Recorder::default();
    call_all(&alone);
    let calls = alone.0.into_inner().expect("no panic");
    assert_eq!(calls.len(), 8);

    let recorder = Recorder::default();
    let rate = LearningRate::diagonal(vec![4.0, 9.0]).expect("positive");
    let descent = rate.descent_on(&recorder).expect("two weights");
    call_all(&descent);
    assert_eq!(descent.learning_rate(), Some(&rate));
    // A scalar around it is none.
    let around = LearningRate::scalar();
    let around = around.descent_on(&descent).expect("any number of weights");
    assert_eq!(around.learning_rate(), Some(&rate));
    assert_eq!(*recorder.0.lock().expect("no panic"), calls);
    call_all(&around);
    assert_eq!(recorder.0.lock().expect("no panic")[8..], calls);
    let scalar = LearningRate::scalar();
    let scalar = scalar.descent_on(&recorder).expect("any number of weights");
    assert!(scalar.learning_rate().is_none());
}
