//! Landscapes whose derivatives have closed forms.

use diagram_algebra::exact::Exact;
use diagram_algebra::scalar::Element;
use diagram_kernels::derivatives::{
    DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{L2, L2Coefficient, MeanEstimation, Named, Polynomial};
use diagram_kernels::samples::Samples;

/// The derivative of one more order than there are directions at the only sample, one index open.
fn derivative<L: Landscape, T: Element>(
    landscape: &L,
    theta: &[T],
    x: &[T],
    directions: &[&[T]],
) -> Vec<T> {
    let samples = Samples::new(x.len(), x.to_vec()).expect("one row");
    let local = PointDerivatives::new(landscape, theta, &samples).expect("they fit");
    sum_along(&local, directions)
}

fn sum_along<T: Element>(local: &dyn Derivatives<T>, directions: &[&[T]]) -> Vec<T> {
    let mut sum = vec![T::constant(0.0); local.dimension()];
    let powers = vec![1; directions.len()];
    let pass = Pass {
        directions: directions.iter().map(|&u| Direction::Shared(u)).collect(),
        outputs: vec![DerivativeOutput {
            powers: &powers,
            per_sample: None,
            sum: Some(&mut sum),
        }],
    };
    local.pass(0..1, pass).expect("no failure");
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
    let derivative = |theta: &[f64], x: f64, directions: &[&[f64]]| {
        let samples = Samples::new(1, vec![x]).expect("one row");
        let local = Named::LinearScrew.local(theta, &samples).expect("they fit");
        sum_along(&*local, directions)
    };
    let basis = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for z in [0.0, 0.4, -2.0, 37.5] {
        let (theta, x) = ([0.0, 0.0, z], 1.5);
        let (s, c) = f64::sin_cos(z);
        let (behind_s, behind_c) = f64::sin_cos(z - std::f64::consts::FRAC_PI_4);
        close(
            &derivative(&theta, x, &[]),
            [x * behind_c, x * behind_s, 0.0],
        );
        let hessian = [
            [1.0 + c * c, c * s, -x * behind_s],
            [c * s, 1.0 + s * s, x * behind_c],
            [-x * behind_s, x * behind_c, 0.0],
        ];
        for (u, row) in basis.iter().zip(hessian) {
            close(&derivative(&theta, x, &[u]), row);
        }
        let turning = [
            [-2.0 * c * s, c * c - s * s, 0.0],
            [c * c - s * s, 2.0 * c * s, 0.0],
            [0.0; 3],
        ];
        for (u, row) in basis.iter().zip(turning) {
            let along = [&u[..], &basis[2]];
            close(&derivative(&theta, 0.0, &along), row);
        }
    }
}
