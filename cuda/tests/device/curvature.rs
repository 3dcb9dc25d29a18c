//! Re-summed predictions and the criteria near a minimum, on devices beside the processor. Both are in double precision alone.
//!
//! Both are functions of mean derivatives, which on a device are off by some 1e-15 of their norm for each of the 17 to 22 weights that a product adds up. What follows from them on the
//! processor is the same program. It does not divide by gaps between eigenvalues: predictions and criteria are sums over whole eigenbases of smooth functions of the mean Hessian, so that an error
//! δ of the Hessian gives one of δ times the derivative of such a function. An l2 term keeps all eigenvalues above 1, and with η T = 2 these derivatives are below some tens. Everything
//! thus agrees to 1e-12 of the largest number of its kind. Leading eigenvectors alone do depend on the gap to those that are left out: they lose a factor of its inverse, and are given 10.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::{Course, resummed_for};
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagram_cuda::{Device, OnDevice};
use diagram_kernels::derivatives::{Derivatives, PointDerivatives};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{L2, L2Coefficient};
use diagram_kernels::learning_rate::LearningRate;
use diagram_kernels::network::NetworkLandscape;
use diagram_kernels::networks::{Activation, Dense, Loss, Network, Shape};
use diagram_kernels::samples::Samples;
use diagram_runtime::criteria::{CovarianceOf, Curvature};
use diagram_runtime::resummed::{Modes, ResummedValues};

use crate::Test;
use crate::problems::{numbers, perceptron};

pub(crate) const TESTS: [Test; 3] = [
    ("resummed_predictions", resummed),
    ("criteria_near_a_minimum", criteria),
    ("curvature_by_a_matrix_of_rates", by_matrix),
];

const BOUND: f64 = 1e-12;

/// Numbers of one kind, with what they are.
type Found = Vec<(String, Vec<f64>)>;

/// The coefficient with which the mean Hessian has no eigenvalue near 0.
const CONVEX: f64 = 4.0;

fn with_l2<L: Landscape>(landscape: L, coefficient: f64) -> L2<L> {
    L2 {
        landscape,
        coefficient: L2Coefficient::Constant(coefficient),
    }
}

/// Compares what is found with the derivatives on a device with what is found with those on the processor, at random weights.
fn compare<L: Landscape>(
    landscape: &L,
    samples: &Samples<f64>,
    bound: f64,
    find: impl Fn(&dyn Derivatives<f64>) -> Found,
) {
    let theta: Vec<f64> = numbers(landscape.dimension(), 1)
        .into_iter()
        .map(|x| 0.5 * x)
        .collect();
    let local = || PointDerivatives::new(landscape, &theta, samples).expect("they fit");
    let device = Device::cuda(0).expect("a device");
    let placed = local().on(&device).expect("a landscape for devices");
    for ((what, found), (_, expected)) in find(&*placed).iter().zip(find(&local())) {
        assert_eq!(found.len(), expected.len(), "{what}");
        let largest = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let apart = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
        let worst = apart.fold(0.0, f64::max);
        assert!(
            worst <= bound * largest,
            "{what}: off by {worst:e} of {largest:e}"
        );
    }
}

/// A loss that is recorded and computed by threads, and a network that is computed by blocks, each with more samples than are averaged in one piece.
fn on_both(l2: f64, bound: f64, find: impl Fn(&dyn Derivatives<f64>) -> Found) {
    let samples = Samples::new(4, numbers(4 * 70, 2)).expect("rows");
    compare(&with_l2(perceptron(3, 4), l2), &samples, bound, &find);
    let network = Network::input(Shape::Vector(2))
        .then(Dense::new(3))
        .then(Activation::Tanh)
        .then(Dense::new(2))
        .loss(Loss::CrossEntropy);
    let network = NetworkLandscape::new(&network.expect("a network"));
    let rows = numbers(2 * 70, 2);
    let rows = rows.chunks(2).enumerate().flat_map(|(at, x)| {
        let label = f64::from(u8::from(at % 3 == 0));
        [x[0], x[1], label, 1.0 - label]
    });
    let samples = Samples::new(4, rows.collect()).expect("rows");
    compare(&with_l2(network, l2), &samples, bound, &find);
}

fn course(train: u64, batch: u64, epochs: u64) -> Course {
    let sgd = Spacetime::sgd(
        Parameter::Literal(train),
        Parameter::Literal(batch),
        Parameter::Literal(epochs),
        Shuffle::Never,
    );
    let parameters = Parameters::new(train, batch, epochs).expect("a schedule");
    Course::new(&sgd, &parameters).expect("a schedule")
}

