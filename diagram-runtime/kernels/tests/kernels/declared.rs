//! Declared networks: reverse mode against forward mode in several algebras, directions together against one by one, and penalties.
//!
//! What a network computes is compared with another library by the fixtures of the facade's tests.

use diagram_algebra::dual::Dual;
use diagram_algebra::multidual::MultiDual;
use diagram_algebra::scalar::Scalar;
use diagram_algebra::taylor::Taylor;
use diagram_algebra::weights::Own;
use diagram_kernels::derivatives::{DerivativeOutput, Direction, Pass};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::Precision;
use diagram_kernels::network::NetworkLandscape;
use diagram_kernels::samples::Samples;
use diagram_networks::{
    Activation, Attention, Convolution, Declaration, Dense, Layer, Loss, Network, Parametrization,
    Shape,
};

use crate::support::normals;

/// The networks have all layers and losses, in several places.
fn networks() -> Vec<NetworkLandscape> {
    let declared: Vec<(Declaration, Loss)> = vec![
        (
            Network::input(Shape::image(2, 9, 9))
                .then(Convolution::new(3, 5).stride(2))
                .then(Activation::Tanh)
                .then(Dense::new(3).without_bias())
                .then(Activation::Tanh)
                .then(Dense::new(2))
                .l2(0.25)
                .l2_of(0.5, ["2"]),
            Loss::CrossEntropy,
        ),
        (
            Network::input(Shape::image(2, 4, 6))
                .then(Convolution::new(4, 3).padding(1).groups(2))
                .then(Activation::Gelu)
                .then(Layer::residual([
                    Convolution::new(4, 3).padding(1).without_bias().into(),
                    Activation::Tanh.into(),
                    Convolution::new(4, 1).into(),
                ]))
                .then(Activation::Tanh)
                .then(Layer::average_pool(2))
                .then(Layer::layer_norm())
                .then(Dense::new(2))
                .then(Activation::Sigmoid),
            Loss::MeanSquared,
        ),
        (
            Network::input(Shape::Vector(4))
                .then(Layer::residual([
                    Dense::new(4).into(),
                    Activation::Silu.into(),
                ]))
                .then(Layer::scale())
                .then(Activation::Sine)
                .then(Dense::new(1))
                .parametrization(Parametrization::Standard),
            Loss::BinaryLogistic,
        ),
        (
            Network::input(Shape::sequence(3, 4))
                .then(Layer::residual([
                    Layer::layer_norm(),
                    Attention::new(2).causal().into(),
                ]))
                .then(Dense::new(5))
                .then(Activation::Softplus)
                .then(Layer::average_pool(3))
                .then(Layer::flatten())
                .then(Activation::Tanh),
            Loss::CrossEntropy,
        ),
        (
            Network::input(Shape::Tokens(3))
                .then(Layer::embedding(4, 3))
                .then(Activation::Tanh)
                .then(Attention::new(1).without_bias())
                .then(Dense::new(2)),
            Loss::Poisson,
        ),
    ];
    declared
        .into_iter()
        .map(|(declaration, loss)| {
            NetworkLandscape::new(&declaration.loss(loss).expect("a network without mistakes"))
        })
        .collect()
}

/// θ, two directions and a datapoint of a network.
fn problem(landscape: &NetworkLandscape) -> [Vec<f64>; 4] {
    let numbers = |seed| normals(landscape.dimension(), seed);
    let mut x = normals(landscape.input_width(), 4);
    let network = landscape.network();
    let inputs = network.input_shape().len();
    if let Shape::Tokens(_) = network.input_shape() {
        for (at, token) in x[..inputs].iter_mut().enumerate() {
            *token = [2.0, 0.0, 3.0][at];
        }
    }
    for (at, label) in x[inputs..].iter_mut().enumerate() {
        *label = f64::from(u8::from(at == 0));
    }
    [numbers(1), numbers(2), numbers(3), x]
}

/// The gradient in reverse mode, and in forward mode by an evaluation of the loss for each weight.
fn gradients<A: Scalar<Base = f64>>(
    landscape: &NetworkLandscape,
    theta: &[A],
    x: &[f64],
) -> [Vec<A>; 2] {
    let zero = A::constant(0.0);
    let mut reverse = vec![zero.clone(); theta.len()];
    landscape.gradient(Own(theta), x, &mut reverse[..]);
    let dual = |value: &A| Dual {
        value: value.clone(),
        slope: zero.clone(),
    };
    let mut moving: Vec<Dual<A>> = theta.iter().map(dual).collect();
    let forward = (0..theta.len())
        .map(|at| {
            moving[at].slope = A::constant(1.0);
            let loss = landscape.loss(&moving, x);
            moving[at].slope = zero.clone();
            loss.slope
        })
        .collect();
    [reverse, forward]
}

/// Both modes round differently, at most a few hundred times for each number, relative to the largest of them.
fn assert_close(found: &[f64], expected: &[f64], what: &str) {
    let size = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    assert!(size > 0.0 && size.is_finite(), "{what}: all are {size}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-13 * size,
            "{what}, weight {at}: {found} and {expected}"
        );
    }
}

