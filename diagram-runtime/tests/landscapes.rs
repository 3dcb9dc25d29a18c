//! Landscapes whose derivatives and whose descent have closed forms.

use diagram_calculus::measure::Measure;
use diagram_runtime::data::normal_quantiles;
use diagram_runtime::derivatives::{Derivatives, Direction, Job, PassOutput, PointDerivatives};
use diagram_runtime::exact::Exact;
use diagram_runtime::landscape::Landscape;
use diagram_runtime::landscapes::{L2, L2Coefficient, LinearScrew, MeanEstimation, Polynomial};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::Element;
use diagram_runtime::simulate::{Optimizer, Schedule, Shuffle, Simulation, TestPoints};

/// The derivative of one more order than there are directions at the only sample, one index open.
fn derivative<L: Landscape, T: Element>(
    landscape: &L,
    theta: &[T],
    x: &[T],
    directions: &[&[T]],
) -> Vec<T> {
    let samples = Samples::new(x.len(), x.to_vec()).expect("one row");
    let local = PointDerivatives::new(landscape, theta, &samples).expect("they fit");
    let mut sum = vec![T::constant(0.0); theta.len()];
    local.pass(
        0..1,
        Job {
            directions: directions.iter().map(|&u| Direction::Shared(u)).collect(),
            outputs: vec![PassOutput {
                powers: &vec![1; directions.len()],
                per_sample: None,
                sum: Some(&mut sum),
            }],
        },
    );
    sum
}

fn exact(numerator: i64, denominator: i64) -> Exact {
    Exact::from(numerator) / Exact::from(denominator)
}

const MEANS: MeanEstimation = MeanEstimation {
    hessian: 0.75,
    noise: 1.5,
    optimum: -0.5,
};

#[test]
fn derivatives_of_mean_estimation_are_exact() {
    let (w, x) = ([exact(2, 3)], [exact(-5, 7)]);
    let h = exact(3, 4);
    let slope = h.clone() * (w[0].clone() + exact(1, 2)) + exact(3, 2) * x[0].clone();
    assert_eq!(derivative(&MEANS, &w, &x, &[]), [slope]);
    let (u, v) = ([exact(4, 5)], [exact(1, 9)]);
    assert_eq!(derivative(&MEANS, &w, &x, &[&u]), [h * u[0].clone()]);
    assert_eq!(derivative(&MEANS, &w, &x, &[&u, &v]), [exact(0, 1)]);
}

