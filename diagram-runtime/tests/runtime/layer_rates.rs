//! Learning rates by the names of layers, and diagonal learning rates of many weights.

use diagram_runtime::derivatives::{DerivativeOutput, Derivatives, Pass};
use diagram_runtime::initialization::{Initialization, initialize};
use diagram_runtime::learning_rate::{LayerRateError, LearningRate, learning_rates};
use diagram_runtime::network::NetworkLandscape;
use diagram_runtime::networks::{Activation, Dense, Layer, Loss, Network, Shape};
use diagram_runtime::samples::Samples;
use diagram_runtime::simulate::noiseless_path;

/// Layers `0` (6 weights), `2.0` (6), `2.norm` (4), `10` to `20` (6 each), all of width 2.
fn network() -> Network {
    let mut declaration = Network::input(Shape::Vector(2))
        .then(Dense::new(2))
        .then(Activation::Tanh)
        .then(Layer::residual([
            Dense::new(2).into(),
            Layer::layer_norm().named("norm"),
        ]));
    for _ in 3..10 {
        declaration = declaration.then(Activation::Sine);
    }
    for _ in 10..=20 {
        declaration = declaration.then(Dense::new(2));
    }
    declaration.loss(Loss::MeanSquared).expect("it fits")
}

#[test]
fn layers_have_the_rates_of_their_names() {
    let network = network();
    assert_eq!(network.dimension(), 16 + 66);
    let rates = |default, by_layer: &[(&str, f64)]| learning_rates(&network, default, by_layer);
    let runs = |runs: &[(f64, usize)]| {
        let runs = runs.iter();
        runs.flat_map(|&(rate, count)| vec![rate; count])
            .collect::<Vec<f64>>()
    };
    assert_eq!(rates(0.5, &[]), Ok(runs(&[(0.5, 82)])));
    // A residual layer stands for those inside, but `2` not for `20`.
    assert_eq!(
        rates(1.0, &[("2", 0.0), ("11", 3.0)]),
        Ok(runs(&[(1.0, 6), (0.0, 10), (1.0, 6), (3.0, 6), (1.0, 54)]))
    );
    // What is said later holds.
    assert_eq!(
        rates(0.0, &[("2", 2.0), ("2.norm", 4.0)]),
        Ok(runs(&[(0.0, 6), (2.0, 6), (4.0, 4), (0.0, 66)]))
    );
    let refused = |default, by_layer: &[(&str, f64)]| {
        let error = rates(default, by_layer).expect_err("it makes no sense");
        error.to_string()
    };
    let there_are = "there are 0, 2.0, 2.norm, 10, 11, 12, 13, 14, 15, 16 and 4 more";
    for name in ["head", "1", "2.1", "", "0.weight"] {
        assert_eq!(
            refused(1.0, &[("0", 1.0), (name, 1.0)]),
            format!("no layer with weights has the name {name:?}; {there_are}")
        );
    }
    for rate in [-1.0, f64::NAN, f64::INFINITY] {
        let sense = "a learning rate must be a finite number that is not negative";
        assert_eq!(
            refused(rate, &[]),
            format!("the learning rate of the other layers is {rate}; {sense}")
        );
        assert_eq!(
            refused(1.0, &[("2.0", rate)]),
            format!("the learning rate of the layer \"2.0\" is {rate}; {sense}")
        );
    }
    assert_eq!(
        rates(1.0, &[("0", -2.0)]),
        Err(LayerRateError::Rate {
            layer: Some("0".into()),
            rate: -2.0
        })
    );
}

/// With 10^5 weights a matrix would take 80 GB.
#[test]
fn a_network_of_many_weights_has_a_frozen_layer() {
    let network = Network::input(Shape::Vector(300))
        .then(Dense::new(330).named("frozen"))
        .then(Activation::Softplus)
        .then(Dense::new(2))
        .loss(Loss::CrossEntropy)
        .expect("it fits");
    let dimension = network.dimension();
    assert_eq!(dimension, 301 * 330 + 331 * 2);
    let theta = initialize(&network, Initialization::XavierNormal, 5);
    let numbers = initialize(&network, Initialization::Paper, 6);
    let rows = (0..3).flat_map(|row| {
        let input = &numbers[300 * row..300 * (row + 1)];
        let label = if row == 1 { [1.0, 0.0] } else { [0.0, 1.0] };
        [input, &label].concat()
    });
    let data = Samples::new(302, rows.collect()).expect("rows");
    let landscape = NetworkLandscape::new(&network);
    let local = landscape.local(&theta, &data).expect("it fits");

    let rates = learning_rates(&network, 4.0, &[("frozen", 0.0)]).expect("it has the name");
    let rate = LearningRate::diagonal(rates).expect("none is negative");
    let gradient = |derivatives: &dyn Derivatives<f64>| {
        let mut sum = vec![0.0; dimension];
        let pass = Pass {
            directions: vec![],
            outputs: vec![DerivativeOutput {
                powers: &[],
                per_sample: None,
                sum: Some(&mut sum),
            }],
        };
        derivatives.passes(0..3, vec![pass]).expect("it computes");
        sum
    };
    // The gradient in the coordinates φ of θ = L φ, where L is 0 or 2.
    let plain = gradient(&*local);
    let preconditioned = gradient(&rate.on(&*local).expect("it fits"));
    let frozen = 301 * 330;
    assert!(plain[..frozen].iter().any(|&slope| slope != 0.0));
    for (at, (plain, found)) in plain.iter().zip(&preconditioned).enumerate() {
        // Powers of two are exact.
        assert_eq!(*found, if at < frozen { 0.0 } else { 2.0 * plain });
    }

    // A step of gradient descent.
    let descent = rate
        .descent_on(landscape.simulator::<f64>())
        .expect("it fits");
    let moved = noiseless_path(&descent, &theta, &data, 0.1, 1).expect("it computes");
    assert_eq!(moved[..frozen], theta[..frozen]);
    for at in frozen..dimension {
        let expected = theta[at] - 0.1 * 4.0 * plain[at] / 3.0;
        // The mean of three gradients and two products are rounded, and slopes are less than 10.
        assert!((moved[at] - expected).abs() < 1e-14, "{at}");
        assert_ne!(moved[at], theta[at]);
    }
}
