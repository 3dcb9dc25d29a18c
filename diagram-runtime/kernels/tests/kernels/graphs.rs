//! Recorded losses against the losses that they were recorded from.

use diagram_algebra::exact::Exact;
use diagram_algebra::scalar::{Element, Scalar};
use diagram_kernels::derivatives::{
    DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
};
use diagram_kernels::graph::{Graph, Operation};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{L2, L2Coefficient, LinearScrew, MeanEstimation, Polynomial};
use diagram_kernels::samples::Samples;

use crate::support::normals;

/// Every operation of a graph, of weights, of numbers of the datapoint and of constants.
struct Everything;

impl Landscape for Everything {
    fn dimension(&self) -> usize {
        4
    }
    fn input_width(&self) -> usize {
        2
    }
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        // The last weight has no effect.
        let [a, b, c] = [0, 1, 2].map(|at| theta[at].clone());
        let half = S::constant(0.5);
        let by_x = a.clone().scale(&x[0]).minus_base(&x[1]);
        let positive = a.clone() * a.clone() + b.clone() * b.clone() + S::constant(1.0);
        let mut sum = half.clone() / positive.clone() + positive.clone().ln() * by_x.clone();
        sum.add_product(&b, &c);
        sum.add_product_base(&c, &x[1]);
        sum.add_base_product(&x[0], &x[1]);
        sum.add_base(&(x[0].clone() * x[0].clone()));
        sum += (S::from_base(x[0].clone()) - b.clone()).tanh();
        sum += positive.clone().sqrt() * (b.clone() * c.clone()).sin();
        sum += by_x.clone().erf() * b.clone().sigmoid() + c.clone().softplus().times(0.25);
        sum += positive.clone().powf(-0.75) - positive.powf(2.5).times(0.125);
        sum += S::log_sum_exp(&[
            a.clone(),
            by_x.clone(),
            b.square(),
            S::from_base(x[1].clone()),
        ]);
        sum +=
            (-c.clone()).exp() / (S::from_base(x[1].clone()) * S::from_base(x[1].clone()) + half);
        sum + by_x.cos().scale_element(&S::Element::constant(0.25)) - (a - c) * S::constant(3.0)
    }
}

/// The powers of the directions of the passes that are compared.
const POWERS: [&[u8]; 9] = [
    &[],
    &[1],
    &[2],
    &[3],
    &[4],
    &[1, 1],
    &[2, 1],
    &[1, 1, 1],
    &[2, 2],
];

/// Losses and derivatives of each sample, along directions that all samples share and along some of their own.
pub(super) fn derivatives<T: Element>(local: &dyn Derivatives<T>, directions: &[T]) -> Vec<Vec<T>> {
    let (n, p) = (local.samples(), local.dimension());
    let mut losses = vec![T::constant(0.0); n];
    local.losses(0..n, &mut losses).expect("no failure");
    let mut all = vec![losses];
    for powers in POWERS {
        for shared in [true, false] {
            let mut rows = vec![T::constant(0.0); n * p];
            let direction = |at: usize| {
                let own = &directions[at * n * p..(at + 1) * n * p];
                if shared {
                    Direction::Shared(&own[..p])
                } else {
                    Direction::PerSample(own)
                }
            };
            let pass = Pass {
                directions: (0..powers.len()).map(direction).collect(),
                outputs: vec![DerivativeOutput {
                    powers,
                    per_sample: Some(&mut rows),
                    sum: None,
                }],
            };
            local.pass(0..n, pass).expect("no failure");
            all.push(rows);
        }
    }
    all
}

/// Numbers of each of the samples.
pub(super) fn samples<T: Element>(width: usize, count: usize, seed: u64) -> Samples<T> {
    let numbers = normals(width * count, seed);
    let numbers = numbers.into_iter().map(T::constant).collect();
    Samples::new(width, numbers).expect("whole rows")
}