/// Gradient, Hessian and third derivative of `½ λ |θ|²`, on top of the landscape's own, in λ as in θ.
#[test]
fn derivatives_of_l2_are_exact() {
    let inner = Polynomial::new(2, vec![vec![3, 1], vec![0, 2]]).expect("two exponents each");
    let x = [exact(1, 2), exact(-3, 1)];
    let theta = [exact(2, 3), exact(-1, 5)];
    let lambda = exact(7, 4);
    let (u, v) = ([exact(1, 3), exact(2, 1)], [exact(-4, 1), exact(3, 5)]);
    let (at_u, at_v) = (exact(5, 6), exact(-2, 7));
    let with = |rest: &Exact, of: &[Exact; 2]| [of[0].clone(), of[1].clone(), rest.clone()];
    let dot =
        |a: &[Exact; 2], b: &[Exact; 2]| a[0].clone() * b[0].clone() + a[1].clone() * b[1].clone();
    let scaled = |by: &Exact, of: &[Exact; 2]| of.clone().map(|a| a * by.clone());
    let sum = |terms: &[Vec<Exact>]| -> Vec<Exact> {
        let at = |i: usize| terms.iter().map(move |term| term[i].clone());
        (0..2)
            .map(|i| at(i).fold(exact(0, 1), |a, b| a + b))
            .collect()
    };

    let tunable = L2 {
        landscape: inner.clone(),
        coefficient: L2Coefficient::LastWeight,
    };
    let moved = with(&lambda, &theta);
    let found = derivative(&tunable, &moved, &x, &[]);
    let gradient = derivative(&inner, &theta, &x, &[]);
    assert_eq!(
        found[..2],
        sum(&[gradient.clone(), scaled(&lambda, &theta).to_vec()])
    );
    assert_eq!(found[2], dot(&theta, &theta) / exact(2, 1));

    let found = derivative(&tunable, &moved, &x, &[&with(&at_u, &u)]);
    let hessian = derivative(&inner, &theta, &x, &[&u]);
    let (by_u, by_lambda) = (scaled(&lambda, &u), scaled(&at_u, &theta));
    assert_eq!(
        found[..2],
        sum(&[hessian.clone(), by_u.to_vec(), by_lambda.to_vec()])
    );
    assert_eq!(found[2], dot(&theta, &u));

    let along = [&with(&at_u, &u)[..], &with(&at_v, &v)];
    let found = derivative(&tunable, &moved, &x, &along);
    let third = derivative(&inner, &theta, &x, &[&u, &v]);
    let (first, second) = (scaled(&at_u, &v).to_vec(), scaled(&at_v, &u).to_vec());
    assert_eq!(found[..2], sum(&[third, first, second]));
    assert_eq!(found[2], dot(&u, &v));

    let fixed = L2 {
        landscape: inner,
        coefficient: L2Coefficient::Constant(1.75),
    };
    assert_eq!((fixed.dimension(), tunable.dimension()), (2, 3));
    assert_eq!(
        derivative(&fixed, &theta, &x, &[]),
        sum(&[gradient, scaled(&lambda, &theta).to_vec()])
    );
    assert_eq!(
        derivative(&fixed, &theta, &x, &[&u]),
        sum(&[hessian, by_u.to_vec()])
    );
}

/// On the axis, wherever along it: gradient x (cos(z - π/4), sin(z - π/4), 0), Hessian 1 + e eᵀ in the plane, e = (cos z, sin z), plus the noise's
/// x (-sin(z - π/4), cos(z - π/4)) between the plane and z; its derivative along z at x = 0 is that of e eᵀ.
///
/// Each number is a sum of a few products of sines and cosines, themselves off by less than 4 units, of size 3 at most: 1e-15 each, 1e-14 in all.
#[test]
fn derivatives_of_the_linear_screw_on_its_axis() {
    let close = |found: &[f64], expected: [f64; 3]| {
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-14, "{found:?}, not {expected:?}");
        }
    };
    let basis = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for z in [0.0, 0.4, -2.0, 37.5] {
        let (theta, x) = ([0.0, 0.0, z], 1.5);
        let (s, c) = f64::sin_cos(z);
        let (behind_s, behind_c) = f64::sin_cos(z - std::f64::consts::FRAC_PI_4);
        close(
            &derivative(&LinearScrew, &theta, &[x], &[]),
            [x * behind_c, x * behind_s, 0.0],
        );
        let hessian = [
            [1.0 + c * c, c * s, -x * behind_s],
            [c * s, 1.0 + s * s, x * behind_c],
            [-x * behind_s, x * behind_c, 0.0],
        ];
        for (u, row) in basis.iter().zip(hessian) {
            close(&derivative(&LinearScrew, &theta, &[x], &[u]), row);
        }
        let turning = [
            [-2.0 * c * s, c * c - s * s, 0.0],
            [c * c - s * s, 2.0 * c * s, 0.0],
            [0.0; 3],
        ];
        for (u, row) in basis.iter().zip(turning) {
            let along = [&u[..], &basis[2]];
            close(&derivative(&LinearScrew, &theta, &[0.0], &along), row);
        }
    }
}

const ETA: f64 = 0.25;
const TRAIN: usize = 6;

