//! The corollaries and criteria against closed forms, plain series of matrices, and finite differences.

use diagram_runtime::criteria::{CovarianceOf, CriteriaError, Curvature};
use diagram_runtime::data::normal_quantiles;
use diagram_runtime::derivatives::{Derivatives, PointDerivatives};
use diagram_runtime::landscape::initialization;
use diagram_runtime::landscapes::{L2, L2Coefficient, LinearScrew, MeanEstimation, Polynomial};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::samples::Samples;

const TRAIN: usize = 10;

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(
        error <= tolerance,
        "{what}: {found}, not {expected}: off by {error:e}"
    );
}

/// All of a hundred rounded operations on numbers of one sign, and a variance that is 1 to 1e-14.
const CLOSE: f64 = 3e-14;

#[test]
fn mean_estimation_has_the_closed_forms() {
    let population = normal_quantiles::<f64>(100);
    let (s, eta_t, n) = (1.5, 2.0, TRAIN as f64);
    for h in [-1.0, 0.0, 1e-12, 1e-3, 0.5, 1.0, 40.0, 1e3] {
        let landscape = MeanEstimation {
            hessian: h,
            noise: s,
            optimum: 0.0,
        };
        let local = PointDerivatives::new(&landscape, &[0.0], &population).expect("they fit");
        let curvature = Curvature::new(&local, CovarianceOf::Population).expect("finite");
        close(curvature.eigenvalues()[0], h, CLOSE * h.abs(), "H");
        close(curvature.covariance(0, 0), s * s, CLOSE * s * s, "C");
        // (1 - e^-x)/h, without cancellation.
        let inverse = if h == 0.0 {
            eta_t
        } else {
            -(-eta_t * h).exp_m1() / h
        };
        let stic = s * s * inverse / n;
        let found = curvature.stic(TRAIN, eta_t).expect("finite");
        close(found, stic, CLOSE * stic, "STIC");
        let excess = 0.5 * s * s * h * inverse * inverse / n;
        let found = curvature.test_loss_excess(TRAIN, eta_t).expect("finite");
        close(found, excess, CLOSE * excess.abs(), "excess");
        assert_eq!(curvature.aic(TRAIN), Ok(0.1));
        let tic = curvature.tic(TRAIN);
        if h == 0.0 {
            assert_eq!(tic, Err(CriteriaError::Singular { eigenvalue: 0.0 }));
            close(inverse, eta_t, 0.0, "the limit of STIC");
        } else {
            let expected = s * s / h / n;
            close(
                tic.expect("not singular"),
                expected,
                CLOSE * expected.abs(),
                "TIC",
            );
        }
    }
}

/// λ steepens the loss and moves the weight: derivatives of what depends on it in closed form.
#[test]
fn criteria_of_regularized_mean_estimation_depend_on_the_coefficient_as_they_should() {
    let population = normal_quantiles::<f64>(100);
    let landscape = L2 {
        landscape: MeanEstimation {
            hessian: 0.5,
            noise: 1.5,
            optimum: -2.0,
        },
        coefficient: L2Coefficient::LastWeight,
    };
    let (w, n) = (0.7, TRAIN as f64);
    for (lambda, eta_t) in [(0.25, 3.0), (0.0, 1e3), (-0.5, 2.0), (-0.5 + 1e-10, 2.0)] {
        let weights = [w, lambda];
        let local = PointDerivatives::new(&landscape, &weights, &population).unwrap();
        let curvature = Curvature::new(&local, CovarianceOf::Population)
            .and_then(|c| c.with_hyperparameters(&[1]))
            .expect("one of two");
        let h = 0.5 + lambda;
        let x: f64 = eta_t * h;
        // d/dh (1 - e^-τh)/h: by its series where h is small, τ² Σ_k (-1)^k (-x)^(k-1) k/(k+1)!.
        let slope = if x.abs() < 1e-3 {
            eta_t * eta_t * (-0.5 + x / 3.0 - x * x / 8.0 + x.powi(3) / 30.0)
        } else {
            (x * (-x).exp() + (-x).exp_m1()) / (h * h)
        };
        let found = curvature.stic_gradient(TRAIN, eta_t).expect("finite");
        let expected = 2.25 * slope / n;
        close(found[1], expected, 1e-12 * expected.abs(), "dSTIC/dλ");
        // Deviations from the mean add up to 0 but for roundings.
        close(found[0], 0.0, 1e-12, "dSTIC/dw");
        let kept = if x == 0.0 { eta_t } else { -(-x).exp_m1() / h };
        let moved = &curvature.response(eta_t).expect("finite")[0];
        close(moved[0], -w * kept, 1e-14 * (w * kept).abs(), "dw/dλ");
        assert_eq!(moved[1], 0.0);
        let along = curvature.trained_derivative(&[3.0, 5.0], eta_t).unwrap();
        assert_eq!(along, [5.0 + 3.0 * moved[0]]);
        if h > 0.1 {
            let found = curvature.tic_gradient(TRAIN).expect("not singular");
            let expected = -2.25 / (h * h) / n;
            close(found[1], expected, 1e-12 * expected.abs(), "dTIC/dλ");
        }
        let gradient = curvature.gradient();
        close(gradient[0], 0.5 * (w + 2.0) + lambda * w, 1e-14, "dl/dw");
        close(gradient[1], 0.5 * w * w, 1e-14, "dl/dλ");
        let loss = 0.25 * (w + 2.0).powi(2) + 0.5 * lambda * w * w;
        close(curvature.loss(), loss, 1e-14, "l");
    }
}

