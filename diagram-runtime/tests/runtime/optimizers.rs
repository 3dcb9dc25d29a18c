//! The optimizers beside SGD: in lanes against plain double precision, and their expectations against closed forms.

use std::sync::atomic::AtomicBool;

use diagram_calculus::measure::Measure;
use diagram_runtime::data::embedded_fashion;
use diagram_runtime::landscape::{Landscape, initialization};
use diagram_runtime::landscapes::{Named, Polynomial, lenet};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::{Element, Scalar};
use diagram_runtime::simulate::{
    Control, FloatingPoint, Optimizer, RateResult, Schedule, Shuffle, Simulation, SimulationError,
    Simulator, TestPoints, noiseless_path,
};
use diagram_runtime::weights::Own;

use crate::reference::{Plain, run_trials};

const MEASURES: [Measure; 5] = [
    Measure::TestLoss,
    Measure::TrainLoss,
    Measure::GeneralizationGap,
    Measure::Displacement,
    Measure::SecondMoment,
];

const SDE: Optimizer = Optimizer::Sde { substeps: 3 };

/// `½ h θ² + x θ`, with h the first number of a datapoint and x the second.
struct Line;

impl Landscape for Line {
    fn dimension(&self) -> usize {
        1
    }
    fn input_width(&self) -> usize {
        2
    }
    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let quadratic = theta[0].clone() * theta[0].clone() * S::constant(0.5);
        quadratic.scale(&x[0]) + theta[0].clone().scale(&x[1])
    }
}

/// A datapoint's loss is `x₀ a + x₁ a² + x₂ a b + x₃ b² + x₄ a² b`: gradients whose covariance changes from place to place.
fn polynomial() -> Polynomial {
    let monomials = [[1, 0], [2, 0], [1, 1], [0, 2], [2, 1]];
    Polynomial::new(2, monomials.map(Vec::from).to_vec()).unwrap()
}

/// Coefficients with the curvatures of a bowl.
fn datapoints(count: usize) -> Samples<f64> {
    let mut numbers = initialization(5 * count, 21);
    for coefficients in numbers.chunks_exact_mut(5) {
        coefficients[1] += 1.0;
        coefficients[3] += 1.0;
    }
    Samples::new(5, numbers).unwrap()
}

fn steps(train: usize, steps: usize) -> Schedule {
    Schedule::gradient_descent(train, steps).unwrap()
}

