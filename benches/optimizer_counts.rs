//! Measures the time of the weights of all diagrams of an order, in double precision, for long runs of SGD and of momentum: sweeps over the updates.

mod work;

use criterion::Criterion;
use diagrams::calculus::measure::Measure;
use diagrams::calculus::optimizer::{Number, Sampling, Training, UpdateRule};

fn main() {
    let mut criterion = work::criterion();
    counts(&mut criterion);
    criterion.final_summary();
}

fn counts(criterion: &mut Criterion) {
    let nine_tenths = Number::new(9.into(), 10.into());
    let rules = [
        ("SGD", UpdateRule::sgd()),
        ("momentum", UpdateRule::sgd().with_momentum(nine_tenths)),
    ];
    let epochs = |train, epochs, shuffled| {
        Sampling::epochs(train, 1, epochs, shuffled).expect("sizes are positive")
    };
    for (name, sampling, order) in [
        (
            "one pass, T = 100,000, order 4",
            epochs(100_000, 1, false),
            4,
        ),
        ("one pass, T = 10,000, order 5", epochs(10_000, 1, false), 5),
        (
            "shuffled, N/B = 100, E = 50, order 3",
            epochs(100, 50, true),
            3,
        ),
        (
            "given, N/B = 100, E = 50, order 3",
            epochs(100, 50, false),
            3,
        ),
    ] {
        for (rule_name, rule) in &rules {
            let training =
                Training::new(sampling.clone(), rule.clone()).expect("the rule fits the run");
            criterion.bench_function(&format!("counts, {name}, {rule_name}"), |bencher| {
                bencher.iter(|| {
                    let terms = training.expand::<f64>(Measure::TestLoss, order);
                    terms.expect("there are no options that change values")
                });
            });
        }
    }
}