/// The screw turns at η²/6 a step, wherever it is, and goes nowhere else; the pull back in the plane is 0 there.
///
/// Sums of a few products of numbers below 3: 1e-14 of η².
#[test]
fn noise_pushes_up_the_screw() {
    let population = normal_quantiles::<f64>(100);
    for z in [0.0, 0.9, -4.0, 33.0] {
        let theta = [0.0, 0.0, z];
        let local = PointDerivatives::new(&LinearScrew, &theta, &population).unwrap();
        let curvature = Curvature::new(&local, CovarianceOf::Population).unwrap();
        for (found, expected) in curvature.eigenvalues().iter().zip([0.0, 1.0, 2.0]) {
            close(*found, expected, 1e-14, "an eigenvalue");
        }
        let (eta, steps) = (0.1, 500);
        let velocity = curvature.velocity(eta, steps).expect("finite");
        close(velocity[0], 0.0, 1e-14 * eta * eta, "x");
        close(velocity[1], 0.0, 1e-14 * eta * eta, "y");
        close(velocity[2], eta * eta / 6.0, 1e-14 * eta * eta, "z");
    }
}

// Plain matrices, rows of numbers, for the second route.
type Matrix = Vec<Vec<f64>>;

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let column = |j: usize| b.iter().map(move |row| row[j]);
    let entry = |row: &Vec<f64>, j| row.iter().zip(column(j)).map(|(x, y)| x * y).sum();
    a.iter()
        .map(|row| (0..b[0].len()).map(|j| entry(row, j)).collect())
        .collect()
}

fn trace(a: &Matrix) -> f64 {
    (0..a.len()).map(|i| a[i][i]).sum()
}

/// The solution of a x = b, by elimination with pivots.
fn solve(mut a: Matrix, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for at in 0..n {
        let pivot = (at..n)
            .max_by(|&i, &j| a[i][at].abs().total_cmp(&a[j][at].abs()))
            .unwrap();
        a.swap(at, pivot);
        b.swap(at, pivot);
        for row in 0..n {
            if row != at {
                let factor = a[row][at] / a[at][at];
                for column in at..n {
                    a[row][column] -= factor * a[at][column];
                }
                b[row] -= factor * b[at];
            }
        }
    }
    (0..n).map(|i| b[i] / a[i][i]).collect()
}

/// A random polynomial of degree 4 in P weights, its data, and its derivatives from the definition.
struct Random {
    landscape: Polynomial,
    exponents: Vec<Vec<u32>>,
    data: Samples<f64>,
}

const P: usize = 4;
const SAMPLES: usize = 9;

