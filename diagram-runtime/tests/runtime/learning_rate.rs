//! Learning rates that are matrices: values against the definition with M on every edge, series against descent on every training set, and
//! simulated steps against steps by hand.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::enumerate;
use diagram_calculus::measure::{Measure, diagrams_for, expand};
use diagram_calculus::spacetime::{Grid, Spacetime};
use diagram_calculus::value_class::ValueClass;
use diagram_runtime::derivatives::{
    DerivativeOutput, Derivatives, Direction, ExplicitTensors, Pass, PointDerivatives,
};
use diagram_runtime::exact::Exact;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscape::{Landscape, initialization};
use diagram_runtime::landscapes::{Named, Polynomial};
use diagram_runtime::learning_rate::{LearningRate, LearningRateError};
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::{Element, Scalar};
use diagram_runtime::simulate::{Optimizer, Schedule, Shuffle, Simulation, Simulator, TestPoints};
use diagram_runtime::taylor::Taylor;
use diagram_runtime::values::{Method, Options, Strategy, Values, evaluate};
use diagram_runtime::weights::Own;

use crate::reference::run_trial;

const METHODS: [Method; 2] = [Method::Passes, Method::Tensors];

/// Monomials in two weights.
const EXPONENTS: [[u32; 2]; 5] = [[1, 0], [0, 1], [2, 1], [1, 3], [0, 2]];
/// Datapoints: their coefficients.
const ROWS: [[i64; 5]; 3] = [[1, -2, 3, 1, 0], [0, 1, -1, 2, 3], [-3, 1, 1, -1, 2]];
const THETA: [i64; 2] = [1, -2];

fn landscape() -> Polynomial {
    Polynomial::new(2, EXPONENTS.map(Vec::from).to_vec()).expect("two exponents each")
}

fn exact(numbers: impl IntoIterator<Item = i64>) -> Vec<Exact> {
    numbers.into_iter().map(Exact::from).collect()
}

fn exact_samples() -> Samples<Exact> {
    Samples::new(5, exact(ROWS.concat())).expect("whole rows")
}

fn rows(matrix: [[i64; 2]; 2]) -> Vec<Vec<Exact>> {
    matrix.map(exact).to_vec()
}

/// M, and the ways to say it.
fn rates() -> Vec<([[i64; 2]; 2], LearningRate<Exact>)> {
    let rate = |rate: Result<_, _>| rate.expect("symmetric, positive, and with a rational factor");
    vec![
        ([[1, 0], [0, 1]], LearningRate::scalar()),
        (
            [[4, 0], [0, 9]],
            rate(LearningRate::diagonal(exact([4, 9]))),
        ),
        (
            [[4, 2], [2, 10]],
            rate(LearningRate::matrix(&rows([[4, 2], [2, 10]]))),
        ),
        (
            [[5, 1], [1, 2]],
            rate(LearningRate::from_factor(&rows([[1, 2], [-1, 1]]))),
        ),
        // One direction is frozen.
        (
            [[1, 2], [2, 4]],
            rate(LearningRate::from_factor(&rows([[1, 0], [2, 0]]))),
        ),
    ]
}

/// The derivative of sample `s`'s loss in the listed coordinates.
fn derivative(s: usize, coordinates: &[usize]) -> i64 {
    let mut total = 0;
    for (exponents, &coefficient) in EXPONENTS.iter().zip(&ROWS[s]) {
        let (mut left, mut term) = (*exponents, coefficient);
        for &c in coordinates {
            term *= i64::from(left[c]);
            left[c] = left[c].saturating_sub(1);
        }
        total += term * THETA[0].pow(left[0]) * THETA[1].pow(left[1]);
    }
    total
}

fn tuples(values: usize, length: usize) -> Vec<Vec<usize>> {
    (0..length).fold(vec![vec![]], |shorter, _| {
        let longer = |t: Vec<usize>| (0..values).map(move |v| [t.clone(), vec![v]].concat());
        shorter.into_iter().flat_map(longer).collect()
    })
}

