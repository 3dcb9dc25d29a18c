//! Measures derivatives of landscapes that define a loss and nothing else, as a user's own may, so that gradients are computed by forward mode.
//!
//! Sixteen directions that all samples share are given in one call (`together`), as plans give them, and in a call each (`one by one`). The same loss,
//! recorded as a graph, has reverse mode and no code of its own (`recorded`).
//!
//! A network of dense layers compares gradients of its declaration (`declared`) and of its recorded loss with those of layers that are put together by hand
//! (`layers`); `recording` is the time that it takes to make
//! its graph.

mod work;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use diagrams::networks::{self, Activation, Loss, Shape};
use diagrams::runtime::derivatives::{
    DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
};
use diagrams::runtime::graph::Expression;
use diagrams::runtime::graph::Graph;
use diagrams::runtime::landscape::Landscape;
use diagrams::runtime::layers::{
    AllCoefficients, Data, Dense, GradientSink, Hidden, softmax_cross_entropy,
};
use diagrams::runtime::network::NetworkLandscape;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::scalar::Scalar;
use diagrams::runtime::weights::{Own, Weights};

use work::Real;

const SAMPLES: usize = 64;
const DIRECTIONS: usize = 16;

/// A perceptron with 10 inputs, 16 hidden hyperbolic tangents, one linear output and the squared error as loss. P = 193.
struct Perceptron;

const INPUTS: usize = 10;
const HIDDEN: usize = 16;

impl Landscape for Perceptron {
    fn dimension(&self) -> usize {
        HIDDEN * (INPUTS + 2) + 1
    }

    fn input_width(&self) -> usize {
        INPUTS + 1
    }

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let (hidden, output) = theta.split_at(HIDDEN * (INPUTS + 1));
        let mut error = output[HIDDEN].clone();
        for (weights, weight) in hidden.chunks_exact(INPUTS + 1).zip(output) {
            let mut sum = weights[INPUTS].clone();
            for (weight, x) in weights.iter().zip(&x[..INPUTS]) {
                sum.add_product_base(weight, x);
            }
            error.add_product(weight, &sum.tanh());
        }
        error.add_base(&-x[INPUTS].clone());
        error.clone() * error
    }
}

/// The linear screw of the paper (section 5.4) with twice the quadratic term and √2 times the noise, and without a gradient of its own. P = 3.
struct Screw;

impl Landscape for Screw {
    fn dimension(&self) -> usize {
        3
    }

    fn input_width(&self) -> usize {
        1
    }

    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let (a, b) = (theta[0].clone(), theta[1].clone());
        let (sine, cosine) = theta[2].clone().sin_cos();
        let along = a.clone() * cosine.clone() + b.clone() * sine.clone();
        let across = b.clone() * cosine - a.clone() * sine;
        let noise = (along.clone() - across).scale(&x[0]);
        a.clone() * a + b.clone() * b + along.clone() * along + noise
    }
}

/// A pass that adds up, over the samples, a derivative along one direction.
fn along<'a, T>(direction: &'a [T], powers: &'a [u8], sum: &'a mut [T]) -> Pass<'a, T> {
    Pass {
        directions: vec![Direction::Shared(direction)],
        outputs: vec![DerivativeOutput {
            powers,
            per_sample: None,
            sum: Some(sum),
        }],
    }
}