impl Random {
    fn new() -> Self {
        let all = (0..5u32.pow(P as u32)).map(|code| {
            let digit = |i: u32| code / 5u32.pow(i) % 5;
            (0..P as u32).map(digit).collect::<Vec<u32>>()
        });
        let exponents: Vec<Vec<u32>> = all
            .filter(|e| (1..=4).contains(&e.iter().sum::<u32>()))
            .collect();
        let numbers = initialization(exponents.len() * SAMPLES, 21);
        // Means that are not small, so that the Hessian is no sum of noise.
        let shift = initialization(exponents.len(), 22);
        let numbers = numbers.iter().enumerate();
        let numbers = numbers.map(|(at, x)| 0.3 * x + 0.5 * shift[at % exponents.len()]);
        Random {
            landscape: Polynomial::new(P, exponents.clone()).expect("P exponents each"),
            data: Samples::new(exponents.len(), numbers.collect()).expect("whole rows"),
            exponents,
        }
    }

    /// A sample's derivative along these coordinates.
    fn derivative(&self, theta: &[f64], sample: usize, along: &[usize]) -> f64 {
        let monomials = self.exponents.iter().zip(self.data.row(sample));
        monomials
            .map(|(exponents, x)| {
                let factors = exponents.iter().enumerate().map(|(i, &e)| {
                    let times = along.iter().filter(|&&j| i == j).count() as u32;
                    let falling: f64 = (0..times).map(|k| f64::from(e) - f64::from(k)).product();
                    falling * theta[i].powi(e.saturating_sub(times) as i32)
                });
                x * factors.product::<f64>()
            })
            .sum()
    }

    fn mean(&self, theta: &[f64], along: &[usize]) -> f64 {
        let samples = 0..SAMPLES;
        samples
            .map(|sample| self.derivative(theta, sample, along))
            .sum::<f64>()
            / SAMPLES as f64
    }

    fn noise(&self, theta: &[f64], sample: usize, along: usize) -> f64 {
        self.derivative(theta, sample, &[along]) - self.mean(theta, &[along])
    }

    /// H and C of the given weights.
    fn statistics(&self, theta: &[f64], trained: &[usize], divisor: f64) -> (Matrix, Matrix) {
        let matrix = |entry: &dyn Fn(usize, usize) -> f64| -> Matrix {
            let row = |&i: &usize| trained.iter().map(|&j| entry(i, j)).collect();
            trained.iter().map(row).collect()
        };
        let hessian = matrix(&|i, j| self.mean(theta, &[i, j]));
        let covariance = matrix(&|i, j| {
            let products = (0..SAMPLES)
                .map(|sample| self.noise(theta, sample, i) * self.noise(theta, sample, j));
            products.sum::<f64>() / divisor
        });
        (hessian, covariance)
    }
}

fn divisor(covariance_of: CovarianceOf) -> f64 {
    match covariance_of {
        CovarianceOf::Population => SAMPLES as f64,
        CovarianceOf::Sample => SAMPLES as f64 - 1.0,
    }
}

/// `tr(C Σ_k coefficients(k) (τH)^k)`.
fn trace_of_series(
    covariance: &Matrix,
    hessian: &Matrix,
    tau: f64,
    coefficient: impl Fn(u32) -> f64,
) -> f64 {
    let mut power = covariance.clone();
    let mut sum = 0.0;
    for k in 0..80 {
        sum += coefficient(k) * trace(&power);
        power = product(&power, hessian);
        for x in power.iter_mut().flatten() {
            *x *= tau;
        }
    }
    sum
}

fn factorial(k: u32) -> f64 {
    (1..=k).map(f64::from).product()
}

const BOTH: [CovarianceOf; 2] = [CovarianceOf::Population, CovarianceOf::Sample];
const THETA: [f64; P] = [0.3, -0.4, 0.2, 0.5];