/// Everything measured, one learning rate, a few trials.
fn simulation<'a, T: Element>(
    landscape: &'a dyn Simulator<T>,
    theta0: &'a [T],
    population: &'a Samples<T>,
    optimizer: Optimizer,
    schedule: Schedule,
) -> Simulation<'a, T> {
    Simulation {
        landscape,
        theta0,
        population,
        optimizer,
        schedule,
        etas: vec![0.02, 0.1],
        trials: 19,
        seed: 7,
        probe: Some(theta0),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

/// Largest difference between lanes and plain double precision, relative to 1 + the number.
fn largest_error<T: FloatingPoint>(plain: &dyn Plain, simulation: &Simulation<'_, T>) -> f64 {
    let simulated = simulation.run().unwrap();
    let mut largest = 0.0_f64;
    let trials = [0, 1, simulation.trials - 1];
    for (trial, plain) in trials
        .into_iter()
        .zip(run_trials(plain, simulation, &trials))
    {
        for (rate, plain) in simulated.rates.iter().zip(plain) {
            for measure in MEASURES {
                let (lanes, plain) = (rate.outcomes[trial].value(measure), plain.value(measure));
                assert!(plain.is_finite(), "{measure:?} of trial {trial}");
                largest = largest.max((lanes - plain).abs() / (1.0 + plain.abs()));
            }
        }
    }
    largest
}

/// Each optimizer with a schedule for it; the SDE's batches are not of one point.
fn all() -> [(Optimizer, Schedule); 5] {
    let shuffled = |train| Schedule::new(train, train, 3, Shuffle::EachEpoch).unwrap();
    [
        (Optimizer::Sgd, shuffled(6)),
        (Optimizer::Gdc, steps(6, 3)),
        (Optimizer::Gdc, shuffled(4)),
        (SDE, Schedule::new(6, 2, 1, Shuffle::Never).unwrap()),
        (Optimizer::Ode, steps(2, 3)),
    ]
}

/// At most 9 sub-steps of some hundred terms of order 1 each, which later steps hardly enlarge: 1e3 roundings of 1e-16, or in single precision 6e-8, of
/// which the independent ones add up to √1e3 = 30.
const DOUBLE: f64 = 1e-12;
const SINGLE: f64 = 1e-5;
/// The flow is followed by two methods, each of which makes a few dozen steps that are off by 1e-10 at most.
const FLOW: f64 = 1e-8;

#[test]
fn lanes_agree_with_plain_double_precision() {
    let (landscape, population) = (polynomial(), datapoints(70));
    let theta = [0.5, -0.3];
    let metric = [vec![2.0, -0.5], vec![-0.5, 0.7]];
    let full = LearningRate::matrix(&metric).unwrap();
    let full = full.descent_on(&landscape).unwrap();
    let diagonal = LearningRate::diagonal(vec![2.0, 0.7]).unwrap();
    let diagonal = diagonal.descent_on(&landscape).unwrap();
    let single = population.map(|x| *x as f32);
    let plain = &landscape;
    for (optimizer, schedule) in all() {
        for landscape in [&landscape as &dyn Simulator<f64>, &full, &diagonal] {
            let optimizer = optimizer.clone();
            let simulation = simulation(landscape, &theta, &population, optimizer, schedule);
            let error = largest_error(plain, &simulation);
            let optimizer = &simulation.optimizer;
            let most = if *optimizer == Optimizer::Ode {
                FLOW
            } else {
                DOUBLE
            };
            assert!(error < most, "{optimizer} {schedule:?}: {error:e}");
        }
        let simulation = simulation(&landscape, &[0.5_f32, -0.3], &single, optimizer, schedule);
        let error = largest_error(plain, &simulation);
        let optimizer = &simulation.optimizer;
        assert!(error < SINGLE, "{optimizer} {schedule:?}: {error:e}");
        assert!(error > 0.0, "single precision cannot be exact");
    }
}

/// The tolerances of the same test for SGD: see the module `simulate`.
#[test]
fn lanes_agree_with_plain_double_precision_on_a_network() {
    let population = embedded_fashion::<f64>().first(11);
    let theta = initialization(Named::FashionLeNet.dimension(), 3);
    for (optimizer, schedule) in all() {
        let simulation = simulation::<f64>(
            &Named::FashionLeNet,
            &theta,
            &population,
            optimizer,
            schedule,
        );
        let simulation = Simulation {
            etas: vec![0.1],
            trials: 9,
            ..simulation
        };
        let error = largest_error(&lenet(1, 28), &simulation);
        let optimizer = &simulation.optimizer;
        let most = if *optimizer == Optimizer::Ode {
            FLOW
        } else {
            1e-10
        };
        assert!(error < most, "{optimizer}: {error:e}");
    }
}

fn on_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(f)
}

#[test]
fn trials_depend_on_seed_and_number_alone() {
    // More points than one thread adds up.
    let (landscape, population) = (polynomial(), datapoints(300));
    for (optimizer, schedule) in all() {
        let base = || {
            let optimizer = optimizer.clone();
            simulation(&landscape, &[0.5, -0.3], &population, optimizer, schedule)
        };
        let outcomes =
            |simulation: Simulation<'_, f64>| simulation.run().unwrap().rates[1].outcomes.clone();
        let once = on_threads(1, || outcomes(base()));
        for threads in [2, 5] {
            assert_eq!(on_threads(threads, || outcomes(base())), once);
        }
        let few = Simulation {
            trials: 5,
            ..base()
        };
        assert_eq!(outcomes(few), once[..5]);
        // Other learning rates do not matter.
        let others = Simulation {
            etas: vec![0.03, 0.1],
            ..base()
        };
        assert_eq!(outcomes(others), once);
        // The flow alone is the same for all, on whatever training set.
        let distinct = once
            .windows(2)
            .all(|pair| pair[0].displacement != pair[1].displacement);
        assert_eq!(distinct, optimizer != Optimizer::Ode, "{optimizer}");
        let other_seed = outcomes(Simulation { seed: 8, ..base() });
        let mut trains = other_seed.iter().zip(&once);
        assert!(trains.all(|(a, b)| a.train_loss != b.train_loss));
    }
}

