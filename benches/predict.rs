//! Measures the time of the symbolic part of a prediction: exact coefficients as functions of N, B and E, and plans.

mod work;

use criterion::Criterion;
use diagrams::calculus::ValueClass;
use diagrams::calculus::measure::{Expansion, Measure, diagrams_for, expand};
use diagrams::calculus::plan::Blueprint;
use diagrams::calculus::spacetime::{Parameter, Shuffle, Spacetime};

fn main() {
    let mut criterion = work::criterion();
    predict(&mut criterion);
    criterion.final_summary();
}

fn predict(criterion: &mut Criterion) {
    for order in [3, 4] {
        for (name, shuffle) in [
            ("never", Shuffle::Never),
            ("each epoch", Shuffle::EachEpoch),
        ] {
            criterion.bench_function(
                &format!("expand order {order}, shuffle {name}"),
                |bencher| {
                    bencher.iter(|| expansion(shuffle, order));
                },
            );
        }
        let classes: Vec<ValueClass> = expansion(Shuffle::Never, order)
            .values
            .into_iter()
            .map(|(class, _)| class)
            .collect();
        criterion.bench_function(&format!("plan order {order}"), |bencher| {
            bencher.iter(|| Blueprint::new(&classes));
        });
    }
}

fn expansion(shuffle: Shuffle, order: usize) -> Expansion {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let spacetime = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), shuffle);
    let diagrams = diagrams_for(Measure::TestLoss, order);
    expand(Measure::TestLoss, &spacetime, diagrams).expect("terms of the test loss")
}