/// The value from its definition: an index at each end of each edge, M between them, and M between the open index and what it is joined to.
fn brute_force(class: &ValueClass, metric: [[i64; 2]; 2], open: usize) -> Exact {
    let edges: Vec<(usize, usize)> = (0..class.nodes())
        .flat_map(|u| {
            class
                .neighbours(u)
                .filter(move |&v| u < v)
                .map(move |v| (u, v))
        })
        .collect();
    let ends = 2 * edges.len() + usize::from(class.open().is_some());
    let mut total = 0;
    for tuple in tuples(ROWS.len(), class.parts()) {
        for indices in tuples(2, ends) {
            let mut mine = vec![vec![]; class.nodes()];
            let mut product = 1;
            for (&(u, v), ends) in edges.iter().zip(indices.chunks(2)) {
                mine[u].push(ends[0]);
                mine[v].push(ends[1]);
                product *= metric[ends[0]][ends[1]];
            }
            if let Some(node) = class.open() {
                mine[node].push(indices[ends - 1]);
                product *= metric[open][indices[ends - 1]];
            }
            for (node, mine) in mine.iter().enumerate() {
                product *= derivative(tuple[class.part(node)], mine);
            }
            total += product;
        }
    }
    let average = |sum, _| sum / Exact::from(ROWS.len() as i64);
    (0..class.parts()).fold(Exact::from(total), average)
}

fn classes(most_edges: usize) -> Vec<ValueClass> {
    let mut classes = vec![];
    for edges in 0..=most_edges {
        classes.extend(enumerate::diagrams_with_root_ties(edges).map(|d| d.value_class()));
        classes.extend(enumerate::diagrams(edges).filter_map(|d| d.displacement_class()));
        classes.extend(enumerate::diagram_pairs(edges.min(2)).map(|d| d.value_class()));
    }
    classes.sort();
    classes.dedup();
    classes
}

#[test]
fn every_value_up_to_order_three_has_the_matrix_on_every_edge() {
    let (landscape, samples, theta) = (landscape(), exact_samples(), exact(THETA));
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    let classes = classes(3);
    assert!(
        classes
            .iter()
            .any(|class| class.open().is_some() && class.order() == 3)
    );
    let program = Interpreted::new(&classes);
    for (metric, rate) in rates() {
        let derivatives = rate.on(&local).expect("two weights");
        let [passes, dense] = METHODS
            .map(|method| evaluate(&program, &derivatives, &Options::population().by(method)));
        let passes = passes.expect("rational").entries;
        assert_eq!(passes, dense.expect("rational").entries);
        for (class, value) in classes.iter().zip(&passes) {
            let components = if class.open().is_some() { 2 } else { 1 };
            let expected: Vec<_> = (0..components)
                .map(|open| brute_force(class, metric, open))
                .collect();
            assert_eq!(value.estimate, expected, "{class} with {metric:?}");
        }
        // Tensors made outside know whose coordinates they are in, and a metric around tensors is as good.
        let outside = ExplicitTensors::new(&derivatives, 4, usize::MAX).expect("no limit");
        let around = ExplicitTensors::new(&local, 4, usize::MAX).expect("no limit");
        let around = rate.on(&around).expect("two weights");
        let options = Options::population().by(Method::Passes);
        for tensors in [&outside as &dyn Derivatives<Exact>, &around] {
            let values = evaluate(&program, tensors, &options).expect("rational");
            assert_eq!(values.entries, passes);
        }
    }
}

#[test]
fn derivatives_are_those_in_the_weights_of_the_factor() {
    let (landscape, samples, theta) = (landscape(), exact_samples(), exact(THETA));
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    let factor = [[1, 2], [-1, 1]];
    let rate = LearningRate::from_factor(&rows(factor)).expect("finite");
    let derivatives = rate.on(&local).expect("two weights");
    let (shared, own) = ([2, -1], [[1, 3], [0, -2], [5, 1]]);
    // L v for each direction, Lᵀ for the open index, all by hand.
    let moved = |v: [i64; 2]| factor.map(|row| row[0] * v[0] + row[1] * v[1]);
    let expected = |s: usize, own: [i64; 2]| {
        let (u, v) = (moved(shared), moved(own));
        [0, 1].map(|open| -> i64 {
            let terms = tuples(2, 3).into_iter().map(|t| {
                u[t[0]] * v[t[1]] * factor[t[2]][open] * derivative(s, &[t[0], t[1], t[2]])
            });
            terms.sum()
        })
    };
    let (chosen, range) = ([2, 0, 0, 1], 1..4);
    let kept: Vec<[i64; 2]> = range
        .clone()
        .map(|i| expected(chosen[i], own[i - 1]))
        .collect();
    let sum = [0, 1].map(|i| 100 + kept.iter().map(|k| k[i]).sum::<i64>());
    let (u, v) = (exact(shared), exact(own.concat()));
    let (mut found, mut total) = (exact([7; 6]), exact([100; 2]));
    let pass = Pass {
        directions: vec![Direction::Shared(&u), Direction::PerSample(&v)],
        outputs: vec![DerivativeOutput {
            powers: &[1, 1],
            per_sample: Some(&mut found),
            sum: Some(&mut total),
        }],
    };
    derivatives
        .select(&chosen)
        .pass(range, pass)
        .expect("no failure");
    assert_eq!(found, exact(kept.concat()));
    assert_eq!(total, exact(sum));
}

