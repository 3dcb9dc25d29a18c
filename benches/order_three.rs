//! Measures the time of all values that the test loss needs up to order 3, as exact averages over Fashion-MNIST images, for the paper's `LeNet`, on
//! all threads.
//!
//! The floating point operations are those of the plan's derivatives (see `work/flops.rs`), without dot products and averages. An item is an ordered
//! pair of images.

mod work;

use criterion::Criterion;
use diagrams::calculus::ValueClass;
use diagrams::prelude::{Predictor, diagrams};
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscapes::{Named, lenet};
use diagrams::runtime::program::Program;
use diagrams::runtime::values::{Options, Values, evaluate};

use work::flops::Shapes;
use work::{Real, Workload, bench, criterion, images, weights};

const LANDSCAPE: Named = Named::FashionLeNet;

diagrams! {
    spacetime Fixed = sgd(train: N, batch: B, epochs: E);
    predictor Compiled: test_loss in Fixed = all(edges <= 3);
}

fn main() {
    let mut criterion = criterion();
    let classes: Vec<ValueClass> = Compiled::coefficients()
        .iter()
        .map(|(class, _)| class.clone())
        .collect();
    let interpreted = Interpreted::new(&classes);
    // The interpreter and the compiled predictor are compared at the smallest size, where steps take the least time and overhead the largest share.
    order_three::<f32>(&mut criterion, "interpreted", &interpreted, 64);
    for n in [64, 256] {
        order_three::<f32>(&mut criterion, "compiled", &Compiled, n);
        order_three::<f64>(&mut criterion, "compiled", &Compiled, n);
    }
    criterion.final_summary();
}

fn order_three<T: Real>(criterion: &mut Criterion, kind: &str, program: &impl Program, n: usize) {
    let theta: Vec<T> = weights(LANDSCAPE);
    let samples = images(n);
    let local = LANDSCAPE.local(&theta, &samples).expect("they fit");
    let blueprint = program.blueprint();
    let work = Workload {
        name: &format!("order 3, {kind}, n = {n}"),
        items: (n * n) as f64,
        unit: None,
        flops: Shapes::of(&lenet(1, 28)).plan(&blueprint.plan, 0..blueprint.requested, n),
    };
    bench::<T>(criterion, &work, || {
        std::hint::black_box(values(program, &*local));
    });
}

fn values<T: Real>(program: &impl Program, local: &dyn Derivatives<T>) -> Values<T> {
    evaluate(program, local, &Options::population()).expect("finite values")
}