/// A bowl in two weights, `½ θᵀHθ + x·θ`, whose flow is `exp(-ηMHs)` around its minimum: diagonal, M along with H.
#[test]
fn the_flow_ends_where_the_closed_form_does() {
    let monomials = [[2, 0], [0, 2], [1, 0], [0, 1]];
    let landscape = Polynomial::new(2, monomials.map(Vec::from).to_vec()).unwrap();
    // Curvatures 2 and 40 on average; slopes 1 and -20.
    let numbers = vec![0.5, 30.0, 0.0, -25.0, 1.5, 10.0, 2.0, -15.0];
    let population = Samples::new(4, numbers).unwrap();
    let theta: [f64; 2] = [1.5, -1.0];
    let metric = [0.5, 2.0];
    let rate = LearningRate::diagonal(metric.to_vec()).unwrap();
    let scaled = rate.descent_on(&landscape).unwrap();
    for (landscape, metric) in [
        (&landscape as &dyn Simulator<f64>, [1.0; 2]),
        (&scaled, metric),
    ] {
        for (at, probe) in [[1.0, 0.0], [0.0, 1.0]].into_iter().enumerate() {
            let base = simulation(landscape, &theta, &population, Optimizer::Ode, steps(2, 7));
            let simulated = Simulation {
                probe: Some(&probe),
                // The second is unstable in steps of gradient descent.
                etas: vec![0.01, 0.1],
                ..base
            };
            let simulated = simulated.run().unwrap();
            for rate in &simulated.rates {
                let (curvature, minimum) = ([2.0, 40.0][at], [-0.5, 0.5][at]);
                let decay = (-7.0 * rate.eta * metric[at] * curvature).exp();
                let expected = (decay - 1.0) * (theta[at] - minimum);
                for outcome in &rate.outcomes {
                    let error = (outcome.displacement - expected).abs();
                    // Some 100 sub-steps, each within 1e-10 of a weight below 2, on a flow that contracts.
                    assert!(error < 1e-8, "{at}: off by {error:e}");
                }
            }
            assert_eq!(simulated.rates[1].diverged(), 0);
        }
    }
}

/// `-θ⁴/4`: from 1, the flow `dθ/ds = ηθ³` is infinite at `s = 1/(2η)`.
#[test]
fn a_flow_to_infinity_is_trials_that_diverge() {
    let landscape = Polynomial::new(1, vec![vec![4]]).unwrap();
    let population = Samples::new(1, vec![-0.25]).unwrap();
    let simulated = Simulation {
        etas: vec![0.01, 0.1],
        ..simulation(
            &landscape,
            &[1.0],
            &population,
            Optimizer::Ode,
            steps(2, 10),
        )
    };
    let outcomes = simulated.run().unwrap();
    let diverged: Vec<usize> = outcomes.rates.iter().map(RateResult::diverged).collect();
    assert_eq!(diverged, [0, 19]);
    let displacement = outcomes.rates[0].outcomes[3].displacement;
    let expected = (1.0 - 2.0 * 0.01 * 10.0_f64).powf(-0.5) - 1.0;
    assert!((displacement - expected).abs() < 1e-8);
}

/// Mean and standard error of the displacement and of its square.
fn displacement_moments(simulation: &Simulation<'_, f64>) -> [(f64, f64); 2] {
    let simulated = simulation.run().unwrap();
    let outcomes = &simulated.rates[0].outcomes;
    let n = outcomes.len() as f64;
    [1, 2].map(|power| {
        let values = outcomes
            .iter()
            .map(|outcome| outcome.displacement.powi(power));
        let mean = values.clone().sum::<f64>() / n;
        let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    })
}

/// Within 4.5 standard errors, a chance of 1e-5.
fn assert_expected((mean, standard_error): (f64, f64), expected: f64, what: &str) {
    let off = (mean - expected) / standard_error;
    assert!(
        off.abs() < 4.5,
        "{what}: {mean} ± {standard_error}, expected {expected}, off by {off}"
    );
}