/// Eigenvalues of the landscape's Hessian here are below 7 in size, so τ below 0.5 leaves series of terms below e^3.5, which lose two digits, and
/// end long before 80 terms.
#[test]
fn criteria_are_traces_of_matrix_functions() {
    let random = Random::new();
    let local = PointDerivatives::new(&random.landscape, &THETA, &random.data).unwrap();
    for covariance_of in BOTH {
        for hyperparameters in [vec![], vec![2], vec![3, 0]] {
            let trained: Vec<usize> = (0..P).filter(|i| !hyperparameters.contains(i)).collect();
            let curvature = Curvature::new(&local, covariance_of)
                .and_then(|c| c.with_hyperparameters(&hyperparameters))
                .expect("some trained");
            assert!(curvature.eigenvalues().iter().all(|h| h.abs() < 7.0));
            let (h, c) = random.statistics(&THETA, &trained, divisor(covariance_of));
            let size = trace(&c) / TRAIN as f64;
            for tau in [0.01, 0.1, 0.4] {
                // Σ_k (-τ)^k τ H^k / (k+1)!, and Σ_k (-1)^k (2^k - 2) τ^k H^(k-1) / k!, k from 1.
                let sign = |k: u32| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
                let stic = tau * trace_of_series(&c, &h, tau, |k| sign(k) / factorial(k + 1));
                let excess = tau
                    * trace_of_series(&c, &h, tau, |k| {
                        -sign(k) * (2f64.powi(k as i32 + 1) - 2.0) / factorial(k + 1)
                    });
                let n = TRAIN as f64;
                let found = curvature.stic(TRAIN, tau).unwrap();
                close(found, stic / n, 1e-12 * size, "STIC");
                let found = curvature.test_loss_excess(TRAIN, tau).unwrap();
                close(found, 0.5 * excess / n, 1e-12 * size, "excess");
            }
            // tr(C H⁻¹), column by column.
            let inverse = |j: usize| {
                let column = c.iter().map(|row| row[j]).collect();
                solve(h.clone(), column)[j]
            };
            let tic: f64 = (0..trained.len()).map(inverse).sum();
            let found = curvature.tic(TRAIN).unwrap();
            // Relative to the terms, C / the least eigenvalue.
            let least = curvature.eigenvalues().iter().map(|h| h.abs());
            let least = least.fold(f64::INFINITY, f64::min);
            close(found, tic / TRAIN as f64, 1e-12 * size / least, "TIC");
            assert_eq!(
                curvature.aic(TRAIN),
                Ok(trained.len() as f64 / TRAIN as f64)
            );
        }
    }
}