/// Some datapoints and weights that are no round numbers.
fn random(samples: usize) -> (Samples<f64>, Vec<f64>) {
    let numbers = initialization(5 * samples, 3);
    (
        Samples::new(5, numbers).expect("whole rows"),
        initialization(2, 4),
    )
}

/// The values of everything up to order 3, in all readings.
fn readings(derivatives: &dyn Derivatives<f64>) -> Vec<Values<f64>> {
    let program = Interpreted::new(&classes(3));
    let passes = Options::population().by(Method::Passes);
    let all = Strategy::choose(&program, derivatives, &passes).expect("no budget");
    let options = [
        passes,
        Options::population().by(Method::Tensors),
        Options::sample(4).by(Method::Passes),
        Options::sample(4).by(Method::Tensors),
        passes.with_budget(0.9 * all.sample_evaluations, 5),
    ];
    options
        .map(|options| evaluate(&program, derivatives, &options).expect("finite"))
        .to_vec()
}

#[test]
fn multiples_of_the_identity_scale_every_reading_exactly() {
    let (samples, theta) = random(48);
    let landscape = landscape();
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    let plain = readings(&local);
    assert!(
        plain[4]
            .entries
            .iter()
            .any(|value| value.standard_error[0] > 0.0)
    );
    let multiple = |m: f64| [vec![m, 0.0], vec![0.0, m]];
    let valid = |rate: Result<_, _>| rate.expect("positive");
    let same = [
        LearningRate::scalar(),
        valid(LearningRate::diagonal(vec![1.0; 2])),
        valid(LearningRate::matrix(&multiple(1.0))),
        valid(LearningRate::from_factor(&multiple(1.0))),
    ];
    for rate in same {
        assert_eq!(
            readings(&rate.on(&local).expect("two weights")),
            plain,
            "{rate:?}"
        );
    }
    // Multiplication by powers of two does not round.
    let four = [
        valid(LearningRate::diagonal(vec![4.0; 2])),
        valid(LearningRate::matrix(&multiple(4.0))),
        valid(LearningRate::from_factor(&multiple(-2.0))),
    ];
    let mut expected = plain;
    for value in expected.iter_mut().flat_map(|values| &mut values.entries) {
        let power = 4.0_f64.powi(value.class.order() as i32);
        let numbers = [&mut value.estimate, &mut value.standard_error];
        let numbers = numbers.into_iter().chain(&mut value.replicates).flatten();
        numbers.for_each(|x| *x *= power);
    }
    for rate in four {
        assert_eq!(
            readings(&rate.on(&local).expect("two weights")),
            expected,
            "{rate:?}"
        );
    }
}

/// A number as a power series in η, modulo η⁴.
type Eta = Taylor<Exact, 4>;