/// Predictions of one measure for SGD, for gradient descent and for the continuum.
fn predictions(
    derivatives: &dyn Derivatives<f64>,
    (measure, order): (Measure, usize),
    modes: Modes,
) -> Found {
    let terms = resummed_for(measure, order);
    let values = ResummedValues::new(&terms, derivatives, modes).expect("values");
    let sgd = course(40, 1, 1);
    let continuum = values.continuum(&sgd).expect("one epoch");
    let curves = [
        ("SGD", values.curve(&sgd).at(0.05)),
        ("GD", values.curve(&course(10, 10, 40)).at(0.05)),
        ("the continuum", continuum.at(0.05)),
    ];
    let mut found = vec![("eigenvalues".into(), values.curvatures().to_vec())];
    found.extend(curves.into_iter().flat_map(|(name, prediction)| {
        let prediction = prediction.expect("finite");
        let name = format!("{measure} of {name}");
        let numbers = [
            ("excess", prediction.excess_vector().to_vec()),
            ("noiseless", prediction.noiseless_vector().to_vec()),
            ("truncation", vec![prediction.truncation()]),
        ];
        numbers.map(|(what, numbers)| (format!("{what}, {name}"), numbers))
    }));
    found
}

fn resummed() {
    on_both(CONVEX, BOUND, |derivatives| {
        let measures = [
            (Measure::TestLoss, 2),
            (Measure::GeneralizationGap, 2),
            (Measure::Displacement, 2),
        ];
        let all = measures.map(|measure| predictions(derivatives, measure, Modes::All));
        all.concat()
    });
    on_both(0.0, 10.0 * BOUND, |derivatives| {
        let leading = Modes::Leading { count: 3, seed: 1 };
        predictions(derivatives, (Measure::TestLoss, 3), leading)
    });
}

/// All corollaries and criteria at one place.
fn curvature(derivatives: &dyn Derivatives<f64>, covariance_of: CovarianceOf) -> Found {
    let (train, eta, steps) = (10, 0.05, 40);
    let eta_t = eta * steps as f64;
    let whole = Curvature::new(derivatives, covariance_of).expect("finite");
    let modes = 0..whole.dimension();
    let variance: f64 = modes.map(|mode| whole.covariance(mode, mode)).sum();
    let numbers = |what: &str, numbers| (what.to_owned(), numbers);
    let one = |what: &str, number| numbers(what, vec![number]);
    let mut found = vec![
        one("loss", whole.loss()),
        numbers("gradient", whole.gradient().to_vec()),
        numbers("eigenvalues", whole.eigenvalues().to_vec()),
        one("trace of the covariance", variance),
        one("STIC", whole.stic(train, eta_t).expect("finite")),
        one("TIC", whole.tic(train).expect("not singular")),
        one("AIC", whole.aic(train).expect("some points")),
        one(
            "excess",
            whole.test_loss_excess(train, eta_t).expect("finite"),
        ),
        numbers("velocity", whole.velocity(eta, steps).expect("finite")),
        one("skew", whole.skew(eta, steps).expect("finite")),
        one(
            "GD minus SGD",
            whole.descent_minus_sgd(train, 2, eta).expect("finite"),
        ),
    ];
    let part = whole.with_hyperparameters(&[3, 1]).expect("two of them");
    let stic = part.stic_gradient(train, eta_t).expect("finite");
    let along = part.trained_derivative(&stic, eta_t).expect("finite");
    found.extend([
        numbers("gradient of STIC", stic),
        numbers("gradient of TIC", part.tic_gradient(train).expect("finite")),
        numbers("response", part.response(eta_t).expect("finite").concat()),
        numbers("derivative along it", along),
    ]);
    found
}

fn criteria() {
    for covariance_of in [CovarianceOf::Population, CovarianceOf::Sample] {
        on_both(CONVEX, BOUND, |derivatives| {
            curvature(derivatives, covariance_of)
        });
    }
}

fn by_matrix() {
    on_both(CONVEX, BOUND, |derivatives| {
        let rates = (0..derivatives.dimension()).map(|at| 1.0 + 0.125 * (at % 3) as f64);
        let rate = LearningRate::diagonal(rates.collect()).expect("positive");
        let derivatives = rate.on(derivatives).expect("it fits");
        let mut found = predictions(&derivatives, (Measure::TestLoss, 2), Modes::All);
        found.extend(curvature(&derivatives, CovarianceOf::Population));
        found
    });
}
