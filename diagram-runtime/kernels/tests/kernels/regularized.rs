//! Regularized landscapes with reverse mode against the landscape itself and the derivatives of the penalty in closed form.

use diagram_algebra::jet::Jet;
use diagram_algebra::lanes::{Isa, IsaOp, dispatch};
use diagram_algebra::scalar::{Lanes, Scalar};
use diagram_algebra::taylor::Taylor;
use diagram_algebra::weights::{Lines, Shared};
use diagram_kernels::derivatives::{DerivativeOutput, Direction, Pass};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{L2, L2Coefficient, Named, lenet, logistic};
use diagram_kernels::layers::PrimalCache;
use diagram_kernels::samples::Samples;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::special::Diagonal;
use crate::support::{images, normals};

/// A full register of doubles and three more.
const SAMPLES: usize = 11;
const LAMBDA: f64 = 0.375;

fn data() -> Samples<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    images(SAMPLES, 28 * 28, 0.5, &mut rng).map(|&x| f64::from(x))
}

/// Normal weights a quarter of the usual size, so that no layer is saturated.
fn weights(count: usize) -> Vec<f64> {
    normals(count, 5).into_iter().map(|x| x / 4.0).collect()
}

/// For each sample its loss, and for each direction its derivatives of order 1, 2 and 3 along it.
struct Found {
    losses: Vec<f64>,
    derivatives: Vec<[Vec<f64>; 3]>,
}

/// Those of a landscape whose kernels are compiled in the library.
fn of_library(named: Named, theta: &[f64], data: &Samples<f64>, directions: &[&[f64]]) -> Found {
    let local = named.local(theta, data).expect("they fit");
    let samples = local.samples();
    let mut losses = vec![f64::NAN; samples];
    local.losses(0..samples, &mut losses).expect("no failure");
    let along = |direction: &&[f64]| {
        let mut rows = [0, 1, 2].map(|_| vec![f64::NAN; samples * theta.len()]);
        let powers: [&[u8]; 3] = [&[0], &[1], &[2]];
        let outputs = powers
            .iter()
            .zip(&mut rows)
            .map(|(powers, rows)| DerivativeOutput {
                powers,
                per_sample: Some(rows),
                sum: None,
            });
        let pass = Pass {
            directions: vec![Direction::Shared(direction)],
            outputs: outputs.collect(),
        };
        local.pass(0..samples, pass).expect("no failure");
        rows
    };
    Found {
        losses,
        derivatives: directions.iter().map(along).collect(),
    }
}

/// Those of any landscape, by truncated Taylor series, which is all that is compiled for it here.
struct BySeries<'a, L> {
    landscape: &'a L,
    theta: &'a [f64],
    data: &'a Samples<f64>,
    directions: &'a [&'a [f64]],
    /// Whether a run along a further direction uses what the first one left.
    together: bool,
}

impl<L: Landscape> IsaOp for BySeries<'_, L> {
    type Output = Found;

    #[inline(always)]
    fn run<I: Isa>(self) -> Found {
        let (dimension, samples) = (self.theta.len(), self.data.len());
        let mut losses = vec![f64::NAN; samples];
        let rows = || vec![f64::NAN; samples * dimension];
        let mut derivatives: Vec<[Vec<f64>; 3]> = self
            .directions
            .iter()
            .map(|_| [rows(), rows(), rows()])
            .collect();
        for first in (0..samples).step_by(I::F64::WIDTH) {
            let block = first..samples.min(first + I::F64::WIDTH);
            let datum = |i: usize, lane: usize| self.data.row((first + lane).min(samples - 1))[i];
            let x: Vec<I::F64> = (0..self.data.width())
                .map(|i| I::F64::from_fn(|lane| datum(i, lane)))
                .collect();
            let mut cache = PrimalCache::new(self.together);
            // A further run leaves the gradient itself as it is.
            let mut gradient = vec![Taylor::<I::F64, 3>::constant(f64::NAN); dimension];
            for (direction, rows) in self.directions.iter().zip(&mut derivatives) {
                if !self.together {
                    cache.forget();
                }
                let line = Lines {
                    values: Shared(self.theta),
                    slopes: Shared(direction),
                };
                let loss = self
                    .landscape
                    .gradient_along(line, &x, &mut cache, &mut gradient[..]);
                for (lane, sample) in block.clone().enumerate() {
                    losses[sample] = loss.primal().lane(lane);
                    for (i, component) in gradient.iter().enumerate() {
                        for (order, rows) in rows.iter_mut().enumerate() {
                            let derivative = component.derivative(order).lane(lane);
                            rows[sample * dimension + i] = derivative;
                        }
                    }
                }
            }
        }
        Found {
            losses,
            derivatives,
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Sums of P terms, with what the landscape itself rounds differently: far below what a missing or wrong term would be.
const CLOSE: f64 = 1e-11;

fn assert_close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let size = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= CLOSE * size,
            "{what}: {found} at {at}, not {expected}"
        );
    }
}