/// On `½ h θ² + x θ` with one curvature, Euler's method is a linear recursion with independent noise: `θ' = (1-ηhΔ) θ - ηΔ x̄ + η √(Δ/B) ξ`, Δ the
/// length of a sub-step and ξ of variance C. As Δ tends to 0 that is the Ornstein–Uhlenbeck process of variance `η C/(2hB) (1 - exp(-2ηhT))`.
#[test]
fn the_sde_is_the_ornstein_uhlenbeck_process_on_a_quadratic() {
    let (h, eta, t, start): (f64, f64, i32, f64) = (1.5, 0.3, 4, 0.7);
    let slopes = [-1.0, 0.5, 2.0, 0.1, -0.6];
    let numbers = slopes.iter().flat_map(|&x| [h, x]).collect();
    let population = Samples::new(2, numbers).unwrap();
    let mean = slopes.iter().sum::<f64>() / 5.0;
    let covariance = slopes.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 5.0;
    let metric = 0.5;
    let rate = LearningRate::diagonal(vec![metric]).unwrap();
    let scaled = rate.descent_on(&Line).unwrap();
    for (landscape, metric) in [(&Line as &dyn Simulator<f64>, 1.0), (&scaled, metric)] {
        for batch in [1, 2] {
            let process = |substeps: usize| {
                let length = 1.0 / substeps as f64;
                let keep = 1.0 - eta * metric * h * length;
                let noise = (eta * metric).powi(2) * length * covariance / batch as f64;
                let steps = t * substeps as i32;
                let variance = noise * (1.0 - keep.powi(2 * steps)) / (1.0 - keep * keep);
                // From the minimum -x̄/h.
                let moved = (keep.powi(steps) - 1.0) * (start + mean / h);
                (moved, variance)
            };
            for substeps in [1, 4] {
                let schedule = Schedule::new(4 * batch, batch, 1, Shuffle::Never).unwrap();
                let base = simulation(
                    landscape,
                    std::slice::from_ref(&start),
                    &population,
                    Optimizer::Sde { substeps },
                    schedule,
                );
                let moments = displacement_moments(&Simulation {
                    etas: vec![eta],
                    trials: 40_000,
                    probe: Some(&[1.0]),
                    ..base
                });
                let (moved, variance) = process(substeps);
                assert_expected(moments[0], moved, "mean");
                assert_expected(moments[1], moved * moved + variance, "square");
            }
            // The closed form itself, on the way to the limit: off by order Δ.
            let rate = eta * metric;
            let moved = ((-rate * h * f64::from(t)).exp() - 1.0) * (start + mean / h);
            let variance = rate * covariance / (2.0 * h * batch as f64)
                * (1.0 - (-2.0 * rate * h * f64::from(t)).exp());
            let fine = process(1_000_000);
            assert!((fine.0 - moved).abs() < 1e-5 && (fine.1 - variance).abs() < 1e-5);
        }
    }
}

/// The noise of a sub-step has the covariance `η² M C M / B`, here in two weights: one Euler step from a place where gradients are known.
#[test]
fn a_substep_has_the_covariance_of_the_gradients() {
    let (landscape, population) = (polynomial(), datapoints(9));
    let theta = [0.5, -0.3];
    let metric = [[2.0, -0.5], [-0.5, 0.7]];
    let rate = LearningRate::matrix(&metric.map(Vec::from)).unwrap();
    let descent = rate.descent_on(&landscape).unwrap();
    let raised: Vec<[f64; 2]> = (0..9)
        .map(|point| {
            let mut g = [0.0; 2];
            landscape.gradient(Own(&theta), population.row(point), &mut g[..]);
            metric.map(|row| row[0] * g[0] + row[1] * g[1])
        })
        .collect();
    for probe in [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]] {
        let along: Vec<f64> = raised
            .iter()
            .map(|g| probe[0] * g[0] + probe[1] * g[1])
            .collect();
        let mean = along.iter().sum::<f64>() / 9.0;
        let variance = along.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / 9.0;
        let one = Schedule::new(3, 3, 1, Shuffle::Never).unwrap();
        let base = simulation(
            &descent,
            &theta,
            &population,
            Optimizer::Sde { substeps: 1 },
            one,
        );
        let moments = displacement_moments(&Simulation {
            etas: vec![0.1],
            trials: 40_000,
            probe: Some(&probe),
            ..base
        });
        let second = 0.01 * (mean * mean + variance / 3.0);
        assert_expected(moments[0], -0.1 * mean, "mean");
        assert_expected(moments[1], second, "square");
    }
}

/// All training sets of some size, with repeats and in all orders.
fn training_sets(population: usize, train: usize) -> Vec<Vec<usize>> {
    let sets = population.pow(train as u32);
    (0..sets)
        .map(|set| {
            let digit = |at| set / population.pow(at as u32) % population;
            (0..train).map(digit).collect()
        })
        .collect()
}