fn bench_landscape<T: Real, L: Landscape>(criterion: &mut Criterion, name: &str, landscape: &L) {
    let number = |at: usize| <T as Scalar>::constant((at % 13) as f64 / 26.0 - 0.2);
    let p = landscape.dimension();
    let theta: Vec<T> = (0..p).map(number).collect();
    let numbers = (0..SAMPLES * landscape.input_width()).map(number).collect();
    let samples = Samples::new(landscape.input_width(), numbers).expect("rows are complete");
    let local = PointDerivatives::new(landscape, &theta, &samples).expect("they fit");
    let graph = Graph::record(landscape).expect("no value is looked at");
    let recorded = graph.local(&theta, &samples).expect("they fit");
    let directions: Vec<T> = (0..DIRECTIONS * p).map(|at| number(7 * at + 3)).collect();
    let mut sums = vec![<T as Scalar>::constant(0.0); DIRECTIONS * p];
    for powers in [&[1], &[2]] {
        let mut group = criterion.benchmark_group(format!("{name}, power {}", powers[0]));
        group.throughput(Throughput::Elements((SAMPLES * DIRECTIONS) as u64));
        group.bench_function(format!("one by one/{}", T::NAME), |bencher| {
            bencher.iter(|| {
                for (direction, sum) in directions.chunks(p).zip(sums.chunks_mut(p)) {
                    let pass = along(direction, powers, sum);
                    local
                        .pass(0..SAMPLES, pass)
                        .expect("the processor never fails");
                }
            });
        });
        for (way, derivatives) in [
            ("together", &local as &dyn Derivatives<T>),
            ("recorded", &*recorded),
        ] {
            group.bench_function(format!("{way}/{}", T::NAME), |bencher| {
                bencher.iter(|| {
                    let sets = directions.chunks(p).zip(sums.chunks_mut(p));
                    let passes = sets.map(|(direction, sum)| along(direction, powers, sum));
                    derivatives
                        .passes(0..SAMPLES, passes.collect())
                        .expect("the processor never fails");
                });
            });
        }
        group.finish();
    }
}

/// A network of two dense layers with softplus between them and the cross entropy of the softmax as loss. P = 25,450.
struct Network;

const SIZES: [usize; 3] = [784, 32, 10];

impl Network {
    fn layers() -> [Dense; 2] {
        let [inputs, hidden, outputs] = SIZES;
        [Dense::new(inputs, hidden), Dense::new(hidden, outputs)]
    }

    /// The forward pass: from the pixels to the sums and activations of the first layer and the logits.
    #[inline(always)]
    fn run<A: Scalar, W: Weights<A>>(theta: W, pixels: &[A::Base], numbers: &mut [A]) {
        let (sums, rest) = numbers.split_at_mut(SIZES[1]);
        let (hidden, logits) = rest.split_at_mut(SIZES[1]);
        let [first, second] = Self::layers();
        let (of_first, of_second) = (0..first.weights(), first.weights()..theta.len());
        first.forward::<A, W, Data, AllCoefficients>(theta.range(of_first), pixels, sums);
        for (a, z) in hidden.iter_mut().zip(sums) {
            *a = z.clone().softplus();
        }
        second.forward::<A, W, Hidden, AllCoefficients>(theta.range(of_second), hidden, logits);
    }

    fn numbers<A: Scalar>() -> Vec<A> {
        vec![A::constant(0.0); 2 * SIZES[1] + SIZES[2]]
    }

    /// The same function as a loss that is only recorded.
    fn recorded(theta: &[Expression], x: &[Expression]) -> Expression {
        let (pixels, label) = x.split_at(SIZES[0]);
        let layers = Self::layers();
        let (first, second) = theta.split_at(layers[0].weights());
        let dense = |layer: Dense, theta: &[Expression], x: &[Expression]| -> Vec<Expression> {
            let scale = |inputs: usize| (2.0 / (layer.outputs + inputs) as f64).sqrt();
            let (weights, biases) = theta.split_at(layer.inputs * layer.outputs);
            let rows = weights.chunks_exact(layer.inputs).zip(biases);
            rows.map(|(row, &bias)| {
                let sum: Expression = row.iter().zip(x).map(|(w, x)| w * x).sum();
                sum * scale(layer.inputs) + bias * scale(1)
            })
            .collect()
        };
        let hidden = dense(layers[0], first, pixels);
        let hidden: Vec<Expression> = hidden.into_iter().map(Expression::softplus).collect();
        let logits = dense(layers[1], second, &hidden);
        let chosen: Expression = logits.iter().zip(label).map(|(z, y)| z * y).sum();
        Expression::log_sum_exp(&logits) - chosen
    }
}

impl Landscape for Network {
    fn dimension(&self) -> usize {
        Self::layers().iter().map(Dense::weights).sum()
    }

