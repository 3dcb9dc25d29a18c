//! What may be recorded and what not, and how graphs are executed, against plain executions of their operations.

use std::cell::Cell;

use diagram_algebra::dual::Dual;
use diagram_algebra::exact::Exact;
use diagram_algebra::scalar::{Element, Lanes, Scalar};
use diagram_algebra::weights::Own;
use diagram_kernels::derivatives::PointDerivatives;
use diagram_kernels::graph::{Expression, Graph, Operation, RecordError};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::lenet;
use diagram_kernels::samples::Samples;

use crate::graphs::{SAMPLES, assert_near, derivatives, numbers, samples};

/// A graph whose gradient is computed in forward mode, by its loss alone, as that of any landscape.
struct ForwardOnly<'g>(&'g Graph);

impl Landscape for ForwardOnly<'_> {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }
    fn input_width(&self) -> usize {
        self.0.input_width()
    }
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        Landscape::loss(self.0, theta, x)
    }
}

/// Reverse mode against forward mode, in all algebras.
fn check_reverse(graph: &Graph, theta: &[f64]) {
    let samples = samples::<f64>(graph.input_width(), SAMPLES, 6);
    let directions = numbers::<f64>(3 * SAMPLES * theta.len(), 7);
    let reverse = graph.local(theta, &samples).expect("they fit");
    let reverse = derivatives(&*reverse, &directions);
    let forward = ForwardOnly(graph);
    let forward = PointDerivatives::new(&forward, theta, &samples).expect("they fit");
    assert_near(&reverse, &derivatives(&forward, &directions));
}

/// Each operation of weights, of numbers of the datapoint and of constants.
#[test]
fn reverse_mode_is_forward_mode_of_every_operation() {
    type Loss = fn(Expression, Expression, Expression) -> Expression;
    let losses: [Loss; 28] = [
        |a, b, _| a + b,
        |a, _, x| x + a,
        |a, b, _| a - b,
        |a, _, x| a - x,
        |a, _, x| x - a,
        |a, b, _| a * b,
        |a, _, x| a * x * 3.0,
        |a, b, x| a + b * x,
        |a, b, x| x * a + a * b + b * x + 0.5 * a,
        |a, b, x| (a * b + x) * (a * x + b) + (b + x),
        |a, b, _| a / b,
        |a, _, x| x / a + a / (x * x + 1.0),
        |a, _, _| -a,
        |a, _, _| a.exp(),
        |a, _, _| a.ln(),
        |a, _, _| a.tanh(),
        |a, _, _| a.sin(),
        |a, _, _| a.cos(),
        |a, _, _| a.sqrt(),
        |a, _, _| a.erf(),
        |a, _, _| a.sigmoid(),
        |a, _, _| a.softplus(),
        |a, _, _| a.powf(1.5),
        |a, _, _| a.powi(5),
        |a, b, _| a.log_add_exp(b),
        |a, _, x| a.log_add_exp(x) + x.log_add_exp(2.0 * a),
        |a, b, x| Expression::log_sum_exp(&[a, b, x, a * x]),
        |a, b, x| a.recip() + x.exp() * b.square() - 1.0 / (a * b),
    ];
    for (at, loss) in losses.into_iter().enumerate() {
        // The square makes derivatives of all orders depend on the weights.
        let graph = Graph::of(2, 1, |theta, x| {
            (loss(theta[0], theta[1], x[0]) + 0.25).square()
        });
        let graph = graph.unwrap_or_else(|error| panic!("{at}: {error}"));
        check_reverse(&graph, &[0.75, 1.25]);
    }
}

/// A network, as one writes it for recording.
fn network(theta: &[Expression], x: &[Expression]) -> Expression {
    let (x, label) = x.split_at(6);
    let (first, second) = theta.split_at(5 * 7);
    let row = |weights: &[Expression], x: &[Expression]| {
        let (bias, weights) = weights.split_last().expect("weights");
        weights
            .iter()
            .zip(x)
            .map(|(w, x)| w * x)
            .sum::<Expression>()
            + *bias
    };
    let hidden: Vec<Expression> = first
        .chunks(7)
        .map(|weights| row(weights, x).softplus())
        .collect();
    let logits: Vec<Expression> = second
        .chunks(6)
        .map(|weights| row(weights, &hidden))
        .collect();
    let chosen: Expression = logits.iter().zip(label).map(|(z, y)| z * y).sum();
    Expression::log_sum_exp(&logits) - chosen
}