/// Mean over all training sets of where one step of GDC leads: `-ηM(G + η(N-1)/4N ∇ tr CM)` exactly, with a covariance that is differentiated by differences.
#[test]
fn the_step_of_gdc_is_unbiased() {
    let (landscape, population) = (polynomial(), datapoints(3));
    let theta = [0.5, -0.3];
    let eta = 0.1;
    let metric = [[2.0, -0.5], [-0.5, 0.7]];
    let rate = LearningRate::matrix(&metric.map(Vec::from)).unwrap();
    let descent = rate.descent_on(&landscape).unwrap();
    // Gradients are quadratic, so that tr CM = E gᵀMg - GᵀMG is of degree 4.
    let trace = |theta: &[f64; 2]| {
        let gradients: Vec<[f64; 2]> = (0..3)
            .map(|point| {
                let mut g = [0.0; 2];
                landscape.gradient(Own(&theta[..]), population.row(point), &mut g[..]);
                g
            })
            .collect();
        let square = |g: [f64; 2]| -> f64 {
            let terms = (0..2).flat_map(|i| (0..2).map(move |j| g[i] * metric[i][j] * g[j]));
            terms.sum()
        };
        let mean = [0, 1].map(|i| gradients.iter().map(|g| g[i]).sum::<f64>() / 3.0);
        gradients.iter().map(|&g| square(g)).sum::<f64>() / 3.0 - square(mean)
    };
    let slope = |at: usize| {
        // Differences on both sides, extrapolated (Richardson): exact for degree 4.
        let difference = |width: f64| {
            let (mut up, mut down) = (theta, theta);
            up[at] += width;
            down[at] -= width;
            (trace(&up) - trace(&down)) / (2.0 * width)
        };
        (4.0 * difference(0.5) - difference(1.0)) / 3.0
    };
    let mut mean = [0.0; 2];
    for point in 0..3 {
        let mut g = [0.0; 2];
        landscape.gradient(Own(&theta), population.row(point), &mut g[..]);
        mean = [0, 1].map(|i| mean[i] + g[i] / 3.0);
    }
    for train in [2, 4] {
        let n = train as f64;
        let push = [0, 1].map(|i| mean[i] + eta * (n - 1.0) / (4.0 * n) * slope(i));
        let steps: Vec<[f64; 2]> = training_sets(3, train)
            .iter()
            .map(|set| plain_step(&landscape, &population, set, metric, eta, theta))
            .collect();
        for (i, probe) in [[1.0, 0.0], [0.0, 1.0]].into_iter().enumerate() {
            let found = steps.iter().map(|step| step[i]).sum::<f64>() / steps.len() as f64;
            let expected = -eta * (metric[i][0] * push[0] + metric[i][1] * push[1]);
            // Sums of 81 numbers of order 1.
            assert!(
                (found - expected).abs() < 1e-13,
                "N = {train}, weight {i}: {found}, expected {expected}"
            );
            // The simulator takes these steps, and all of them.
            let simulated = Simulation {
                etas: vec![eta],
                trials: 3000,
                probe: Some(&probe),
                ..simulation(
                    &descent,
                    &theta,
                    &population,
                    Optimizer::Gdc,
                    self::steps(train, 1),
                )
            };
            let outcomes = &simulated.run().unwrap().rates[0].outcomes;
            let same = |a: f64, b: f64| (a - b).abs() < 1e-13;
            for outcome in outcomes {
                assert!(
                    steps.iter().any(|step| same(step[i], outcome.displacement)),
                    "no training set leads to {}",
                    outcome.displacement
                );
            }
            for step in &steps {
                assert!(outcomes.iter().any(|o| same(step[i], o.displacement)));
            }
        }
    }
}