/// Test loss, generalization gap, and displacement after steps `θ -= η/B · M · Σ gradients`, averaged over all training sets: power series in η.
fn by_every_training_set(batches: &[Vec<usize>], metric: [[i64; 2]; 2]) -> Vec<Vec<Exact>> {
    const TRAIN: usize = 2;
    let (landscape, samples) = (landscape(), exact_samples());
    let eta = Eta {
        coefficients: [0, 1, 0, 0].map(Exact::from),
    };
    let start: Vec<Eta> = THETA
        .iter()
        .map(|&x| Eta::from_base(Exact::from(x)))
        .collect();
    let sets = tuples(ROWS.len(), TRAIN);
    let mut totals = vec![Eta::constant(0.0); 4];
    for set in &sets {
        let mut theta = start.clone();
        for batch in batches {
            let mut total = vec![Eta::constant(0.0); 2];
            for &point in batch {
                let mut gradient = vec![Eta::constant(0.0); 2];
                landscape.gradient(Own(&theta), samples.row(set[point]), &mut gradient[..]);
                for (total, slope) in total.iter_mut().zip(gradient) {
                    *total += slope;
                }
            }
            for (weight, row) in theta.iter_mut().zip(metric) {
                for (m, slope) in row.into_iter().zip(&total) {
                    let step = Exact::from(-m) / Exact::from(batch.len() as i64);
                    *weight += eta.clone() * slope.clone().scale(&step);
                }
            }
        }
        let mean = |points: &[usize]| {
            let mut sum = Eta::constant(0.0);
            for &point in points {
                sum += landscape.loss(&theta, samples.row(point));
            }
            sum.scale(&(Exact::from(1) / Exact::from(points.len() as i64)))
        };
        let (test, train) = (mean(&[0, 1, 2]), mean(set));
        totals[0] += test.clone();
        totals[1] += test - train;
        for (total, (end, start)) in totals[2..].iter_mut().zip(theta.into_iter().zip(&start)) {
            *total += end - start.clone();
        }
    }
    let share = Exact::from(1) / Exact::from(sets.len() as i64);
    totals
        .into_iter()
        .map(|total| total.scale(&share).coefficients.to_vec())
        .collect()
}

#[test]
fn series_are_those_of_descent_on_every_training_set() {
    let (landscape, samples, theta) = (landscape(), exact_samples(), exact(THETA));
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    for batches in [vec![vec![0], vec![1]], vec![vec![0, 1], vec![0, 1]]] {
        let spacetime = Spacetime::Grid(Grid::from_columns(2, &batches).expect("a grid"));
        let batch = batches[0].len() as u64;
        let parameters = Parameters::new(2, batch, 1).expect("batches fit");
        for (metric, rate) in rates() {
            let derivatives = rate.on(&local).expect("two weights");
            let mut found = vec![];
            for measure in [
                Measure::TestLoss,
                Measure::GeneralizationGap,
                Measure::Displacement,
            ] {
                let expansion =
                    expand(measure, &spacetime, diagrams_for(measure, 3)).expect("small");
                let classes: Vec<_> = expansion.values.iter().map(|(c, _)| c.clone()).collect();
                let program = Interpreted::new(&classes);
                let values = evaluate(&program, &derivatives, &Options::population());
                let series = values
                    .expect("rational")
                    .series(&expansion.values, &parameters)
                    .expect("evaluated");
                assert_eq!(series.order(), 3);
                for component in 0..series.coefficients[0].len() {
                    let orders = series.coefficients.iter();
                    found.push(orders.map(|c| c[component].clone()).collect::<Vec<_>>());
                }
            }
            assert_eq!(
                found,
                by_every_training_set(&batches, metric),
                "{batches:?} with {metric:?}"
            );
        }
    }
}