#[test]
fn reverse_mode_is_forward_mode_of_a_network() {
    let graph = Graph::of(5 * 7 + 3 * 6, 6 + 3, network).expect("it is smooth");
    check_reverse(&graph, &numbers(5 * 7 + 3 * 6, 8));
}

/// The operations of a graph, one after the other.
fn interpret<A: Scalar>(graph: &Graph, theta: &[A], x: &[A::Base]) -> A {
    let mut values: Vec<A> = vec![];
    for &operation in graph.operations() {
        let of = |node: u32| values[node as usize].clone();
        values.push(match operation {
            Operation::Constant(value) => A::constant(value),
            Operation::Weight(at) => theta[at].clone(),
            Operation::Input(at) => A::from_base(x[at].clone()),
            Operation::Add(a, b) => of(a) + of(b),
            Operation::Subtract(a, b) => of(a) - of(b),
            Operation::Multiply(a, b) => of(a) * of(b),
            Operation::AddProduct(a, b, c) => of(a) + of(b) * of(c),
            Operation::Negate(a) => -of(a),
            other => unreachable!("{other:?}"),
        });
    }
    values.pop().expect("a loss")
}

/// Numbers that look random: a linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// The number of weights that are read anywhere, before those that are read once.
const SCATTERED: usize = 10;

/// A polynomial of random operations, among them sums of products of consecutive and of scattered numbers.
fn random_loss(random: &mut Random, theta: &[Expression], x: &[Expression]) -> Expression {
    // Weights that nothing else reads, times numbers of the datapoint, numbers computed of those, and squares of other weights.
    let (theta, streamed) = theta.split_at(SCATTERED);
    let row = |weights: &[Expression], factors: &[Expression]| {
        let products = weights.iter().zip(factors).map(|(w, x)| w * x);
        products.sum::<Expression>()
    };
    let computed: Vec<Expression> = x.iter().map(|&x| 0.5 * x + 1.0).collect();
    let squares: Vec<Expression> = theta.iter().zip(x).map(|(w, x)| w * x).collect();
    let squares: Vec<Expression> = squares.iter().map(|h| h.square()).collect();
    let mut known: Vec<Expression> = theta.iter().chain(x).copied().collect();
    known.push(Expression::from(0.5));
    known.push(row(&streamed[..6], x) + theta[0]);
    known.push(row(&streamed[6..12], x));
    known.push(row(&streamed[12..16], &computed[2..]) + 1.0);
    known.push(row(&streamed[16..21], &squares[1..]) + x[0]);
    known.push(row(&streamed[21..26], &squares[1..]) + theta[1] * theta[2]);
    for _ in 0..25 {
        let any = |random: &mut Random| known[random.below(known.len())];
        let (a, b) = (any(random), any(random));
        let next = match random.below(6) {
            0 => a + b,
            1 => a - b,
            2 => -a,
            3 => {
                let mut sum = a;
                for _ in 0..random.below(5) {
                    sum.add_product(&any(random), &theta[random.below(theta.len())]);
                }
                sum
            }
            4 => {
                let (first, count) = (random.below(theta.len() - 5), 3 + random.below(3));
                let start = random.below(known.len() - 5);
                let weights = &theta[first..first + count];
                weights
                    .iter()
                    .zip(&known[start..])
                    .map(|(w, x)| w * x)
                    .sum::<Expression>()
                    + a
            }
            // Products of weights and data alone, so that degrees stay small.
            _ => theta[random.below(theta.len())] * x[random.below(x.len())],
        };
        known.push(next);
    }
    known[SCATTERED + 8..].iter().copied().sum()
}