    fn input_width(&self) -> usize {
        SIZES[0] + SIZES[2]
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let (pixels, label) = x.split_at(SIZES[0]);
        let mut numbers = Self::numbers();
        Self::run(Own(theta), pixels, &mut numbers);
        softmax_cross_entropy(&mut numbers[2 * SIZES[1]..], label)
    }

    #[inline(always)]
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let (pixels, label) = x.split_at(SIZES[0]);
        let mut numbers = Self::numbers();
        Self::run(theta, pixels, &mut numbers);
        let (sums, rest) = numbers.split_at_mut(SIZES[1]);
        let (hidden, logits) = rest.split_at_mut(SIZES[1]);
        let loss = softmax_cross_entropy(logits, label);
        let [first, second] = Self::layers();
        let of_second = theta.range(first.weights()..theta.len());
        let mut adjoints = vec![A::constant(0.0); SIZES[1]];
        second.input_gradient::<A, W, AllCoefficients>(of_second, logits, &mut adjoints);
        second.weight_gradient::<A, Hidden, S>(hidden, logits, (gradient, first.weights()));
        for (d, z) in adjoints.iter_mut().zip(sums) {
            *d = d.clone() * z.clone().sigmoid();
        }
        first.weight_gradient::<A, Data, S>(pixels, &adjoints, (gradient, 0));
        loss
    }
}

/// The sum of the gradients of the samples.
fn bench_network<T: Real>(criterion: &mut Criterion) {
    let number = |at: usize| <T as Scalar>::constant((at % 13) as f64 / 26.0 - 0.2);
    let p = Network.dimension();
    let theta: Vec<T> = (0..p).map(number).collect();
    let numbers = (0..SAMPLES * Network.input_width()).map(number).collect();
    let samples = Samples::new(Network.input_width(), numbers).expect("rows are complete");
    let local = PointDerivatives::new(&Network, &theta, &samples).expect("they fit");
    let record = || Graph::of(p, Network.input_width(), Network::recorded).expect("it is smooth");
    let graph = record();
    let recorded = graph.local(&theta, &samples).expect("they fit");
    let network = networks::Network::input(Shape::Vector(SIZES[0]))
        .then(networks::Dense::new(SIZES[1]))
        .then(Activation::Softplus)
        .then(networks::Dense::new(SIZES[2]))
        .loss(Loss::CrossEntropy)
        .expect("the layers fit");
    let landscape = NetworkLandscape::new(&network);
    let declared = landscape.local(&theta, &samples).expect("they fit");
    let mut sum = vec![<T as Scalar>::constant(0.0); p];
    let mut group = criterion.benchmark_group("network, gradient");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    for (way, derivatives) in [
        ("layers", &local as &dyn Derivatives<T>),
        ("declared", &*declared),
        ("recorded", &*recorded),
    ] {
        group.bench_function(format!("{way}/{}", T::NAME), |bencher| {
            bencher.iter(|| {
                let output = DerivativeOutput {
                    powers: &[],
                    per_sample: None,
                    sum: Some(&mut sum),
                };
                let pass = Pass {
                    directions: vec![],
                    outputs: vec![output],
                };
                derivatives
                    .pass(0..SAMPLES, pass)
                    .expect("the processor never fails");
            });
        });
    }
    group.finish();
    criterion.bench_function(&format!("network, recording/{}", T::NAME), |bencher| {
        bencher.iter(record);
    });
}

fn own_landscapes(criterion: &mut Criterion) {
    bench_landscape::<f32, _>(criterion, "perceptron", &Perceptron);
    bench_landscape::<f64, _>(criterion, "perceptron", &Perceptron);
    bench_landscape::<f32, _>(criterion, "screw", &Screw);
    bench_landscape::<f64, _>(criterion, "screw", &Screw);
    bench_network::<f32>(criterion);
    bench_network::<f64>(criterion);
}

criterion_group! {
    name = benches;
    config = work::criterion();
    targets = own_landscapes
}
criterion_main!(benches);