fn simulation<'a>(
    landscape: &'a dyn Simulator<f64>,
    theta0: &'a [f64],
    population: &'a Samples<f64>,
    batch: usize,
    probe: &'a [f64],
) -> Simulation<'a, f64> {
    Simulation {
        landscape,
        theta0,
        population,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::new(4, batch, 2, Shuffle::EachEpoch).expect("batches fit"),
        etas: vec![0.01, 0.02],
        trials: 19,
        seed: 7,
        probe: Some(probe),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

#[test]
fn simulated_steps_are_multiplied_by_the_matrix() {
    let landscape = landscape();
    let (population, theta) = random(6);
    let metric = [[2.0, -0.5], [-0.5, 0.7]];
    let full = LearningRate::matrix(&metric.map(Vec::from)).expect("positive");
    let diagonal = LearningRate::diagonal(vec![2.0, 0.7]).expect("positive");
    let cases = [(full, metric), (diagonal, [[2.0, 0.0], [0.0, 0.7]])];
    let close = |found: f64, expected: f64| {
        // Eight steps on numbers of order 1.
        assert!(
            (found - expected).abs() < 1e-12,
            "{found}, expected {expected}"
        );
    };
    for (rate, metric) in &cases {
        let descent = rate.descent_on(&landscape).expect("two weights");
        for batch in [1, 2] {
            for probe in [[1.0, 0.0], [0.0, 1.0]] {
                // A population of one point leaves nothing to chance.
                let one = population.first(1);
                let simulation = simulation(&descent, &theta, &one, batch, &probe);
                let simulated = simulation.run().expect("it fits");
                for (eta, result) in [0.01, 0.02].into_iter().zip(&simulated.rates) {
                    let mut weights = theta.clone();
                    for _ in 0..2 * 4 / batch {
                        let mut g = [0.0; 2];
                        landscape.gradient(Own(&weights), one.row(0), &mut g[..]);
                        for (weight, m) in weights.iter_mut().zip(metric) {
                            *weight -= eta * (m[0] * g[0] + m[1] * g[1]);
                        }
                    }
                    let moved: f64 = (0..2).map(|i| probe[i] * (weights[i] - theta[i])).sum();
                    close(result.outcomes[18].displacement, moved);
                    close(
                        result.outcomes[18].test_loss,
                        landscape.loss::<f64>(&weights, one.row(0)),
                    );
                }
                // Many points: lanes against one trial at a time.
                let simulation = Simulation {
                    population: &population,
                    ..simulation
                };
                let simulated = simulation.run().expect("it fits");
                for trial in [0, 18] {
                    let again = run_trial(&landscape, &simulation, trial);
                    for (result, again) in simulated.rates.iter().zip(again) {
                        close(result.outcomes[trial].displacement, again.displacement);
                        close(result.outcomes[trial].train_loss, again.train_loss);
                    }
                }
            }
        }
    }
}

#[test]
fn a_scalar_rate_changes_no_simulation_and_named_landscapes_take_rates() {
    let population = Samples::new(1, initialization(9, 2)).expect("whole rows");
    let named = Named::GaussianFit;
    let run = |landscape: &dyn Simulator<f64>, factor: f64| {
        let plain = simulation(landscape, &[0.0], &population, 1, &[1.0]);
        let etas = plain.etas.iter().map(|eta| eta * factor).collect();
        Simulation { etas, ..plain }.run().expect("it fits")
    };
    let scalar = LearningRate::scalar();
    let scalar = scalar.descent_on(&named).expect("any number of weights");
    assert_eq!(run(&scalar, 1.0), run(&named, 1.0));
    let four = LearningRate::diagonal(vec![4.0]).expect("positive");
    let descent = four.descent_on(&named).expect("one weight");
    for (a, b) in run(&descent, 1.0).rates.iter().zip(run(&named, 4.0).rates) {
        for (a, b) in a.outcomes.iter().zip(b.outcomes) {
            assert!((a.test_loss - b.test_loss).abs() < 1e-14, "{a:?}, {b:?}");
        }
    }
    // A box is as good as a reference.
    let local = named.local(&[0.0], &population).expect("they fit");
    assert_eq!(four.on(&*local).expect("one weight").samples(), 9);
    assert_eq!(four.on(local).expect("one weight").dimension(), 1);
}

#[test]
fn a_factor_gives_back_the_matrix_in_floats() {
    // A Gram matrix of 12 weights: positive, and of condition 1 + trace at most.
    let p = 12;
    let numbers = initialization(p * p, 8);
    let entry = |i: usize, j: usize| -> f64 {
        let products = (0..p).map(|k| numbers[i * p + k] * numbers[j * p + k]);
        products.sum::<f64>() + if i == j { 1.0 } else { 0.0 }
    };
    let matrix: Vec<Vec<f64>> = (0..p)
        .map(|i| (0..p).map(|j| entry(i.min(j), i.max(j))).collect())
        .collect();
    let landscape = Polynomial::new(
        p,
        (0..p)
            .map(|i| (0..p).map(|j| u32::from(i == j)).collect())
            .collect(),
    );
    let landscape = landscape.expect("one exponent each");
    let gradient = initialization(p, 9);
    let (samples, theta) = (
        Samples::new(p, gradient.clone()).expect("a row"),
        vec![0.0; p],
    );
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    let rate = LearningRate::matrix(&matrix).expect("positive");
    let class = enumerate::diagrams(1)
        .find_map(|d| d.displacement_class())
        .expect("an edge");
    let program = Interpreted::new(&[class]);
    let derivatives = rate.on(&local).expect("as many weights");
    let values = evaluate(&program, &derivatives, &Options::population()).expect("finite");
    for (i, found) in values.entries[0].estimate.iter().enumerate() {
        let terms: Vec<f64> = (0..p).map(|j| matrix[i][j] * gradient[j]).collect();
        // The factor is off by about P roundings of what each number of the matrix sums, at most √(M_ii M_jj); two products add P each.
        let size: f64 = (0..p)
            .map(|j| (matrix[i][i] * matrix[j][j]).sqrt() * gradient[j].abs())
            .sum();
        let off = (found - terms.iter().sum::<f64>()).abs();
        assert!(
            off < 4.0 * p as f64 * f64::EPSILON * size,
            "{i}: off by {off}"
        );
        assert_eq!(rate.entry(i, 3), matrix[i][3]);
    }
}

fn refused<T: Element>(rate: Result<LearningRate<T>, LearningRateError>) -> LearningRateError {
    rate.expect_err("refused")
}

#[test]
fn learning_rates_that_make_no_sense() {
    use LearningRateError::{
        Dimension, Length, NoRoot, NotFinite, NotPositive, NotSymmetric, Twice,
    };
    let diagonal = |numbers: &[f64]| LearningRate::diagonal(numbers.to_vec());
    let matrix = |rows: &[&[f64]]| {
        LearningRate::matrix(&rows.iter().map(|r| r.to_vec()).collect::<Vec<_>>())
    };
    let mut cases = vec![
        (
            refused(diagonal(&[1.0, -0.5])),
            NotPositive {
                index: 1,
                pivot: -0.5,
            },
        ),
        (
            refused(diagonal(&[-2.0])),
            NotPositive {
                index: 0,
                pivot: -2.0,
            },
        ),
        (
            refused(diagonal(&[1.0, f64::INFINITY])),
            NotFinite {
                row: 1,
                column: 1,
                value: f64::INFINITY,
            },
        ),
        (
            refused(matrix(&[&[1.0, 2.0], &[2.0]])),
            Length {
                row: 1,
                found: 1,
                expected: 2,
            },
        ),
        (
            refused(matrix(&[&[1.0, 0.5], &[0.25, 1.0]])),
            NotSymmetric {
                row: 0,
                column: 1,
                above: 0.5,
                below: 0.25,
            },
        ),
        (
            refused(matrix(&[&[1.0, 2.0], &[2.0, 1.0]])),
            NotPositive {
                index: 1,
                pivot: -3.0,
            },
        ),
        (
            refused(LearningRate::from_factor(&[vec![1.0], vec![2.0]])),
            Length {
                row: 0,
                found: 1,
                expected: 2,
            },
        ),
        (
            refused(LearningRate::diagonal(exact([4, 2]))),
            NoRoot {
                index: 1,
                pivot: 2.0,
            },
        ),
        (
            refused(LearningRate::matrix(&rows([[1, 1], [1, 3]]))),
            NoRoot {
                index: 1,
                pivot: 2.0,
            },
        ),
    ];
    let (samples, theta) = random(2);
    let landscape = landscape();
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    let one = diagonal(&[1.0]).expect("positive");
    let two = diagonal(&[1.0, 2.0]).expect("positive");
    let wrong = Dimension {
        found: 1,
        expected: 2,
    };
    cases.push((one.on(&local).expect_err("one weight"), wrong.clone()));
    cases.push((one.descent_on(&landscape).err().expect("one weight"), wrong));
    let (twice, descent) = (two.on(&local), two.descent_on(&landscape));
    let (twice, descent) = (twice.expect("it fits"), descent.expect("it fits"));
    cases.push((two.on(&twice).expect_err("again"), Twice));
    cases.push((two.descent_on(&descent).err().expect("again"), Twice));
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    // Around a scalar, and with a scalar around, a learning rate is given once.
    let scalar = LearningRate::scalar();
    let around = scalar.on(&twice).expect("a scalar fits all");
    assert_eq!(around.learning_rate(), Some(&two));
    let inside = scalar.on(&local).expect("a scalar fits all");
    assert_eq!(two.on(&inside).expect("once").learning_rate(), Some(&two));
    assert_eq!(inside.learning_rate(), None);
    let nan = LearningRate::from_factor(&[vec![f64::NAN]]).expect_err("no number");
    assert!(nan.to_string().contains("row 0, column 0"), "{nan}");
    assert!(matches!(
        nan,
        NotFinite {
            row: 0,
            column: 0,
            ..
        }
    ));
}
