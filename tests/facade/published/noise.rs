//! What noise does in the long run.

use diagrams::calculus::measure::Measure;
use diagrams::calculus::optimizer::Averaging;
use diagrams::prelude::{Schedule, Shuffle, Simulation};
use diagrams::runtime::simulate::Optimizer;

use super::{Loss, Population, assert_within, momentum, sgd};

/// The losses of a quadratic with the Hessian [[a, b], [b, d]] and the gradients' noise.
fn quadratic([a, b, d]: [f64; 3], noise: &[[f64; 2]]) -> Population {
    let losses: Vec<Loss> = noise
        .iter()
        .map(|&[w, z]| {
            Loss::new([
                ([2, 0], a / 2.0),
                ([1, 1], b),
                ([0, 2], d / 2.0),
                ([1, 0], w),
                ([0, 1], z),
            ])
        })
        .collect();
    Population::new(&losses)
}

/// One weight moves, with noise of mean 0 and variance 2.
fn in_one_direction(curvature: f64) -> Population {
    quadratic(
        [curvature, 0.0, 0.0],
        &[[2.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]],
    )
}

/// Liu, Ziyin and Ueda, *Noise and Fluctuation of Finite Learning Rate Stochastic Gradient Descent*, 2021: the stationary variance is η C (1+β) / ((1-β) h (2 (1+β) - ηh)) for heavy ball momentum
/// and η C / (h (2 - ηh)) for SGD, with C/B in place of C for batches. What the variance lacks after T updates is of order 0.55^(2T), or β^T with momentum: below 1e-5. Seed 2.
#[test]
fn stationary_variance() {
    let (h, c) = (1.5, 2.0);
    let population = in_one_direction(h);
    for (eta, beta, rule, batch, updates) in [
        (0.3, 0.0, sgd(), 1, 30),
        (1.0, 0.0, sgd(), 2, 30),
        (0.3, 0.5, momentum("1/2"), 2, 40),
        (0.3, 0.9, momentum("9/10"), 1, 150),
    ] {
        let schedule = Schedule::fresh(batch, updates).unwrap();
        let found = population.test_loss(&[0.0, 0.0], rule, schedule, eta, 10_000, 2);
        let more = 1.0 + beta;
        let variance = eta * c / batch as f64 * more / ((1.0 - beta) * h * (2.0 * more - eta * h));
        assert_within(found, h * variance / 2.0, 4.5);
    }
}

/// `HaoChen` and Sra, *Random Shuffling Beats SGD after Finite Epochs*, 2019. On a quadratic loss with one Hessian the mean given the training set is -(1 - (1-ηh)^(NE))/h times its mean gradient,
/// whatever the sampling, and the variance given the set is η² (1 - 1/N) C Σ_{t<NE} (1-ηh)^(2t) with replacement and η² (Σw² - (Σw)²/N) C Σ_{e<E} (1-ηh)^(2Ne) with w = (1-ηh)^i if
/// shuffled, for batches of one point. Seed 3.
#[test]
fn shuffling_against_replacement() {
    let (h, c, eta) = (1.5, 2.0, 0.1);
    let (train, epochs) = (8_usize, 10_usize);
    let (n, steps) = (train as f64, train * epochs);
    let population = in_one_direction(h);
    let power = |k: usize| (1.0 - eta * h).powi(k as i32);
    let sum = |count: usize, every: usize| (0..count).map(|k| power(every * k)).sum::<f64>();
    let of_mean = c / n * ((1.0 - power(steps)) / h).powi(2);
    let drawn = eta * eta * c * (1.0 - 1.0 / n) * sum(steps, 2);
    let within = sum(train, 2) - sum(train, 1).powi(2) / n;
    let shuffled = eta * eta * c * within * sum(epochs, 2 * train);

    let mut found = vec![];
    for (schedule, variance) in [
        (Schedule::with_replacement(train, 1, steps), drawn),
        (
            Schedule::new(train, 1, epochs, Shuffle::EachEpoch),
            shuffled,
        ),
    ] {
        let estimate = population.test_loss(&[0.0, 0.0], sgd(), schedule.unwrap(), eta, 20_000, 3);
        assert_within(estimate, h / 2.0 * (of_mean + variance), 4.5);
        found.push(estimate);
    }
    let gain = found[0].mean - found[1].mean;
    assert!(gain > 10.0 * found[0].standard_error.hypot(found[1].standard_error));
}

type Matrix = [[f64; 2]; 2];