/// Corollary 1 by solving HΣ + ΣH = C, Example 1 by powers of H on each index, Corollary 4 by its definition. Sums of a few hundred terms, a linear
/// system whose condition is below 1e3, and series as above.
#[test]
fn forces_are_their_definitions() {
    let random = Random::new();
    let local = PointDerivatives::new(&random.landscape, &THETA, &random.data).unwrap();
    let (eta, steps) = (0.02, 10);
    let tau = eta * steps as f64;
    for covariance_of in BOTH {
        let curvature = Curvature::new(&local, covariance_of).unwrap();
        let (h, c) = random.statistics(&THETA, &[0, 1, 2, 3], divisor(covariance_of));
        let third = |i: usize, j: usize, k: usize| random.mean(&THETA, &[i, j, k]);

        let pairs: Vec<(usize, usize)> = (0..P).flat_map(|i| (0..P).map(move |j| (i, j))).collect();
        let same = |i: usize, j: usize| f64::from(u8::from(i == j));
        let system = pairs.iter().map(|&(i, j)| {
            let entry = |&(k, l): &(usize, usize)| h[i][k] * same(j, l) + same(i, k) * h[l][j];
            pairs.iter().map(entry).collect()
        });
        let covariances = pairs.iter().map(|&(i, j)| c[i][j]).collect();
        let spread = solve(system.collect(), covariances);
        let force = |k: usize| -> f64 {
            let terms = pairs.iter().zip(&spread);
            terms.map(|(&(i, j), s)| s * third(i, j, k)).sum()
        };
        let mut term: Vec<f64> = (0..P).map(force).collect();
        let size = term.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
        let mut kept = vec![0.0; P];
        for k in 0..40 {
            for (kept, x) in kept.iter_mut().zip(&term) {
                *kept += x / factorial(k + 1);
            }
            let row = |row: &Vec<f64>| row.iter().zip(&term).map(|(a, x)| -tau * a * x).sum();
            term = h.iter().map(row).collect();
        }
        let found = curvature.velocity(eta, steps).unwrap();
        for (found, kept) in found.iter().zip(kept) {
            let expected = -0.5 * eta * eta * kept;
            close(*found, expected, 1e-11 * size * eta * eta, "velocity");
        }

        let n = SAMPLES as f64;
        let times = match covariance_of {
            CovarianceOf::Population => 1.0 / n,
            CovarianceOf::Sample => n / (n - 1.0) / (n - 2.0),
        };
        let indices: Vec<[usize; 3]> = pairs
            .iter()
            .flat_map(|&(i, j)| (0..P).map(move |k| [i, j, k]))
            .collect();
        let skewness: Vec<f64> = indices
            .iter()
            .map(|along| {
                let product = |sample| -> f64 {
                    let factors = along.iter().map(|&i| random.noise(&THETA, sample, i));
                    factors.product()
                };
                (0..SAMPLES).map(product).sum::<f64>() * times
            })
            .collect();
        let mut tensor: Vec<f64> = indices.iter().map(|&[i, j, k]| third(i, j, k)).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let size = dot(&skewness, &tensor).abs().max(1.0);
        let mut expected = 0.0;
        for power in 0..60 {
            expected += dot(&skewness, &tensor) / factorial(power + 1);
            let at = |i: usize, j: usize, k: usize| tensor[(i * P + j) * P + k];
            tensor = indices
                .iter()
                .map(|&[i, j, k]| {
                    let terms = (0..P).map(|q| {
                        h[i][q] * at(q, j, k) + h[j][q] * at(i, q, k) + h[k][q] * at(i, j, q)
                    });
                    -tau * terms.sum::<f64>()
                })
                .collect();
        }
        let expected = -eta.powi(3) / 6.0 * steps as f64 * expected;
        let found = curvature.skew(eta, steps).unwrap();
        close(found, expected, 1e-10 * size * eta.powi(3), "skew");

        let slope = |k: usize| -> f64 {
            let terms = (0..SAMPLES).flat_map(|sample| (0..P).map(move |i| (sample, i)));
            let term = |(sample, i)| {
                random.noise(&THETA, sample, i) * random.derivative(&THETA, sample, &[i, k])
            };
            2.0 * terms.map(term).sum::<f64>() / divisor(covariance_of)
        };
        let along: f64 = (0..P).map(|k| random.mean(&THETA, &[k]) * slope(k)).sum();
        let expected = eta * eta * 3.0 * 9.0 / 4.0 * along;
        let found = curvature.descent_minus_sgd(10, 3, eta).unwrap();
        close(found, expected, 1e-12 * expected.abs(), "Corollary 4");
    }
}

/// Central differences of four points at steps s and 2s are off by s⁴/30 times a fifth derivative, and by 1.5 roundings of the function over s. A criterion
/// is good to 1e-14 of its size over the least eigenvalue; with s = 1e-3 that is 1e-11, and the fifth derivative counts 3e-14: up to 1e5 is allowed.
#[test]
fn gradients_of_criteria_are_slopes() {
    let random = Random::new();
    let criterion = |theta: &[f64], covariance_of, hyperparameters: &[usize]| {
        let local = PointDerivatives::new(&random.landscape, theta, &random.data).unwrap();
        let curvature = Curvature::new(&local, covariance_of)
            .and_then(|c| c.with_hyperparameters(hyperparameters))
            .unwrap();
        let tau = 0.7;
        let values = [
            curvature.stic(TRAIN, tau).unwrap(),
            curvature.tic(TRAIN).unwrap(),
        ];
        let gradients = [
            curvature.stic_gradient(TRAIN, tau).unwrap(),
            curvature.tic_gradient(TRAIN).unwrap(),
        ];
        (values, gradients)
    };
    for covariance_of in BOTH {
        for hyperparameters in [vec![], vec![1], vec![3, 0]] {
            let (_, gradients) = criterion(&THETA, covariance_of, &hyperparameters);
            // The difference is off by step⁴/30 times the fifth derivative, which a small eigenvalue makes as large as 1e7 for TIC: by 5e-10. Rounding adds
            // some 1e-15 over the step, times the condition of the Hessian: 1e-9 if that is 200.
            let step = 2e-4;
            for at in 0..P {
                let value = |times: f64| {
                    let mut theta = THETA;
                    theta[at] += times * step;
                    criterion(&theta, covariance_of, &hyperparameters).0
                };
                let [a, b, c, d] = [-2.0, -1.0, 1.0, 2.0].map(value);
                for which in 0..2 {
                    let slope = (a[which] - d[which] + 8.0 * (c[which] - b[which])) / (12.0 * step);
                    let size = gradients[which]
                        .iter()
                        .fold(1.0, |a: f64, x| a.max(x.abs()));
                    let what = ["STIC", "TIC"][which];
                    close(gradients[which][at], slope, 1e-8 * size, what);
                }
            }
        }
    }
}