/// A step of GDC on a training set, as its definition has it, in weights of which gradients are quadratic, so that differences of them are exact.
fn plain_step(
    landscape: &Polynomial,
    population: &Samples<f64>,
    set: &[usize],
    metric: [[f64; 2]; 2],
    eta: f64,
    theta: [f64; 2],
) -> [f64; 2] {
    let n = set.len() as f64;
    let mean = |half: &[usize], theta: [f64; 2]| {
        let mut mean = [0.0; 2];
        for &point in half {
            let mut g = [0.0; 2];
            landscape.gradient(Own(&theta[..]), population.row(point), &mut g[..]);
            mean = [0, 1].map(|i| mean[i] + g[i] / half.len() as f64);
        }
        mean
    };
    let raise = |v: [f64; 2]| metric.map(|row| row[0] * v[0] + row[1] * v[1]);
    let (first, second) = set.split_at(set.len() / 2);
    let (a, b) = (mean(first, theta), mean(second, theta));
    let along = raise([a[0] - b[0], a[1] - b[1]]);
    let moved = |sign: f64| [0, 1].map(|i| theta[i] + sign * along[i]);
    let product = |half: &[usize]| {
        let (up, down) = (mean(half, moved(0.5)), mean(half, moved(-0.5)));
        [0, 1].map(|i| up[i] - down[i])
    };
    let (a_product, b_product) = (product(first), product(second));
    let total = [0, 1].map(|i| {
        let trace = n / 2.0 * (a_product[i] - b_product[i]);
        a[i].midpoint(b[i]) + eta * (n - 1.0) / (4.0 * n) * trace
    });
    raise(total).map(|x| -eta * x)
}

/// `θ + x (θ + θ²/2)` with x = ±1: G = 1, C = (1 + θ)², so that `G·∇tr C = 2` at 0.
///
/// Corollary 4: gradient descent minus SGD is `η² M (N-1)/4 · G·∇tr C` = 1.5 η² for N = 4 and M = 1, and GDC minus SGD is of order η³. A coefficient
/// `D(η)/η² = c + c' η + O(η²)` is read off at two learning rates; the rest, 2 η² = 1e-3 times a number of order 1, is below a standard error.
#[test]
fn gdc_agrees_with_sgd_through_the_second_order_and_gradient_descent_does_not() {
    let landscape = Polynomial::new(1, vec![vec![1], vec![2]]).unwrap();
    let population = Samples::new(2, vec![2.0, 0.5, 0.0, -0.5]).unwrap();
    let run = |optimizer, schedule| {
        let simulation = Simulation {
            etas: vec![0.02, 0.01],
            trials: 60_000,
            probe: None,
            train_loss: false,
            ..simulation(&landscape, &[0.0], &population, optimizer, schedule)
        };
        simulation.run().unwrap().rates
    };
    let sgd = run(
        Optimizer::Sgd,
        Schedule::new(4, 1, 1, Shuffle::Never).unwrap(),
    );
    // On the same training sets, so that differences have little noise.
    let coefficient = |optimizer| {
        let other = run(optimizer, steps(4, 4));
        let of_trial = |trial: usize| {
            let [coarse, fine] = [0, 1].map(|rate| {
                let loss = |rates: &[diagram_runtime::simulate::RateResult]| {
                    rates[rate].outcomes[trial].test_loss
                };
                (loss(&other) - loss(&sgd)) / sgd[rate].eta.powi(2)
            });
            2.0 * fine - coarse
        };
        let n = sgd[0].outcomes.len();
        let mean = (0..n).map(of_trial).sum::<f64>() / n as f64;
        let variance = (0..n)
            .map(|trial| (of_trial(trial) - mean).powi(2))
            .sum::<f64>()
            / (n as f64 - 1.0);
        (mean, (variance / n as f64).sqrt())
    };
    let gradient_descent = coefficient(Optimizer::Sgd);
    assert_expected(gradient_descent, 1.5, "gradient descent");
    assert!(gradient_descent.0 > 30.0 * gradient_descent.1);
    assert_expected(coefficient(Optimizer::Gdc), 0.0, "gdc");
}