/// Sums are gathered, results overwritten and weights streamed, but what comes out is the same rationals as of one operation after the other; and the gradient is
/// that of forward mode.
#[test]
fn random_polynomials_are_the_same_rationals() {
    let (dimension, width) = (SCATTERED + 26, 7);
    let exact = |seed: u64, count: usize| -> Vec<Exact> {
        let mut random = Random(seed);
        let mut number = || Exact::from(random.below(19) as i64 - 9) / Exact::from(4);
        (0..count).map(|_| number()).collect()
    };
    let mut streams = 0;
    for seed in 0..100 {
        let mut random = Random(seed);
        let graph = Graph::of(dimension, width, |theta, x| {
            random_loss(&mut random, theta, x)
        });
        let graph = graph.expect("a polynomial");
        let (theta, x) = (exact(seed + 1000, dimension), exact(seed + 2000, width));
        let loss = graph.forward(Own(&theta), &x);
        assert_eq!(loss, interpret(&graph, &theta, &x), "seed {seed}\n{graph}");
        let mut gradient = vec![Exact::from(0); dimension];
        let kept = graph.gradient(Own(&theta), &x, &mut gradient[..]);
        assert_eq!(kept, loss, "seed {seed}");
        for at in 0..dimension {
            let number = |(i, value): (usize, &Exact)| Dual {
                value: value.clone(),
                slope: Exact::from(i64::from(i == at)),
            };
            let moved: Vec<Dual<Exact>> = theta.iter().enumerate().map(number).collect();
            let slope = interpret(&graph, &moved, &x).slope;
            assert_eq!(gradient[at], slope, "seed {seed}, weight {at}\n{graph}");
        }
        streams += usize::from(format!("{graph:?}").contains("Layer {"));
    }
    // Otherwise nothing is tested of them.
    assert!(streams > 50, "{streams}");
}

/// A loss that depends on its weight by cases.
struct Cases;

impl Landscape for Cases {
    fn dimension(&self) -> usize {
        1
    }
    fn input_width(&self) -> usize {
        1
    }
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let weight = theta[0].clone();
        if x[0].lane(0).to_f64() > 0.0 {
            weight
        } else {
            -weight
        }
    }
}

/// A loss with a weight that is held fixed where it is.
struct Fixed;

impl Landscape for Fixed {
    fn dimension(&self) -> usize {
        1
    }
    fn input_width(&self) -> usize {
        1
    }
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        theta[0].clone().scale(theta[0].primal()).scale(&x[0])
    }
}

fn refused(recorded: Result<Graph, RecordError>) -> String {
    recorded.expect_err("no graph").to_string()
}

/// A graph would take the same case everywhere, or differentiate what the loss holds fixed.
#[test]
fn cases_and_fixed_weights_are_refused() {
    assert_eq!(
        refused(Graph::record(&Cases)),
        "the loss looks at the value of a number, by to_f64, so that its operations may differ from one point to another; write it without, or do not record it"
    );
    let fixed = "the loss separates the value of a number from its derivatives, by primal, which no operation of a graph does; write it without, as a softmax by log_sum_exp, or do not record it";
    assert_eq!(refused(Graph::record(&Fixed)), fixed);
    // The softmax of the layers subtracts the largest logit, which it holds fixed.
    assert_eq!(refused(Graph::record(&lenet(1, 28))), fixed);
    let compared = Graph::of(1, 0, |theta, _| {
        if theta[0] < theta[0] {
            theta[0]
        } else {
            -theta[0]
        }
    });
    let operation = "a comparison";
    assert_eq!(compared, Err(RecordError::LooksAtValue { operation }));
}

#[test]
fn kinks_are_refused() {
    let message = |operation: &str, instead: &str| {
        format!(
            "the loss has a kink, by {operation}: at a kink there is no power series in η, and elsewhere the series does not know of it; take {instead} instead, which is smooth, or record the loss by Graph::piecewise"
        )
    };
    let of = |loss: fn(Expression, Expression) -> Expression| {
        refused(Graph::of(1, 1, |theta, x| loss(theta[0], x[0])))
    };
    assert_eq!(of(|a, x| (a * x).relu()), message("relu", "softplus"));
    assert_eq!(of(|a, _| a.abs()), message("abs", "(x² + ε²).sqrt()"));
    assert_eq!(of(Expression::max), message("max", "log_sum_exp"));
    assert_eq!(refused(Graph::record(&Kinks)), message("relu", "softplus"));
    // The data do not move.
    let data = Graph::of(1, 2, |theta, x| {
        theta[0] * x[0].max(x[1]).relu() + x[0].abs()
    });
    let data = data.expect("no weight arrives at a kink");
    assert!(!data.is_piecewise());
    assert_eq!(data.forward(Own(&[2.0]), &[-3.0, 0.5]), 4.0);
}

/// `relu(θ0 x) + |θ1 - x| + max(θ0 θ1, x²)`, generic in the scalar.
struct Kinks;

impl Landscape for Kinks {
    fn dimension(&self) -> usize {
        2
    }
    fn input_width(&self) -> usize {
        1
    }
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let (a, b) = (theta[0].clone(), theta[1].clone());
        let square = S::from_base(x[0].clone()).square();
        a.clone().scale(&x[0]).relu() + b.clone().minus_base(&x[0]).abs() + (a * b).max(square)
    }
}