/// Where all eigenvalues coincide, at 0 or elsewhere, the slopes are those of the first order in the perturbation: `tr(C dH)` times `φ'`.
#[test]
fn gradients_are_stable_where_eigenvalues_coincide() {
    // ½ h (a² + b²) + t (a² + 3 a b) + noise x₀ a + x₁ b, in a, b, t.
    let exponents = vec![
        vec![2, 0, 0],
        vec![0, 2, 0],
        vec![2, 0, 1],
        vec![1, 1, 1],
        vec![1, 0, 0],
        vec![0, 1, 0],
    ];
    let landscape = Polynomial::new(3, exponents).unwrap();
    for h in [0.0, 2.0] {
        let row = |x: f64, y: f64| [0.5 * h, 0.5 * h, 1.0, 3.0, x, y];
        let data = Samples::new(6, [row(1.0, 2.0), row(-1.0, -2.0)].concat()).unwrap();
        let local = PointDerivatives::new(&landscape, &[0.0; 3], &data).unwrap();
        let curvature = Curvature::new(&local, CovarianceOf::Population)
            .and_then(|c| c.with_hyperparameters(&[2]))
            .unwrap();
        // C = (1, 2; 2, 4), dH/dt = (2, 3; 3, 0): tr(C dH) = 14.
        let tau: f64 = 1.5;
        let slope = if h == 0.0 {
            -0.5 * tau * tau
        } else {
            (tau * h * (-tau * h).exp() + (-tau * h).exp_m1()) / (h * h)
        };
        let found = curvature.stic_gradient(TRAIN, tau).unwrap();
        close(found[2], 14.0 * slope / TRAIN as f64, 1e-14, "dSTIC/dt");
        close(found[0], 0.0, 1e-14, "dSTIC/da");
    }
}

/// A learning rate of 4 for all weights is an η four times as large, whatever is asked for; a matrix M makes of STIC `tr(C (1 - exp(-τMH)) H⁻¹)`.
#[test]
fn learning_rates_that_are_matrices() {
    let random = Random::new();
    let local = PointDerivatives::new(&random.landscape, &THETA, &random.data).unwrap();
    let population = CovarianceOf::Population;
    let plain = Curvature::new(&local, population).unwrap();
    let four = LearningRate::diagonal(vec![4.0; P]).unwrap();
    let four = four.on(&local).unwrap();
    let fast = Curvature::new(&four, population).unwrap();
    let (eta, steps) = (0.02, 10);
    let same = |a: f64, b: f64, what| close(a, b, 1e-12 * b.abs(), what);
    same(
        fast.stic(TRAIN, 0.2).unwrap(),
        plain.stic(TRAIN, 0.8).unwrap(),
        "STIC",
    );
    same(
        fast.skew(eta, steps).unwrap(),
        plain.skew(4.0 * eta, steps).unwrap(),
        "skew",
    );
    same(
        fast.descent_minus_sgd(10, 2, eta).unwrap(),
        plain.descent_minus_sgd(10, 2, 4.0 * eta).unwrap(),
        "Corollary 4",
    );
    let velocities = fast.velocity(eta, steps).unwrap();
    for (a, b) in velocities
        .iter()
        .zip(plain.velocity(4.0 * eta, steps).unwrap())
    {
        same(*a, b, "velocity");
    }

    let metric: Matrix = vec![
        vec![2.0, 0.5, 0.0, 0.1],
        vec![0.5, 1.0, 0.3, 0.0],
        vec![0.0, 0.3, 1.5, -0.2],
        vec![0.1, 0.0, -0.2, 0.5],
    ];
    let rate = LearningRate::matrix(&metric).unwrap();
    let rated = rate.on(&local).unwrap();
    let curvature = Curvature::new(&rated, population).unwrap();
    let (h, c) = random.statistics(&THETA, &[0, 1, 2, 3], SAMPLES as f64);
    let tau = 0.2;
    let sign = |k: u32| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
    // tr(C Σ_k (-τ)^k τ M (H M)^k / (k+1)!).
    let (raised, moved) = (product(&c, &metric), product(&h, &metric));
    let stic = tau * trace_of_series(&raised, &moved, tau, |k| sign(k) / factorial(k + 1));
    let found = curvature.stic(TRAIN, tau).unwrap();
    let size = trace(&raised) / TRAIN as f64;
    close(found, stic / TRAIN as f64, 1e-12 * size, "STIC with M");
}

