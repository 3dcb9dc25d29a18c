//! Values by plans against values from the definition: every tuple of samples, every assignment of indices, explicit derivatives.

use diagram_calculus::enumerate;
use diagram_calculus::value_class::ValueClass;
use diagram_runtime::derivatives::PointDerivatives;
use diagram_runtime::exact::Exact;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscapes::Polynomial;
use diagram_runtime::samples::Samples;
use diagram_runtime::values::{Method, Options, evaluate};
use proptest::prelude::*;

/// A polynomial landscape with integer data, small enough to differentiate by hand.
#[derive(Clone, Debug)]
struct Problem {
    exponents: Vec<Vec<u32>>,
    rows: Vec<Vec<i64>>,
    theta: Vec<i64>,
}

impl Problem {
    /// The derivative of sample `s`'s loss in the listed coordinates.
    fn derivative(&self, s: usize, coordinates: &[usize]) -> i128 {
        let mut total = 0;
        for (exponents, &coefficient) in self.exponents.iter().zip(&self.rows[s]) {
            let mut left = exponents.clone();
            let mut term = i128::from(coefficient);
            for &c in coordinates {
                term *= i128::from(left[c]);
                left[c] = left[c].saturating_sub(1);
            }
            for (&x, &e) in self.theta.iter().zip(&left) {
                term *= i128::from(x).pow(e);
            }
            total += term;
        }
        total
    }

    /// `Σ` over all tuples of samples and all assignments of coordinates to edges; divide by n^parts for the value.
    fn brute_force(&self, class: &ValueClass, open: Option<usize>) -> i128 {
        let edges: Vec<(usize, usize)> = (0..class.nodes())
            .flat_map(|u| {
                class
                    .neighbours(u)
                    .filter(move |&v| u < v)
                    .map(move |v| (u, v))
            })
            .collect();
        let mut total = 0;
        for tuple in tuples(self.rows.len(), class.parts()) {
            for coordinates in tuples(self.theta.len(), edges.len()) {
                let mut product = 1;
                for node in 0..class.nodes() {
                    let mut mine: Vec<usize> = edges
                        .iter()
                        .zip(&coordinates)
                        .filter(|((u, v), _)| *u == node || *v == node)
                        .map(|(_, &c)| c)
                        .collect();
                    if class.open() == Some(node) {
                        mine.extend(open);
                    }
                    product *= self.derivative(tuple[class.part(node)], &mine);
                }
                total += product;
            }
        }
        total
    }
}

fn tuples(values: usize, length: usize) -> Vec<Vec<usize>> {
    (0..length).fold(vec![vec![]], |shorter, _| {
        shorter
            .into_iter()
            .flat_map(|t| {
                (0..values).map(move |v| {
                    let mut t = t.clone();
                    t.push(v);
                    t
                })
            })
            .collect()
    })
}

fn problem(dimension: usize, samples: usize) -> impl Strategy<Value = Problem> {
    let exponents = prop::collection::vec(prop::collection::vec(0..4u32, dimension), 3..6);
    (exponents, prop::collection::vec(-2..3i64, dimension)).prop_flat_map(
        move |(exponents, theta)| {
            let row = prop::collection::vec(-3..4i64, exponents.len());
            prop::collection::vec(row, samples).prop_map(move |rows| Problem {
                exponents: exponents.clone(),
                rows,
                theta: theta.clone(),
            })
        },
    )
}

fn with_local<R>(
    problem: &Problem,
    f: impl FnOnce(&PointDerivatives<'_, Polynomial, Exact>) -> R,
) -> R {
    let data = problem
        .rows
        .iter()
        .flatten()
        .map(|&x| Exact::from(x))
        .collect();
    let samples = Samples::new(problem.exponents.len(), data).expect("rows of equal length");
    let landscape =
        Polynomial::new(problem.theta.len(), problem.exponents.clone()).expect("exponents fit");
    let theta: Vec<Exact> = problem.theta.iter().map(|&x| Exact::from(x)).collect();
    f(&PointDerivatives::new(&landscape, &theta, &samples).expect("valid"))
}

fn ratio(total: i128, samples: usize, parts: usize) -> Exact {
    let total = Exact::from(i64::try_from(total).expect("small problems"));
    (0..parts).fold(total, |x, _| x / Exact::from(samples as i64))
}

fn check(problem: &Problem, classes: &[ValueClass]) {
    let n = problem.rows.len();
    with_local(problem, |local| {
        let program = Interpreted::new(classes);
        let [passes, dense] = [Method::Passes, Method::Tensors].map(|method| {
            evaluate(&program, local, &Options::population().by(method)).expect("finite")
        });
        assert_eq!(passes.entries, dense.entries);
        for (class, value) in classes.iter().zip(&passes.entries) {
            if class.open().is_some() {
                for (coordinate, found) in value.estimate.iter().enumerate() {
                    let expected = ratio(
                        problem.brute_force(class, Some(coordinate)),
                        n,
                        class.parts(),
                    );
                    assert_eq!(*found, expected, "{class}, component {coordinate}");
                }
            } else {
                assert_eq!(
                    value.estimate,
                    [ratio(problem.brute_force(class, None), n, class.parts())],
                    "{class}"
                );
            }
        }
    });
}

fn classes(edges: usize) -> Vec<ValueClass> {
    let mut classes: Vec<ValueClass> = enumerate::diagrams_with_root_ties(edges)
        .map(|d| d.value_class())
        .collect();
    classes.extend(enumerate::diagrams(edges).filter_map(|d| d.displacement_class()));
    classes.sort();
    classes.dedup();
    classes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn every_value_up_to_order_three(problem in problem(2, 3)) {
        for edges in 0..=3 {
            check(&problem, &classes(edges));
        }
    }

    #[test]
    fn pairs_of_trees(problem in problem(2, 2)) {
        for edges in 0..=3 {
            let mut classes: Vec<_> = enumerate::diagram_pairs(edges).map(|d| d.value_class()).collect();
            classes.sort();
            classes.dedup();
            check(&problem, &classes);
        }
    }
}
