//! Compares recorded losses with the same losses compiled for their landscapes: values of order 3 as exact averages over a population, and training runs.
//!
//! The landscapes are the Gaussian fit and the linear screw, which are compiled in the library, and a perceptron with a gradient of its own, which is
//! compiled here. A recorded loss has no code of its own.

mod work;

use criterion::{Criterion, Throughput};
use diagrams::prelude::diagrams;
use diagrams::runtime::derivatives::{Derivatives, PointDerivatives};
use diagrams::runtime::graph::Graph;
use diagrams::runtime::landscape::Landscape;
use diagrams::runtime::landscapes::{GaussianFit, LinearScrew, Named};
use diagrams::runtime::layers::{
    AllCoefficients, Data, Dense, GradientSink, Hidden, tanh, tanh_reverse,
};
use diagrams::runtime::samples::Samples;
use diagrams::runtime::scalar::Scalar;
use diagrams::runtime::simulate::{
    Optimizer, Schedule, Shuffle, Simulation, Simulator, TestPoints,
};
use diagrams::runtime::values::{Options, evaluate};
use diagrams::runtime::weights::Weights;

use work::Real;

const SAMPLES: usize = 256;
const TRIALS: u64 = 8192;
const STEPS: usize = 10;

diagrams! {
    spacetime Fixed = sgd(train: N, batch: B, epochs: E);
    predictor OrderThree: test_loss in Fixed = all(edges <= 3);
}

/// A perceptron with 10 inputs, 16 hidden hyperbolic tangents, one linear output and the squared error as loss, with reverse mode by hand. P = 193.
struct Perceptron;

impl Perceptron {
    const HIDDEN: usize = 16;

    fn layers() -> [Dense; 2] {
        let unscaled = |inputs, outputs| Dense {
            inputs,
            outputs,
            scales: [1.0; 2],
            bias: true,
        };
        [unscaled(10, Self::HIDDEN), unscaled(Self::HIDDEN, 1)]
    }

    /// The forward pass: the hidden activations and the error.
    #[inline(always)]
    fn run<A: Scalar, W: Weights<A>>(theta: W, x: &[A::Base]) -> ([A; Self::HIDDEN], A) {
        let [first, second] = Self::layers();
        let mut hidden = std::array::from_fn(|_| A::constant(0.0));
        let mut error = [A::constant(0.0)];
        let of_second = theta.range(first.weights()..theta.len());
        first.forward::<A, W, Data, AllCoefficients>(theta, &x[..10], &mut hidden);
        tanh::<A, AllCoefficients>(&mut hidden);
        second.forward::<A, W, Hidden, AllCoefficients>(of_second, &hidden, &mut error);
        let [error] = error;
        (hidden, error.minus_base(&x[10]))
    }
}

impl Landscape for Perceptron {
    fn dimension(&self) -> usize {
        Self::layers().iter().map(Dense::weights).sum()
    }

    fn input_width(&self) -> usize {
        11
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let (hidden, output) = theta.split_at(Self::HIDDEN * 11);
        let (weights, biases) = hidden.split_at(Self::HIDDEN * 10);
        let mut error = output[Self::HIDDEN].clone().minus_base(&x[10]);
        for ((weights, bias), weight) in weights.chunks(10).zip(biases).zip(output) {
            let mut sum = bias.clone();
            for (weight, x) in weights.iter().zip(&x[..10]) {
                sum.add_product_base(weight, x);
            }
            error.add_product(weight, &sum.tanh());
        }
        error.square()
    }

    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        Self::run(theta, x).1.square()
    }

    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let [first, second] = Self::layers();
        let (hidden, error) = Self::run(theta, x);
        let of_second = theta.range(first.weights()..theta.len());
        let adjoint = [error.clone() + error.clone()];
        let mut adjoints: [A; Self::HIDDEN] = std::array::from_fn(|_| A::constant(0.0));
        second.input_gradient::<A, W, AllCoefficients>(of_second, &adjoint, &mut adjoints);
        let to_second = (&mut *gradient, first.weights());
        second.weight_gradient::<A, Hidden, S>(&hidden, &adjoint, to_second);
        tanh_reverse::<A, AllCoefficients>(&hidden, &mut adjoints, &mut []);
        first.weight_gradient::<A, Data, S>(&x[..10], &adjoints, (gradient, 0));
        error.square()
    }
}