#[test]
fn the_noiseless_path_is_gradient_descent_on_the_population() {
    let (landscape, population) = (polynomial(), datapoints(300));
    let theta = [0.5, -0.3];
    let metric = [vec![2.0, -0.5], vec![-0.5, 0.7]];
    let rate = LearningRate::matrix(&metric).unwrap();
    let descent = rate.descent_on(&landscape).unwrap();
    let found = noiseless_path(&descent, &theta, &population, 0.05, 6).unwrap();
    let mut plain = theta;
    for _ in 0..6 {
        let mut mean = [0.0; 2];
        for point in 0..300 {
            let mut g = [0.0; 2];
            landscape.gradient(Own(&plain[..]), population.row(point), &mut g[..]);
            mean = [0, 1].map(|i| mean[i] + g[i] / 300.0);
        }
        plain = [0, 1].map(|i| plain[i] - 0.05 * (metric[i][0] * mean[0] + metric[i][1] * mean[1]));
    }
    for (found, plain) in found.iter().zip(plain) {
        assert!((found - plain).abs() < DOUBLE, "{found}, expected {plain}");
    }
    for threads in [1, 2, 5] {
        let again = on_threads(threads, || {
            noiseless_path(&descent, &theta, &population, 0.05, 6)
        });
        assert_eq!(again.as_ref(), Ok(&found));
    }
    assert_eq!(
        noiseless_path(&landscape, &theta, &population, 0.05, 0),
        Ok(theta.to_vec())
    );
    // With -θ⁴ and η = 1 a weight grows to 5, 505, then about 1e9, 1e27 and 1e81, of which the loss is beyond all numbers.
    let quartic = Polynomial::new(1, vec![vec![4]]).unwrap();
    let down = Samples::new(1, vec![-1.0]).unwrap();
    assert_eq!(
        noiseless_path(&quartic, &[1.0], &down, 1.0, 100),
        Err(SimulationError::Diverged { step: 6 })
    );
    let refused =
        |theta: &[f64], eta| noiseless_path(&landscape, theta, &population, eta, 1).unwrap_err();
    assert!(matches!(
        refused(&[0.5], 0.1),
        SimulationError::Length { .. }
    ));
    assert_eq!(
        refused(&theta, 0.0),
        SimulationError::LearningRate { eta: 0.0 }
    );
    let empty = Samples::new(5, vec![]).unwrap();
    assert_eq!(
        noiseless_path(&landscape, &theta, &empty, 0.1, 1),
        Err(SimulationError::EmptyPopulation)
    );
    let narrow = Samples::new(1, vec![1.0]).unwrap();
    assert!(matches!(
        noiseless_path(&landscape, &theta, &narrow, 0.1, 1),
        Err(SimulationError::Width { .. })
    ));
}

#[test]
fn schedules_that_do_not_fit_an_optimizer_are_refused() {
    let population = Samples::new(1, vec![-1.0, 1.0]).unwrap();
    let refused = |optimizer, schedule| {
        let simulation = simulation::<f64>(
            &Named::GaussianFit,
            &[0.1],
            &population,
            optimizer,
            schedule,
        );
        simulation.run().unwrap_err()
    };
    let batches = Schedule::new(6, 2, 1, Shuffle::Never).unwrap();
    let not_full = SimulationError::NotFullBatch { batch: 2, train: 6 };
    assert_eq!(refused(Optimizer::Gdc, batches), not_full);
    assert_eq!(
        not_full.to_string(),
        "gdc descends on all 6 training points at once, not on batches of 2"
    );
    let none = SimulationError::NoHalves { train: 5 };
    assert_eq!(refused(Optimizer::Gdc, steps(5, 1)), none);
    assert_eq!(
        refused(Optimizer::Sde { substeps: 0 }, batches),
        SimulationError::NoSubsteps
    );
}

#[test]
fn cancelled_optimizers_finish_no_trials() {
    let (landscape, population) = (polynomial(), datapoints(20));
    for (optimizer, schedule) in all() {
        let control = Control {
            progress: &|_| {},
            cancel: &AtomicBool::new(true),
        };
        let simulation = simulation(&landscape, &[0.5, -0.3], &population, optimizer, schedule);
        assert_eq!(
            simulation.run_with(control).unwrap().trials,
            [] as [usize; 0]
        );
    }
}

#[test]
fn optimizers_have_names() {
    let named = [
        ("sgd", Optimizer::default()),
        ("gdc", Optimizer::Gdc),
        ("sde", Optimizer::Sde { substeps: 16 }),
        ("sde:4", Optimizer::Sde { substeps: 4 }),
        ("ode", Optimizer::Ode),
    ];
    for (name, optimizer) in named {
        assert_eq!(optimizer.to_string(), name);
        assert_eq!(name.parse(), Ok(optimizer));
    }
    for name in ["", "adam", "sde:", "sde:0", "sde:x", "ode:2"] {
        let unknown = name.parse::<Optimizer>().unwrap_err();
        assert_eq!(unknown.name, name);
        assert!(unknown.to_string().contains("sde:<sub-steps>"), "{unknown}");
    }
}