#[test]
fn what_cannot_be_answered_is_said() {
    let landscape = L2 {
        landscape: MeanEstimation::default(),
        coefficient: L2Coefficient::LastWeight,
    };
    let one = Samples::new(1, vec![1.0]).unwrap();
    let local = PointDerivatives::new(&landscape, &[0.0, 0.0], &one).unwrap();
    let curvature = |hyperparameters: &[usize]| {
        Curvature::new(&local, CovarianceOf::Population)
            .and_then(|c| c.with_hyperparameters(hyperparameters))
    };
    let few = Curvature::new(&local, CovarianceOf::Sample).map(|_| ());
    assert_eq!(
        few,
        Err(CriteriaError::TooFewSamples {
            samples: 1,
            needed: 2
        })
    );
    for (indices, index) in [(&[2][..], 2), (&[0, 0], 0)] {
        assert_eq!(
            curvature(indices).map(|_| ()),
            Err(CriteriaError::Hyperparameter {
                index,
                dimension: 2
            })
        );
    }
    assert_eq!(
        curvature(&[1, 0]).map(|_| ()),
        Err(CriteriaError::NothingTrained)
    );
    let fine = curvature(&[1]).unwrap();
    assert_eq!(fine.stic(0, 1.0), Err(CriteriaError::NoTrainingPoints));
    assert_eq!(fine.tic(0), Err(CriteriaError::NoTrainingPoints));
    assert_eq!(fine.aic(0), Err(CriteriaError::NoTrainingPoints));
    for value in [-1.0, f64::INFINITY] {
        let what = "ηT";
        let error = Err(CriteriaError::Time { what, value });
        assert_eq!(fine.stic(1, value), error);
        assert_eq!(fine.test_loss_excess(1, value), error);
    }
    assert!(fine.stic_gradient(1, f64::NAN).is_err());
    assert_eq!(
        fine.trained_derivative(&[1.0], 1.0),
        Err(CriteriaError::Length {
            expected: 2,
            found: 1
        })
    );

    // Uphill for so long that no number holds it.
    let uphill = MeanEstimation {
        hessian: -1.0,
        ..MeanEstimation::default()
    };
    let population = normal_quantiles::<f64>(4);
    let local = PointDerivatives::new(&uphill, &[0.0], &population).unwrap();
    let uphill = Curvature::new(&local, CovarianceOf::Population).unwrap();
    assert!(uphill.stic(1, 700.0).expect("large").is_finite());
    let error = uphill.stic(1, 1e3);
    assert_eq!(error, Err(CriteriaError::NotFinite { what: "STIC" }));
    assert!(uphill.stic_gradient(1, 1e3).is_err());
    assert!(uphill.tic(1).expect("not singular") < 0.0);

    // Flat, with noise along it: nothing stays.
    let flat = MeanEstimation {
        hessian: 0.0,
        ..MeanEstimation::default()
    };
    let local = PointDerivatives::new(&flat, &[0.0], &population).unwrap();
    let flat = Curvature::new(&local, CovarianceOf::Population).unwrap();
    let singular = CriteriaError::Singular { eigenvalue: 0.0 };
    assert_eq!(flat.velocity(0.1, 10), Err(singular.clone()));
    assert_eq!(flat.tic_gradient(1), Err(singular));
    let pair: &dyn Derivatives<f64> = &local;
    let boxed = Curvature::new(pair, CovarianceOf::Sample).map(|c| c.skew(0.1, 3).is_ok());
    assert_eq!(boxed, Ok(true));
}
