//! All values that the test loss needs up to order 3, exact averages over a population of Fashion-MNIST images, for the `LeNet`, on all threads.
//!
//! The work is that of the plan's derivatives; see `work/flops.rs`. Dot products and averages are not counted. An item is a pair of images.

mod work;

use criterion::Criterion;
use diagrams::calculus::ValueClass;
use diagrams::calculus::measure::{Measure, diagrams_for, expand};
use diagrams::calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscapes::{FashionLeNet, Named};
use diagrams::runtime::program::Program;
use diagrams::runtime::values::{Options, Values, evaluate};

use work::flops::Shapes;
use work::{Real, Work, bench, criterion, images, weights};

const LANDSCAPE: Named = Named::FashionLeNet;

fn main() {
    let mut criterion = criterion();
    let program = Interpreted::new(&classes());
    for n in [64, 256] {
        order_three::<f32>(&mut criterion, &program, n);
        order_three::<f64>(&mut criterion, &program, n);
    }
    criterion.final_summary();
}

fn classes() -> Vec<ValueClass> {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let spacetime = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::Never);
    let expansion = expand(
        Measure::TestLoss,
        &spacetime,
        diagrams_for(Measure::TestLoss, 3),
    )
    .expect("terms of the test loss");
    expansion
        .values
        .into_iter()
        .map(|(class, _)| class)
        .collect()
}

fn order_three<T: Real>(criterion: &mut Criterion, program: &impl Program, n: usize) {
    let theta: Vec<T> = weights(LANDSCAPE);
    let samples = images(n);
    let local = T::local(LANDSCAPE, &theta, &samples).expect("they fit");
    let blueprint = program.blueprint();
    let work = Work {
        name: &format!("order 3, interpreted, n = {n}"),
        items: (n * n) as f64,
        unit: None,
        flops: Shapes::of(&FashionLeNet {}).plan(&blueprint.plan, 0..blueprint.requested, n),
    };
    bench::<T>(criterion, &work, || {
        std::hint::black_box(values(program, &*local));
    });
}

fn values<T: Real>(program: &impl Program, local: &dyn Derivatives<T>) -> Values<T> {
    evaluate(program, local, &Options::population()).expect("finite values")
}
