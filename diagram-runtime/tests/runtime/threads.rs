//! Values on any number of threads.

use diagram_calculus::enumerate;
use diagram_calculus::value_class::ValueClass;
use diagram_runtime::data::embedded_fashion;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscape::initialization;
use diagram_runtime::landscapes::Named;
use diagram_runtime::values::{Options, evaluate};

/// All values up to order 3, where pairs of samples are streamed in blocks: a block is a thread's, sums over blocks are nobody's.
#[test]
fn values_do_not_depend_on_the_number_of_threads() {
    let mut classes: Vec<ValueClass> = (0..=3)
        .flat_map(enumerate::diagrams)
        .map(|diagram| diagram.value_class())
        .collect();
    classes.sort();
    classes.dedup();
    let program = Interpreted::new(&classes);
    let named = Named::FashionLeNet;
    let data = embedded_fashion::<f32>().first(19);
    let weights = initialization(named.dimension(), 5);
    // A quarter of the usual size, so that no layer is saturated.
    let theta: Vec<f32> = weights.iter().map(|weight| (weight / 4.0) as f32).collect();
    let local = named.local(&theta, &data).expect("they fit");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        let values =
            pool.install(|| evaluate(&program, &*local, &Options::population()).expect("finite"));
        let bits = |x: &f32| x.to_bits();
        let entries = values.entries.iter();
        entries
            .flat_map(|value| value.estimate.iter().map(bits))
            .collect::<Vec<u32>>()
    };
    let one = run(1);
    assert!(one.len() >= classes.len());
    for threads in [2, 8] {
        assert!(run(threads) == one, "{threads} threads");
    }
}
