//! Steps in other ways than users can ask for.

use diagram_calculus::enumerate;
use diagram_calculus::value_class::ValueClass;
use proptest::prelude::*;

use super::{Execute, Executor};
use crate::derivatives::PointDerivatives;
use crate::exact::Exact;
use crate::interpret::{Interpreted, interpret};
use crate::landscapes::Polynomial;
use crate::program::Program;
use crate::samples::Samples;

const SAMPLES: usize = 19;

/// All classes of at most three edges, scalars and displacements.
fn classes() -> Vec<ValueClass> {
    let mut classes: Vec<ValueClass> = enumerate::diagrams_with_root_ties(3)
        .map(|d| d.value_class())
        .chain(enumerate::diagrams(3).filter_map(|d| d.displacement_class()))
        .collect();
    classes.sort();
    classes.dedup();
    classes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn streamed_pairs_equal_stored_ones(
        points in prop::collection::vec(-2..=2_i64, 5 * SAMPLES),
        theta in [-1..=1_i64, -1..=1],
    ) {
        // A limit of zero bytes streams every table over pairs, in more than one block of them; order 3 reads the stream in every way.
        let monomials = [[1, 0], [0, 2], [1, 1], [3, 1], [0, 4]].map(Vec::from).to_vec();
        let landscape = Polynomial::new(2, monomials).expect("well-formed");
        let theta = theta.map(Exact::from);
        let samples = Samples::new(5, points.into_iter().map(Exact::from).collect());
        let samples = samples.expect("as many numbers as monomials");
        let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
        let program = Interpreted::new(&classes());
        let plan = &program.blueprint().plan;
        let mut stored = Executor::new(&local, 0..SAMPLES).expect("not empty");
        let mut streamed = Executor::new(&local, 0..SAMPLES).expect("not empty").with_limit(0);
        interpret(plan, &mut stored).expect("fits");
        interpret(plan, &mut streamed).expect("streams pairs only");
        for &output in &plan.outputs {
            prop_assert_eq!(stored.value(output).expect("computed"), streamed.value(output).expect("computed"));
        }
    }
}

/// The trait is object-safe, and what it runs on is not seen through it.
#[test]
fn one_list_holds_executors_of_different_numbers() {
    let landscape = Polynomial::new(1, vec![vec![2]]).expect("well-formed");
    let exact = Samples::new(1, vec![Exact::from(3)]).expect("one number");
    let float = Samples::new(1, vec![3.0]).expect("one number");
    let at = ([Exact::from(2)], [2.0]);
    let exact = PointDerivatives::new(&landscape, &at.0, &exact).expect("they fit");
    let float = PointDerivatives::new(&landscape, &at.1, &float).expect("they fit");
    let mut rational = Executor::new(&exact, 0..1).expect("not empty");
    let mut rounded = Executor::new(&float, 0..1).expect("not empty");
    let both: [&mut dyn Execute; 2] = [&mut rational, &mut rounded];
    for executor in both {
        executor.losses(None, Some(0)).expect("computed");
    }
    assert_eq!(rational.value(0), Ok(vec![Exact::from(12)]));
    assert_eq!(rounded.value(0), Ok(vec![12.0]));
}