fn simulation<'a>(
    landscape: &'a dyn diagram_runtime::simulate::Simulator<f64>,
    theta0: &'a [f64],
    probe: &'a [f64],
    population: &'a Samples<f64>,
    schedule: Schedule,
) -> Simulation<'a, f64> {
    Simulation {
        landscape,
        theta0,
        population,
        schedule,
        optimizer: Optimizer::Sgd,
        etas: vec![ETA],
        trials: 50_000,
        seed: 3,
        probe: Some(probe),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

/// From 0, `w_T = o (1 - a^T) - η s Σ_t a^(T-1-t) x̄_t` with a = 1 - ηh and `x̄_t` the mean of the batch. The population has mean 0 and variance 1.
///
/// Means of 50,000 trials agree within 5 of their standard errors, which one in 1.7 million does not: 8 of them from a fixed seed.
#[test]
fn descents_on_mean_estimation_have_their_closed_forms() {
    let population = normal_quantiles::<f64>(100);
    let MeanEstimation {
        hessian: h,
        noise: s,
        optimum: o,
    } = MEANS;
    let keep = 1.0 - ETA * h;
    let train = TRAIN as f64;
    // SGD sees each point once; GD sees all of them in each of 9 epochs.
    let (once, nine) = (keep.powi(TRAIN as i32), keep.powi(9));
    let sgd = (ETA * s).powi(2) * (1.0 - once * once) / (1.0 - keep * keep);
    let gd = (s / h * (1.0 - nine)).powi(2) / train;
    for (batch, epochs, keep, variance) in [(1, 1, once, sgd), (TRAIN, 9, nine, gd)] {
        let plan = Schedule::new(TRAIN, batch, epochs, Shuffle::Never).expect("it divides");
        let result = simulation(&MEANS, &[0.0], &[1.0], &population, plan)
            .run()
            .expect("it fits");
        let gap = s * s / h / train * (1.0 - keep);
        let test = 0.5 * h * ((o * keep).powi(2) + variance);
        for (measure, expected) in [
            (Measure::Displacement, o * (1.0 - keep)),
            (Measure::TestLoss, test),
            (Measure::GeneralizationGap, gap),
            (Measure::TrainLoss, test - gap),
        ] {
            let found = result.rates[0].estimate(measure).expect("measured");
            assert!(
                (found.mean - expected).abs() < 5.0 * found.standard_error,
                "{measure:?}: {} ± {}, not {expected}",
                found.mean,
                found.standard_error
            );
        }
    }
}

/// A coefficient that is a weight with a learning rate of 0 stays where it is, and does what the constant does.
///
/// The two take the same steps with other roundings: a hundred of them, of numbers below 10.
#[test]
fn a_coefficient_held_still_is_a_constant() {
    let population = normal_quantiles::<f64>(9);
    let coefficient = |coefficient| L2 {
        landscape: MEANS,
        coefficient,
    };
    let fixed = coefficient(L2Coefficient::Constant(0.5));
    let tunable = coefficient(L2Coefficient::LastWeight);
    let still = LearningRate::from_factor(&[vec![1.0, 0.0], vec![0.0, 0.0]]).expect("it is square");
    let held = still.descent_on(&tunable).expect("two weights");
    let plan = Schedule::new(TRAIN, 2, 3, Shuffle::EachEpoch).expect("it divides");
    let run = |simulation: Simulation<'_, f64>| {
        let few = Simulation {
            trials: 50,
            ..simulation
        };
        few.run().expect("it fits").rates.remove(0).outcomes
    };
    let constants = run(simulation(&fixed, &[1.0], &[1.0], &population, plan));
    let weights = run(simulation(
        &held,
        &[1.0, 0.5],
        &[1.0, 0.0],
        &population,
        plan,
    ));
    let coefficients = run(simulation(
        &held,
        &[1.0, 0.5],
        &[0.0, 1.0],
        &population,
        plan,
    ));
    for ((constant, weight), moved) in constants.iter().zip(weights).zip(coefficients) {
        assert!((constant.test_loss - weight.test_loss).abs() < 1e-13);
        assert!((constant.train_loss - weight.train_loss).abs() < 1e-13);
        assert!((constant.displacement - weight.displacement).abs() < 1e-13);
        assert_eq!(moved.displacement, 0.0);
    }
}
