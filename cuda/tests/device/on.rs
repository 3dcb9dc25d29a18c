//! What moves to a device by one word: built-in landscapes, users' own, regularized ones; and what does not.

use diagram_algebra::scalar::Scalar;
use diagram_cuda::{Device, DeviceError, OnDevice};
use diagram_kernels::derivatives::{Derivatives, PointDerivatives};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{L2, L2Coefficient, MeanEstimation, Named, logistic};
use diagram_kernels::learning_rate::LearningRate;
use diagram_kernels::samples::Samples;

use crate::Test;
use crate::problems::{logistic_regression, losses_and_products};

pub(crate) const TESTS: [Test; 2] = [
    ("every_landscape_moves", every_landscape),
    ("what_does_not_move_says_why", refused),
];

/// A landscape as users write them.
struct Own;

impl Landscape for Own {
    fn dimension(&self) -> usize {
        2
    }

    fn input_width(&self) -> usize {
        1
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let product = theta[0].clone() * theta[1].clone();
        product.minus_base(&x[0]).square() + theta[1].clone().exp().times(0.5)
    }
}

/// A loss that is no graph of operations, since it drops derivatives.
struct TakesApart;

impl Landscape for TakesApart {
    fn dimension(&self) -> usize {
        1
    }

    fn input_width(&self) -> usize {
        1
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        S::from_base(theta[0].primal().clone()).scale(&x[0]) * theta[0].clone()
    }
}

fn device() -> Device {
    Device::cuda(0).expect("a device")
}

/// Compares what two derivatives give. Sums are of few terms, whose rounding errors are some of the last bits.
fn compare(name: &str, device: &[f64], processor: &[f64], bound: f64) {
    for (found, expected) in device.iter().zip(processor) {
        let apart = (found - expected).abs() / expected.abs().max(1.0);
        assert!(apart < bound, "{name}: {found} instead of {expected}");
    }
}

/// Compares a landscape on a device with the same on the processor.
fn moves<L: Landscape>(name: &str, landscape: &L, theta: &[f64], samples: &Samples<f64>) {
    let local = PointDerivatives::new(landscape, theta, samples).expect("they fit");
    let expected = losses_and_products(&local);
    let placed = local.on(&device()).expect("a landscape for devices");
    compare(name, &losses_and_products(&placed), &expected, 1e-12);
}

fn every_landscape() {
    let samples = Samples::new(1, vec![0.5, -0.25, 1.5]).expect("rows");
    let theta = [0.3, -0.2, 0.1];
    moves("own", &Own, &theta[..2], &samples);
    let coefficients = [L2Coefficient::Constant(0.5), L2Coefficient::LastWeight];
    for coefficient in coefficients {
        let regularized = L2 {
            landscape: MeanEstimation::default(),
            coefficient,
        };
        moves(
            "regularized",
            &regularized,
            &theta[..regularized.dimension()],
            &samples,
        );
    }
    let network = L2 {
        landscape: logistic(9),
        coefficient: L2Coefficient::Constant(0.5),
    };
    let problem = logistic_regression(3);
    moves(
        "regularized network",
        &network,
        &problem.theta,
        &problem.samples,
    );
    for named in [
        Named::GaussianFit,
        Named::LinearScrew,
        Named::MeanEstimation,
    ] {
        let theta = &theta[..named.dimension()];
        let local = named.local(theta, &samples).expect("they fit");
        let placed = named
            .local(theta, &samples)
            .expect("they fit")
            .on(&device());
        let placed = placed.expect("a landscape for devices");
        compare(
            named.name(),
            &losses_and_products(&placed),
            &losses_and_products(&local),
            1e-12,
        );
        // In single precision the processor computes in double precision and rounds.
        let narrow: Vec<f32> = theta.iter().map(|&x| x as f32).collect();
        let narrow_samples = samples.map(|&x| x as f32);
        let placed = named.local(&narrow, &narrow_samples).expect("they fit");
        let placed = placed.on(&device()).expect("a landscape for devices");
        compare(
            named.name(),
            &losses_and_products(&placed),
            &losses_and_products(&local),
            1e-5,
        );
    }
}

fn refused() {
    let samples = Samples::new(1, vec![0.5]).expect("rows");
    let theta = [0.3];
    let local = PointDerivatives::new(&TakesApart, &theta, &samples).expect("they fit");
    match local.on(&device()) {
        Err(DeviceError::NotTraceable { operation }) => {
            assert!(operation.contains("primal"), "{operation}");
        }
        other => panic!("{:?}", other.err()),
    }
    let rate = LearningRate::diagonal(vec![2.0]).expect("a learning rate");
    let local = Named::GaussianFit
        .local(&theta, &samples)
        .expect("they fit");
    let preconditioned: Box<dyn Derivatives<f64>> = Box::new(rate.on(local).expect("it fits"));
    match preconditioned.on(&device()) {
        Err(DeviceError::Unsupported { what }) => assert!(what.contains("learning rate"), "{what}"),
        other => panic!("{:?}", other.err()),
    }
}