/// Derivatives are those of the side on which the values lie, and at a kink those of the left.
#[test]
fn piecewise_losses_have_the_derivatives_of_their_side() {
    let graph = Graph::record_piecewise(&Kinks).expect("kinks are declared");
    assert!(graph.is_piecewise());
    let at = |theta: [f64; 2], x: f64| {
        let mut gradient = [0.0; 2];
        let loss = graph.gradient(Own(&theta), &[x], &mut gradient[..]);
        assert_eq!(loss, graph.forward(Own(&theta), &[x]));
        (loss, gradient)
    };
    // relu: 3, slope x; abs: 0.5, slope -1; max: 1 · 0.5 against 9.
    assert_eq!(at([1.0, 2.5], 3.0), (3.0 + 0.5 + 9.0, [3.0, -1.0]));
    // relu: 0; abs: 4, slope 1; max: 6 against 1, slopes b and a.
    assert_eq!(at([2.0, 3.0], -1.0), (4.0 + 6.0, [3.0, 1.0 + 2.0]));
    // All at their kinks: relu 0, slope 0; abs 0, slope -1; max 0 of both, of which the square has no slopes.
    assert_eq!(at([0.0, 0.0], 0.0), (0.0, [0.0, -1.0]));
    let samples = Samples::new(1, vec![1.0, -2.0]).expect("whole rows");
    let local = graph.local(&[1.0, 2.0], &samples).expect("they fit");
    assert!(local.is_piecewise());
    assert!(graph.simulator::<f32>().is_piecewise());
    let smooth = Graph::piecewise(1, 1, |theta, x| theta[0] * x[0].relu()).expect("declared");
    assert!(!smooth.is_piecewise() && !smooth.simulator::<f64>().is_piecewise());
    check_reverse(&graph, &[0.5, 1.5]);
}

/// An expression of another recording would be some other node of this one.
#[test]
fn expressions_stay_in_their_recording() {
    let kept = Cell::new(Expression::from(1.0));
    let first = Graph::of(1, 1, |theta, x| {
        kept.set(theta[0] + x[0]);
        theta[0]
    });
    assert!(first.is_ok());
    let message = "the loss uses an expression of another recording; make its expressions of the weights, the datapoint and numbers that it is given";
    assert_eq!(
        refused(Graph::of(1, 1, |theta, _| theta[0] * kept.get())),
        message
    );
    assert_eq!(refused(Graph::of(1, 1, |_, _| kept.get())), message);
    // A recording inside another one is one of its own.
    let nested = Graph::of(1, 1, |theta, x| {
        let inner = Graph::of(1, 1, |theta, x| theta[0] - x[0]).expect("a polynomial");
        theta[0] * x[0] + inner.operations().len() as f64
    });
    let nested = nested.expect("a polynomial");
    assert_eq!(nested.forward(Own(&[2.0]), &[5.0]), 13.0);
}

#[test]
fn operators_take_numbers_on_both_sides() {
    let graph = Graph::of(1, 0, |theta, _| {
        let mut sum = 2.0 * theta[0] + 1.0 - theta[0] / 4.0 - 3.0 / theta[0];
        sum += 0.5;
        sum *= theta[0];
        sum -= theta[0];
        sum /= 2.0;
        sum + (1.0 - theta[0]) * theta[0]
    });
    let a: f64 = 1.5;
    let sum = (2.0 * a + 1.0 - a / 4.0 - 3.0 / a + 0.5) * a - a;
    let found = graph
        .expect("no value is looked at")
        .forward(Own(&[a]), &[]);
    assert!(
        (found - (sum / 2.0 + (1.0 - a) * a)).abs() < 1e-14,
        "{found}"
    );
}

#[test]
fn functions_are_printed_by_their_names() {
    let graph = Graph::piecewise(1, 1, |theta, x| {
        let power = theta[0].softplus().powf(1.5);
        theta[0].abs().max(x[0]).log_add_exp(power)
    });
    assert_eq!(
        graph.expect("declared").to_string(),
        "v0 = θ[0]\nv1 = x[0]\nv2 = softplus v0\nv3 = v2^1.5\nv4 = |v0|\nv5 = max(v4, v1)\nv6 = ln(exp v5 + exp v3)\n"
    );
}
