//! Measures the time of all values that the test loss needs up to order 3, as exact averages over 1000 samples, on landscapes with few weights.
//!
//! The values are computed in two ways: by the fused contraction that the macro emitted (`compiled`), and by an interpreted plan with the method that
//! the cost model chooses (`interpreted`). Both times include the derivatives.

mod work;

use std::hint::black_box;

use criterion::Criterion;
use diagrams::calculus::ValueClass;
use diagrams::prelude::{Predictor, diagrams};
use diagrams::runtime::derivatives::{Derivatives, PointDerivatives};
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::{Named, Polynomial};
use diagrams::runtime::samples::Samples;
use diagrams::runtime::values::{Method, Options, evaluate};

/// The number of datapoints in the population.
const SAMPLES: usize = 1000;

diagrams! {
    spacetime Fixed = sgd(train: N, batch: B, epochs: E);
    predictor Compiled: test_loss in Fixed = all(edges <= 3);
}

fn main() {
    let mut criterion = work::criterion();
    named(&mut criterion, Named::GaussianFit);
    named(&mut criterion, Named::LinearScrew);
    for dimension in [4, 8, 12] {
        polynomial(&mut criterion, dimension);
    }
    criterion.final_summary();
}

fn named(criterion: &mut Criterion, landscape: Named) {
    let theta = initialization(landscape.dimension(), 1);
    let numbers = initialization(SAMPLES * landscape.input_width(), 2);
    let samples = Samples::new(landscape.input_width(), numbers).expect("whole rows");
    let local = landscape.local(&theta, &samples).expect("they fit");
    both(criterion, &format!("{landscape:?}"), &*local);
}

/// A polynomial whose monomials are w², w³, w v and w² v for each weight w and its successor v, in cyclic order. The coefficients are the numbers of
/// a sample.
fn polynomial(criterion: &mut Criterion, dimension: usize) {
    let monomials: Vec<Vec<u32>> = (0..dimension)
        .flat_map(|i| [(1, 1), (2, 0), (2, 1), (3, 0)].map(|powers| (i, powers)))
        .map(|(i, (own, next))| {
            let mut monomial = vec![0; dimension];
            monomial[i] += own;
            monomial[(i + 1) % dimension] += next;
            monomial
        })
        .collect();
    let width = monomials.len();
    let landscape = Polynomial::new(dimension, monomials).expect("exponents of each weight");
    let theta = initialization(dimension, 1);
    let samples = Samples::new(width, initialization(SAMPLES * width, 2)).expect("whole rows");
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    both(
        criterion,
        &format!("polynomial of {dimension} weights"),
        &local,
    );
}

/// Measures both ways on one landscape.
fn both(criterion: &mut Criterion, name: &str, local: &dyn Derivatives<f64>) {
    let coefficients = Compiled::coefficients().iter();
    let classes: Vec<ValueClass> = coefficients.map(|(class, _)| class.clone()).collect();
    let interpreted = Interpreted::new(&classes);
    let options = Options::population();
    let mut group = criterion.benchmark_group(format!("order 3, n = {SAMPLES}, {name}"));
    group.bench_function("compiled", |bencher| {
        bencher.iter(|| {
            let options = options.by(Method::Contraction);
            black_box(Compiled::values(local, &options).expect("finite values"))
        });
    });
    group.bench_function("interpreted", |bencher| {
        bencher.iter(|| black_box(evaluate(&interpreted, local, &options).expect("finite values")));
    });
    group.finish();
}