#[test]
fn reverse_mode_is_forward_mode() {
    for landscape in networks() {
        let [theta, u, v, x] = problem(&landscape);
        let what = landscape.network().to_string();
        let [reverse, forward] = gradients(&landscape, &theta, &x);
        assert_close(&reverse, &forward, &what);

        let line = |(&theta, &u): (&f64, &f64)| Taylor {
            coefficients: [theta, u, 0.0],
        };
        let on_line: Vec<Taylor<f64, 3>> = theta.iter().zip(&u).map(line).collect();
        let [reverse, forward] = gradients(&landscape, &on_line, &x);
        for k in 0..3 {
            let part =
                |all: &[Taylor<f64, 3>]| all.iter().map(|c| c.coefficients[k]).collect::<Vec<_>>();
            assert_close(
                &part(&reverse),
                &part(&forward),
                &format!("{what}, coefficient {k}"),
            );
        }

        let moving: Vec<MultiDual<f64>> = (0..theta.len())
            .map(|at| MultiDual::variable(theta[at], &[u[at], v[at]]))
            .collect();
        let mut multi = vec![MultiDual::constant(0.0); theta.len()];
        landscape.gradient(Own(&moving), &x, &mut multi[..]);
        let nested: Vec<Dual<Dual<f64>>> = (0..theta.len())
            .map(|at| Dual {
                value: Dual {
                    value: theta[at],
                    slope: u[at],
                },
                slope: Dual {
                    value: v[at],
                    slope: 0.0,
                },
            })
            .collect();
        let [reverse, forward] = gradients(&landscape, &nested, &x);
        let mixed = |all: &[Dual<Dual<f64>>]| all.iter().map(|c| c.slope.slope).collect::<Vec<_>>();
        assert_close(
            &mixed(&reverse),
            &mixed(&forward),
            &format!("{what}, two directions"),
        );
        let multi: Vec<f64> = multi.iter().map(|c| c.coefficient(3)).collect();
        assert_close(&multi, &mixed(&forward), &format!("{what}, multi-dual"));
    }
}

/// The second of several directions starts from the primal values of the first, and changes no bit.
fn directions_together<T: Precision>() {
    for landscape in networks() {
        let problem = problem(&landscape);
        let [theta, u, v, x] =
            problem.map(|list| list.into_iter().map(T::constant).collect::<Vec<T>>());
        // As many datapoints as fill lanes and a few more, all different.
        let inputs = landscape.network().input_shape();
        let rows: Vec<T> = (0..T::LANES + 3)
            .flat_map(|n| {
                let mut row = x.clone();
                if !matches!(inputs, Shape::Tokens(_)) {
                    row[0] = T::constant(0.125 * n as f64);
                }
                row
            })
            .collect();
        let samples = Samples::new(x.len(), rows).expect("whole rows");
        let local = landscape.local(&theta, &samples).expect("all sizes fit");
        let powers: [&[u8]; 2] = [&[1], &[2]];
        let run = |directions: &[&[T]]| -> Vec<Vec<T>> {
            let mut rows =
                vec![vec![T::constant(0.0); samples.len() * theta.len()]; 2 * directions.len()];
            let mut outputs = rows.iter_mut();
            let passes = directions
                .iter()
                .map(|direction| Pass {
                    directions: vec![Direction::Shared(direction)],
                    outputs: powers
                        .iter()
                        .map(|powers| DerivativeOutput {
                            powers,
                            per_sample: outputs.next().map(Vec::as_mut_slice),
                            sum: None,
                        })
                        .collect(),
                })
                .collect();
            local
                .passes(0..samples.len(), passes)
                .expect("the processor does not fail");
            rows
        };
        let apart = [run(&[&u]), run(&[&v])].concat();
        let together = run(&[&u, &v]);
        assert!(apart == together, "{}", landscape.network());
    }
}

#[test]
fn directions_together_change_no_bit() {
    directions_together::<f64>();
    directions_together::<f32>();
}

#[test]
fn weights_of_penalties_are_pulled_to_zero() {
    let plain = |declaration: Declaration| {
        let network = declaration.loss(Loss::MeanSquared).expect("no mistakes");
        NetworkLandscape::new(&network)
    };
    let layers = || {
        Network::input(Shape::Vector(2))
            .then(Dense::new(3).named("first"))
            .then(Layer::scale())
            .then(Dense::new(1).named("second"))
    };
    let bare = plain(layers());
    // The coefficients are 3 on the first layer (positions 0 to 8), 1 on the rest.
    let pulled = plain(layers().l2(1.0).l2_of(2.0, ["first"]));
    let theta = normals(bare.dimension(), 7);
    let coefficient = |at: usize| if at < 9 { 3.0 } else { 1.0 };
    let x = [0.5, -1.0, 0.25];
    let gradient = |landscape: &NetworkLandscape| {
        let mut gradient = vec![0.0; theta.len()];
        let loss: f64 = landscape.gradient(Own(&theta), &x, &mut gradient[..]);
        (loss, gradient)
    };
    let ((loss, without), (penalized, with)) = (gradient(&bare), gradient(&pulled));
    let expected: Vec<f64> = (0..theta.len())
        .map(|at| without[at] + coefficient(at) * theta[at])
        .collect();
    assert_close(&with, &expected, "gradient");
    let penalty: f64 = (0..theta.len())
        .map(|at| 0.5 * coefficient(at) * theta[at] * theta[at])
        .sum();
    assert_close(
        &[penalized, pulled.loss(&theta, &x)],
        &[loss + penalty; 2],
        "loss",
    );
}