pub(super) fn numbers<T: Element>(count: usize, seed: u64) -> Vec<T> {
    normals(count, seed).into_iter().map(T::constant).collect()
}

/// Eleven samples leave some lanes without one.
pub(super) const SAMPLES: usize = 11;

#[test]
fn derivatives_of_recorded_polynomials_are_the_same_rationals() {
    let monomials = vec![vec![3, 1], vec![0, 2], vec![1, 1], vec![0, 0]];
    let polynomial = Polynomial::new(2, monomials).expect("two exponents each");
    let landscape = L2 {
        landscape: polynomial,
        coefficient: L2Coefficient::LastWeight,
    };
    let graph = Graph::record(&landscape).expect("a polynomial");
    let samples = samples::<Exact>(4, 2, 1);
    let (theta, directions) = (numbers::<Exact>(3, 2), numbers::<Exact>(3 * 2 * 3, 3));
    let original = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    let recorded = PointDerivatives::new(&graph, &theta, &samples).expect("they fit");
    assert_eq!(
        derivatives(&recorded, &directions),
        derivatives(&original, &directions)
    );
}

/// Whether derivatives agree. Some hundred roundings, in another order, of numbers of size 10 to 1e5 (fourth powers of directions) weigh at most 1e-16 of the
/// largest each, and cancellation leaves a thousandth of it.
pub(super) fn assert_near(found: &[Vec<f64>], expected: &[Vec<f64>]) {
    for (found, expected) in found.iter().zip(expected) {
        let size = expected.iter().fold(1e-3, |size: f64, x| size.max(x.abs()));
        for (a, b) in found.iter().zip(expected) {
            // So that NaN fails.
            assert!((a - b).abs() <= 1e-12 * size, "{a} is not {b}, of {size}");
        }
    }
}

/// The original's gradient is in forward mode, the graph's in reverse.
fn check_rounded<L: Landscape>(landscape: &L, theta: &[f64]) {
    let graph = Graph::record(landscape).expect("no value is looked at");
    let samples = samples::<f64>(landscape.input_width(), SAMPLES, 4);
    let directions = numbers::<f64>(3 * SAMPLES * theta.len(), 5);
    let original = PointDerivatives::new(landscape, theta, &samples).expect("they fit");
    let recorded = graph.local(theta, &samples).expect("they fit");
    assert_near(
        &derivatives(&*recorded, &directions),
        &derivatives(&original, &directions),
    );
}

#[test]
fn derivatives_of_recorded_losses_are_those_of_the_losses() {
    check_rounded(&Everything, &[0.3, -0.7, 1.1, 5.0]);
    check_rounded(&LinearScrew, &[0.2, -0.4, 0.9]);
    check_rounded(&MeanEstimation::STANDARD, &[0.6]);
}

#[test]
fn equal_operations_are_one_node_and_none_is_without_effect() {
    let graph = Graph::record(&Everything).expect("no value is looked at");
    let operations = graph.operations();
    for (at, operation) in operations.iter().enumerate() {
        assert!(
            !operations[..at].contains(operation),
            "{operation} is there twice"
        );
        assert!(operation.reads().all(|node| (node as usize) < at), "sorted");
        let read = operations
            .iter()
            .any(|other| other.reads().any(|node| node as usize == at));
        assert!(
            read || at + 1 == operations.len(),
            "{operation} has no effect"
        );
    }
    assert!(!operations.contains(&Operation::Weight(3)));
    assert!(graph.gradient_flops() > graph.forward_flops());
}

#[test]
fn graphs_are_printed() {
    let graph = Graph::record(&MeanEstimation::STANDARD).expect("a polynomial");
    let lines = graph.to_string();
    assert_eq!(lines.lines().count(), graph.operations().len());
    assert!(lines.contains("θ[0]") && lines.contains("x[0]"), "{lines}");
    let dot = graph.dot().to_string();
    assert!(
        dot.starts_with("digraph loss {\n") && dot.ends_with("}\n"),
        "{dot}"
    );
}