/// One loss, compiled and recorded.
struct Pair<'a, T> {
    name: &'a str,
    theta: &'a [T],
    samples: &'a Samples<T>,
    compiled: &'a dyn Simulator<T>,
    recorded: &'a Graph,
}

impl<T: Real> Pair<'_, T> {
    /// Measures values of order 3 with derivatives of both.
    fn values(&self, criterion: &mut Criterion, compiled: &dyn Derivatives<T>) {
        let recorded = self.recorded.local(self.theta, self.samples);
        let recorded = recorded.expect("they fit");
        let mut group = criterion.benchmark_group(format!("{}, values of order 3", self.name));
        group.throughput(Throughput::Elements(SAMPLES as u64));
        for (way, derivatives) in [("compiled", compiled), ("recorded", &*recorded)] {
            group.bench_function(format!("{way}/{}", T::NAME), |bencher| {
                bencher.iter(|| evaluate(&OrderThree, derivatives, &Options::population()));
            });
        }
        group.finish();
    }

    /// Measures training runs of both.
    fn simulation(&self, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group(format!("{}, training runs", self.name));
        group.throughput(Throughput::Elements(TRIALS * STEPS as u64));
        for (way, landscape) in [
            ("compiled", self.compiled),
            ("recorded", self.recorded.simulator::<T>()),
        ] {
            let simulation = Simulation {
                landscape,
                theta0: self.theta,
                population: self.samples,
                optimizer: Optimizer::Sgd,
                schedule: Schedule::new(STEPS, 1, 1, Shuffle::Never).expect("one point an update"),
                etas: vec![0.01],
                trials: TRIALS as usize,
                seed: 1,
                probe: None,
                test_points: TestPoints::Subset(10),
                train_loss: false,
            };
            group.bench_function(format!("{way}/{}", T::NAME), |bencher| {
                bencher.iter(|| simulation.run().expect("it can be run"));
            });
        }
        group.finish();
    }
}

/// Numbers between -0.7 and 0.7 that repeat after 13.
fn numbers<T: Real>(count: usize) -> Vec<T> {
    let number = |at: usize| (at * 5 % 13) as f64 / 9.0 - 0.7;
    (0..count)
        .map(|at| <T as Scalar>::constant(number(at)))
        .collect()
}

fn samples<T: Real>(width: usize) -> Samples<T> {
    Samples::new(width, numbers(SAMPLES * width)).expect("rows are complete")
}

fn built_in<T: Real>(criterion: &mut Criterion, name: &str, named: Named, recorded: &Graph) {
    let theta: Vec<T> = numbers(named.dimension());
    let samples = samples(named.input_width());
    let pair = Pair {
        name,
        theta: &theta,
        samples: &samples,
        compiled: &named,
        recorded,
    };
    pair.values(
        criterion,
        &*named.local(&theta, &samples).expect("they fit"),
    );
    pair.simulation(criterion);
}

fn perceptron<T: Real>(criterion: &mut Criterion) {
    let theta: Vec<T> = numbers(Perceptron.dimension());
    let samples = samples(Perceptron.input_width());
    let pair = Pair {
        name: "perceptron",
        theta: &theta,
        samples: &samples,
        compiled: &Perceptron,
        recorded: &Graph::record(&Perceptron).expect("no value is looked at"),
    };
    let compiled = PointDerivatives::new(&Perceptron, &theta, &samples).expect("they fit");
    pair.values(criterion, &compiled);
    pair.simulation(criterion);
}

fn main() {
    let mut criterion = work::criterion();
    let record = "no value is looked at";
    let (fit, screw) = (Graph::record(&GaussianFit), Graph::record(&LinearScrew));
    let (fit, screw) = (fit.expect(record), screw.expect(record));
    built_in::<f64>(&mut criterion, "Gaussian fit", Named::GaussianFit, &fit);
    built_in::<f64>(&mut criterion, "linear screw", Named::LinearScrew, &screw);
    perceptron::<f32>(&mut criterion);
    perceptron::<f64>(&mut criterion);
    criterion.final_summary();
}