/// Losses `l + ½ λ |θ|²` along directions (u, μ), with μ along λ if that is a weight.
fn check<L: Landscape + Clone>(landscape: &L, named: Named) {
    let data = data();
    let dimension = landscape.dimension();
    let theta = weights(dimension);
    let [u, v] = [21, 22].map(|seed| normals(dimension, seed));
    let plain = of_library(named, &theta, &data, &[&u, &v]);
    let square = dot(&theta, &theta);

    for coefficient in [L2Coefficient::Constant(LAMBDA), L2Coefficient::LastWeight] {
        let regularized = L2 {
            landscape: landscape.clone(),
            coefficient,
        };
        let tunable = coefficient == L2Coefficient::LastWeight;
        let with = |numbers: &[f64], last: f64| {
            let last = tunable.then_some(last);
            numbers.iter().copied().chain(last).collect::<Vec<f64>>()
        };
        let at = with(&theta, LAMBDA);
        let what = |name: &str| format!("{named}, {coefficient:?}: {name}");
        let losses = plain.losses.iter();
        let losses: Vec<f64> = losses.map(|loss| loss + 0.5 * LAMBDA * square).collect();

        let mus = if tunable { [0.75, -1.25] } else { [0.0; 2] };
        let moving = [with(&u, mus[0]), with(&v, mus[1])];
        let directions = [&moving[0][..], &moving[1]];
        let by_series = |directions: &[&[f64]], together: bool| {
            dispatch(BySeries {
                landscape: &regularized,
                theta: &at,
                data: &data,
                directions,
                together,
            })
        };
        let found = by_series(&directions, false);
        assert_close(&found.losses, &losses, &what("losses"));
        for (along, (direction, mu)) in [&u, &v].into_iter().zip(mus).enumerate() {
            for (order, name) in ["gradient", "Hessian", "third derivative"]
                .iter()
                .enumerate()
            {
                let rows = plain.derivatives[along][order].chunks(dimension);
                let expected: Vec<f64> = rows
                    .flat_map(|row| {
                        let penalty = |i: usize| match order {
                            0 => LAMBDA * theta[i],
                            1 => LAMBDA * direction[i] + mu * theta[i],
                            _ => 2.0 * mu * direction[i],
                        };
                        let last = match order {
                            0 => 0.5 * square,
                            1 => dot(&theta, direction),
                            _ => dot(direction, direction),
                        };
                        let row: Vec<f64> = (0..dimension).map(|i| row[i] + penalty(i)).collect();
                        with(&row, last)
                    })
                    .collect();
                assert_close(&found.derivatives[along][order], &expected, &what(name));
            }
        }
        // A further direction at the same weights uses what the first run left, and changes no bit.
        let together = by_series(&directions, true);
        assert!(found.losses == together.losses, "{}", what("losses"));
        for (apart, together) in found.derivatives.iter().zip(&together.derivatives) {
            assert!(apart == together, "{}", what("directions together"));
        }
    }
}

#[test]
fn derivatives_of_regularized_regression_are_its_own_and_those_of_the_penalty() {
    check(&logistic(784), Named::FashionLogistic);
}

#[test]
fn derivatives_of_a_regularized_network_are_its_own_and_those_of_the_penalty() {
    check(&lenet(1, 28), Named::FashionLeNet);
}

/// Without the closed form: a derivative is the slope of the one before it, by central differences.
///
/// Differences at h and h/2, extrapolated, are off by order h⁴ of fifth and higher derivatives, and by roundings of 1e-16 P / h.
#[test]
fn derivatives_of_regularized_landscapes_are_limits_of_differences() {
    const H: f64 = 1e-2;
    let data = data().first(3);
    let regularized = L2 {
        landscape: logistic(784),
        coefficient: L2Coefficient::LastWeight,
    };
    let dimension = regularized.dimension();
    let mut theta = weights(dimension);
    theta[dimension - 1] = LAMBDA;
    // Of length 1.
    let u = normals(dimension, 21);
    let length = dot(&u, &u).sqrt();
    let u: Vec<f64> = u.iter().map(|x| x / length).collect();
    let at = |t: f64| -> Vec<Vec<f64>> {
        let moved: Vec<f64> = theta.iter().zip(&u).map(|(w, u)| w + t * u).collect();
        let mut found = dispatch(BySeries {
            landscape: &regularized,
            theta: &moved,
            data: &data,
            directions: &[&u],
            together: false,
        });
        let mut all = vec![found.losses];
        all.extend(found.derivatives.remove(0));
        all
    };
    let [far, near] = [H, H / 2.0].map(|h| (at(h), at(-h), h));
    let slope = |order: usize| -> Vec<f64> {
        let difference = |(ahead, behind, h): &(Vec<Vec<f64>>, Vec<Vec<f64>>, f64), i: usize| {
            (ahead[order][i] - behind[order][i]) / (2.0 * h)
        };
        (0..far.0[order].len())
            .map(|i| (4.0 * difference(&near, i) - difference(&far, i)) / 3.0)
            .collect()
    };
    let here = at(0.0);
    let rows = here[1].chunks(dimension);
    let slopes: Vec<f64> = rows.map(|gradient| dot(gradient, &u)).collect();
    for (order, exact) in [&slopes, &here[2], &here[3]].into_iter().enumerate() {
        let size = exact.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        for (found, exact) in slope(order).iter().zip(exact) {
            assert!(
                (found - exact).abs() <= 1e-7 * size,
                "order {}: {exact}, by differences {found}",
                order + 1
            );
        }
    }
}

#[test]
fn operations_are_those_of_the_landscape_and_of_the_penalty() {
    fn check<L: Landscape + Clone>(landscape: &L) {
        let weights = landscape.dimension() as f64;
        for coefficient in [L2Coefficient::Constant(2.0), L2Coefficient::LastWeight] {
            let regularized = L2 {
                landscape: landscape.clone(),
                coefficient,
            };
            // Squares are multiplied and added, for gradients also λ θ; the product with ½ λ is two more, its sum with the loss another.
            let more = |of: Option<f64>, each: f64| of.map(|flops| flops + each * weights + 3.0);
            assert_eq!(
                regularized.forward_flops(),
                more(landscape.forward_flops(), 2.0)
            );
            assert_eq!(
                regularized.gradient_flops(),
                more(landscape.gradient_flops(), 4.0)
            );
        }
    }
    check(&logistic(784));
    check(&lenet(1, 28));
    // Operations that are not known stay so.
    assert_eq!(Diagonal(2).gradient_flops(), None);
    check(&Diagonal(2));
}
