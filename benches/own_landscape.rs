//! Measures derivatives of landscapes that define a loss and nothing else, as a user's own may, so that gradients are computed by forward mode.
//!
//! Sixteen directions that all samples share are given in one call (`together`), as plans give them, and in a call each (`one by one`). The same loss,
//! recorded as a graph, has reverse mode and no code of its own (`recorded`).

mod work;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use diagrams::runtime::derivatives::{
    DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
};
use diagrams::runtime::graph::Graph;
use diagrams::runtime::landscape::Landscape;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::scalar::Scalar;

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

fn own_landscapes(criterion: &mut Criterion) {
    bench_landscape::<f32, _>(criterion, "perceptron", &Perceptron);
    bench_landscape::<f64, _>(criterion, "perceptron", &Perceptron);
    bench_landscape::<f32, _>(criterion, "screw", &Screw);
    bench_landscape::<f64, _>(criterion, "screw", &Screw);
}

criterion_group! {
    name = benches;
    config = work::criterion();
    targets = own_landscapes
}
criterion_main!(benches);