fn product(a: Matrix, b: Matrix) -> Matrix {
    [0, 1].map(|i| [0, 1].map(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
}

fn identity_minus(factor: f64, a: Matrix) -> Matrix {
    [0, 1].map(|i| [0, 1].map(|j| f64::from(u8::from(i == j)) - factor * a[i][j]))
}

/// Polyak and Juditsky, *Acceleration of Stochastic Approximation by Averaging*, 1992, Theorem 1: the mean of T iterates at a minimum has the covariance H⁻¹ C H⁻¹ / T, so that the test loss is
/// tr(C H⁻¹)/(2T) above its minimum, whatever the step is. H and C do not commute here.
///
/// With a constant step the covariance is exactly Σ_{k=1..T} `K_k` C `K_k` with `K_k` = (1 - (1-ηH)^k) H⁻¹ / T. In a direction of the curvature h, with ηh < 3/2, it differs by a part of 2/(ηhT) at most. Seed 4.
#[test]
fn averages_of_iterates() {
    let [a, b, d] = [1.4, 0.5, 0.8];
    let hessian = [[a, b], [b, d]];
    let determinant = a * d - b * b;
    let inverse = [[d, -b], [-b, a]].map(|row: [f64; 2]| row.map(|x| x / determinant));
    let noise = [[2.0, 1.0], [-1.0, 0.0], [-1.0, -1.0]];
    let covariance =
        [0, 1].map(|i| [0, 1].map(|j| noise.iter().map(|g| g[i] * g[j]).sum::<f64>() / 3.0));
    let trace = |a: Matrix| a[0][0] + a[1][1];
    let population = quadratic([a, b, d], &noise);
    let updates = 150;
    let settled = trace(product(covariance, inverse)) / (2.0 * updates as f64);
    let least = f64::midpoint(a, d) - ((a - d) / 2.0).hypot(b);
    for eta in [0.3, 0.8] {
        let mut power = [[1.0, 0.0], [0.0, 1.0]];
        let mut expected = 0.0;
        for _ in 0..updates {
            power = product(power, identity_minus(eta, hessian));
            let response = product(identity_minus(1.0, power), inverse);
            let response = response.map(|row| row.map(|x| x / updates as f64));
            // All but C are functions of H.
            expected += trace(product(
                product(hessian, response),
                product(covariance, response),
            )) / 2.0;
        }
        let short = 1.0 - expected / settled;
        assert!(
            short.abs() < 2.0 / (eta * least * updates as f64),
            "{short}"
        );
        let rule = sgd().averaged(Averaging::Tail(updates));
        let schedule = Schedule::fresh(1, updates).unwrap();
        let found = population.test_loss(&[0.0, 0.0], rule, schedule, eta, 10_000, 4);
        assert_within(found, expected, 4.5);
        // The last iterate has η tr C/4 at least, which does not fall with T.
        let schedule = Schedule::fresh(1, updates).unwrap();
        let last = population.test_loss(&[0.0, 0.0], sgd(), schedule, eta, 2_000, 4);
        assert!(last.mean > eta * trace(covariance) / 4.0 - 4.5 * last.standard_error);
    }
}

/// Damian, Ma and Lee, *Label Noise SGD Provably Prefers Flat Global Minimizers*, 2021, the regularizer and its form for momentum: with λ = ησ²/(B (1-β)) it is
/// λ R = -λ (1+β)/(2η) tr log(1 - ηH/(2 (1+β))), which is (λ/4) tr H for small η, on which the weights descend with the rate η/(1-β). The loss ((1 + z) w - ε)²/2 with the label noise ε = ±σ has the
/// minima w = 0, on which H has the eigenvalue h = (1 + z)².
///
/// The variance V of w follows the linear recursion of heavy ball momentum with noise of variance σ²h/B, and the mean gradient of z is (1 + z) V. Where V has settled this is λ ∂R/∂z. In the simulation z
/// falls by a tenth at most; the fluctuations of z, which are left out, are a part of about σ² = 1/400 of that, and the standard error is at most one percent. Seed 5.
#[test]
fn label_noise() {
    let (sigma, eta, updates) = (0.05_f64, 0.4, 200);
    let loss = |epsilon: f64| {
        Loss::new([
            ([2, 0], 0.5),
            ([2, 1], 1.0),
            ([2, 2], 0.5),
            ([1, 0], -epsilon),
            ([1, 1], -epsilon),
        ])
    };
    let population = Population::new(&[loss(sigma), loss(-sigma)]);
    for (batch, beta, rule) in [(1, 0.0, sgd()), (4, 0.0, sgd()), (1, 0.5, momentum("1/2"))] {
        let each = sigma * sigma / batch as f64;
        let curvature = |z: f64| (1.0 + z).powi(2);
        let (more, less) = (1.0 + beta, 1.0 - beta);
        let lambda = eta * each / less;
        let regularizer =
            |z: f64| -lambda * more / (2.0 * eta) * (1.0 - eta * curvature(z) / (2.0 * more)).ln();
        for z in [-0.5, 0.0, 0.4] {
            let settled = eta * each * more / (less * (2.0 * more - eta * curvature(z)));
            let slope = (regularizer(z + 1e-5) - regularizer(z - 1e-5)) / 2e-5;
            // A difference over 2e-5 is off by about 1e-10, and by rounding of 1e-16 over it.
            assert!(
                ((1.0 + z) * settled / slope - 1.0).abs() < 1e-7,
                "{settled} {slope}"
            );
        }

        // The second moments of w now and before.
        let (mut variance, mut mixed, mut before) = (0.0, 0.0, 0.0);
        let (mut z, mut velocity) = (0.0, 0.0);
        for _ in 0..updates {
            let h = curvature(z);
            let ahead = more - eta * h;
            velocity = beta * velocity + (1.0 + z) * variance;
            z -= eta * velocity;
            let next = ahead * ahead * variance - 2.0 * ahead * beta * mixed
                + beta * beta * before
                + eta * eta * h * each;
            mixed = ahead * variance - beta * mixed;
            (before, variance) = (variance, next);
        }
        let (start, probe) = ([0.0, 0.0], [0.0, 1.0]);
        let schedule = Schedule::fresh(batch, updates).unwrap();
        let simulation = Simulation {
            trials: 1_000,
            seed: 5,
            probe: Some(&probe),
            ..population.simulation(&start, Optimizer::Rule(rule), schedule, eta)
        };
        let found = simulation.summarize().unwrap();
        let found = found.rates[0].estimate(Measure::Displacement).unwrap();
        assert!(found.standard_error < 0.01 * z.abs(), "{found:?} {z}");
        assert_within(found, z, 4.5);
    }
}

/// Bordelon and Pehlevan, *Learning Curves for SGD on Structured Features*, 2022, the theorem for Gaussian features, with label noise: the loss of linear regression with fresh batches is λ·c/2 + σ²/2, where the mean
/// squares c of the distances from the optimum follow c' = A c + η² σ²/B λ with A = (1 - η diag λ)² + (η²/B) (diag λ² + λ λᵀ).
///
/// Of the features only moments up to the fourth count, so that independent ones with the values 0, √3 and -√3 times √λ and the probabilities 2/3, 1/6 and 1/6 do as well as Gaussian ones. Seed 6.
#[test]
fn learning_curves() {
    let (lambda, distance, sigma) = ([1.0, 0.2], [1.0, -1.5], 0.5);
    let values = [0.0, 0.0, 0.0, 0.0, 1.0, -1.0].map(|sign| sign * 3.0_f64.sqrt());
    let mut losses = vec![];
    for first in values {
        for second in values {
            for epsilon in [sigma, -sigma] {
                // (x·θ - ε)²/2.
                let [x, y] = [first * f64::sqrt(lambda[0]), second * f64::sqrt(lambda[1])];
                losses.push(Loss::new([
                    ([2, 0], x * x / 2.0),
                    ([1, 1], x * y),
                    ([0, 2], y * y / 2.0),
                    ([1, 0], -x * epsilon),
                    ([0, 1], -y * epsilon),
                    ([0, 0], epsilon * epsilon / 2.0),
                ]));
            }
        }
    }
    let population = Population::new(&losses);
    for (eta, batch, updates) in [(0.3, 1, 5), (0.3, 1, 25), (0.5, 4, 12)] {
        let size = batch as f64;
        let mut squares = distance.map(|delta| delta * delta);
        let twice = |c: [f64; 2]| lambda[0] * c[0] + lambda[1] * c[1] + sigma * sigma;
        for _ in 0..updates {
            let loss = twice(squares);
            squares = [0, 1].map(|k| {
                let kept = (1.0 - eta * lambda[k]).powi(2) * squares[k];
                kept + eta * eta / size * (lambda[k] * lambda[k] * squares[k] + lambda[k] * loss)
            });
        }
        let schedule = Schedule::fresh(batch, updates).unwrap();
        let found = population.test_loss(&distance, sgd(), schedule, eta, 20_000, 6);
        assert_within(found, twice(squares) / 2.0, 4.5);
    }
}
